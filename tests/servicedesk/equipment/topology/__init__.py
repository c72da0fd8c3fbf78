"""Maps of sites."""
