"""Which files of servers inspections read: lists for a client, a site, a class of device, a device."""
