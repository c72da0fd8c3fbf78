"""The plan of improvements: proposed from reports, decided by people, verified by later evidence."""
