"""What SNMP answers mean: standard MIBs here, vendors' own in ``collectors/platforms/*.toml``."""

from collectors.facts.snmp.assembly import facts_from_recording, facts_from_snmp

__all__ = ["facts_from_recording", "facts_from_snmp"]
