"""One gatherer for each section: reads records, writes nothing, tells the same story every time."""
