"""Corrections travel with a submission, are used by the check, and are refused or added by checkers."""

import hashlib
import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest

from output_checker.desk import assess, corrections, submit
from output_checker.desk.verify import verify
from output_checker.disclosure import assess as judge
from output_checker.model import (
    BadInput,
    Conflict,
    Correction,
    Kind,
    Means,
    NotAllowed,
    NotFound,
    Output,
    Policy,
    Side,
    Table,
    Verdict,
)
from output_checker.rules.workflow import State
from output_checker.storage.schema import LedgerRow
from tests.desk.kit import FakeChecked, Site

HOURS = b"shift,n\nearly,3\nlate,4\nnight,25\n"
YEAR = {"path": "hours.csv", "part": 0, "column": 1, "means": "year", "why": "hours since midnight"}
CHECKERS_OWN = Correction(0, None, 1, Means.THINGS, "beds", Side.CHECKER)


def real_rules(
    data: bytes, name: str, policy: Policy, folders: Sequence[Path], said: Sequence[Correction]
) -> FakeChecked:
    """The rules themselves, over a table that needs no cage."""
    cells = tuple(tuple(line.split(",")) for line in data.decode().splitlines())
    output = Output(Kind.TABLE, "text/csv", (Table("", cells),), data)
    return FakeChecked(output, judge(output, policy, None, name, said), hashlib.sha256(data).hexdigest())


def wish(*said: object) -> submit.Wish:
    group = {"name": "Tables", "context": "all", "controls": "none", "paths": ["hours.csv"]}
    raw = {"client_id": str(uuid4()), "title": "Hours", "groups": [group], "corrections": list(said)}
    return submit.Wish.from_json(raw)


def asked(site: Site, *said: object) -> str:
    sent = [("hours.csv", BytesIO(HOURS))]
    request = submit.submit(site.desk, site["researcher"], "visits", wish(*said), sent).request_id
    check(site)
    return request


def check(site: Site) -> None:
    while assess.work_once(site.desk, real_rules):
        pass


def told(site: Site, request: str) -> list[LedgerRow]:
    with site.desk.reading() as session:
        return session.query(LedgerRow).filter(LedgerRow.subject == f"request:{request}").all()


def test_the_check_goes_by_what_the_author_says_and_a_checker_is_told(site: Site) -> None:
    assert site.page(asked(site)).outputs()[0].verdict is Verdict.FAIL

    output = site.page(asked(site, YEAR), "checker1").outputs()[0]

    assert output.verdict is Verdict.REVIEW
    assert output.findings[0].rule == "U03"
    assert "set aside (F01" in output.findings[0].message
    assert [(c.side, c.text, c.why) for c in output.corrections] == [
        (Side.AUTHOR, "column 2 holds a year", "hours since midnight")
    ]


def test_the_ledger_tells_of_it_with_the_submission(site: Site) -> None:
    submitted = json.loads(next(row for row in told(site, asked(site, YEAR)) if row.action == "submit").payload)
    assert submitted["corrections"][0]["means"] == "year"
    assert any(name.startswith("correction") for name in submitted["rows"])
    assert verify(site.desk.state_dir).ok


def test_a_refused_correction_is_used_no_more_and_stays_on_record(site: Site) -> None:
    request = asked(site, YEAR)
    one = site.page(request).outputs()[0].corrections[0]

    corrections.refuse(site.desk, site["checker1"], one.id, 1)
    assert site.state(request) is State.CHECKING
    check(site)

    output = site.page(request).outputs()[0]
    assert output.verdict is Verdict.FAIL
    assert output.corrections[0].refused_at is not None
    assert [row.action for row in told(site, request)].count("refuse_correction") == 1
    corrections.refuse(site.desk, site["checker2"], one.id, 1)
    assert [row.action for row in told(site, request)].count("refuse_correction") == 1


def test_a_checker_adds_one_and_it_is_a_review_too(site: Site) -> None:
    request = asked(site)
    output = site.page(request).outputs()[0]

    corrections.add(site.desk, site["checker1"], output.id, 1, CHECKERS_OWN)
    check(site)

    found = site.page(request).outputs()[0]
    assert found.verdict is Verdict.REVIEW
    assert found.findings[0].message.startswith("A checker says that column 'n' holds counts of areas")


def test_both_checkers_decide_about_a_correction(site: Site) -> None:
    request = asked(site, YEAR)
    site.vote("checker1", request)
    assert site.state(request) is State.IN_REVIEW
    assert site.page(request, "checker2").outputs()[0].findings[0].rule == "U03"
    site.vote("checker2", request)
    assert site.state(request) is State.RELEASED


def test_an_approval_without_a_reason_ends_with_the_correction_that_it_rested_on(site: Site) -> None:
    request = asked(site, YEAR)
    site.vote("checker1", request)
    one = site.page(request).outputs()[0].corrections[0]
    corrections.refuse(site.desk, site["checker2"], one.id, 1)
    check(site)

    site.vote("checker2", request, reason="published elsewhere")

    assert site.state(request) is State.IN_REVIEW
    site.vote("checker1", request, reason="published elsewhere")
    assert site.state(request) is State.RELEASED


def test_attack_an_author_adds_or_refuses_nothing_after_sending(site: Site) -> None:
    request = asked(site, YEAR)
    output = site.page(request).outputs()[0]
    for name in ("researcher", "colleague", "admin"):
        with pytest.raises((NotAllowed, NotFound, Conflict)):
            corrections.add(site.desk, site[name], output.id, 1, CHECKERS_OWN)
        with pytest.raises((NotAllowed, NotFound, Conflict)):
            corrections.refuse(site.desk, site[name], output.corrections[0].id, 1)
    assert len(site.page(request).outputs()[0].corrections) == 1


def test_attack_an_author_signs_as_a_checker(site: Site) -> None:
    output = site.page(asked(site, {**YEAR, "side": "checker"})).outputs()[0]
    assert output.corrections[0].side is Side.AUTHOR


def test_a_checker_decides_about_the_round_that_was_on_the_page(site: Site) -> None:
    request = asked(site, YEAR)
    one = site.page(request).outputs()[0].corrections[0]
    with pytest.raises(Conflict):
        corrections.refuse(site.desk, site["checker1"], one.id, 2)
    with pytest.raises(NotFound):
        corrections.refuse(site.desk, site["checker1"], "none", 1)


def test_nonsense_is_refused_before_the_bytes_are_kept(site: Site) -> None:
    for said in ({**YEAR, "path": "other.csv"}, {**YEAR, "means": "safe"}, "year"):
        with pytest.raises(BadInput):
            wish(said)
    with pytest.raises(BadInput):
        wish(*[YEAR] * 21)
