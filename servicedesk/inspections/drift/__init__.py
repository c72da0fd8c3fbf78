"""What devices are against what is recorded of them: configurations kept in versions, identity, changes."""
