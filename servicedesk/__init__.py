"""Service desk, equipment database and inspection records for on-site IT operations teams."""

__version__ = "0.1.0"
