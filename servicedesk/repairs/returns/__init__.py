"""Parts and devices returned to suppliers (RMA): sent, expected, received, with what outcome."""
