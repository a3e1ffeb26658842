"""The contents service by itself: what opens, what does not, and what the person is told."""

import base64
import io
import logging
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_server.services.contents.largefilemanager import LargeFileManager
from jupyter_server.services.contents.manager import ContentsManager
from tornado.web import HTTPError

from halftide_workspace.contents import SealedContents
from output_checker.model import Figures

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    (tmp_path / "secret.txt").write_text("SECRET")
    return tmp_path / "files"


@pytest.fixture
def contents(files: Path, tmp_path: Path) -> SealedContents:
    service = SealedContents(root_dir=str(files), private_dir=str(tmp_path / "private"))
    service.notary.db_file = ":memory:"
    return service


def refused(action: Any, status: int, *words: str) -> None:
    with pytest.raises(HTTPError) as refusal:
        action()
    assert refusal.value.status_code == status
    for word in words:
        assert word in refusal.value.log_message


def test_a_notebook_is_saved_opened_kept_and_restored(contents: SealedContents, files: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1", id="a")])
    contents.save({"type": "notebook", "content": notebook, "format": "json"}, "/work.ipynb")
    assert contents.get("work.ipynb")["content"]["cells"][0]["source"] == "1 + 1"
    checkpoint = contents.create_checkpoint("work.ipynb")
    contents.save({"type": "notebook", "content": nbformat.v4.new_notebook(), "format": "json"}, "work.ipynb")
    contents.restore_checkpoint(checkpoint["id"], "work.ipynb")
    assert contents.get("work.ipynb")["content"]["cells"]
    assert [path.name for path in files.iterdir()] == ["work.ipynb"], "checkpoints lie elsewhere"


def test_checkpoints_follow_moves_of_files_and_folders(contents: SealedContents) -> None:
    contents.save({"type": "directory"}, "sub")
    contents.save({"type": "file", "content": "one", "format": "text"}, "sub/a.txt")
    contents.create_checkpoint("sub/a.txt")
    contents.rename("sub", "moved")
    assert contents.list_checkpoints("moved/a.txt")
    contents.delete("moved")
    assert not contents.list_checkpoints("moved/a.txt")


def test_new_copy_rename_and_delete(contents: SealedContents, files: Path) -> None:
    assert contents.new_untitled(type="notebook")["path"] == "Untitled.ipynb"
    assert contents.new_untitled(type="directory")["type"] == "directory"
    (files / "big.parquet").write_bytes(b"PAR1\0\xff")
    assert contents.copy("big.parquet")["path"] == "big-Copy1.parquet"
    assert (files / "big-Copy1.parquet").read_bytes() == b"PAR1\0\xff"
    contents.update({"path": "small.parquet"}, "big.parquet")
    refused(lambda: contents.rename("small.parquet", "Untitled.ipynb"), 409, "nothing was replaced")
    contents.delete("small.parquet")
    assert [entry["name"] for entry in contents.get("")["content"]] == [
        "Untitled Folder", "Untitled.ipynb", "big-Copy1.parquet"]  # fmt: skip


def test_text_and_small_images_open_and_the_rest_does_not(contents: SealedContents, files: Path) -> None:
    (files / "a.csv").write_text("x\n1\n")
    (files / "a.png").write_bytes(PNG)
    (files / "fake.png").write_bytes(b"PAR1\0\xff")
    (files / "data.bin").write_bytes(b"\0\1\2\xff")
    (files / "utf16.txt").write_bytes("text".encode("utf-16"))
    assert contents.get("a.csv")["content"] == "x\n1\n"
    assert contents.get("a.png", format="base64")["format"] == "base64"
    for name in ("fake.png", "data.bin", "utf16.txt"):
        refused(lambda name=name: contents.get(name), 403, "neither text nor a small image", "release")
        refused(lambda name=name: contents.get(name, format="base64"), 403, "release")


@pytest.mark.attack
@pytest.mark.parametrize("content", [True, False])
def test_a_large_file_is_refused_and_so_is_its_hash(contents: SealedContents, files: Path, content: bool) -> None:
    (files / "large.csv").write_bytes(b"x" * (contents.text_bytes + 1))
    refused(lambda: contents.get("large.csv", content=content, require_hash=True), 413, "release")
    stock = LargeFileManager(root_dir=str(files))
    assert len(stock.get("large.csv")["content"]) > contents.text_bytes, "the control"


@pytest.mark.attack
def test_links_are_refused_with_a_reason(contents: SealedContents, files: Path) -> None:
    (files / "x.txt").symlink_to(files.parent / "secret.txt")
    (files / "up").symlink_to(files.parent)
    stock = LargeFileManager(root_dir=str(files))
    assert stock.get("x.txt")["content"] == "SECRET", "the control"
    refused(lambda: contents.get("x.txt"), 403, "link")
    refused(lambda: contents.get("up/secret.txt"), 403, "link")
    refused(lambda: contents.save({"type": "file", "content": "", "format": "text"}, "x.txt"), 403, "link")
    refused(lambda: contents.copy("x.txt", "y.txt"), 403, "link")
    refused(lambda: contents.create_checkpoint("x.txt"), 403, "link")
    assert not contents.dir_exists("up")
    listed = {entry["name"]: entry for entry in contents.get("")["content"]}
    assert listed["x.txt"]["writable"] is False
    assert listed["x.txt"]["size"] is None


def test_hidden_names_stay_hidden(contents: SealedContents, files: Path) -> None:
    (files / ".config").mkdir()
    (files / ".config" / "x.txt").write_text("x")
    assert contents.get("")["content"] == []
    refused(lambda: contents.get(".config/x.txt"), 404, "hidden")
    refused(lambda: contents.save({"type": "file", "content": "x", "format": "text"}, ".bashrc"), 404, "hidden")


PLOTLY = {"application/vnd.plotly.v1+json": {"data": [{"y": [4711]}]}, "text/html": "<script>4711</script>"}


def notebook_with(data: dict[str, Any]) -> Any:
    output = nbformat.v4.new_output("display_data", data=data, metadata={"x": "4711"})
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("fig", id="a", outputs=[output])])


