"""The catalogue of checks, found by looking through this package; nothing is registered by hand.

A module of a family (``checks/host/memory.py``) offers ``CHECKS: tuple[CheckSpec, ...]``.
"""

from collectors.checks.discovery import catalogue, discover
from collectors.checks.judging import judge
from collectors.checks.spec import CheckSpec, Context

__all__ = ["CheckSpec", "Context", "catalogue", "discover", "judge"]
