"""Payment plans as the harness shows them, and the expectation that they are kept."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

from partially_conformance.bench.api import Answer, Customer
from partially_conformance.target.harness import Harness
from partially_spec import HARNESS, load


def must_keep_plan(
    plan: Mapping[str, Any],
    harness: Harness,
    sent: Answer,
    customer: Customer,
    may_change: Sequence[str] | None = None,
) -> None:
    """Require that a plan and its payments still exist and are unchanged.

    Args:
        sent: The response to the request that must have kept it, such as a removal.
        may_change: Fields that the request may change; by default those about the customer.
    """
    after = harness.plan(plan["id"])
    about = [customer.id, plan["id"], *filter(None, [plan.get("customer_id")])]
    if after is None:
        raise sent.violation("the plans to be kept", "a plan is gone", about=about)
    for name in _plan_fields():
        if name in plan and name not in (_about_customer() if may_change is None else may_change):
            before, now = _documented(name, plan[name]), _documented(name, after.get(name))
            if before != now:
                raise sent.violation(
                    f"the plan to keep its {name} {before!r}", f"{name} is {now!r}", about=about
                )


def _documented(name: str, value: Any) -> Any:
    """Return a value of a plan; of payments only the documented fields, in a fixed order."""
    if name != "payments" or not isinstance(value, list):
        return value
    known = _harness().fields(_harness().schema("Payment"))
    payments = [{field: payment.get(field) for field in known} for payment in value]
    return sorted(payments, key=lambda payment: str(payment["id"]))


@functools.cache
def _harness() -> Any:
    return load(HARNESS)


def _plan_fields() -> Sequence[str]:
    return tuple(_harness().fields(_harness().schema("PaymentPlan")))


def _about_customer() -> Sequence[str]:
    """Return the fields of a plan about its customer: its id and the copies of its address."""
    return [name for name in _plan_fields() if name.startswith(("customer_", "shipto_"))]


def address_of_plan(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the copies of the address of its customer that a plan shows."""
    return {name: plan[name] for name in _about_customer() if name in plan and name.startswith("shipto_")}
