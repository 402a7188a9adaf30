# Shipped by partially-generate with every client. Edit it there, not here.
"""The parts of the fake that `testing` offers. Nothing else imports them."""
