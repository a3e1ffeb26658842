"""The list of packages: what is on it, and which address asks for what."""

import pytest

from output_checker.model import BadInput, NotAllowed, NotFound
from output_checker.rules.packages import (
    Allowed,
    Kind,
    PackageList,
    Wish,
    checked_name,
    checked_versions,
    named,
    wish_of,
)

LIST = PackageList(
    (
        Allowed(Kind.PYTHON, "lifelines", ">=0.29,<1"),
        Allowed(Kind.PYTHON, "tidal"),
        Allowed(Kind.CONDA, "lightgbm", "==4.5.0"),
        Allowed(Kind.R, "survey", ">=4.2"),
    )
)


@pytest.mark.parametrize(
    ("kind", "written", "name"),
    [
        (Kind.PYTHON, " Zope.Interface_X ", "zope-interface-x"),
        (Kind.CONDA, "R-Survey", "r-survey"),
        (Kind.R, "data.table", "data.table"),
    ],
)
def test_a_name_has_one_spelling(kind: Kind, written: str, name: str) -> None:
    assert checked_name(kind, written) == name


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("name", ["", " ", "a b", "../a", "a/b", "a?b", "a#b", "é", "-a-", "a" * 101, "a%2fb", "@"])
def test_what_can_not_be_a_name_is_refused(kind: Kind, name: str) -> None:
    with pytest.raises(BadInput):
        checked_name(kind, name)


@pytest.mark.parametrize(("text", "kept"), [("", ""), (" <2, >=1.0", "<2,>=1.0"), ("==1.4.*", "==1.4.*")])
def test_versions_are_a_specifier(text: str, kept: str) -> None:
    assert checked_versions(text) == kept
    assert PackageList((Allowed(Kind.PYTHON, "a", kept),)).allows(Kind.PYTHON, "a", "1.4")


@pytest.mark.parametrize("text", ["1.2", "latest", ">=", "==1; print()", ",".join(f"!=1.{n}" for n in range(100))])
def test_what_is_no_specifier_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        checked_versions(text)


@pytest.mark.parametrize(
    ("kind", "name", "version", "allowed"),
    [
        (Kind.PYTHON, "lifelines", "0.30.0", True),
        (Kind.PYTHON, "lifelines", "1.0", False),
        (Kind.PYTHON, "lifelines", "0.28", False),
        (Kind.PYTHON, "lifelines", "nonsense", False),
        (Kind.PYTHON, "tidal", "nonsense", True),
        (Kind.PYTHON, "other", "1.0", False),
        (Kind.R, "lifelines", "0.30.0", False),
        (Kind.R, "survey", "4.2-1", True),
        (Kind.R, "survey", "4.1-9", False),
        (Kind.CONDA, "lightgbm", "4.5.0", True),
        (Kind.CONDA, "lightgbm", "4.5.1", False),
    ],
)
def test_the_list_is_asked_by_kind_name_and_version(kind: Kind, name: str, version: str, allowed: bool) -> None:
    assert LIST.allows(kind, name, version) is allowed


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("python/simple/", Wish(Kind.PYTHON)),
        ("python/simple/tidal/", Wish(Kind.PYTHON, "tidal")),
        ("python/simple/Tidal/", Wish(Kind.PYTHON, "tidal")),
        (
            "python/files/tidal/tidal-1.0-py3-none-any.whl",
            Wish(Kind.PYTHON, "tidal", "tidal-1.0-py3-none-any.whl"),
        ),
        ("python/files/tidal/tidal-1.0.tar.gz", Wish(Kind.PYTHON, "tidal", "tidal-1.0.tar.gz")),
        ("conda/whatever/linux-64/repodata.json", Wish(Kind.CONDA, place="linux-64")),
        ("conda/x/noarch/a-b-1.0-py_0.conda", Wish(Kind.CONDA, "a-b", "a-b-1.0-py_0.conda", "noarch")),
        ("conda/x/noarch/a-1.0-0.tar.bz2", Wish(Kind.CONDA, "a", "a-1.0-0.tar.bz2", "noarch")),
        ("r/src/contrib/PACKAGES", Wish(Kind.R)),
        ("r/src/contrib/PACKAGES.gz", Wish(Kind.R, packed=True)),
        ("r/src/contrib/survey_4.2-1.tar.gz", Wish(Kind.R, "survey", "survey_4.2-1.tar.gz")),
    ],
)
def test_what_an_address_asks_for(path: str, wish: Wish) -> None:
    assert wish_of(path) == wish


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "python/simple",
        "python/simple/tidal",
        "python/simple/../files/",
        "python/simple/a b/",
        "python/simple/tidal/extra/",
        "python/files/tidal/other-1.0-py3-none-any.whl",
        "python/files/tidal/tidal-1.0.exe",
        "python/files/tidal/tidal-1.0.egg",
        "python/files/tidal/..",
        "python/files/tidal/",
        "python/pypi/tidal/json",
        "conda/x/win-64/repodata.json",
        "conda/x/noarch/../repodata.json",
        "conda/x/noarch/current_repodata.json",
        "conda/x/noarch/repodata.json.zst",
        "conda/noarch/repodata.json",
        "r/src/contrib/PACKAGES.rds",
        "r/src/contrib/Archive/survey/survey_1.0.tar.gz",
        "r/src/contrib/../../etc/passwd",
        "http://elsewhere.example/simple/tidal/",
        "python/simple/tidal/?x=1",
        "python/files/tidal/tidal-1.0-py3-none-any.whl#sha256=0",
    ],
)
def test_every_other_address_asks_for_nothing(path: str) -> None:
    with pytest.raises(NotFound):
        wish_of(path)


def test_what_is_not_on_the_list_is_refused_with_its_name() -> None:
    LIST.require(wish_of("python/simple/"))
    LIST.require(wish_of("python/files/lifelines/lifelines-0.30.0-py3-none-any.whl"))
    with pytest.raises(NotAllowed, match="“other” is not on this project's list"):
        LIST.require(wish_of("python/simple/other/"))
    with pytest.raises(NotAllowed, match=r"but not its version 2\.0"):
        LIST.require(wish_of("python/files/lifelines/lifelines-2.0-py3-none-any.whl"))


def test_a_file_tells_its_name_and_version() -> None:
    assert named(Kind.PYTHON, "Zope_X-1.0+local-py3-none-any.whl") == ("zope-x", "1.0+local")
    assert named(Kind.CONDA, "r-base-4.4.1-h1_0.conda") == ("r-base", "4.4.1")
    assert named(Kind.R, "data.table_1.15.4.tar.gz") == ("data.table", "1.15.4")
