"""Full text in Chinese and English, alike on SQLite and PostgreSQL."""
