"""Checks with several cases: what each case that fails shows, not only the first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from partially_conformance.traffic.check_end import NoAnswer, Violation


class Cases:
    """Collects the violations of a check whose cases do not depend on each other.

    A check writes `with cases.next():` around each case. It goes on after a violation in a case, and has
    failed at its end if there was one.

    Attributes:
        found: The violations of this attempt, by the number of their case, counted from 1.
    """

    def __init__(self) -> None:
        self.found: dict[int, Violation] = {}
        self._number = 0

    def begin(self) -> None:
        """Forget the cases so far: a new attempt of a check begins."""
        self.found, self._number = {}, 0

    @contextmanager
    def next(self) -> Iterator[None]:
        """Within the block the next case runs.

        Raises:
            NoAnswer: A request of the case got no response. Further cases might only wait for a target that
                is gone.
        """
        self._number += 1
        try:
            yield
        except NoAnswer:
            raise
        except Violation as violation:
            self.found[self._number] = violation
