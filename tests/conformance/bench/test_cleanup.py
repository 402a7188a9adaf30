"""`cleanup` after runs that could not remove their customers."""

from __future__ import annotations

import dataclasses
import json
import signal
import threading
from pathlib import Path
from typing import Any

import httpx2
import pytest

from partially_conformance.bench.bench import bench_for
from partially_conformance.bench.cleanup import clean_up
from partially_conformance.selftest.overlays.servers import Overlay, serving
from partially_conformance.selftest.variants.servers import all_variants
from partially_conformance.target.journal import FILE_NAME, Journal, read_journal
from partially_conformance.target.target import Target
from partially_conformance.traffic.exchange import Exchange
from partially_conformance.traffic.interruption import interruptible
from partially_reference.rules.refusals import InvalidInput
from partially_reference.rules.removal import Removal


class Merchant:
    """The customers of a merchant, read and created without the suite."""

    def __init__(self, target: Target, key: str | None) -> None:
        self._url = f"{target.base_url}/customer"
        self._client = httpx2.Client(headers={"Authorization": f"Bearer {key}"})
        self._made = 0

    def create(self) -> str:
        self._made += 1
        fields = {"email": f"someone{self._made}@example.com", "last_name": "Kept"}
        return str(self._client.post(self._url, json=fields).raise_for_status().json()["id"])

    def get(self, customer_id: str) -> dict[str, Any]:
        return dict(self._client.get(f"{self._url}/{customer_id}").json())

    def kept(self, *ids: str) -> bool:
        """Whether all of them are unchanged."""
        return all(self.get(one).get("last_name") == "Kept" for one in ids)

    def removed(self, *ids: str) -> bool:
        """Whether the data of all of them is gone."""
        return all(self.get(one).get("last_name") is None for one in ids)

    def close(self) -> None:
        self._client.close()


@pytest.fixture
def target(reference: Any) -> Target:
    return reference()


@pytest.fixture
def merchants(target: Target, stack: Any) -> tuple[Merchant, Merchant]:
    pair = Merchant(target, target.api_key), Merchant(target, target.other_api_key)
    for merchant in pair:
        stack.callback(merchant.close)
    return pair


def journal(folder: Path, target: Target, *entries: dict[str, str]) -> Path:
    """The journal of a run that stopped before it removed anything, in the middle of a line."""
    folder.mkdir(exist_ok=True)
    head = {"base_url": target.base_url, "harness_url": target.harness_url}
    text = "".join(json.dumps(entry) + "\n" for entry in (head, *entries))
    (folder / "journal.jsonl").write_text(text + '{"customer": "half-a-l')
    return folder


def made(customer_id: str, key: str = "API_KEY") -> dict[str, str]:
    return {"customer": customer_id, "key": key}


def test_exactly_the_customers_in_the_journal_are_removed(
    commands: Any, target: Target, merchants: tuple[Merchant, Merchant], tmp_path: Path
) -> None:
    first, second = merchants
    mine, others = [first.create() for _ in range(4)], [second.create() for _ in range(2)]
    plan = httpx2.post(
        f"{target.harness_url}/customers/{mine[0]}/payment_plans", json={"status": "open"}
    ).json()
    folder = journal(
        tmp_path / "left",
        target,
        made(mine[0]),
        {"plan": plan["id"], "of": mine[0]},
        made(mine[1]),
        made(others[0], "OTHER_API_KEY"),
        made(mine[2]),
        {"removed": mine[2]},
        made("6a1ff5e2-6c2c-4dd3-9a47-6d7e5a1b0c11"),
    )
    ended = commands("cleanup", folder, commands.target_file(target))
    assert (ended.code, ended.out, ended.err) == (0, "4 customers removed, 0 left\n", "")
    assert first.removed(mine[0], mine[1])
    assert second.removed(others[0])
    assert first.kept(mine[2], mine[3])
    assert second.kept(others[1])
    assert not folder.exists()


def test_keys_are_enough_without_a_target_file(
    commands: Any, target: Target, merchants: tuple[Merchant, Merchant], tmp_path: Path
) -> None:
    customer = merchants[0].create()
    folder = journal(tmp_path / "left", target, made(customer))
    (folder / "exchanges.jsonl").touch()
    assert commands("cleanup", folder, "--api-key", target.api_key).code == 0
    assert merchants[0].removed(customer)
    assert [path.name for path in folder.iterdir()] == ["exchanges.jsonl"]


