"""Who must agree to what, step by step. Subjects are named by type and number; nothing here knows tickets."""
