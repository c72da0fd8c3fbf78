"""Client organisations, service companies, their contracts, departments and sites."""
