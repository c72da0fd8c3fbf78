"""The coverage ledger: what was expected of each visit, what was done, and why not."""
