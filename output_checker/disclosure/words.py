"""What the words of a header or a row label say that the numbers beside them mean.

Promises a meaning only where a word says so; column and file names that say nothing give ``None``. English, with the
abbreviations of pandas, statsmodels, R and Stata.
"""

import re
from collections.abc import Callable
from enum import IntEnum
from functools import lru_cache, wraps
from typing import TypeVar

MOST_LABEL = 200
"""A longer text, in characters, names nothing."""


class Meaning(IntEnum):
    """What a number says."""

    UNKNOWN = 0
    LABEL = 1
    """Words, or the key of a row."""
    COUNT = 2
    PERCENT = 3
    PROPORTION = 4
    RATE = 5
    """A ratio, a rate per so many, an index."""
    MEAN = 6
    SUM = 7
    MINIMUM = 8
    MAXIMUM = 9
    PERCENTILE = 10
    SPREAD = 11
    """A standard deviation, variance, skewness or kurtosis."""
    COEFFICIENT = 12
    STANDARD_ERROR = 13
    P_VALUE = 14
    STATISTIC = 15
    DOF = 16
    INTERVAL = 17
    IDENTIFIER = 18
    CODE = 19
    YEAR = 20
    DATE = 21
    AGE = 22
    COORDINATE = 23
    CORRELATION = 24
    EMPTY = 25
    CONCENTRATION = 26
    RESIDUAL = 27
    DIFFERENCE = 28
    """A change between two shown values."""
    DOMINANT = 29
    """The share or value of the largest contributors."""
    SETTING = 30
    """What an algorithm was told ("max_depth"), which says nothing of the data."""


LABELS = frozenset(
    {
        Meaning.LABEL,
        Meaning.IDENTIFIER,
        Meaning.CODE,
        Meaning.YEAR,
        Meaning.DATE,
        Meaning.AGE,
        Meaning.EMPTY,
        Meaning.SETTING,
    }
)
MODEL = frozenset({Meaning.COEFFICIENT, Meaning.STANDARD_ERROR, Meaning.P_VALUE, Meaning.STATISTIC, Meaning.INTERVAL})

_PEOPLE = (
    r"patients?|people|persons?|individuals|participants?|respondents?|subjects?|cases|controls|deaths?|died|"
    r"admissions?|admitted|events?|records?|observations?|obs|nobs|rows|households?|families|firms?|companies|"
    r"businesses|enterprises|employees|workers|students|pupils|children|adults|women|men|births|visits|episodes|"
    r"attendances|prescriptions|population|eligible|enrolled|registered|vaccinated|exposed|at risk|events|members|"
    r"customers|clients|claimants|residents|voters|users|units|schools|hospitals|practices|doses|females|males|"
    r"survivors|contributors|outlets|plants|sites|establishments"
)

_NUMBERED = r"(visit|wave|round|session|cycle|contact|dose) (no|num|number|nr)"
"""What is numbered and not counted."""

