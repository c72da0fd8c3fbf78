"""Plans, runs, records and findings: what was looked at, what it said, who signed it."""
