"""Proposed outputs: what was wrong is gone, nothing new is wrong, and nothing hidden can be worked out."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from outputs import prose, table

from output_checker.disclosure.assess import assess
from output_checker.disclosure.audit import audit
from output_checker.disclosure.remedies import Proposal, propose
from output_checker.disclosure.subject import make_subject
from output_checker.disclosure.sums import Ledger, ledger_of
from output_checker.model import Output, Policy, Severity, Table

TEN_FIVE = Policy(rounding_base=5, zeros_are_disclosive=False)
GRID = "g,a,b,c,Total\nx,20,33,40,93\ny,21,3,45,69\nz,30,35,39,104\nw,50,41,22,113\nTotal,121,112,146,379"
RATES = "area,n,cases,pct\nNorth,200,40,20.0\nSouth,180,4,2.2\nEast,150,30,20.0\nWest,210,50,23.8\nTotal,740,124,16.8"


def mended(output: Output, policy: Policy | None = None) -> tuple[list[list[str]], Proposal]:
    """The cells of the proposed table. Fails where nothing is proposed."""
    proposal = propose(output, policy or Policy())
    assert proposal is not None
    part = proposal.parts[0]
    assert isinstance(part, Table)
    return [list(row) for row in part.cells], proposal


def failing(proposal: Proposal) -> set[str]:
    return {f.rule for f in proposal.assessment.findings if f.severity is Severity.FAIL}


def test_a_small_count_without_totals_is_hidden_alone() -> None:
    cells, proposal = mended(table("plan,good,poor\nfree,120,3\nother,45,20"))

    assert cells == [["plan", "good", "poor"], ["free", "120", "[c]"], ["other", "45", "20"]]
    assert [step.words for step in proposal.steps] == ["Suppressed 1 cell (F01)."]
    assert proposal.answered == ("F01",)


def test_with_totals_as_few_more_cells_are_hidden_as_protect_it() -> None:
    cells, proposal = mended(table(GRID))
    hidden = sum(row.count("[c]") for row in cells)

    assert cells[2][2] == "[c]"
    assert hidden == 4  # no three other cells of such a table close a circle
    assert "3 further cells" in proposal.steps[1].words


def test_the_control_without_protection_gives_the_cell_away() -> None:
    output = table(GRID.replace("21,3,45", "21,[c],45"))

    assert {"F10", "F11"} <= {f.rule for f in assess(output, Policy()).findings}
    cells, _ = mended(output)
    assert sum(row.count("[c]") for row in cells) == 4


def test_the_marks_are_those_that_the_table_has() -> None:
    cells, _ = mended(table(GRID.replace("21,3,45", "21,*,45")))

    assert sum(row.count("*") for row in cells) == 4
    assert not any("[c]" in row for row in cells)


def test_counts_are_rounded_after_suppression_and_totals_on_their_own() -> None:
    cells, proposal = mended(table(GRID), TEN_FIVE)
    numbers = [int(text) for row in cells[1:] for text in row[1:] if text != "[c]"]

    assert all(number % 5 == 0 for number in numbers)
    assert cells[2][2] == "[c]"
    assert not failing(proposal)


def test_percentages_of_hidden_counts_are_hidden_with_them() -> None:
    cells, _ = mended(table(RATES))

    assert [(row[2] == "[c]") == (row[3] == "[c]") for row in cells[1:]] == [True] * 5
    assert cells[2][2] == "[c]"
    assert sum(row[2] == "[c]" for row in cells) == 2


def test_percentages_are_computed_anew_from_rounded_counts() -> None:
    cells, _ = mended(table(RATES), TEN_FIVE)

    assert cells[5] == ["Total", "740", "125", "16.9"]


def test_minima_and_maxima_go_with_their_rows() -> None:
    rows = ["stat,age,income", "count,200,200", "mean,41.2,30211", "std,8.1,5123", "min,18.2,1234", "50%,40,30000"]
    cells, proposal = mended(table("\n".join([*rows, "max,97.1,99123"])))

    assert [row[0] for row in cells] == ["stat", "count", "mean", "std", "50%"]
    assert len(proposal.steps) == 1
    assert proposal.steps[0].edits.rows == {(0, 4), (0, 6)}


def test_subtotals_are_protected_too() -> None:
    text = "area,n,cases\nA,41,7\nB,39,24\nC,55,31\nNorth total,135,62\nD,44,23\nE,36,22\nF,61,20\nSouth total,141,65"
    cells, _ = mended(table(text + "\nAll,276,127"))

    assert cells[1][2] == "[c]"
    assert [row[2] for row in cells].count("[c]") == 2
    assert "[c]" in (cells[2][2], cells[3][2])


@pytest.mark.parametrize(
    "output",
    [
        table("plan,good,poor\nfree,120,30\nother,45,20"),
        prose("n = 3 patients died"),
        table("plan,zorp\nfree,1.27\nother,-4.5"),
    ],
    ids=["nothing to mend", "a text", "numbers nobody explains"],
)
def test_nothing_is_proposed_where_nothing_can_be_done(output: Output) -> None:
    assert propose(output, Policy()) is None


def csv_of(counts: np.ndarray) -> str:
    """A crosstab with its totals."""
    whole = np.zeros((counts.shape[0] + 1, counts.shape[1] + 1), int)
    whole[:-1, :-1] = counts
    whole[-1, :-1], whole[:-1, -1], whole[-1, -1] = counts.sum(axis=0), counts.sum(axis=1), counts.sum()
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["area", *(f"kind {j}" for j in range(counts.shape[1])), "Total"])
    for i, row in enumerate(whole):
        writer.writerow([f"place {i}" if i < counts.shape[0] else "Total", *row])
    return out.getvalue()


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from([Policy(), TEN_FIVE, Policy(threshold=5)]))
def test_no_fix_leaves_what_it_answers_and_nothing_hidden_can_be_worked_out(
    data: st.DataObject, policy: Policy
) -> None:
    height, width = data.draw(st.integers(2, 6)), data.draw(st.integers(2, 6))
    small, usual = st.integers(1, 12), st.integers(10, 400)
    cells = st.one_of(usual, usual, usual, small)
    counts = np.array(data.draw(st.lists(cells, min_size=height * width, max_size=height * width)))
    output = table(csv_of(counts.reshape(height, width)))
    proposal = propose(output, policy)
    if proposal is None:
        return

    assert not failing(proposal) & {"F01", "F10", "F11", "F15"}
    first = make_subject(output, policy, None, "")
    subject = make_subject(Output(output.kind, "", proposal.parts, b"x"), policy, None, "")
    if proposal.edits.rows or proposal.edits.columns:
        return  # without totals there is nothing to subtract from
    sums = ledger_of(first.sheets[0], first.frames[0]).sums  # all that a reader knows adds up, proved or not
    now = ledger_of(subject.sheets[0], subject.frames[0])
    audited = audit(Ledger(now.low, now.high, now.hidden, sums), np.inf)
    small_cells = np.flatnonzero((first.sheets[0].values < policy.threshold).ravel() & now.hidden)
    assert audited.sure
    for place in small_cells:
        interval = audited.intervals[int(place)]
        assert interval.low <= 0
        assert interval.high >= policy.threshold - 1


def test_categories_are_merged_where_hiding_can_not_help() -> None:
    """Nearly everybody of one age is in one group: whoever knows somebody's age knows the group."""
    text = "age,yes,no,Total\n20-39,150,12,162\n40-59,140,110,250\n60-79,90,85,175\n80+,60,75,135\nTotal,440,282,722"
    assert "F04" in {f.rule for f in assess(table(text), Policy()).findings}
    cells, proposal = mended(table(text))

    assert cells[1] == ["20-39 + 40-59", "290", "122", "412"]
    assert [row[0] for row in cells] == ["age", "20-39 + 40-59", "60-79", "80+", "Total"]
    assert cells[-1] == ["Total", "440", "282", "722"]
    assert proposal.answered == ("F04",)
    assert proposal.steps[0].words == "Merged 20-39 + 40-59."


def test_means_are_never_merged() -> None:
    assert (
        propose(table("age,yes,no,mean_age\n20-39,150,12,31.2\n40-59,140,110,49.9\n60+,90,85,70.1"), Policy()) is None
    )
