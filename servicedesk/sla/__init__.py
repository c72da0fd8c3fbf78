"""Service levels: working calendars, clocks that pause, and what was promised to whom."""
