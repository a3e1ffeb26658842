"""From the browser's side: every route by which a stock Jupyter hands out a file, with a session that is allowed in.

The control of each is the same request to a stock JupyterLab over the same files, which answers with the secret.
"""

import shutil
from collections.abc import Iterator

import pytest

from tests.attacks.browser.stock import BINARY, SECRET, Stock, fill, plant, stock_lab
from tests.system.conftest import halftide
from tests.system.running import Halftide, Visitor

__all__ = ["halftide"]
pytestmark = [pytest.mark.attack, pytest.mark.system]

ROUTES = [
    "files/secret.csv",
    "files/secret.csv?download=1",
    "files/notes/..%2fsecret.csv",
    "view/secret.html",
    "nbconvert/html/secret.ipynb",
    "nbconvert/html/secret.ipynb?download=true",
    "nbconvert/script/secret.ipynb",
    "nbconvert/notebook/secret.ipynb",
    "api/contents/secret.bin?format=base64&content=1",
    "api/contents/link.csv?content=1",
    "kernelspecs/planted/secret.csv",
    "lab/extensions/planted/secret.csv",
    "api/config/planted",
    "lab/api/licenses/?full_text=1",
    "metrics",
    "api/spec.yaml",
]
NO_FILE = {
    "files/notes/..%2fsecret.csv",
    "view/secret.html",
    "lab/api/licenses/?full_text=1",
    "metrics",
    "api/spec.yaml",
}
"""Routes that give something else than a file's content in a stock server: that they are refused is enough."""


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stock]:
    """A stock JupyterLab over the same files."""
    with stock_lab(tmp_path_factory.mktemp("stock")) as running:
        yield running


@pytest.fixture(scope="module")
def insider(halftide: Halftide) -> Visitor:
    """The researcher with a session in a workspace whose files hold the secret."""
    visitor = halftide.visitor("researcher")
    answer = visitor.start_workspace("researcher", "rand-hie")
    assert "/user/researcher/rand-hie/" in answer.url, answer.text[-500:]
    (workspace,) = halftide.state.glob("projects/*/*/workspace")
    shutil.rmtree(workspace / "results", ignore_errors=True)
    fill(workspace)
    plant(workspace)
    return visitor


@pytest.mark.parametrize("route", ROUTES)
def test_no_route_gives_a_file(route: str, halftide: Halftide, insider: Visitor, stock: Stock) -> None:
    answer = insider.ask(halftide.workspace("researcher", "rand-hie") + route)
    assert SECRET not in answer.text
    assert answer.status in {400, 403, 404}
    if route in NO_FILE:
        return
    told = stock.ask(route)
    assert SECRET in told or BINARY.decode() in told, "the control: a stock server gives it out"


def test_the_refusal_says_how_to_get_it_out(halftide: Halftide, insider: Visitor) -> None:
    answer = insider.ask(halftide.workspace("researcher", "rand-hie") + "files/secret.csv")
    assert answer.status == 403
    assert "release" in answer.text.lower()


def test_the_workspace_itself_works(halftide: Halftide, insider: Visitor) -> None:
    """The control of the refusals: with the same session, what a notebook needs is there."""
    space = halftide.workspace("researcher", "rand-hie")
    assert insider.ask(space + "lab").status == 200
    assert SECRET in insider.ask(space + "api/contents/secret.csv?content=1").text


def test_somebody_elses_workspace_is_refused(halftide: Halftide, insider: Visitor) -> None:
    stranger = halftide.visitor("checker1")
    address = halftide.workspace("researcher", "rand-hie") + "api/contents"
    assert insider.ask(address).status == 200, "the control: its owner may"
    answer = stranger.ask(address)
    assert "secret.csv" not in answer.text
    assert answer.status in {403, 404}
