"""Software products, where they are installed, licences, and who uses them."""
