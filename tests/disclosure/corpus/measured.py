"""Real measurements, cut into groups: the frames from which tables, models and figures of the corpus are made."""

# ruff: noqa: E501 - a column a line

from dataclasses import dataclass

import numpy as np
import pandas as pd
import sklearn.datasets
import statsmodels.api as sm


@dataclass(frozen=True)
class Study:
    """Some people or things with numbers that were measured, under the names that a study would give them."""

    name: str
    numbers: pd.DataFrame
    words: tuple[str, ...]
    """Names of groups from low to high."""
    groups: pd.DataFrame
    """Columns that come as groups."""

    def coarse(self, column: str, parts: int = 3) -> "pd.Series[str]":
        """The column in groups of about the same size."""
        values = self.numbers[column].rank(method="first")
        return pd.qcut(values, parts, labels=list(self.words[:parts])).astype(str).rename(column)

    def fine(self, column: str, parts: int = 6) -> "pd.Series[str]":
        """The column in bands of the same width, with few in the outer ones."""
        edges = np.linspace(self.numbers[column].min(), self.numbers[column].max(), parts + 1)
        edges[0] -= 1
        labels = [f"band {chr(65 + n)}" for n in range(parts)]
        return pd.cut(self.numbers[column], edges, labels=labels).astype(str).rename(column)


def studies() -> list[Study]:
    """Seven studies of 150 to 1,797 members."""
    tumours = sklearn.datasets.load_breast_cancer(as_frame=True).frame
    wine = sklearn.datasets.load_wine(as_frame=True).frame
    sugar = sklearn.datasets.load_diabetes(as_frame=True, scaled=False).frame
    iris = sklearn.datasets.load_iris(as_frame=True).frame
    digits = sklearn.datasets.load_digits()
    trips = sm.datasets.modechoice.load_pandas().data
    trips = trips[trips.choice == 1].reset_index(drop=True)
    schools = sm.datasets.star98.load_pandas().data
    return [
        Study(
            "tumours",
            tumours.iloc[:, :4].set_axis(["radius", "texture", "perimeter", "area"], axis=1),
            ("low", "middle", "high", "very high"),
            pd.DataFrame({"diagnosis": np.where(tumours.target == 0, "malignant", "benign")}),
        ),
        Study(
            "wine",
            wine[["alcohol", "ash", "magnesium", "proline", "hue"]],
            ("Q1", "Q2", "Q3", "Q4"),
            pd.DataFrame({"cultivar": wine.target.map({0: "first", 1: "second", 2: "third"})}),
        ),
        Study(
            "sugar",
            sugar[["age", "bmi", "bp", "s1", "s5", "target"]].rename(columns={"target": "progress", "s1": "chol"}),
            ("lowest", "lower", "upper", "highest"),
            pd.DataFrame({"sex": np.where(sugar.sex == 1, "F", "M")}),
        ),
        Study(
            "flowers",
            iris.iloc[:, :4].set_axis(["sepal_l", "sepal_w", "petal_l", "petal_w"], axis=1),
            ("short", "medium", "long", "very long"),
            pd.DataFrame({"species": iris.target.map({0: "setosa", 1: "versicolor", 2: "virginica"})}),
        ),
        Study(
            "digits",
            pd.DataFrame({"ink": digits.data.sum(axis=1), "spread": digits.data.std(axis=1), "dark": (digits.data > 12).sum(axis=1)}),
            ("pale", "grey", "dark", "black"),
            pd.DataFrame({"side": np.where(digits.data[:, :32].sum(axis=1) > digits.data[:, 32:].sum(axis=1), "upper", "lower")}),
        ),
        Study(
            "trips",
            trips[["ttme", "invc", "invt", "gc", "hinc"]].rename(columns={"ttme": "wait", "hinc": "income"}),
            ("1st", "2nd", "3rd", "4th"),
            pd.DataFrame({"mode": trips["mode"].map({1: "air", 2: "train", 3: "bus", 4: "car"})}),
        ),
        Study(
            "schools",
            schools[["LOWINC", "PERASIAN", "PERHISP", "PTRATIO", "AVYRSEXP"]].rename(columns=str.lower),
            ("bottom", "centre", "top", "peak"),
            pd.DataFrame({"charter": np.where(schools.PCTCHRT > 0, "yes", "no")}),
        ),
    ]  # fmt: skip
