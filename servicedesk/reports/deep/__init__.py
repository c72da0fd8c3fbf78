"""The half-yearly deep-inspection report: gathered from records, written, signed, frozen."""
