"""PAN-OS."""