_ORDER: tuple[tuple[Meaning, str], ...] = (
    (Meaning.P_VALUE, r"p ?val(ue)?s?|p[ _.]?adj|q ?value|pr ?\(.*|p ?[<>]=? ?\|?[tzf]\|?.*|prob ?\(.*|sig|signif\w*"),
    (
        Meaning.INTERVAL,
        (
            r".*\b\d\d ?% ?c\.?i\b.*|.*\b(ci|lci|uci|lcl|ucl|cil|ciu)\b.*|conf(idence)? (int|limit|low|high|"
            r"interval).*|conf ?int.*|(.*\b)?\[?\d\d ?% conf\b.*|interval\]|\[ ?0?\.\d+|0?\.\d+ ?\]|"
            r"(lower|upper)( (bound|limit|95|ci))?|conf (low|high)"
        ),
    ),
    (Meaning.STANDARD_ERROR, r"(.*\b)?(std ?err(or)?|standard errors?|se|s ?e|stderr|robust se|sem)\b.*"),
    (Meaning.DIFFERENCE, r"(.*\b)?(difference|change|delta|diff|growth)\b.*"),
    (Meaning.CONCENTRATION, r"(.*\b)?(hhi|herfindahl|gini|cr ?[1-9]\d?|concentration|lorenz|theil)\b.*"),
    (
        Meaning.DOMINANT,
        (
            r"(.*\b)?(share of (the )?(largest|top|biggest)|(top|largest)[ -]?(one|two|three|\d+)? ?"
            r"(share|contribut\w+|firms?|unit|value|pct|percent)|largest)\b.*"
        ),
    ),
    (Meaning.CORRELATION, r"(.*\b)?(correlations?|corr|pearson|spearman|kendall|rho)\b.*"),
    (
        Meaning.RESIDUAL,
        (
            r"(.*\b)?(resid(ual)?s?|fitted|y ?hat|predicted|predictions?|leverage|cooks?( ?d)?|dfbetas?|"
            r"propensity( score)?|hat values?|influence|scores?_per_record)\b.*"
        ),
    ),
    (Meaning.MINIMUM, r"(.*\b)?(min|minimum|lowest|smallest|earliest|shortest|youngest)\b.*"),
    (Meaning.MAXIMUM, r"(.*\b)?(max|maximum|highest|earliest|latest date|longest|oldest|top value|peak value)\b.*"),
    (
        Meaning.PERCENTILE,
        (
            r"(.*\b)?(median|percentiles?|centiles?|quantiles?|iqr|interquartile( range)?|q[1-4]|q\d\d|"
            r"p(0?1|5|10|20|25|50|75|80|90|95|99)|lq|uq|(lower|upper|first|third) quartile|\d{1,2}th( percentile)?|"
            r"mode)\b.*|"
            r"\d{1,2}(\.\d+)? ?%"
        ),
    ),
    (
        Meaning.SPREAD,
        (
            r"(.*\b)?(std( ?dev)?|dev\.?|sd|s ?d|stdev|standard deviation|variance|var|skew(ness)?|kurt(osis)?|"
            r"coefficient of variation|cv|mad)\b.*"
        ),
    ),
    (
        Meaning.COEFFICIENT,
        (
            r"(.*\b)?(coef(f|s|ficients?)?|estimates?|betas?|log odds|odds ratios?|hazard ratios?|"
            r"relative risks?|risk ratios?|rate ratios?|marginal effects?|dy dx|exp ?\(? ?b(eta|oef)?.*|"
            r"effect size)\b.*|"
            r"(adj(usted)? ?|crude )?a?(or|hr|rr|irr)( \d\d% ci)?|ate|att|(.*\b)?(fixed |random )?effects?|slope"
        ),
    ),
    (Meaning.MEAN, r"(.*\b)?(mean|means|avg|average)\b.*"),
    (Meaning.PERCENT, r".*%.*|(.*\b)?(percent(age)?s?|pct|perc|per cent|coverage|cum(ulative)? percent)\b.*|cum"),
    (Meaning.PROPORTION, r"(.*\b)?(prop|proportions?|fractions?|shares?|frac|prob(ability)?)\b.*"),
    (
        Meaning.RATE,
        (
            r"(.*\b)?(rates?|per (1[0 ,]*0|thousand|million|capita|head|person|patient|year|100k)\b.*|prevalence|"
            r"incidence|ratios?|index value|smr|density|hazard|survival( probability)?|km estimate)\b.*|auc|(price |"
            r"deprivation )?index|(absolute |cumulative )?risk"
        ),
    ),
    (Meaning.DOF, r"(.*\b)?(df|d f|dof|degrees of freedom|df resid|df model|resid(ual)? df)\b.*"),
    (
        Meaning.STATISTIC,
        (
            r"t ?(value|stat(istic)?)|z ?(value|stat(istic|score)?)?|t|chi|chi ?(2|sq|square|squared)\b.*|"
            r"f ?(value|stat(istic)?)|(.*\b)?(wald|statistic|test stat\w*|r2|r squared|adj r\w*|aic|bic|"
            r"log ?likelihood|llf|deviance|"
            r"vif|rmse|mse|mae|accuracy|precision|recall|sensitivity|specificity|f1( score)?|brier|kappa|icc|tau2|i2|"
            r"importance|shap|loadings?|eigenvalues?|explained variance)\b.*"
        ),
    ),
    (
        Meaning.COUNT,
        (
            rf"(?!(.* )?{_NUMBERED}$)(n|(.*\b)?(n|counts?|freq(uency|uencies)?|numbers?|num|no\. of|"
            rf"number of|cnt|size|sample size|tally|how many|nobs|n obs|{_PEOPLE})( total)?\b.*|"
            rf"\#.*|no\.|.*\(n\).*|n[ =:].*|cum(ulative)? freq.*)"
        ),
    ),
    (
        Meaning.SUM,
        (
            r"(.*\b)?(sum|sums|amount|turnover|revenue|expenditure|spend(ing)?|costs?|sales|income total|"
            r"total (cost|sales|spend|income|amount|value|invest\w*|expenditure|revenue|turnover|wages?|pay)|"
            r"aggregate)\b.*"
        ),
    ),
)

