"""The exit codes of the command."""

from __future__ import annotations

EXIT_CONFORMS = 0
EXIT_VIOLATES = 1
EXIT_USAGE = 2
EXIT_NO_VERDICT = 3

EXIT_CODES = """\
exit codes:
  0  conforms
  1  violates a must rule (with --strict also: a should rule, or a rule not tested),
     or a known failure no longer fails
  2  wrong usage or configuration
  3  no verdict: the target is unreachable, refuses the key or stopped answering,
     the harness is at fault, or the same steps gave different results
"""
"""What each exit code of a run means, for a help text."""