def test_customers_that_cannot_be_removed_are_reported_and_stay_in_the_journal(
    commands: Any, target: Target, merchants: tuple[Merchant, Merchant], tmp_path: Path
) -> None:
    mine, others = merchants[0].create(), merchants[1].create()
    plans = f"{target.harness_url}/customers/{mine}/payment_plans"
    httpx2.post(plans, json={"status": "open"}).raise_for_status()
    folder = journal(
        tmp_path / "left",
        dataclasses.replace(target, harness_url=None),
        made(mine),
        {"plan": "p", "of": mine},
        made(others, "OTHER_API_KEY"),
    )
    ended = commands("cleanup", folder, "--api-key", target.api_key)
    assert (ended.code, ended.out) == (3, "0 customers removed, 2 left\n")
    assert f"{mine}: status 4" in ended.err
    assert "no harness to close them" in ended.err
    assert f"{others}: it was created with the key OTHER_API_KEY, which was not given" in ended.err
    assert merchants[0].kept(mine)
    again = commands("cleanup", folder, commands.target_file(target))
    assert (again.code, again.out) == (3, "1 customers removed, 1 left\n")  # plan "p" is not its plan
    assert merchants[1].removed(others)


def test_a_target_that_is_gone_gets_no_request_for_each_customer(
    commands: Any, target: Target, closed_port: int, tmp_path: Path
) -> None:
    gone = Target("gone", f"http://127.0.0.1:{closed_port}/api", "some-key")
    folder = journal(tmp_path / "left", gone, *(made(str(number)) for number in range(200)))
    ended = commands("cleanup", folder, "--api-key", "some-key")
    assert (ended.code, ended.out) == (3, "0 customers removed, 200 left\n")
    assert ended.err.count("requests in a row got no usable response") > 190


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected a target file or --api-key, since a journal holds no keys"),
        (["--api-key", "some-key", "--base-url", "http://127.0.0.1:1/api"], "the journal belongs to http://"),
    ],
)
def test_without_the_right_target_nothing_is_removed(
    commands: Any,
    target: Target,
    merchants: tuple[Merchant, Merchant],
    tmp_path: Path,
    arguments: list[str],
    message: str,
) -> None:
    customer = merchants[0].create()
    folder = journal(tmp_path / "left", target, made(customer))
    ended = commands("cleanup", folder, *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert merchants[0].kept(customer)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "journal.jsonl: cannot be read: No such file or directory"),
        ("", "journal.jsonl: the first line has no base_url of a target"),
        ("[]\n[]\n", "journal.jsonl: the first line has no base_url of a target"),
        ("nonsense\n{}\n", "journal.jsonl: line 1 is not JSON"),
        ('{"base_url": "http://127.0.0.1:1/api"}\n{"customer": "a"}\n{}\n', "journal.jsonl: line 2"),
    ],
)
def test_an_invalid_journal_ends_with_2_and_one_line(
    commands: Any, tmp_path: Path, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / "journal.jsonl").write_text(text)
    ended = commands("cleanup", tmp_path, "--api-key", "some-key")
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert message in ended.err


def test_a_create_without_a_response_is_found_by_its_email(tmp_path: Path) -> None:
    """As after Ctrl-C during an exchange: the target has created a customer, and its id is unknown."""
    journal_path = tmp_path / FILE_NAME
    with serving() as target:
        written = Journal(journal_path, target.base_url)
        written.create_requested("lost.aaaa1@example.com", "API_KEY")
        written.create_requested("never-sent.aaaa2@example.com", "API_KEY")
        written.create_requested("refused.aaaa3@example.com", "API_KEY")
        written.create_answered("refused.aaaa3@example.com")
        written.close()
        _, _, journal = read_journal(tmp_path)
        with bench_for(target) as bench:
            for email in ("lost.aaaa1@example.com", "refused.aaaa3@example.com"):
                assert bench.api.create(email=email).ok
            cleaned = clean_up(journal, {"API_KEY": bench.api}, bench.harness)
            assert (cleaned.removed, cleaned.left) == (1, {})
            assert bench.api.list(q="lost.aaaa1@example.com").page().customers == []
            assert len(bench.api.list(q="refused.aaaa3@example.com").page().customers) == 1


