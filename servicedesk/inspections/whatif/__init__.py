"""What would read otherwise today: history judged again by a worker, shown, and never written over."""