_KEYS: tuple[tuple[Meaning, str], ...] = (
    (
        Meaning.SETTING,
        (
            r"(max|min) (depth|iter(ations?)?|features|bins?|leaf nodes|leaves|samples (leaf|split)|"
            r"child (weight|samples)|data in leaf)|"
            r"n(um)? (estimators|trees|leaves|layers|epochs|boost round|neighbou?rs|jobs)|"
            r"learning rate|batch size|epochs?|random (state|seed)|seed|hidden (units|size|layers?)( sizes?)?|"
            r"colsample( \w+)?|"
            r"(l1|l2) (ratio|penalty)|weight decay|dropout( rate)?"
        ),
    ),
    (
        Meaning.IDENTIFIER,
        (
            r"(.*\b)?(uuid|guid|pseudonym|nhs ?(no|num|number)?|chi( no| number)|mrn|pat ?id|"
            r"(person|patient|subject|participant|respondent|member|customer|employee|pupil|student|record|case|study|"
            r"hospital|"
            r"household|firm|unit|indiv\w*|client|encounter|spell|claim|user|emp|acc(oun)?t|vehicle|device) ?(id|no|"
            r"num|number|"
            r"nr|key|ref)|id|ids|pid|nino|ni number|ssn|passport( no)?|upn|urn|e ?mail|phone|telephone|mobile|surname|"
            r"forename|first ?name|last ?name|full ?name|date of birth|dob|birth ?date|address)"
        ),
    ),
    (Meaning.COORDINATE, r"(.*\b)?(lat|latitude|lon|lng|long|longitude|easting|northing|uprn|grid ref\w*)"),
    (Meaning.AGE, r"(.*\b)?age( in years| years| at \w+| \w*group| band| cat\w*)?|agegr\w*|age\d"),
    (Meaning.YEAR, r"(.*\b)?(year|yr|yyyy|vintage|cohort)"),
    (
        Meaning.DATE,
        (
            r"(.*\b)?(date|datetime|timestamp|month|week|day|quarter|qtr|hour|time|period|wave|dt|years|months|"
            r"weeks|days|minutes|hours|since \w+|time to .*|duration|follow ?up)|(time|days|weeks|months|years|year|"
            r"month|week) .*"
        ),
    ),
    (
        Meaning.CODE,
        (
            r"(.*\b)?(code|icd ?\d*|sic|soc|decile|quintile|quartile|tertile|rank|stage|grade|class|level|band|"
            r"bin|bins|edge|bin (start|end|left|right|lower|upper|edge)|step|lag|lead|iteration|index|category|group|"
            r"type|status|"
            r"sex|gender|ethnicity|region|area|plan|cluster|component|fold|round|model|column|row|imd|"
            rf"{_NUMBERED})"
        ),
    ),
)