@pytest.mark.attack
def test_a_saved_notebook_is_no_way_round_the_window(contents: SealedContents, files: Path) -> None:
    nbformat.write(notebook_with(PLOTLY), files / "figure.ipynb")
    opened = contents.get("figure.ipynb")["content"]
    assert "4711" not in nbformat.writes(opened)
    assert "Run the cell again" in nbformat.writes(opened)
    markdown = nbformat.v4.new_markdown_cell("x", id="b", attachments={"a": {"application/javascript": "4711"}})
    nbformat.write(nbformat.v4.new_notebook(cells=[markdown]), files / "attached.ipynb")
    assert "4711" not in nbformat.writes(contents.get("attached.ipynb")["content"])
    contents.figures = Figures.INTERACTIVE
    assert "4711" in nbformat.writes(contents.get("figure.ipynb")["content"]), "the control"


def test_a_saved_notebook_keeps_what_is_harmless(contents: SealedContents, files: Path) -> None:
    harmless = {"text/plain": "a", "text/html": "<table><tbody><tr><td>1</td></tr></tbody></table>"}
    harmless["image/png"] = base64.b64encode(PNG).decode()
    nbformat.write(notebook_with(harmless), files / "fine.ipynb")
    assert contents.get("fine.ipynb")["content"]["cells"][0]["outputs"][0]["data"] == harmless


def test_a_notebook_that_is_none_says_so(contents: SealedContents, files: Path) -> None:
    (files / "bad.ipynb").write_text("{}{")
    refused(lambda: contents.get("bad.ipynb"), 400, "not a notebook")
    assert contents.get("bad.ipynb", type="file")["content"] == "{}{"


def test_a_large_upload_arrives_in_pieces(contents: SealedContents, files: Path) -> None:
    for chunk, text in ((1, "one "), (2, "two "), (-1, "three")):
        piece = base64.b64encode(text.encode()).decode()
        contents.save({"type": "file", "format": "base64", "content": piece, "chunk": chunk}, "up.txt")
    assert (files / "up.txt").read_text() == "one two three"


def test_there_is_no_files_route(contents: SealedContents) -> None:
    contents.files_handler_class = None
    assert contents.get_extra_handlers() == []


@pytest.mark.attack
def test_no_event_names_a_file(contents: SealedContents, files: Path) -> None:
    """The control is the same event, told in the way of jupyter_server's own contents manager."""
    contents.event_logger.register_handler(logging.StreamHandler(told := io.StringIO()))
    (files / "secret.txt").write_text("x")
    contents.rename("secret.txt", "secret-2.txt")
    contents.delete("secret-2.txt")
    assert "secret" not in told.getvalue()
    ContentsManager.emit(contents, {"action": "delete", "path": "secret-2.txt"})
    assert "secret" in told.getvalue()