def test_a_removal_in_a_check_is_not_tried_again_at_the_end(tmp_path: Path) -> None:
    """A target may refuse a second removal; that must not count as a customer that is left."""
    removal = next(one for one in all_variants() if one.name == "second-removal410")
    with serving(removal) as target:
        written = Journal(tmp_path / FILE_NAME, target.base_url)
        with bench_for(target, journal=written) as bench:
            gone, stays = bench.given.customer(), bench.given.customer()
            bench.given.remove(gone)
            assert [entry.customer_id for entry in written.left()] == [stays.id]
            assert bench.other is not None
            assert not bench.other.gdpr_remove(stays.id).ok
            assert [entry.customer_id for entry in written.left()] == [stays.id]
        written.close()


def test_removals_refused_at_the_same_time_are_repeated(tmp_path: Path) -> None:
    """The clean-up sends several removals at the same time, which not every target accepts."""
    busy, refused = threading.Lock(), threading.Event()

    class OneAtATime(Removal):
        def remove(self, merchant_id: str, customer_id: str) -> None:
            if not busy.acquire(blocking=False):
                refused.set()
                raise InvalidInput("Another removal is under way")
            try:
                refused.wait(timeout=5)  # the first time, until another has been refused
                super().remove(merchant_id, customer_id)
            finally:
                busy.release()

    one_at_a_time = Overlay("one-at-a-time", "Removals exclude each other.", (), (OneAtATime,))
    with serving(one_at_a_time) as target:
        written = Journal(tmp_path / FILE_NAME, target.base_url)
        with bench_for(target, journal=written) as bench:
            ids = [bench.given.customer().id for _ in range(8)]
            cleaned = clean_up(written, {"API_KEY": bench.api}, bench.harness)
            assert refused.is_set()
            assert (cleaned.removed, cleaned.left, written.left()) == (8, {}, [])
            assert {bench.api.get(one).status for one in ids} == {404}
        written.close()


def test_a_plan_is_noted_before_it_is_created(tmp_path: Path) -> None:
    """Without its id it cannot be closed, so `cleanup` says why the customer stays."""
    with serving() as target:
        written = Journal(tmp_path / FILE_NAME, target.base_url)
        with bench_for(target, journal=written) as bench:
            known, cut_off = bench.given.customer(), bench.given.customer()
            bench.given.plan(known, "open")
            bench.given.plan(cut_off, "open")
        written.close()
        lines = (tmp_path / FILE_NAME).read_text().splitlines()
        last = next(number for number, line in enumerate(lines) if '"of": "' + cut_off.id in line)
        assert json.loads(lines[last - 1]) == {"planning": cut_off.id}
        (tmp_path / FILE_NAME).write_text("\n".join(lines[:last]) + "\n")
        _, _, journal = read_journal(tmp_path)
        with bench_for(target) as bench:
            cleaned = clean_up(journal, {"API_KEY": bench.api}, bench.harness)
    assert cleaned.removed == 1
    assert list(cleaned.left) == [cut_off.id]
    assert "it may have a plan whose id the run does not know" in cleaned.left[cut_off.id]


def test_a_signal_waits_until_a_plan_is_noted(tmp_path: Path) -> None:
    """The response has the id without which the plan cannot be closed."""
    with serving() as target:
        written = Journal(tmp_path / FILE_NAME, target.base_url)

        def stop(exchange: Exchange) -> None:
            if exchange.request.method == "POST" and exchange.request.purpose == "harness":
                signal.raise_signal(signal.SIGTERM)

        with bench_for(target, journal=written, on_exchange=stop) as bench, interruptible():
            customer = bench.given.customer()
            with pytest.raises(KeyboardInterrupt):
                bench.given.plan(customer, "open")
            [entry] = written.left()
            assert (entry.customer_id, len(entry.plans)) == (customer.id, 1)
            assert clean_up(written, {"API_KEY": bench.api}, bench.harness).left == {}
        written.close()
