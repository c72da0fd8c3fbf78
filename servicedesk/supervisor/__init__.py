"""One process that starts, watches and stops all the others of an installation on one machine."""
