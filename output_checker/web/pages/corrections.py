"""What a checker says about a column or row on a request's page, and which of others' they refuse.

Each has the request checked again; the places to choose from are those that a finding points at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from output_checker.desk import corrections, queue
from output_checker.desk.views import OutputView
from output_checker.model import MEANS_IN_WORDS, BadInput, Correction, NotFound, Side, Where
from output_checker.web.portal import CheckedForm, Visiting
from output_checker.web.viewer import Shown

router = APIRouter(prefix="/requests/{request_id}/corrections")

CHOICES = tuple((means.value, words) for means, words in MEANS_IN_WORDS.items())
_PLACE = re.compile(r"(\d{1,7}):(row|column):(\d{1,7})")
_MOST_PLACES = 60
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Correctable:
    """A column or row that may be corrected: the form's word for it, and how it is called on the page."""

    value: str
    text: str


def correctable(view: OutputView, parts: Sequence[Shown]) -> tuple[Correctable, ...]:
    """The columns and then the rows that this output's findings point at."""
    places = [where for finding in view.findings for where in finding.where]
    found = [*(_place(w, "column", w.column, parts) for w in places), *(_place(w, "row", w.row, parts) for w in places)]
    return tuple(dict.fromkeys(place for place in found if place is not None))[:_MOST_PLACES]


@router.post("")
def correct(visit: Visiting, form: CheckedForm, request_id: str) -> Response:
    """A checker says what a column or row holds; the request is checked again with it."""
    page = queue.request_page(visit.desk, visit.person, request_id)
    output = next((output for output in page.outputs() if output.id == form.text("output")), None)
    if output is None:
        raise NotFound("This request has no such output.")
    chosen = _PLACE.fullmatch(form.text("place"))
    if chosen is None:
        raise BadInput("Choose the column or row that you want to correct.")
    raw = {"part": int(chosen[1]), chosen[2]: int(chosen[3]), "means": form.text("means"), "why": form.text("why")}
    said = Correction.from_mapping(raw, Side.CHECKER)
    corrections.add(visit.desk, visit.person, output.id, form.number("round"), said)
    return visit.go(f"requests/{page.row.id}?done=corrected")


@router.post("/{correction_id}/refuse")
def refuse(visit: Visiting, form: CheckedForm, request_id: str, correction_id: str) -> Response:
    """A checker refuses a correction; the request is checked again without it."""
    page = queue.request_page(visit.desk, visit.person, request_id)
    if correction_id not in {said.id for output in page.outputs() for said in output.corrections}:
        raise NotFound("This request has no such correction.")
    corrections.refuse(visit.desk, visit.person, correction_id, form.number("round"))
    return visit.go(f"requests/{page.row.id}?done=refused")


def _place(where: Where, kind: str, number: int | None, parts: Sequence[Shown]) -> Correctable | None:
    """The place as a choice; None where there is none, or where a line of a text is meant."""
    part = next((part for part in parts if part.index == where.part), None)
    if number is None or (part is not None and part.kind != "table"):
        return None
    name = ""
    if kind == "column" and part is not None and part.head and number < len(part.head[-1].cells):
        name = f" “{part.head[-1].cells[number].text.strip()[:_LONGEST_NAME]}”"
    several = f" of part {where.part + 1}" if len(parts) > 1 else ""
    return Correctable(f"{where.part}:{kind}:{number}", f"{kind} {number + 1}{name}{several}")
