"""The whole installation as people start it, with what goes wrong around it."""
