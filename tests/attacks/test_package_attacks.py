"""Attacks by way of the package proxy: from a kernel towards the mirror, and from the mirror towards us.

An attack succeeds when the mirror hears the word that the kernel wants to tell it, or when what a hostile mirror sends
is taken. Its control is the same attack with the proxy out of the way.
"""

import base64
import hashlib
import json
import secrets
import shutil
import socket
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import pytest

from output_checker.desk.context import utc_now
from output_checker.mirror.library import Library
from output_checker.mirror.source import Source
from output_checker.model import HalftideError
from output_checker.rules.packages import Allowed, Kind, PackageList, wish_of
from tests.halftide_workspace.servers import Kernel
from tests.halftide_workspace.sites import PackageSite, package_site
from tests.mirror.outside import Mirror, Page, mirror, wheel

pytestmark = pytest.mark.attack

WORD = "w" + secrets.token_hex(6)
"""What the kernel wants to tell the mirror; it is a name that a package could have."""
TOLD = base64.b64encode(WORD.encode()).decode()

HOST = "Host: 127.0.0.1"
PAGE = "/python/simple/tidal/"
FILE = "/python/files/tidal/tidal-1.0-py3-none-any.whl"


def get(path: str, *lines: str) -> bytes:
    """A request with further header lines."""
    return "\r\n".join([f"GET {path} HTTP/1.1", HOST, "Connection: close", *lines, "", ""]).encode()


