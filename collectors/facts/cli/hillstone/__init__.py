"""StoneOS."""
