"""Required lists of contracts: what must be inspected of each kind of equipment, whatever a plan says."""
