"""Cisco IOS, IOS-XE and NX-OS; Ruijie RGOS writes its interfaces the same way."""
