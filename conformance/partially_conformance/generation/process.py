"""The program that generates requests: reads its settings from its argument and prints JSON."""

from __future__ import annotations

import json
import sys

from partially_conformance.generation.effort import Effort
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.generation.requests import GeneratedRequests
from partially_conformance.rules.contract import contract
from partially_conformance.traffic.recorder import Recorder


def main() -> None:
    """Print the requests for the seed, the effort and the values in the argument."""
    settings = json.loads(sys.argv[1])
    fuzz = Fuzz(seed=settings["seed"], effort=Effort(settings["effort"]), recorder=Recorder())
    json.dump(GeneratedRequests(contract(), settings["values"], fuzz).as_json(), sys.stdout)


if __name__ == "__main__":
    main()
