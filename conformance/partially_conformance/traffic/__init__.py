"""The bytes between the suite and a target, and what is remembered of them.

Sends one request and reads one response, bounded in time and size (`wire`, `transport`); remembers each
exchange (`recorder`), hides secrets in it (`redaction`) and tells a failure as the few exchanges that show
it (`story`). Knows HTTP, and nothing about customers or rules. It imports no other room.
"""
