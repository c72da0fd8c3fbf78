"""Credentials for groups of devices: of a client, a site, a class or a tag."""
