"""Corrections after signing: a signed record stays as it is, and what is put right stands beside it."""
