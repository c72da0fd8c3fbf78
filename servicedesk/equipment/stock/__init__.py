"""Parts on the shelf: what kinds there are, where they lie, and every movement of them."""
