"""Stored models and data files: what is inside is said without loading anything (L01, L10 to L12, H10 to H13)."""

import gzip
import io
import pickle
import sqlite3
import struct
import sys
import types
import zlib
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from outputs import failing, findings, rules
from pyarrow import parquet

from output_checker.model import Kind
from output_checker.readers.reading import read


def fitted(kind: tuple[str, str], **attributes: Any) -> bytes:
    """A pickle of an object of this class with these attributes; the class is gone when the test reads it."""
    path, name = kind
    parts = path.split(".")
    modules = {whole: types.ModuleType(whole) for n in range(len(parts)) if (whole := ".".join(parts[: n + 1]))}
    made = type(name, (), {"__module__": path, "__qualname__": name})
    setattr(modules[path], name, made)
    thing = made()
    thing.__dict__.update(attributes)
    with patch.dict(sys.modules, modules):
        return pickle.dumps(thing)


LOGISTIC = ("sklearn.linear_model._logistic", "LogisticRegression")
COEFFICIENTS: dict[str, Any] = {"coef_": np.linspace(0, 1, 5), "intercept_": np.zeros(1), "n_features_in_": 5}
RECORDS = np.arange(4000.0).reshape(800, 5)


@pytest.mark.parametrize(
    "kind",
    [
        ("sklearn.neighbors._classification", "KNeighborsClassifier"),
        ("sklearn.svm._classes", "SVC"),
        ("sklearn.gaussian_process._gpr", "GaussianProcessRegressor"),
        ("statsmodels.regression.linear_model", "RegressionResultsWrapper"),
        ("pandas.core.frame", "DataFrame"),
    ],
)
def test_l01_models_that_keep_their_records(kind: tuple[str, str]) -> None:
    assert {"H10", "L01"} <= failing(read(fitted(kind, data=RECORDS)))


def test_a_linear_model_is_stored_and_no_more() -> None:
    output = read(fitted(LOGISTIC, **COEFFICIENTS))
    assert output.kind is Kind.UNKNOWN
    assert failing(output) == {"H10"}
    assert "L01" not in rules(read(fitted(("sklearn.svm._classes", "LinearSVC"), **COEFFICIENTS)))


@pytest.mark.parametrize("hidden", [RECORDS, RECORDS.tolist(), RECORDS.tobytes(), repr(RECORDS.tolist())])
def test_l12_a_linear_model_that_carries_more_than_its_coefficients(hidden: Any) -> None:
    assert "L12" in failing(read(fitted(LOGISTIC, **COEFFICIENTS, _kept=hidden)))
    assert "L12" in failing(read(zlib.compress(fitted(LOGISTIC, **COEFFICIENTS, _kept=hidden))))


def test_l10_and_l11_what_prepares_and_what_repeats() -> None:
    assert "L10" in rules(read(fitted(("sklearn.preprocessing._encoders", "OneHotEncoder"), categories_=["rare"])))
    assert "L11" in failing(read(fitted(("transformers.models.gpt2", "GPT2ForCausalLM"))))


def test_an_object_that_runs_code_is_not_run(tmp_path: Any) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (open, (str(tmp_path / "opened"), "w"))

    trap = pickle.dumps(Trap())
    read(trap)
    assert not (tmp_path / "opened").exists()
    pickle.loads(trap).close()  # noqa: S301 - the control: loading it does run
    assert (tmp_path / "opened").exists()


def test_the_sizes_of_arrays_and_data_files() -> None:
    array, footer = io.BytesIO(), io.BytesIO()
    np.save(array, RECORDS)
    parquet.write_table(pa.table({"age": [1, 2, 3], "patient_name": ["a", "b", "c"]}), footer)
    base = sqlite3.connect(":memory:")
    base.execute("create table people (age)")
    base.execute("insert into people values (1)")
    base.commit()
    said = {
        "H10": (array.getvalue(), "800 x 5"),
        "H13": (footer.getvalue(), "3 rows and 2 columns: age, patient_name"),
        "H12": (base.serialize(), "people"),
        "H11": (b"\x72\x02\x01\x00" + struct.pack("<HI", 12, 20190) + bytes(200), "20,190 rows and 12 columns"),
    }
    for rule, (data, words) in said.items():
        (found,) = [f for f in findings(read(data)) if f.rule == rule]
        assert words in found.message
        assert found.remedy


def test_an_r_object_is_told_by_its_names() -> None:
    def word(text: str) -> bytes:
        return b"\x00\x04\x00\x09" + struct.pack(">I", len(text)) + text.encode()

    start = b"X\n\x00\x00\x00\x03\x00\x04\x03\x00\x00\x03\x05\x00"
    assert "L01" in failing(read(gzip.compress(start + word("ksvm") + word("class"))))
    assert "L01" not in rules(read(gzip.compress(start + word("numeric") + word("class"))))


@pytest.mark.parametrize("cut", [1, 7, 60, -40])
def test_damaged_files_stay_refused(cut: int) -> None:
    array = io.BytesIO()
    np.save(array, RECORDS)
    table = io.BytesIO()
    parquet.write_table(pa.table({"age": [1, 2, 3]}), table)
    for data in (fitted(LOGISTIC, **COEFFICIENTS), array.getvalue(), table.getvalue()):
        broken = data[: len(data) + cut if cut < 0 else max(cut, 8)] + (b"." if data[:1] == b"\x80" else b"")
        output = read(broken)
        assert output.kind is Kind.UNKNOWN
        assert failing(output)


@pytest.mark.parametrize(
    "data",
    [
        b"\x80\x04\x8e" + struct.pack("<Q", 1 << 60) + b".",
        b"\x80\x04\x8b" + struct.pack("<I", 1 << 31) + b".",
        b"\x80\x04" + b"(" * 500_000 + b".",
        b"\x80\x04\x93\x93h\xff\x94\x93.",
        b"\x93NUMPY\x02\x00" + struct.pack("<I", 1 << 31) + b"{" * 5_000,
        b"SQLite format 3\x00" + b"\xff" * 20,
        b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>",
        zlib.compress(b"\x80\x04" + b"K\x01" * 3_000_000 + b"."),
    ],
    ids=["length", "long", "deep", "stack", "header", "pages", "cut", "bomb"],
)
def test_hostile_headers_are_refused(data: bytes) -> None:
    assert failing(read(data))
