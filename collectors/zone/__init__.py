"""A collector alone in a network zone: takes sealed errands, keeps answers until they are delivered."""
