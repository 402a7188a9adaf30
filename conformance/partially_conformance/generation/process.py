"""The process that makes up requests: takes an order as its argument, writes them to its output, as JSON."""

from __future__ import annotations

import json
import sys

from partially_conformance.generation.effort import Effort
from partially_conformance.generation.fuzz import Fuzz
from partially_conformance.generation.requests import GeneratedRequests
from partially_conformance.rules.contract import contract
from partially_conformance.traffic.recorder import Recorder


def main() -> None:
    """Fill one order."""
    order = json.loads(sys.argv[1])
    fuzz = Fuzz(seed=order["seed"], effort=Effort(order["effort"]), recorder=Recorder())
    json.dump(GeneratedRequests(contract(), order["values"], fuzz).as_json(), sys.stdout)


if __name__ == "__main__":
    main()
