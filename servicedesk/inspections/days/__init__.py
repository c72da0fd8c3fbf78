"""Days of inspection: which were done, which were missed, and why."""
