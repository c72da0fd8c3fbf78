"""H3C and HPE Comware 5, 7 and 9."""
