"""The review of a signed record by a sample that nobody chose by hand."""
