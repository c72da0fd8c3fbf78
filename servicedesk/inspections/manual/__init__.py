"""What people look at: items by hand, the answers of a round, and what follows from them."""
