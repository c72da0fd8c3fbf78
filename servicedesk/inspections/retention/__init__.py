"""How long readings and raw answers are kept, by the policy of each client."""
