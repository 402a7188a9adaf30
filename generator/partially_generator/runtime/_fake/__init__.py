"""The parts of the fake that `testing` offers. Nothing else imports them."""
