"""The database: tables, transactions, and what is asked of them."""
