"""Lists of rule ids in few words: `AUTH-1 to AUTH-5, LIST-2`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

_SHORTEST_RANGE = 3
"""How many consecutive ids are written as a range. Two are shorter as they are."""


def id_ranges(rule_ids: Iterable[str], *, limit: int | None = None) -> str:
    """Join the ids of rules, with consecutive numbers as a range.

    Args:
        rule_ids: The ids, such as `AUTH-1`, in the order in which to list them.
        limit: How many ids and ranges are listed at most; None lists all.

    Returns:
        Such as `AUTH-1 to AUTH-5, LIST-2`, or `AUTH-1 to AUTH-5 and 3 more rules` where a limit cuts it.
    """
    parts = list(_parts(rule_ids))
    listed = parts if limit is None else parts[:limit]
    text = ", ".join(text for text, _ in listed)
    more = sum(count for _, count in parts[len(listed) :])
    return f"{text} and {more} more rule{'' if more == 1 else 's'}" if more else text


def _parts(rule_ids: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each range or single id, with how many ids it stands for."""
    for run in _consecutive(rule_ids):
        if len(run) >= _SHORTEST_RANGE:
            yield f"{run[0]} to {run[-1]}", len(run)
        else:
            yield from ((one, 1) for one in run)


def _consecutive(rule_ids: Iterable[str]) -> Iterator[list[str]]:
    """The ids in runs of consecutive numbers of one area."""
    run: list[str] = []
    for rule_id in rule_ids:
        if run and rule_id != _next(run[-1]):
            yield run
            run = []
        run.append(rule_id)
    if run:
        yield run


def _next(rule_id: str) -> str:
    area, _, number = rule_id.rpartition("-")
    return f"{area}-{int(number) + 1}"
