"""Tables in LaTeX source, as the usual packages write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_roundtrip import relaxed, settled

from output_checker.model import Kind, Table
from output_checker.readers.reading import read

PANDAS = rb"""\begin{table}
\caption{Visits}
\begin{tabular}{lrr}
\toprule
 & good & poor \\
\midrule
Free & 1{,}204 & 3 \\
Pay \& go & \textbf{310} & 55\% \\
\bottomrule
\end{tabular}
\end{table}
"""
STARGAZER = rb"""
\begin{tabular}{@{\extracolsep{5pt}}lcc}
\\[-1.8ex]\hline
\hline \\[-1.8ex]
 & \multicolumn{2}{c}{\textit{Dependent variable:}} \\
\cline{2-3}
\\[-1.8ex] & (1) & (2)\\
\hline \\[-1.8ex]
 age & 0.015$^{***}$ & $-$0.2 \\
  & (0.003) & (0.1) \\
\hline \\[-1.8ex]
Observations & \multicolumn{1}{c}{1,204} & 97 \\
\hline
\multicolumn{3}{r}{$^{*}$p$<$0.1} \\
\end{tabular}
"""


def tables(data: bytes) -> list[Table]:
    return [part for part in read(data).parts if isinstance(part, Table)]


def test_pandas_table_is_its_cells() -> None:
    (table,) = tables(PANDAS)
    assert table.cells == (("", "good", "poor"), ("Free", "1,204", "3"), ("Pay & go", "310", "55%"))
    assert (table.header_rows, table.name) == (1, "line 5"), "the line of its first row"


def test_stargazer_spreads_labels_and_keeps_stars() -> None:
    (table,) = tables(STARGAZER)
    label = "Dependent variable:"
    assert table.cells[:4] == (
        ("", label, label), ("", "(1)", "(2)"), ("age", "0.015***", "-0.2"), ("", "(0.003)", "(0.1)")
    )  # fmt: skip
    assert table.cells[4] == ("Observations", "1,204", "97")
    assert table.header_rows == 2


def test_rows_on_one_line_and_one_row_on_many() -> None:
    source = rb"\begin{tabular}{lr}plan & n \\ Free & 12" + b"\n" + rb"\\ Pay &" + b"\n" + rb"3 \\ \end{tabular}"
    (table,) = tables(source)
    assert table.cells == (("plan", "n"), ("Free", "12"), ("Pay", "3"))


def test_rows_that_are_commented_out_are_seen() -> None:
    shown, struck = tables(PANDAS.replace(b"\\bottomrule", b"% Rare & 2 & 1 \\\\\n\\bottomrule"))
    assert len(shown.cells) == 3
    assert struck.cells == (("Rare", "2", "1"),)


def test_what_is_printed_inside_an_environment_is_still_found() -> None:
    inside = b"plan   n\nFree  12\nPay    3\n\n"
    found = tables(PANDAS.replace(b"\\bottomrule", b"\\bottomrule\n\n" + inside))
    assert any(table.cells == (("plan", "n"), ("Free", "12"), ("Pay", "3")) for table in found)
    without_end = PANDAS.replace(b"\\end{tabular}", b"") + b"\n" + inside
    assert any(table.cells[1:] == (("Free", "12"), ("Pay", "3")) for table in tables(without_end))


@pytest.mark.parametrize("head", [b"", b"# Results\n\nSee below.\n\n"])
def test_markdown_tables_are_read(head: bytes) -> None:
    output = read(head + b"| plan | n   | mean |\n|:-----|----:|:----:|\n| Free | 120 | 3.2 |\n| *Pay* | 4 | |\n")
    assert output.kind is Kind.TEXT
    (table,) = (part for part in output.parts if isinstance(part, Table))
    assert table.cells == (("plan", "n", "mean"), ("Free", "120", "3.2"), ("*Pay*", "4", ""))


pieces = st.sampled_from(
    [r"\begin{tabular}{lr}", r"\end{tabular}", r"\\", "&", "12", "a", r"\hline", "\n", r"\multicolumn{2}{c}{x}", "{",
     "}", "%", r"\%", r"\midrule", "$", r"\begin{longtable}", r"\end{longtable}", " ", r"\textbf{4}", "[2pt]"]
)  # fmt: skip


@relaxed
@given(st.lists(pieces, max_size=40).map("".join))
def test_any_source_reads_as_itself(source: str) -> None:
    settled((r"\begin{tabular}{l}" + source).encode())
