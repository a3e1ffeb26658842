"""Stored models and data files, judged by what their headers and opcodes say (L01, L10 to L12, H10 to H13).

None of these files is ever released as it is; the findings say what is inside and what can be released instead.
"""

import re
from collections.abc import Iterator

from output_checker.disclosure.rules.identifiers import people_in
from output_checker.disclosure.subject import Subject
from output_checker.model import Dropped, Finding, Severity, Where

_INSTANCE_BASED = re.compile(
    r"K?Neighbors\w*|(Radius|Nearest)Neighbors\w*|KNN\w*|KNeighbors\w*|KDTree\w*|BallTree\w*|(Nu)?SV[CR]|OneClassSVM|"
    r"GaussianProcess\w*|Kernel(Ridge|Density|PCA)|LocalOutlierFactor|Label(Propagation|Spreading)|\w*ProductQuantizer|"
    r"TSNE|UMAP|MDS|Isomap|LocallyLinearEmbedding|SpectralEmbedding|DBSCAN|HDBSCAN|OPTICS|AgglomerativeClustering|"
    r"TabPFN\w*|SVM(Classifier|Regressor)|k?svm|knn3(Train)?|kknn|gausspr|rvm|lssvm|CaseBasedReasoning|RBF\w*|SOM"
)
"""Models that keep the records they learned from. SDC-Reboot, category A."""
_FITTED_WITH_DATA = re.compile(
    r"(?!Generalised)\w*Results(Wrapper)?|lm|glm|gam|coxph|survfit|randomForest|train|loess|nls|aov|merMod|lmerMod|glmerMod"
)
"""Fitted objects that keep their data beside the coefficients: statsmodels' results, R's model frames."""
_TABLES = re.compile(r"DataFrame|Series|BlockManager|data\.frame|tbl_df|data\.table|LazyFrame|PyDataFrame|ArrowTable")
_PREPARATION = re.compile(
    r"\w*(Scaler|Encoder|Vectorizer|Imputer|Binarizer|Discretizer|Tokenizer|Hasher)|(Quantile|Power|Spline)Transformer"
)
_GENERATIVE = re.compile(
    r"\w*(GPT|Llama|Mistral|Bert|T5|Diffusion|GAN|VAE|Synthesizer|CopulaModel)\w*|\w*For(CausalLM|Seq2SeqLM|MaskedLM)|"
    r"general\.architecture"
)
_LINEAR = re.compile(
    r"(Linear|Logistic|Ridge|Lasso|ElasticNet|Lars|Lasso\w+|Poisson|Gamma|Tweedie|Huber|Quantile|SGD|TheilSen|Bayesian)"
    r"\w*(Regression|Regressor|Classifier|CV)?|LinearSV[CR]|Perceptron|\w*NB|LinearDiscriminantAnalysis"
)
RATIO = 2
"""L12: so many times what the coefficients need is more than a model of this kind holds."""
SMALL = 4_096
"""Bytes of settings, names and classes that any stored model has."""
_PAYLOAD = re.compile(r"^payload (\d+) parameters (\d+)", re.MULTILINE)
_CLASS = re.compile(r"^class (\S+)$", re.MULTILINE)
_INSTEAD = (
    "Release what you need from it as a table (the coefficients with their standard errors, the importances, the "
    "thresholds) or as a text summary."
)
_RULES = {
    "application/vnd.sqlite3": ("H12", "A database holds rows, and those that were deleted can still be read."),
    "application/vnd.duckdb": ("H12", "A database holds rows, and those that were deleted can still be read."),
    "application/x-stata-dta": ("H11", "A data file holds records."),
    "application/x-spss-sav": ("H11", "A data file holds records."),
    "application/vnd.apache.parquet": ("H13", "A data file holds records, and its footer their extremes."),
    "application/x-npy": ("H10", "An array holds its values one by one."),
    "application/x-npz": ("H10", "An array holds its values one by one."),
    "application/x-hdf5": ("H13", "A data file holds records, and its footer their extremes."),
}
_OBJECT = ("H10", "A stored object can hold the data it was made from, and runs code when it is opened.")


