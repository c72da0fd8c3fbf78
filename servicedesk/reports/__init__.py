"""Reports drawn from the records of other domains; they read and change nothing."""
