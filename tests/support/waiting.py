"""How long a test waits for what must not be waited for."""

from __future__ import annotations

# Far above what a busy machine needs for work that ends by itself, far below the wait, flood or loop that a
# broken limit would let through: so a slow machine never fails a test, and a missing limit always does.
SOON_S = 30.0
