"""Ways out: each takes a finished message to one other side and says what came of it."""
