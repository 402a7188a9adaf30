"""What the API promises, free of HTTP: customers, search, paging, removal, logins."""
