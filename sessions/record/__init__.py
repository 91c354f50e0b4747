"""Everything that is kept about one client, as a file for her to take along."""