def find_stored_files(subject: Subject) -> Iterator[Finding]:
    """H10 stored objects, H11 statistics packages' data, H12 databases, H13 column files: never released as such.
    SACRO-ML; ACRO blocks such files."""
    stored = [dropped for dropped in subject.output.dropped if dropped.what in ("stored-data", "stored-model")]
    if not stored or not subject.output.problem:
        return
    rule, says = _RULES.get(subject.output.media_type, _OBJECT)
    inside = "; ".join(f"{d.where}: {d.detail}" if d.where else d.detail for d in stored[:5])
    people = "".join(f" Among the names in it: {found}." for found in _people(stored))
    yield Finding(
        rule,
        Severity.FAIL,
        tuple(Where(label=dropped.where) for dropped in stored[:5]),
        f"{subject.output.problem.partition('.')[0]}. {says} Inside: {inside}.{people}",
        _INSTEAD if rule == "H10" else "Make a table of results from it and release that as CSV.",
    )


def _people(stored: list[Dropped]) -> Iterator[str]:
    for dropped in stored:
        found = people_in(dropped.sample)
        if found.sure or found.count >= 2:
            yield found.what


def find_instance_based_models(subject: Subject) -> Iterator[Finding]:
    """L01 instance-based: a model that is (or carries) the records it learned from. SDC-Reboot category A."""
    for dropped, names in _models(subject):
        kept = _matching(names, _INSTANCE_BASED)
        fitted = _matching(names, _FITTED_WITH_DATA)
        tables = _matching(names, _TABLES)
        if kept:
            yield _fail("L01", dropped, f"{', '.join(kept[:5])} keeps the records that it learned from.")
        elif fitted:
            yield _fail("L01", dropped, f"{', '.join(fitted[:5])} keeps its data, residuals and fitted values.")
        elif tables:
            yield _fail("L01", dropped, f"A table of data is stored in it ({', '.join(tables[:5])}).")


def find_preparation(subject: Subject) -> Iterator[Finding]:
    """L10 preprocessing artefacts: extremes, categories and words of the data, kept by what prepares them."""
    for dropped, names in _models(subject):
        kept = _matching(names, _PREPARATION)
        if kept:
            yield Finding(
                "L10",
                Severity.REVIEW,
                (Where(label=dropped.where),),
                f"{', '.join(kept[:5])} keeps minima and maxima, rare categories or words of the data.",
                "Write the means, scales or categories that are needed as a table, without extremes and rare ones.",
            )


def find_generative_models(subject: Subject) -> Iterator[Finding]:
    """L11 generative/foundation: a model that can repeat what it learned is derived data. NIH NOT-OD-25-081."""
    for dropped, names in _models(subject):
        kept = _matching(names, _GENERATIVE)
        if kept or subject.output.media_type == "application/x-gguf":
            named = ", ".join(kept[:5]) or "A language model"
            yield _fail("L11", dropped, f"{named} can repeat the data that it learned from.")


def find_surplus_payload(subject: Subject) -> Iterator[Finding]:
    """L12 payload size: a linear model that holds much more than its coefficients carries something else."""
    for dropped, names in _models(subject):
        told = _PAYLOAD.search(dropped.sample)
        if told is None or not _matching(names, _LINEAR) or _matching(names, _INSTANCE_BASED):
            continue
        payload, parameters = int(told[1]), int(told[2])
        if payload > RATIO * parameters + SMALL:
            yield _fail(
                "L12",
                dropped,
                f"A linear model with {parameters:,} bytes of coefficients carries {payload:,} bytes of data.",
            )


def _models(subject: Subject) -> Iterator[tuple[Dropped, list[str]]]:
    """What was seen of each stored object, with the last parts of its classes' names."""
    for dropped in subject.output.dropped:
        if dropped.what == "stored-model":
            full = _CLASS.findall(dropped.sample)
            yield dropped, [name[2:] if name.startswith("R.") else name.rpartition(".")[2] for name in full]


def _matching(names: list[str], pattern: re.Pattern[str]) -> list[str]:
    return [name for name in names if pattern.fullmatch(name)]


def _fail(rule: str, dropped: Dropped, message: str) -> Finding:
    return Finding(rule, Severity.FAIL, (Where(label=dropped.where),), message, _INSTEAD)


RULES = (
    find_stored_files,
    find_instance_based_models,
    find_preparation,
    find_generative_models,
    find_surplus_payload,
)
