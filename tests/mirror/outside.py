"""The world outside for tests of packages: a site's mirror on loopback that keeps what it was asked; real wheels."""

import base64
import hashlib
import io
import json
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Asked:
    """A request that reached the mirror."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass
class Page:
    """What the mirror answers to a path."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Mirror:
    """A running mirror: pages by path, and everything it was asked."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The paths that it was asked for."""
        return [asked.path for asked in self.asked]

    def add_python(self, name: str, version: str, code: str = "", *, needs: tuple[str, ...] = ()) -> str:
        """Offer a wheel; gives its path."""
        file, data = wheel(name, version, code, needs)
        return self.add_python_file(name, file, data, hashlib.sha256(data).hexdigest())

    def add_python_file(self, name: str, file: str, data: bytes, digest: str) -> str:
        """Offer these bytes as a file of a project, with this hash."""
        link = f'<a href="../../files/{file}#sha256={digest}">{file}</a>\n'.encode()
        page = self.pages.setdefault(f"/simple/{name}/", Page(headers={"Content-Type": "text/html"}))
        page.body += link
        self.pages[f"/files/{file}"] = Page(data)
        return f"/files/{file}"

    def add_conda(self, name: str, version: str, data: bytes, place: str = "noarch", digest: str = "") -> str:
        """Offer a conda package; gives its file's name."""
        file = f"{name}-{version}-0.conda"
        page = self.pages.setdefault(f"/channel/{place}/repodata.json", Page(b"{}"))
        index = json.loads(page.body) or {"info": {"base_url": "http://elsewhere.example"}, "packages.conda": {}}
        record = {"name": name, "version": version, "build": "0", "build_number": 0, "depends": []}
        index["packages.conda"][file] = record | {"sha256": digest or hashlib.sha256(data).hexdigest()}
        page.body = json.dumps(index).encode()
        self.pages[f"/channel/{place}/{file}"] = Page(data)
        return file

    def add_r(self, name: str, version: str, data: bytes) -> str:
        """Offer an R source package; gives its file's name."""
        digest = hashlib.md5(data, usedforsecurity=False).hexdigest()
        page = self.pages.setdefault("/cran/src/contrib/PACKAGES", Page())
        page.body += f"Package: {name}\nVersion: {version}\nImports: methods,\n    stats\nMD5sum: {digest}\n\n".encode()
        self.pages[f"/cran/src/contrib/{name}_{version}.tar.gz"] = Page(data)
        return f"{name}_{version}.tar.gz"


class _Handler(BaseHTTPRequestHandler):
    mirror: Mirror

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.mirror.asked.append(Asked(self.command, self.path, dict(self.headers), body))
        page = self.mirror.pages.get(self.path, Page(status=404))
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(page.body)

    do_GET = do_POST = do_HEAD = do_PUT = _answer  # noqa: N815 - the standard library's names

    def log_message(self, *_: Any) -> None:
        """Quiet."""


@contextmanager
def mirror() -> Iterator[Mirror]:
    """A mirror that answers for as long as the block lasts."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    handler.mirror = made = Mirror(server.server_port)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def wheel(name: str, version: str, code: str = "", needs: tuple[str, ...] = ()) -> tuple[str, bytes]:
    """A real wheel with one module: its file name and its bytes."""
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    files = {
        f"{module}.py": code or f"version = {version!r}\n",
        f"{info}/METADATA": "\n".join(
            ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {n}" for n in needs)]
        ),
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_record_hash(text)},{len(text.encode())}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return f"{module}-{version}-py3-none-any.whl", packed.getvalue()


def sdist(name: str, version: str) -> tuple[str, bytes]:
    """A source distribution that builds itself without any build tool (a backend in the tree)."""
    module = name.replace("-", "_")
    file, built = wheel(name, version)
    project = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    backend = (
        "import base64, pathlib\n"
        f"WHEEL = {base64.b64encode(built).decode()!r}\n"
        "def build_wheel(folder, config_settings=None, metadata_directory=None):\n"
        f"    pathlib.Path(folder, {file!r}).write_bytes(base64.b64decode(WHEEL))\n"
        f"    return {file!r}\n"
    )
    texts = {
        "pyproject.toml": project,
        "backend.py": backend,
        "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
    }
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for path, text in texts.items():
            member = tarfile.TarInfo(f"{module}-{version}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return f"{module}-{version}.tar.gz", packed.getvalue()


def _record_hash(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
