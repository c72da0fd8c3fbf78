"""Maps of a site: which device is connected to which, and from where each gets its power."""
