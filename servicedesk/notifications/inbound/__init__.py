"""Mail that comes in: fetched, parsed, recognised. What it does is decided by the domain it is for."""
