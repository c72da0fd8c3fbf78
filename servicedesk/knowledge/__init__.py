"""What was learnt: articles for requesters and staff, and handbooks made of them."""
