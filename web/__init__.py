"""The pages that people see: overview, items, meetings, sources, mails, and what the links in mails open."""
