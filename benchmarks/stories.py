"""How many stories of faults show their fault again: pasted into a shell, and sent by `replay`.

Each fault of the server is served, checked with the rules that must catch it, and then served anew. There
each story is pasted into bash, and sent again by `replay`. `replay` also sends it to the reference server,
which does not have the fault.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from partially_conformance.selftest.faults.servers import all_faults
from partially_conformance.selftest.replays import StoryTrial, try_stories
from partially_conformance.stories.comparison import Outcome


def main() -> int:
    """Try the stories, print one line for each that does not show its fault, and the numbers at the end."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="only each N-th fault (default: all)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="the seed (default: 0)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the numbers as Markdown")
    args = parser.parse_args()
    trials: list[StoryTrial] = []
    for fault in all_faults()[:: args.every]:
        for trial in try_stories(fault, args.seed):
            trials.append(trial)
            for trouble in _troubles(trial):
                print(f"{trial.fault} {trial.rule}: {trouble}", file=sys.stderr, flush=True)
    text = _as_markdown(trials)
    sys.stdout.write(text)
    if args.markdown is not None:
        args.markdown.write_text(text, encoding="utf-8")
    return 0


def _troubles(trial: StoryTrial) -> list[str]:
    found = []
    if not trial.pastes:
        found.append(f"pasted, it gets {list(trial.pasted)}, not {list(trial.statuses)}")
    if trial.replayed is not Outcome.STILL_FAILS:
        found.append(f"replay says on the fault: {trial.replayed}")
    if trial.on_reference is not Outcome.NO_LONGER_FAILS:
        found.append(f"replay says on the reference server: {trial.on_reference}")
    return found


def _as_markdown(trials: list[StoryTrial]) -> str:
    pasted = sum(trial.pastes for trial in trials)
    lengths = sorted(trial.steps for trial in trials)
    cells = [
        str(len(trials)),
        _share(pasted, len(trials)),
        _outcomes(trial.replayed for trial in trials),
        _outcomes(trial.on_reference for trial in trials),
    ]
    lines = [
        "# Stories that show their fault again",
        "",
        "| stories | pasted into bash: same statuses | `replay` on the fault | `replay` on the reference |",
        "|---|---|---|---|",
        f"| {' | '.join(cells)} |",
        "",
        f"A story has {lengths[len(lengths) // 2]} requests (median), {lengths[-1]} at most."
        if lengths
        else "",
        "",
    ]
    return "\n".join(lines)


def _share(part: int, whole: int) -> str:
    return f"{part} ({part / whole:.1%})" if whole else "0"


def _outcomes(outcomes: Iterable[Outcome]) -> str:
    counted = Counter(outcomes)
    return ", ".join(f"{outcome}: {count}" for outcome, count in sorted(counted.items()))


if __name__ == "__main__":
    sys.exit(main())