def send(method: str, path: str, body: str = "", *lines: str) -> bytes:
    """A request with a body."""
    head = [f"{method} {path} HTTP/1.1", HOST, "Connection: close", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join([*head, "", body]).encode()


CHUNKED = f"GET {PAGE} HTTP/1.1\r\n{HOST}\r\nTransfer-Encoding: chunked\r\n\r\n"
ATTACKS: dict[str, bytes] = {
    # a name, a version, a path that carries the word
    "a name that is not listed": get(f"/python/simple/{WORD}/"),
    "a listed name with more": get(f"/python/simple/tidal-{WORD}/"),
    "a file of a name that is not listed": get(f"/python/files/{WORD}/{WORD}-1.0-py3-none-any.whl"),
    "a file of another name": get(f"/python/files/tidal/{WORD}-1.0-py3-none-any.whl"),
    "a version that does not exist": get(f"/python/files/tidal/tidal-1.0+{WORD}-py3-none-any.whl"),
    "a build tag": get(f"/python/files/tidal/tidal-1.0-1{WORD}-py3-none-any.whl"),
    "a platform tag": get(f"/python/files/tidal/tidal-1.0-py3-none-{WORD}.whl"),
    "a source distribution that does not exist": get(f"/python/files/tidal/tidal-1.0+{WORD}.tar.gz"),
    "metadata beside a file": get(f"{FILE}.metadata.{WORD}"),
    "a JSON API": get(f"/python/pypi/{WORD}/json"),
    "a search": get(f"/python/search/{WORD}"),
    "a conda channel": get(f"/conda/{WORD}/noarch/repodata.json"),
    "a conda platform": get(f"/conda/site/{WORD}/repodata.json"),
    "a conda label": get(f"/conda/site/label/{WORD}/noarch/repodata.json"),
    "a conda file": get(f"/conda/site/noarch/{WORD}-1.0-0.conda"),
    "a conda build": get(f"/conda/site/noarch/light-1.0-{WORD}.conda"),
    "an R file": get(f"/r/src/contrib/{WORD}_1.0.tar.gz"),
    "an R version": get(f"/r/src/contrib/survey_1.0.{WORD}.tar.gz"),
    "an R archive": get(f"/r/src/contrib/Archive/survey/{WORD}.tar.gz"),
    "an R folder": get(f"/r/bin/{WORD}/PACKAGES"),
    # a way around the path
    "a query": get(f"{PAGE}?{WORD}"),
    "a query on a file": get(f"{FILE}?{WORD}=1"),
    "an encoded query": get(f"{PAGE}%3F{WORD}"),
    "a fragment": get(f"{PAGE}#{WORD}"),
    "an encoded fragment": get(f"{FILE}%23{WORD}"),
    "parameters": get(f"{PAGE};{WORD}"),
    "the way up": get(f"{PAGE}../../../{WORD}"),
    "the way up, encoded": get(f"{PAGE}%2e%2e/%2e%2e/{WORD}"),
    "the way up, encoded whole": get(f"{PAGE}..%2f..%2f{WORD}"),
    "the way up, encoded twice": get(f"{PAGE}%252e%252e%252f{WORD}"),
    "the way up with backslashes": get(f"{PAGE}..\\..\\{WORD}"),
    "dots in a name": get(f"/python/simple/tidal/./{WORD}/"),
    "two slashes": get(f"//{WORD}/simple/tidal/"),
    "two slashes within": get(f"/python/simple//{WORD}/"),
    "an absolute address": get(f"http://127.0.0.1/{WORD}"),
    "another host's absolute address": get(f"http://{WORD}.example/python/simple/tidal/"),
    "a line end in the path": get(f"{PAGE}%0d%0aX-Word:%20{WORD}"),
    "a null byte": get(f"{PAGE}%00{WORD}"),
    "a unicode name": get(f"/python/simple/tidal%C2%AD{WORD}/"),
    "a user in the path": get(f"/{WORD}@127.0.0.1/simple/"),
    "a very long name": get(f"/python/simple/{'a' * 3000}{WORD}/"),
    # headers
    "a header": get(PAGE, f"X-Word: {WORD}"),
    "the client's name": get(PAGE, f"User-Agent: pip/{WORD}"),
    "a cookie": get(PAGE, f"Cookie: {WORD}=1"),
    "a referer": get(PAGE, f"Referer: http://{WORD}.example/"),
    "a language": get(PAGE, f"Accept-Language: {WORD}"),
    "an accepted type": get(PAGE, f"Accept: application/{WORD}"),
    "a credential": get(PAGE, f"Authorization: Basic {TOLD}"),
    "a forwarded host": get(PAGE, f"X-Forwarded-Host: {WORD}"),
    "a host": f"GET {PAGE} HTTP/1.1\r\nHost: {WORD}\r\nConnection: close\r\n\r\n".encode(),
    "a range": get(FILE, f"Range: {WORD}=0-1"),
    "a tag that one has": get(PAGE, f'If-None-Match: "{WORD}"'),
    "a header over two lines": get(PAGE, "X-Word: a", f"\t{WORD}"),
    "a very long header": get(PAGE, f"X-Word: {WORD * 2000}"),
    # methods and bodies
    "a POST": send("POST", PAGE, WORD),
    "a PUT": send("PUT", f"/{WORD}", WORD),
    "a DELETE": send("DELETE", f"/{WORD}"),
    "an OPTIONS": send("OPTIONS", f"/{WORD}"),
    "a TRACE": send("TRACE", f"/{WORD}"),
    "a PROPFIND": send("PROPFIND", f"/{WORD}"),
    "a HEAD": send("HEAD", f"/python/simple/{WORD}/"),
    "a CONNECT": send("CONNECT", f"{WORD}.example:443"),
    "another method by header": get(PAGE, "X-HTTP-Method-Override: POST", f"X-Body: {WORD}"),
    "a GET with a body": send("GET", PAGE, WORD),
    "a GET with a chunked body": f"{CHUNKED}{len(WORD):x}\r\n{WORD}\r\n0\r\n\r\n".encode(),
    "a request within a body": send("GET", PAGE, f"GET /python/simple/{WORD}/ HTTP/1.1\r\n{HOST}\r\n\r\n"),
    "two lengths": send("GET", PAGE, WORD, "Content-Length: 0"),
    "a length and chunks": send("GET", PAGE, f"0\r\n\r\nGET /{WORD} HTTP/1.1\r\n\r\n", "Transfer-Encoding: chunked"),
    "two requests at once": get(PAGE).replace(b"close", b"keep-alive") + get(f"/python/simple/{WORD}/"),
    "the old protocol": f"GET /{WORD}\r\n\r\n".encode(),
    "another protocol": f"{WORD} {PAGE} HTTP/9.9\r\n{HOST}\r\n\r\n".encode(),
    "an upgrade": get(PAGE, "Upgrade: websocket", "Connection: Upgrade", f"Sec-WebSocket-Protocol: {WORD}"),
}
"""What a kernel sends to the proxy in order to be heard by the mirror."""


@dataclass
class Tally:
    """What the suite counted."""

    cases: int = 0
    succeeded: int = 0
    controls: int = 0
    wanted: int = 0
    failed: list[str] = field(default_factory=list)

    def count(self, name: str, *, attack: bool, control: bool) -> None:
        """One case: whether the attack succeeded, and whether its control did."""
        self.cases, self.wanted = self.cases + 1, self.wanted + 1
        self.succeeded, self.controls = self.succeeded + attack, self.controls + control
        if attack or not control:
            self.failed.append(f"{name}: attack {attack}, control {control}")


@pytest.fixture(scope="module")
def tally() -> Iterator[Tally]:
    counted = Tally()
    yield counted
    print(
        f"\nattacks packages: cases={counted.cases} succeeded={counted.succeeded} "
        f"controls={counted.controls}/{counted.wanted}"
    )


@pytest.fixture(scope="module")
def site() -> Iterator[PackageSite]:
    folder = Path(tempfile.mkdtemp(prefix="halftide-packages-"))
    with package_site(folder) as made:
        made.mirror.add_python("tidal", "1.0")
        made.mirror.add_conda("light", "1.0", b"light")
        made.mirror.add_r("survey", "1.0", b"survey")
        made.allow("tidal")
        made.allow("light", kind="conda")
        made.allow("survey", kind="r")
        yield made
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def kernel(site: PackageSite) -> Iterator[Kernel]:
    kernel = Kernel(site.workspace)
    yield kernel
    kernel.close()


SENDER = """
import base64, json, socket
def tell(packed):
    with socket.create_connection(("127.0.0.1", 8070), 20) as connection:
        connection.sendall(base64.b64decode(packed))
        connection.settimeout(20)
        got = b""
        try:
            while piece := connection.recv(65536):
                got += piece
                if b"\\r\\n\\r\\n" in got:
                    connection.settimeout(0.3)
        except OSError:
            pass
    return got.split(b"\\r\\n", 1)[0].decode(errors="replace")
"""


class _Ear:
    """Whatever is heard on a port, as it was sent: the mirror when nobody stands in front of it."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.heard = b""

    def hear(self, sent: bytes) -> bool:
        """Whether the word arrives when these bytes are sent here."""
        thread = threading.Thread(target=self._listen)
        thread.start()
        with socket.create_connection(self.listener.getsockname()) as connection:
            connection.sendall(sent)
        thread.join()
        return carries_word(self.heard)

    def _listen(self) -> None:
        self.heard = b""
        peer, _ = self.listener.accept()
        with peer:
            while piece := peer.recv(65536):
                self.heard += piece


def carries_word(data: bytes) -> bool:
    """Whether the word can be read from these bytes."""
    return WORD.encode() in data.lower() or TOLD.encode() in data


def heard_by(outside: Mirror) -> str:
    """All that the mirror was asked, as text."""
    return json.dumps([[one.method, one.path, dict(one.headers), one.body.decode("latin-1")] for one in outside.asked])


def test_nothing_that_a_kernel_says_reaches_the_mirror(site: PackageSite, kernel: Kernel, tally: Tally) -> None:
    kernel.run(SENDER)
    ear, reached = _Ear(), 0
    for name, sent in ATTACKS.items():
        shutil.rmtree(site.desk.state_dir / "portal" / "packages", ignore_errors=True)  # so that the mirror is needed
        site.mirror.asked.clear()
        kernel.run(f"print(tell({base64.b64encode(sent).decode()!r}))")
        tally.count(name, attack=carries_word(heard_by(site.mirror).encode()), control=ear.hear(sent))
        reached += bool(site.mirror.asked)
    ear.listener.close()
    assert not tally.failed
    assert reached > 20, "the mirror was asked on behalf of many of them, and heard nothing of the word"
    assert "200" in kernel.run(f"print(tell({base64.b64encode(get(PAGE)).decode()!r}))"), "the proxy is still there"


def test_asking_again_and_again_tells_the_mirror_nothing_more(
    site: PackageSite, kernel: Kernel, tally: Tally, tmp_path: Path
) -> None:
    """Morse code by repetition: each question reaches the mirror once, its failures too."""
    kernel.run(SENDER)
    site.mirror.pages["/simple/gone/"] = Page(status=404)
    site.allow("gone")
    paths = [PAGE, FILE, "/python/simple/gone/", "/conda/a/noarch/repodata.json", "/conda/b/noarch/repodata.json"]
    asked = [base64.b64encode(get(path)).decode() for path in paths]
    kernel.run(f"for packed in {asked!r}: tell(packed)")
    site.mirror.asked.clear()
    kernel.run(f"for packed in {asked!r} * 4: tell(packed)")
    repeated = len(site.mirror.asked)
    source = Source(f"{site.mirror.address}/simple")
    for _ in range(4):
        source.read("tidal/", 1000)
    tally.count("repetition", attack=repeated > 0, control=len(site.mirror.asked) == repeated + 4)
    assert not tally.failed


# --- from the mirror --------------------------------------------------------------------------------------------------

NAME, GOOD = wheel("tidal", "1.0")
DIGEST = hashlib.sha256(GOOD).hexdigest()


def link(href: str, digest: str = DIGEST) -> Page:
    """A project's page with one link."""
    return Page(f'<a href="{href}#sha256={digest}">{NAME}</a>'.encode(), headers={"Content-Type": "text/html"})


def hostile_pages(here: str, elsewhere: str) -> dict[str, dict[str, Page]]:
    """What a hostile mirror offers as tidal 1.0, by attack; the control takes it as a careless client does."""
    away = Page(status=302, headers={"Location": f"{elsewhere}/files/{NAME}"})
    file = {f"/files/{NAME}": Page(GOOD)}
    return {
        "an index that redirects": {"/simple/tidal/": Page(status=301, headers={"Location": f"{elsewhere}/simple/"})},
        "a file that redirects": {"/simple/tidal/": link(f"../../files/{NAME}"), f"/files/{NAME}": away},
        "a link to another host": {"/simple/tidal/": link(f"{elsewhere}/files/{NAME}")},
        "a link without a scheme": {"/simple/tidal/": link(f"//{elsewhere.partition('//')[2]}/files/{NAME}")},
        "a link with a user in it": {"/simple/tidal/": link(f"{elsewhere.replace('//', '//x@')}/files/{NAME}")},
        "other bytes than the hash says": {"/simple/tidal/": link(f"{here}/files/{NAME}", "0" * 64), **file},
        "no hash": {"/simple/tidal/": link(f"{here}/files/{NAME}", ""), **file},
        "a weak hash": {
            "/simple/tidal/": Page(f'<a href="{here}/files/{NAME}#md5={"0" * 32}">{NAME}</a>'.encode()),
            **file,
        },
        "a link above the mirror": {
            "/simple/tidal/": link(f"{here}/simple/%2e%2e/files/{NAME}"),
            f"/simple/%2e%2e/files/{NAME}": Page(GOOD),
        },
        "a file in an encoding of its own": {
            "/simple/tidal/": link(f"{here}/files/{NAME}"),
            f"/files/{NAME}": Page(GOOD, headers={"Content-Encoding": "br"}),
        },
        "an error with content": {
            "/simple/tidal/": link(f"{here}/files/{NAME}"),
            f"/files/{NAME}": Page(GOOD, status=203),
        },
    }


def careless(address: str) -> bytes:
    """What a client takes that follows the first link wherever it leads and compares nothing."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"{address}/simple/tidal/") as page:
        text, base = page.read().decode(), page.url
    href = text.partition('href="')[2].partition("#")[0].partition('"')[0] if "href" in text else base
    url = urljoin(base, href).replace("//x@", "//")
    with opener.open(url) as file:
        return bytes(file.read())


def test_what_a_hostile_mirror_sends_is_not_taken(tally: Tally, tmp_path: Path) -> None:
    listed = PackageList((Allowed(Kind.PYTHON, "tidal"),))
    with mirror() as outside, mirror() as other:
        other.pages |= {f"/files/{NAME}": Page(GOOD), "/simple/": link(f"../files/{NAME}")}
        for name, pages in hostile_pages(outside.address, other.address).items():
            outside.pages, other.asked[:] = pages, []
            library = Library(
                {Kind.PYTHON: Source(f"{outside.address}/simple")}, tmp_path / name.replace(" ", "-"), utc_now
            )
            try:
                with library.serve(wish_of(f"python/files/tidal/{NAME}"), listed) as served:
                    taken = bool(served.file.read())
            except HalftideError:
                taken = False
            attack = taken or bool(other.asked)
            tally.count(name, attack=attack, control=careless(outside.address) == GOOD)
    assert not tally.failed


def test_a_mirror_that_never_ends_is_cut_off(tally: Tally) -> None:
    with mirror() as outside:
        outside.pages["/simple/tidal/"] = Page(b"x" * 300_000)
        source = Source(f"{outside.address}/simple")
        try:
            attack = bool(source.read("tidal/", 200_000))
        except HalftideError:
            attack = False
        tally.count("a page without end", attack=attack, control=len(source.read("tidal/", 400_000)) == 300_000)
    assert not tally.failed


def test_a_kept_file_that_was_changed_is_not_handed_out(tally: Tally, tmp_path: Path) -> None:
    listed = PackageList((Allowed(Kind.PYTHON, "tidal"),))
    with mirror() as outside:
        outside.pages = {"/simple/tidal/": link(f"../../files/{NAME}"), f"/files/{NAME}": Page(GOOD)}
        library = Library({Kind.PYTHON: Source(f"{outside.address}/simple")}, tmp_path, utc_now)
        wish = wish_of(f"python/files/tidal/{NAME}")
        with library.serve(wish, listed) as served:
            assert served.file.read() == GOOD
    kept = next(path for path in (tmp_path / "files").rglob("*") if path.is_file())
    kept.chmod(0o600)
    kept.write_bytes(b"changed")
    try:
        with library.serve(wish, listed) as served:
            attack = served.file.read() != GOOD
    except HalftideError:
        attack = False
    tally.count("a changed file on disk", attack=attack, control=kept.read_bytes() == b"changed")
    assert not tally.failed
