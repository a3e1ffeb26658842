"""Corrections of a request's outputs: kept with the submission, added and refused by checkers, used by the check.

A correction that is added or refused has the request checked again, as ``rules.workflow`` allows it. None is ever
removed: a refused one stays on record and is used no more.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from output_checker.desk import jobs
from output_checker.desk.context import Change, Desk, actor_of
from output_checker.desk.moves import find_request, move, refuse_unknown, standing_of
from output_checker.desk.views import CorrectionView, Person
from output_checker.model import MEANS_IN_WORDS, MOST_CORRECTIONS, BadInput, Conflict, Correction, Means, NotFound, Side
from output_checker.rules.workflow import Action
from output_checker.storage.schema import CorrectionRow, OutputRow, RequestRow, new_key


def used_for(session: Session, output_id: str) -> tuple[Correction, ...]:
    """The corrections that the check of an output goes by, oldest first."""
    return tuple(_correction(row) for row in _rows(session, [output_id]) if row.refused_at is None)


def views_of(session: Session, outputs: Sequence[str]) -> Mapping[str, tuple[CorrectionView, ...]]:
    """All corrections of these outputs, the refused ones too."""
    rows = _rows(session, outputs)
    return {output: tuple(_view(row) for row in rows if row.output_id == output) for output in outputs}


def keep(change: Change, author: Person, output: OutputRow, said: Sequence[Correction]) -> list[dict[str, Any]]:
    """Keep what the author says with the output; gives what the ledger is to be told of it."""
    return [_add(change, author, output, correction) for correction in said]


def add(desk: Desk, who: Person, output_id: str, number: int, said: Correction) -> None:
    """Add a checker's correction to an output of the round ``number``, and have the request checked again with it.

    Raises BadInput when there are too many, Conflict and NotAllowed as the table of actions does.
    """
    with desk.changing(actor_of(who)) as change:
        request, output = _open(change, who, output_id, number)
        if len(_rows(change.session, [output.id])) >= MOST_CORRECTIONS:
            raise BadInput(f"An output takes {MOST_CORRECTIONS} corrections. Ask the author for a clearer file.")
        told = _add(change, who, output, said)
        _check_again(change, who, request)
        change.record("correct", output.subject(), **told)


def refuse(desk: Desk, who: Person, correction_id: str, number: int) -> None:
    """Refuse a correction, and have the request checked again without it. Doing it again changes nothing."""
    with desk.changing(actor_of(who)) as change:
        row = change.session.get(CorrectionRow, correction_id) if len(correction_id) <= 36 else None
        if row is None:
            raise NotFound("There is no such correction, or you may not see it.")
        request, output = _open(change, who, row.output_id, number)
        if row.refused_at is not None:
            return
        _check_again(change, who, request)
        row.refused_by, row.refused_at = who.id, change.now
        change.record("refuse_correction", output.subject(), correction=row.id, output=output.id)


def _open(change: Change, who: Person, output_id: str, number: int) -> tuple[RequestRow, OutputRow]:
    output = change.session.get(OutputRow, output_id) if len(output_id) <= 36 else None
    if output is None:
        raise NotFound("There is no such output, or you may not see it.")
    request = find_request(change.session, output.request_id)
    standing = standing_of(change.session, who, request, change.now)
    if not standing.relations:
        raise refuse_unknown(change.session, who, standing, change.now)
    if request.round != number or output.round != number:
        raise Conflict(f"The author has submitted round {request.round} meanwhile. Look at it, then decide again.")
    return request, output


def _check_again(change: Change, who: Person, request: RequestRow) -> None:
    move(change, request, Action.CHECK_AGAIN, standing_of(change.session, who, request, change.now))
    jobs.order_checks(change, request)


def _add(change: Change, who: Person, output: OutputRow, said: Correction) -> dict[str, Any]:
    told = {"part": said.part, "row": said.row, "column": said.column, "means": said.means.value, "why": said.why}
    row = CorrectionRow(
        id=new_key(),
        request_id=output.request_id,
        output_id=output.id,
        round=output.round,
        side=said.side.value,
        person_id=who.id,
        at=change.now,
        **told,
    )
    change.session.add(row)
    return {"correction": row.id, "output": output.id, "side": row.side, **told}


def _rows(session: Session, outputs: Sequence[str]) -> Sequence[CorrectionRow]:
    found = select(CorrectionRow).where(CorrectionRow.output_id.in_(outputs))
    return session.scalars(found.order_by(CorrectionRow.at, CorrectionRow.id)).all()


def _correction(row: CorrectionRow) -> Correction:
    return Correction(row.part, row.row, row.column, Means(row.means), row.why, Side(row.side))


def _view(row: CorrectionRow) -> CorrectionView:
    place = f"column {row.column + 1}" if row.column is not None else f"row {(row.row or 0) + 1}"
    words = MEANS_IN_WORDS[Means(row.means)]
    return CorrectionView(row.id, Side(row.side), f"{place} holds {words}", row.why, row.at, row.refused_at)
