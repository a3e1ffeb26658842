"""What people say about a column or row is used, and what it sets aside stays in sight."""

import pytest
from outputs import failing, prose, table

from output_checker.disclosure import assess
from output_checker.model import BadInput, Correction, Means, Output, Policy, Severity, Side, Verdict

HOURS = "shift,n\nearly,3\nlate,4\nnight,25"


def column(number: int, means: Means = Means.YEAR, side: Side = Side.AUTHOR) -> Correction:
    return Correction(0, None, number, means, "it says so in the codebook", side)


def corrected(output: Output, *corrections: Correction) -> tuple[set[str], str, Verdict]:
    """The rules that weigh more than a note, what U03 says, and the verdict."""
    assessment = assess(output, Policy(), None, "", corrections)
    weighty = {f.rule for f in assessment.findings if f.severity is not Severity.NOTE}
    return weighty, next(f.message for f in assessment.findings if f.rule == "U03"), assessment.verdict


@pytest.mark.parametrize("means", [Means.YEAR, Means.DATE, Means.CODE, Means.THINGS, Means.RATE])
def test_a_corrected_column_is_no_count_and_a_person_is_told(means: Means) -> None:
    assert "F01" in failing(table(HOURS))

    weighty, told, verdict = corrected(table(HOURS), column(1, means))

    assert "F01" not in weighty
    assert verdict is Verdict.REVIEW
    assert told.startswith("The author says that column 'n' holds ")
    assert "set aside (F01" in told


def test_the_places_of_what_was_set_aside_stay_marked() -> None:
    assessment = assess(table(HOURS), Policy(), None, "", [column(1)])
    told = next(f for f in assessment.findings if f.rule == "U03")
    assert {(w.row, w.column) for w in told.where} >= {(1, 1), (2, 1)}


def test_only_the_corrected_column_is_read_otherwise() -> None:
    weighty, _, verdict = corrected(table("area,n,machines\nnorth,3,2\nsouth,40,5"), column(2, Means.THINGS))
    assert "F01" in weighty
    assert verdict is Verdict.FAIL


def test_a_row_is_corrected_by_its_place_with_the_header() -> None:
    output = table("area,women,men\nnorth,40,30\nbeds,4,3\nsouth,51,44")
    assert "F01" in failing(output)
    weighty, told, _ = corrected(output, Correction(0, 2, None, Means.THINGS, "beds of the ward"))
    assert "F01" not in weighty
    assert "row 'beds'" in told


def test_a_correction_can_make_the_check_stricter() -> None:
    output = table("group,index\na,28\nb,3\nc,44")
    weighty, _, verdict = corrected(output, column(1, Means.COUNT, Side.CHECKER))
    assert "F01" in weighty
    assert verdict is Verdict.FAIL


def test_a_correction_of_nothing_is_a_note() -> None:
    _, told, verdict = corrected(table("group,n\na,28\nb,33"), column(7))
    assert verdict is Verdict.PASS
    assert told == "The author says that column 8 holds a year. No finding depends on it."


ATTACKS = (
    table(HOURS),
    table("district,year\nnorth,3\nsouth,4"),
    table("group,n,share\na,3,0.1\nb,27,0.9"),
    table("group,max_cost\na,1511\nb,2200"),
    table("group,n\na,3\nb,c\nTotal,40"),
    prose("group  n\na      3\nb     40\n"),
)


def test_attack_no_correction_leads_from_an_objection_to_a_pass() -> None:
    """Every column and every row, one at a time and all at once, under every meaning."""
    cases = controls = passed = 0
    for output in ATTACKS:
        controls += assess(output, Policy()).verdict is not Verdict.PASS
        for means in Means:
            single = [column(number, means) for number in range(3)]
            rows = [Correction(0, number, None, means, "so it is") for number in range(5)]
            for said in (*((one,) for one in (*single, *rows)), single, rows, [*single, *rows]):
                cases += 1
                passed += assess(output, Policy(), None, "", said).verdict is Verdict.PASS
    print(f"corrections: cases={cases} passed={passed} controls={controls}/{len(ATTACKS)}")
    assert passed == 0
    assert controls == len(ATTACKS)


def test_the_control_of_the_attack_is_the_finding_that_tells() -> None:
    """Without that finding the output would pass: it is what holds."""
    others = [f for f in assess(table(HOURS), Policy(), None, "", [column(1)]).findings if f.rule != "U03"]
    assert all(f.severity is Severity.NOTE for f in others)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"part": 0, "column": 1, "means": "year"},
        {"part": 0, "column": 1, "means": "year", "why": "  "},
        {"part": 0, "column": 1, "means": "year", "why": "a\nb"},
        {"part": 0, "column": 1, "means": "nothing", "why": "so"},
        {"part": 0, "column": 1, "row": 2, "means": "year", "why": "so"},
        {"part": 0, "means": "year", "why": "so"},
        {"part": -1, "column": 1, "means": "year", "why": "so"},
        {"part": True, "column": 1, "means": "year", "why": "so"},
        {"part": 0, "column": 10**9, "means": "year", "why": "so"},
    ],
)
def test_nonsense_is_refused(raw: object) -> None:
    with pytest.raises(BadInput):
        Correction.from_mapping(raw, Side.AUTHOR)


def test_a_correction_is_read() -> None:
    raw = {"part": 0, "column": 1, "means": "year", "why": " so ", "side": "checker"}
    assert Correction.from_mapping(raw, Side.AUTHOR) == Correction(0, None, 1, Means.YEAR, "so", Side.AUTHOR)
