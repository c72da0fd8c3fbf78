"""Stock-taking of devices: what the record expects at a place, and what is really there."""
