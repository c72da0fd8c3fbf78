"""A believable client for ``make demo``: people, devices, tickets and months of inspections.

Its devices are simulated over the real protocols by ``collectors.simulator``, so that everything on
screen can be inspected again, live.
"""
