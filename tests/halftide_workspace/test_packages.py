"""Packages from inside, as a researcher meets them: a real kernel, server, portal and mirror."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from output_checker.desk import packages, people
from output_checker.desk.packages import State
from output_checker.desk.views import Person
from tests.halftide_workspace.servers import Kernel, Terminal
from tests.halftide_workspace.sites import PackageSite, package_site
from tests.mirror.outside import Page, sdist


@pytest.fixture(scope="module")
def site() -> Iterator[PackageSite]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-packages-"))
    with package_site(folder) as made:
        yield made
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kernel(site: PackageSite) -> Iterator[Kernel]:
    kernel = Kernel(site.workspace)
    yield kernel
    kernel.close()


def fetched(kernel: Kernel, path: str) -> str:
    """What a client in the kernel gets from the proxy: the status and the content."""
    code = (
        "import urllib.request, urllib.error, gzip\n"
        f"try: answer = urllib.request.urlopen('http://127.0.0.1:8070{path}')\n"
        "except urllib.error.HTTPError as error: answer = error\n"
        "data = answer.read()\n"
        "print(answer.status, (gzip.decompress(data) if data[:2] == b'\\x1f\\x8b' else data).decode(errors='replace'))"
    )
    return kernel.run(code)


def test_an_allowed_package_is_installed_with_what_it_needs_and_can_be_imported(
    site: PackageSite, kernel: Kernel
) -> None:
    site.mirror.add_python("ebb", "1.0", needs=("flow-core>=1",))
    site.mirror.add_python("ebb", "2.0")
    site.mirror.add_python("flow-core", "1.5")
    site.allow("ebb", "<2")
    site.allow("flow_core")
    said = kernel.run("%pip install ebb")
    assert "Successfully installed ebb-1.0 flow-core-1.5" in said, said
    assert "1.0 1.5" in kernel.run("import ebb, flow_core; print(ebb.version, flow_core.version)")
    assert "Halftide:" not in said
    told = {use.wish: use.outcome for use in packages.uses(site.desk, _admin(site))}
    assert told["python/files/ebb/ebb-1.0-py3-none-any.whl"] == "served"


def test_it_is_there_for_the_next_kernel_and_for_a_terminal(site: PackageSite, kernel: Kernel) -> None:
    site.mirror.add_python("keel", "1.0")
    site.allow("keel")
    kernel.run("%pip install keel")
    second, terminal = Kernel(site.workspace), Terminal(site.workspace)
    try:
        assert "'1.0'" in second.run("import keel; print(repr(keel.version))")
        assert "/workspace/.packages" in terminal.run("python -c 'import keel; print(keel.__file__)'")
        assert "Found existing installation: keel 1.0" in terminal.run("pip uninstall -y keel")
    finally:
        second.close()
        terminal.close()


def test_a_newer_version_comes_before_that_of_the_analysis_environment(site: PackageSite, kernel: Kernel) -> None:
    site.mirror.add_python("tabulate", "99.0")
    site.allow("tabulate")
    assert "Successfully installed tabulate-99.0" in kernel.run("%pip install --upgrade --no-deps tabulate")
    assert "99.0" in kernel.run("!python -c 'import tabulate; print(tabulate.version)'")
    kernel.run("%pip uninstall -y tabulate")
    assert "/.venv-analysis/" in kernel.run("!python -c 'import tabulate; print(tabulate.__file__)'")


def test_a_source_distribution_is_built_inside(site: PackageSite, kernel: Kernel) -> None:
    file, data = sdist("anchor", "0.3")
    site.mirror.add_python_file("anchor", file, data, hashlib.sha256(data).hexdigest())
    site.allow("anchor")
    assert "Successfully installed anchor-0.3" in kernel.run("%pip install anchor")


def test_a_package_that_is_not_allowed_is_told_in_a_sentence_and_can_be_asked_for(
    site: PackageSite, kernel: Kernel
) -> None:
    site.mirror.add_python("wreck", "1.0")
    said = kernel.run("%pip install wreck")
    assert "Halftide: “wreck” is not on this project's list of packages. Ask for it." in said
    assert "packages?kind=python&name=wreck" in said
    assert len(said.splitlines()) < 12, "a sentence, not a wall of text"
    assert not [path for path in site.mirror.paths if "wreck" in path]
    refused = site.workspace.ask("halftide/packages/refused").json["refused"]
    assert [(one["kind"], one["name"]) for one in refused if one["name"] == "wreck"] == [("python", "wreck")]
    question = {"kind": "python", "name": "wreck"}
    asked = site.workspace.ask("halftide/packages", "POST", question)
    assert (asked.status, asked.json["state"]) == (201, "asked")
    assert site.workspace.ask("halftide/packages", "POST", question).json["id"] == asked.json["id"]
    packages.approve(site.desk, _admin(site), asked.json["id"])
    listed = site.workspace.ask("halftide/packages").json["packages"]
    assert [one["state"] for one in listed if one["name"] == "wreck"] == [State.ALLOWED]
    assert "Successfully installed wreck-1.0" in kernel.run("%pip install wreck"), "the control: it was not reached"
    assert [path for path in site.mirror.paths if "wreck" in path]


def test_conda_is_given_an_index_of_what_is_allowed_and_the_files(site: PackageSite, kernel: Kernel) -> None:
    allowed = site.mirror.add_conda("lightship", "4.5.0", b"conda bytes")
    later = site.mirror.add_conda("lightship", "5.0.0", b"later")
    other = site.mirror.add_conda("smuggler", "1.0", b"other")
    site.allow("lightship", "<5", kind="conda")
    index = fetched(kernel, "/conda/conda-forge/noarch/repodata.json")
    assert index.startswith("200 ")
    assert allowed in index
    assert later not in index
    assert other not in index
    assert "elsewhere.example" not in index
    assert fetched(kernel, f"/conda/conda-forge/noarch/{allowed}") == "200 conda bytes\n"
    for file in (later, other):
        assert fetched(kernel, f"/conda/conda-forge/noarch/{file}").startswith("403 ")
        assert f"/channel/noarch/{file}" not in site.mirror.paths
    for name in ("current_repodata.json", "repodata.json.zst", "repodata.json.bz2"):
        assert fetched(kernel, f"/conda/conda-forge/noarch/{name}").startswith("404 ")
    assert fetched(kernel, "/conda/conda-forge/linux-64/repodata.json").startswith("404 "), "a mirror without it"


def test_r_is_given_an_index_of_what_is_allowed_and_the_files(site: PackageSite, kernel: Kernel) -> None:
    allowed = site.mirror.add_r("survey", "4.2-1", b"r bytes")
    other = site.mirror.add_r("sextant", "1.0", b"other")
    site.allow("survey", kind="r")
    for name in ("PACKAGES", "PACKAGES.gz"):
        index = fetched(kernel, f"/r/src/contrib/{name}")
        assert "Package: survey\nVersion: 4.2-1\nImports: methods,\n    stats" in index
        assert "sextant" not in index
    assert fetched(kernel, f"/r/src/contrib/{allowed}") == "200 r bytes\n"
    assert fetched(kernel, f"/r/src/contrib/{other}").startswith("403 ")
    assert f"/cran/src/contrib/{other}" not in site.mirror.paths
    assert fetched(kernel, "/r/src/contrib/PACKAGES.rds").startswith("404 ")


def test_clients_are_told_where_to_look(kernel: Kernel) -> None:
    told = kernel.run("import os; print({n: v for n, v in os.environ.items() if '8070' in v})")
    for name in ("PIP_INDEX_URL", "CONDA_CHANNEL_ALIAS", "CONDA_DEFAULT_CHANNELS"):
        assert name in told
    assert "8070/r" in kernel.run("print(open(os.environ['R_PROFILE']).read())")


def test_a_mirror_that_fails_is_a_sentence_and_not_a_wait(site: PackageSite, kernel: Kernel) -> None:
    site.mirror.pages["/simple/storm/"] = Page(status=500)
    site.allow("storm")
    assert fetched(kernel, "/python/simple/storm/").startswith("502 The site's package mirror answered with HTTP 500")


def test_the_door_is_interrupted_by_nobody(site: PackageSite, kernel: Kernel) -> None:
    site.workspace.ask(f"api/kernels/{kernel.id}/interrupt", "POST")
    assert fetched(kernel, "/python/simple/").startswith("200 ")


def _admin(site: PackageSite) -> Person:
    found = people.find(site.desk, "admin")
    assert found is not None
    return found