_COUNTED = re.compile(
    r"(n|no\.?|num|number|counts?|freq)( of \w+| \w+)? (above|below|over|under|beyond|at least|at most|less than|"
    r"more than|fewer than|exceeding)\b.*"
)
"""A number of people on one side of a limit ("n above median"), whatever the limit is."""
_LEVEL_NAME = re.compile(r"\b\d+(?:\.\d+)? ?% (?!of\b)(?=[a-z]{2})")
"""A percentage that is part of a category's name ("25 % reduction"), not the unit of the numbers below it."""
_STAT_PATTERNS = tuple((meaning, re.compile(pattern)) for meaning, pattern in _ORDER)
_INTERVAL = next(pattern for meaning, pattern in _STAT_PATTERNS if meaning is Meaning.INTERVAL)
_FIRST_PATTERNS = tuple(pair for pair in _STAT_PATTERNS if pair[0] in (Meaning.CONCENTRATION, Meaning.DOMINANT))
_KEY_PATTERNS = tuple((meaning, re.compile(pattern)) for meaning, pattern in _KEYS)
_TOTAL = re.compile(
    r"(grand |row |column |col |sub ?)?totals?|all|(all|total) (patients|people|persons|ages?|groups?|regions?|sexes|"
    r"categories|areas|records|respondents|participants|population)|overall|any|everyone|margins?|sum|entire .*|"
    r"whole .*|"
    r"combined|both( sexes)?|both",
)
_SUBTOTAL = re.compile(r"(.*\b)?sub ?totals?\b.*|all .+|total .+|.+ total")
_SAMPLE_SIZE = re.compile(r"(no )?(observations|obs|n|nobs|number of observations|n obs|sample size|num obs)")
_PLAIN_COUNT = re.compile(r"\b(n|counts?|freq(uency|uencies)?|numbers?|num|no\.|cnt|nobs|size|total)\b|#|\(n\)")
_NOT_A_TOTAL = re.compile(r"(all|total) (other|others|cause|causes)\b.*")
_ROW_STATISTIC = re.compile(
    r"(n|count|counts|nobs|n obs|observations|no observations|number of \w+|mean|average|std|sd|stdev|std dev|"
    r"standard deviation|variance|var|min|minimum|max|maximum|range|median|25%|50%|75%|\d{1,2}(\.\d+)?%|iqr|q1|q2|q3|"
    r"skew\w*|kurt\w*|"
    r"sem|mad|sum|unique|top|freq|p\d{1,2}|(?:1|5|10|25|50|75|90|95|99)th percentile|missing|n missing|mode|"
    r"total n|valid n|percent|%|p value|adj r squared|r squared|r2|df resid|aic|bic)"
)
_ROW_WORDS = {
    "unique": Meaning.COUNT,
    "top": Meaning.LABEL,
    "range": Meaning.MAXIMUM,
    "missing": Meaning.COUNT,
    "n missing": Meaning.COUNT,
    "total n": Meaning.COUNT,
    "valid n": Meaning.COUNT,
}
_ROW_UNIT = re.compile(
    r"[,(\[:\u2013-]\s*(n ?\(%\)|n ?, ?%|mean ?\(?sd\)?|mean ?\[sd\]|median ?\(?\[?iqr\)?\]?|n|%|mean|median|"
    r"mean \u00b1 sd|mean ?\(se\)|min|max|range|no\. ?\(%\)|count|years, mean \(sd\)|m ?\(sd\))\s*[)\]]?\s*$"
)


_Answer = TypeVar("_Answer")


def _remembered(function: Callable[[str], _Answer]) -> Callable[[str], _Answer]:
    """Rules ask about the same labels again and again. Long texts are no labels and are not kept."""
    known = lru_cache(maxsize=1 << 16)(function)

    @wraps(function)
    def answer(text: str) -> _Answer:
        return known(text) if len(text) <= MOST_LABEL else function(text)

    return answer


@_remembered
def normal(text: str) -> str:
    """A header as lower-case words: camel case and underscores opened, footnote marks gone."""
    opened = re.sub(r"(?<=[a-z0-9])(?=[A-Z][a-z])", " ", text.strip())
    opened = re.sub(r"[_\n\t|]+", " ", opened)
    return re.sub(r"\s+", " ", opened).strip(" *†‡:;").lower()


def _words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9%#()<>|=\[\].]+", " ", normal(text))).strip()


