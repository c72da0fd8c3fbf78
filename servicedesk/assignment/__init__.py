"""Who gets a ticket: teams, rules, the duty roster, absences. Tickets ask; nothing here knows what one is."""
