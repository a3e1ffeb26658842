"""The same table as many tools write it: each a function from a frame to (suffix, content)."""

import io
import json
from collections.abc import Callable

import openpyxl
import pandas as pd

Form = Callable[[pd.DataFrame], tuple[str, str | bytes]]


def as_csv(table: pd.DataFrame) -> tuple[str, str]:
    """pandas: to_csv."""
    return "csv", table.to_csv()


def as_semicolons(table: pd.DataFrame) -> tuple[str, str]:
    """A spreadsheet in German: semicolons."""
    return "csv", table.to_csv(sep=";", decimal=",")


def as_tabs(table: pd.DataFrame) -> tuple[str, str]:
    """Tabs between the columns."""
    return "tsv", table.to_csv(sep="\t")


def as_html(table: pd.DataFrame) -> tuple[str, str]:
    """pandas: to_html of a table whose index is a column."""
    return "html", table.rename_axis(columns=None).reset_index().to_html(index=False) + "\n"


def as_markdown(table: pd.DataFrame) -> tuple[str, str]:
    """A Markdown table."""
    rows = [[table.index.name or "", *map(str, table.columns)], ["---"] * (len(table.columns) + 1)]
    rows += [
        [str(name), *map(str, values)] for name, values in zip(table.index, table.to_numpy(dtype=object), strict=True)
    ]
    return "md", "# Results\n\n" + "".join("| " + " | ".join(row) + " |\n" for row in rows)


def as_latex(table: pd.DataFrame) -> tuple[str, str]:
    """A LaTeX table with booktabs."""
    lines = [" & ".join([table.index.name or "", *map(str, table.columns)]) + r" \\", r"\midrule"]
    for name, values in zip(table.index, table.to_numpy(dtype=object), strict=True):
        lines.append(" & ".join([str(name), *map(str, values)]) + r" \\")
    body = "\n".join([lines[0], *lines[1:]])
    columns = "l" + "r" * len(table.columns)
    return "tex", f"\\begin{{tabular}}{{{columns}}}\n\\toprule\n{body}\n\\bottomrule\n\\end{{tabular}}\n"


def as_print(table: pd.DataFrame) -> tuple[str, str]:
    """pandas: print."""
    return "txt", table.to_string() + "\n"


def as_r(table: pd.DataFrame) -> tuple[str, str]:
    """R: print(table(a, b))."""
    head = max(len(str(name)) for name in [table.index.name or "", *table.index])
    widths = [max(len(str(c)), *(len(str(v)) for v in table[c])) for c in table]
    lines = [" " * (head + 1) + str(table.columns.name or "")]
    lines.append(
        (table.index.name or "").ljust(head)
        + "".join(" " + str(c).rjust(w) for c, w in zip(table, widths, strict=True))
    )
    for name, values in zip(table.index, table.to_numpy(dtype=object), strict=True):
        lines.append(
            str(name).ljust(head) + "".join(" " + str(v).rjust(w) for v, w in zip(values, widths, strict=True))
        )
    return "txt", "> table(d$a, d$b)\n" + "\n".join(lines) + "\n"


def as_stata(table: pd.DataFrame) -> tuple[str, str]:
    """Stata: tabulate a b, with totals."""
    wide = [str(c)[:10].rjust(10) for c in table]
    rule = "-" * 11 + "+" + "-" * (11 * len(wide)) + "+" + "-" * 10
    lines = [
        f"{'':10} | {(table.columns.name or '').center(11 * len(wide) - 2)}",
        f"{str(table.index.name or '')[:10].rjust(10)} |" + " ".join(["", *wide]) + " |     Total",
    ]
    lines.append(rule)
    for name, values in zip(table.index, table.to_numpy(), strict=True):
        lines.append(
            f"{str(name)[:10].rjust(10)} |" + " ".join(["", *(f"{v:>10,}" for v in values)]) + f" | {values.sum():>9,}"
        )
    sums = table.sum()
    lines += [rule, f"{'Total':>10} |" + " ".join(["", *(f"{v:>10,}" for v in sums)]) + f" | {sums.sum():>9,}"]
    return "txt", ". tabulate a b\n\n" + "\n".join(lines) + "\n"


def as_sheet(table: pd.DataFrame) -> tuple[str, bytes]:
    """openpyxl: a workbook with the table below a title."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "results"
    for row in as_rows(table):
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return "xlsx", timeless(out.getvalue())


def timeless(data: bytes) -> bytes:
    """The same archive without the time at which it was made."""
    import re
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            body = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2020-01-01T00:00:00Z", old.read(entry))
            new.writestr(zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def as_rows(table: pd.DataFrame) -> list[list[object]]:
    """The table's cells with its labels."""
    head: list[object] = [table.index.name or "", *map(str, table.columns)]
    return [
        head,
        *(
            [str(n), *(plain(v) for v in values)]
            for n, values in zip(table.index, table.to_numpy(dtype=object), strict=True)
        ),
    ]


def plain(value: object) -> object:
    """A NumPy number as Python's."""
    return value.item() if hasattr(value, "item") else value


def as_json(table: pd.DataFrame) -> tuple[str, str]:
    """A list of records."""
    head, *rows = as_rows(table)
    return "json", json.dumps([dict(zip(map(str, head), row, strict=True)) for row in rows], indent=1) + "\n"


def as_notebook(table: pd.DataFrame) -> tuple[str, str]:
    """A notebook that shows the table as pandas does."""
    shown = {"text/html": [as_html(table)[1]], "text/plain": [table.to_string()]}
    return "ipynb", notebook(
        [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": shown}], "table"
    )


def notebook(outputs: list[dict[str, object]], source: str) -> str:
    """A notebook of one cell."""
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "c1",
        "metadata": {},
        "outputs": outputs,
        "source": [source],
    }
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1) + "\n"


def as_psql(table: pd.DataFrame) -> tuple[str, str]:
    """A database's answer."""
    rows = [[str(v) for v in row] for row in as_rows(table)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    lines = [" " + " | ".join(v.ljust(w) for v, w in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "-" + "-+-".join("-" * w for w in widths) + "-")
    return "txt", "\n".join(lines) + f"\n({len(rows) - 1} rows)\n"


def as_noted_csv(table: pd.DataFrame) -> tuple[str, str]:
    """A table with a title above and notes below it."""
    return (
        "csv",
        f"Table 2: {table.index.name} by {table.columns.name}\n\n{table.to_csv()}\nSource: survey of 2014-15.\n",
    )


FORMS: tuple[Form, ...] = (
    as_csv, as_html, as_stata, as_semicolons, as_markdown, as_r, as_sheet, as_print, as_json, as_tabs, as_latex,
    as_notebook, as_psql, as_noted_csv,
)  # fmt: skip
WITH_CELLS = {as_csv, as_html, as_semicolons, as_markdown, as_sheet, as_tabs, as_latex, as_noted_csv}
"""Forms in which a cell has a row and a column of its own."""
