"""Suppressed cells beside rounded totals, and ranges that totals leave (F10, F11): judged by feasible intervals."""

from outputs import failing, findings, rules, table

from output_checker.model import Policy, Severity

TEN_FIVE = Policy(rounding_base=5)
ROUNDED = """faith,Managerial,Professional,Skilled,Student,Unskilled,Clerical,Total
Fairly,280,40,715,{},325,1055,2420
Mildly,260,25,600,15,320,1050,2265
Not,120,25,285,10,140,440,1020
Strongly,80,20,230,10,75,240,655
Total,740,110,1835,{},860,2785,6365"""


def test_f11_totals_that_were_rounded_on_their_own_protect_a_cell() -> None:
    shown = table(ROUNDED.format("*", 40))

    assert not {"F10", "F11"} & rules(shown, TEN_FIVE)


def test_f11_in_exact_totals_the_same_cell_is_given_away() -> None:
    rows = ROUNDED.format("*", 40).replace("260,25", "261,25").replace("2265", "2266").replace("740", "741")
    exact = rows.replace("715", "713").replace("1835", "1833").replace("2420", "2421").replace("6365", "6367")

    assert "F11" in failing(table(exact), Policy())


def test_f11_slack_too_short_for_the_threshold_is_looked_at() -> None:
    rows = "No,9525,1000,10525\nPartly,870,c,870\nYes,625,535,1160\nMore,700,235,935\nTotal,11720,1770,13490"
    text = "limit,Good,Bad,Total\n" + rows

    found = [f.severity for f in findings(table(text), TEN_FIVE) if f.rule == "F11"]

    assert found == [Severity.REVIEW]


def test_f10_a_range_below_the_threshold_fails() -> None:
    grid = "g,a,b,c,d\nx,*,*,88,{}\ny,21,22,45,88\nz,30,35,39,104"

    assert "F10" in failing(table(grid.format(92).replace("d\n", "Total\n", 1)))
    assert "F10" not in rules(table(grid.format(118).replace("d\n", "Total\n", 1)))


def test_f10_a_range_of_empty_cells_is_looked_at() -> None:
    text = "g,a,b,c,Total\nx,,,88,92\ny,21,22,45,88\nz,30,35,39,104"

    assert "F10" in rules(table(text))
    assert "F10" not in failing(table(text))


def test_f10_bounds_that_add_up_to_nearly_their_limits() -> None:
    text = "g,a,b,c,Total\nx,<10,<10,88,{}\ny,21,22,45,88\nz,30,35,39,104"

    assert "F10" in failing(table(text.format(88 + 17)))
    assert "F10" not in rules(table(text.format(88 + 9)))


def test_f10_a_block_that_does_not_add_up_proves_nothing() -> None:
    text = "g,a,b,c,Total\nx,[c],[c],33,294\nz,[c],[c],16,100\ny,167,57,51,275\nTotal,428,141,207,776"

    assert "F10" not in failing(table(text))
