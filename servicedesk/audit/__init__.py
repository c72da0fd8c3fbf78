"""Who did what, when: append-only, each entry carrying the hash of the one before."""
