"""Who may decide about a request: independence, in one place. Pure.

A checker may be neither the author, nor a member of the project now, during the work or soon, nor in a conflict of
interest that they or an administrator declared.
"""

from dataclasses import dataclass
from datetime import datetime

from output_checker.model import NotAllowed
from output_checker.rules.spans import Span


@dataclass(frozen=True)
class Independence:
    """What is known about a person and a request when the question is whether they may decide about it.

    ``memberships`` and ``conflicts`` are the person's spans in the request's project (a conflict may also name the
    author); ``work_began`` is when the work behind the request began.
    """

    is_checker: bool
    is_author: bool
    work_began: datetime
    memberships: tuple[Span, ...] = ()
    conflicts: tuple[Span, ...] = ()


def refusal(person: Independence) -> str:
    """Why this person may not vote on the request, in a sentence for them; empty when they may."""
    if person.is_author:
        return "You are the author of this request; two other people decide about it."
    if any(span.reaches_past(person.work_began) for span in person.memberships):
        return "You are or were a member of this project, so people outside it decide about its requests."
    if any(span.reaches_past(person.work_began) for span in person.conflicts):
        return "A conflict of interest is declared between you and this project, so other checkers decide."
    if not person.is_checker:
        return "Only checkers vote. An administrator can give you that role."
    return ""


def require_may_vote(person: Independence) -> None:
    """Raise NotAllowed with the reason when this person may not decide about the request."""
    why = refusal(person)
    if why:
        raise NotAllowed(why)