@_remembered
def statistic_named(text: str) -> Meaning | None:
    """The statistic that a header names, or None. "odds" of a case-sensitive pair: "OR" is a ratio, "or" a word."""
    raw = text.strip()
    if not raw or len(raw) > MOST_LABEL:
        return None
    words = _words(raw)
    plain = re.sub(r"[().\[\]]", " ", words)
    plain = re.sub(r"\s+", " ", plain).strip()
    if key_named(raw) in (Meaning.IDENTIFIER, Meaning.SETTING):
        return None
    if _COUNTED.fullmatch(words):
        return Meaning.COUNT
    if not _INTERVAL.fullmatch(words):
        words, plain = _LEVEL_NAME.sub("", words), _LEVEL_NAME.sub("", plain)
    early = _first_match(_FIRST_PATTERNS, words, plain)
    return early or _bracketed_unit(raw, words) or _first_match(_STAT_PATTERNS, words, plain)


def _first_match(patterns: tuple[tuple[Meaning, re.Pattern[str]], ...], *forms: str) -> Meaning | None:
    return next((meaning for meaning, pattern in patterns if any(pattern.fullmatch(form) for form in forms)), None)


def _bracketed_unit(raw: str, words: str) -> Meaning | None:
    """ "(n)", "(%)", "n (%)": the unit in brackets decides, and the first of a pair counts."""
    label = normal(raw)
    if label == "p" or re.search(r"\((?:n|no\.?|count)\)", words) or re.search(r"\bn ?\( ?%|\bno\. \(%\)", label):
        return Meaning.P_VALUE if label == "p" else Meaning.COUNT
    if re.search(r"\(\s*%[^)]*\)", label):
        return Meaning.COUNT if label.startswith("n ") else Meaning.PERCENT
    return None


@_remembered
def key_named(text: str) -> Meaning | None:
    """The kind of key (code, year, age, identifier, coordinate) that a header names, or None."""
    words = re.sub(r"[().\[\]]", " ", _words(text)).strip()
    for meaning, pattern in _KEY_PATTERNS:
        if pattern.fullmatch(words):
            return meaning
    return None


@_remembered
def names_total(text: str) -> bool:
    """Whether a row or column label says that it adds up the others."""
    words = re.sub(r"[^a-z0-9 ]+", " ", normal(text)).strip()
    if _NOT_A_TOTAL.fullmatch(words):
        return False
    return bool(_TOTAL.fullmatch(words) or _SUBTOTAL.fullmatch(words))


@_remembered
def names_sample_size(text: str) -> bool:
    """Whether a row label names the number of observations of a model."""
    return bool(_SAMPLE_SIZE.fullmatch(normal(text).replace(".", "")))


@_remembered
def counts_plainly(text: str) -> bool:
    """Whether a header says "count" in a word of its own (n, number of, freq), and not just by naming people."""
    return bool(_PLAIN_COUNT.search(_words(text)))


@_remembered
def row_statistic(text: str) -> Meaning | None:
    """The statistic that a row label names ("25%", "Age, mean (SD)"), or None."""
    label = normal(text)
    bare = re.sub(r"[.]", "", label) if "%" not in label else label
    if _ROW_STATISTIC.fullmatch(bare):
        return _ROW_WORDS[bare] if bare in _ROW_WORDS else statistic_named(bare)
    match = _ROW_UNIT.search(label)
    return _row_unit_start(match[1]) if match else None


def _row_unit_start(unit: str) -> Meaning | None:
    if unit.startswith(("n", "no", "count")):
        return Meaning.COUNT
    starts = {
        "%": Meaning.PERCENT,
        "mean": Meaning.MEAN,
        "m ": Meaning.MEAN,
        "m(": Meaning.MEAN,
        "years": Meaning.MEAN,
        "min": Meaning.MINIMUM,
        "max": Meaning.MAXIMUM,
        "range": Meaning.MAXIMUM,
        "median": Meaning.PERCENTILE,
    }
    return next((meaning for start, meaning in starts.items() if unit.startswith(start)), None)
