"""Operating manuals that are followed step by step, with evidence, as part of a ticket."""
