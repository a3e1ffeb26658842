"""The files of the workspace as the browser sees them: notebooks, text and small images, and nothing else.

Promises: every file is used through ``Folder``, so a link leads nowhere; a file that is too large or of another kind is
refused with a text that says how to ask for a release; a notebook's outputs are filtered as a kernel's are; a save is
all or nothing. What is opened is counted where all answers are (``answers``). Never serves raw bytes: there is no files
handler.
"""

# jupyter_server's and nbformat's functions are untyped
# mypy: disable-error-code="no-untyped-call"
import base64
import binascii
import hashlib
import mimetypes
import stat
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

import nbformat
from jupyter_server.services.contents.checkpoints import Checkpoints
from jupyter_server.services.contents.manager import ContentsManager, copy_pat
from tornado.web import HTTPError
from traitlets import Instance, Integer, Unicode, default

from halftide_workspace.folder import TEMPORARY, Folder
from halftide_workspace.meter import ASK
from halftide_workspace.saved import show_less
from output_checker.model import Figures
from output_checker.model.errors import (
    BadInput,
    Broken,
    Conflict,
    HalftideError,
    NotAllowed,
    NotFound,
)

Model = dict[str, Any]

_STATUS: dict[type[HalftideError], int] = {BadInput: 400, NotAllowed: 403, NotFound: 404, Conflict: 409, Broken: 507}
_IMAGES: dict[str, bytes] = {
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff",
    "image/gif": b"GIF8",
}


class SealedContents(ContentsManager):
    """jupyter_server's contents service over one ``Folder``."""

    root_dir = Unicode("/workspace", config=True)
    private_dir = Unicode("/srv/halftide", config=True, help="Where checkpoints lie; no kernel sees it.")
    text_bytes = Integer(1 << 20, config=True, help="The largest text file that opens in the browser.")
    image_bytes = Integer(1 << 20, config=True, help="The largest image that opens in the browser.")
    notebook_bytes = Integer(16 << 20, config=True, help="The largest notebook that opens in the browser.")
    copy_bytes = Integer(256 << 20, config=True, help="The largest file that the file browser copies.")
    folder = Instance(Folder)
    figures: Figures = Figures.IMAGE
    """How figures are shown; set when the server starts."""

    @default("folder")
    def _default_folder(self) -> Folder:
        return Folder(Path(self.root_dir))

    @default("checkpoints_class")
    def _default_checkpoints_class(self) -> type[Checkpoints]:
        return PrivateCheckpoints

    @default("checkpoints_kwargs")
    def _default_checkpoints_kwargs(self) -> dict[str, Any]:
        return {"parent": self, "log": self.log}

    def emit(self, data: dict[str, Any]) -> None:
        """Tells no listener: the events' websocket passes no meter, and these events name files."""

    def dir_exists(self, path: str) -> bool:
        """Whether there is a folder, not a link to one, at ``path``."""
        return self._is(path, stat.S_ISDIR)

    def file_exists(self, path: str) -> bool:
        """Whether there is anything but a folder at ``path``; opening tells why a link is not opened."""
        return self._is(path, lambda mode: not stat.S_ISDIR(mode))

    def is_hidden(self, path: str) -> bool:
        """Whether a name on the way begins with a dot."""
        return any(name.startswith(".") for name in path.strip("/").split("/"))

    def get_kernel_path(self, path: str, model: Model | None = None) -> str:  # noqa: ARG002 jupyter_server's signature
        """The folder of a notebook, which is where its kernel starts."""
        return path if self.dir_exists(path) else path.strip("/").rpartition("/")[0]

    def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,  # noqa: A002
        format: str | None = None,  # noqa: A002
        require_hash: bool = False,
    ) -> Model:
        """The model of what lies at ``path``. Raises HTTPError with a text for the researcher."""
        path = self._visible(path)
        status = _answered(lambda: self.folder.stat(path))
        if stat.S_ISDIR(status.st_mode):
            if type not in {None, "directory"}:
                raise HTTPError(400, f"{path or '/'} is a folder, not a {type}", reason="bad type")
            return self._listing(path, status) if content else self._model(path, status)
        if type == "directory":
            raise HTTPError(400, f"{path} is not a folder", reason="bad type")
        model = self._model(path, status)
        if type == "file" and model["type"] == "notebook":
            model.update(type="file", mimetype=None)
        if content or require_hash:
            self._fill(model, type or model["type"], format, content=content, require_hash=require_hash)
        return model

    def save(self, model: Model, path: str) -> Model:
        """Writes ``model`` to ``path`` and answers with its new model, without content."""
        path = self._visible(path)
        kind = model.get("type")
        if kind not in {"notebook", "file", "directory"}:
            raise HTTPError(400, "A file needs a type: notebook, file or directory")
        if not path:
            raise HTTPError(400, "The workspace itself can't be saved")
        self.run_pre_save_hooks(model=model, path=path)
        message = None
        if kind == "directory":
            if not self.dir_exists(path):
                _answered(lambda: self.folder.make_folder(path))
        else:
            data, message = self._encoded(model, path)
            later_piece = kind == "file" and model.get("chunk") not in {None, 1}
            write = self.folder.append if later_piece else self.folder.write
            _answered(lambda: write(path, data))
        saved = self.get(path, content=False)
        if message:
            saved["message"] = message
        self.emit(data={"action": "save", "path": path})
        return saved

    def delete_file(self, path: str) -> None:
        """Deletes a file, or a folder with all that it holds."""
        path = self._visible(path)
        _answered(lambda: self.folder.remove(path))

    def rename_file(self, old_path: str, new_path: str) -> None:
        """Moves a file or folder; nothing is replaced."""
        old, new = self._visible(old_path), self._visible(new_path)
        _answered(lambda: self.folder.rename(old, new))

    def copy(self, from_path: str, to_path: str | None = None) -> Model:
        """Copies a file of any kind within the workspace; nothing of it passes the window."""
        source = self._visible(from_path)
        target = self._visible(to_path) if to_path is not None else source.rpartition("/")[0]
        if self.dir_exists(source):
            raise HTTPError(400, "Folders can't be copied here; copy them in a notebook, with shutil.copytree")
        if self.dir_exists(target):
            name = copy_pat.sub(".", PurePosixPath(source).name)
            target = f"{target}/{self.increment_filename(name, target, insert='-Copy')}".strip("/")
        _answered(lambda: self.folder.copy(source, target, self.copy_bytes))
        self.emit(data={"action": "copy", "path": target, "source_path": source})
        return self.get(target, content=False)

    # --- models -------------------------------------------------------------------------------------------------

    def _visible(self, path: str) -> str:
        path = path.strip("/")
        if self.is_hidden(path) and not self.allow_hidden:
            raise HTTPError(404, f"{path} is hidden: names that begin with a dot are for programs, not for this view")
        return path

    def _is(self, path: str, test: Any) -> bool:
        try:
            return bool(test(self.folder.stat(path.strip("/")).st_mode))
        except HalftideError:
            return False

    def _model(self, path: str, status: Any) -> Model:
        regular, folder = stat.S_ISREG(status.st_mode), stat.S_ISDIR(status.st_mode)
        name = PurePosixPath(path).name
        kind = "directory" if folder else "notebook" if regular and name.endswith(".ipynb") else "file"
        return {
            "name": name,
            "path": path,
            "type": kind,
            "writable": (regular or folder) and bool(status.st_mode & stat.S_IWUSR),
            "created": datetime.fromtimestamp(status.st_ctime, UTC),
            "last_modified": datetime.fromtimestamp(status.st_mtime, UTC),
            "size": status.st_size if regular else None,
            "mimetype": mimetypes.guess_type(name)[0] if kind == "file" else None,
            "content": None,
            "format": None,
            "hash": None,
            "hash_algorithm": None,
        }

    def _listing(self, path: str, status: Any) -> Model:
        entries = _answered(lambda: self.folder.entries(path))
        shown = [
            self._model(f"{path}/{name}".strip("/"), found)
            for name, found in sorted(entries, key=lambda entry: entry[0])
            if self.should_list(name) and not name.startswith(TEMPORARY) and (self.allow_hidden or name[0] != ".")
        ]
        return {**self._model(path, status), "content": shown, "format": "json"}

    def _fill(self, model: Model, kind: str, form: str | None, *, content: bool, require_hash: bool) -> None:
        path = model["path"]
        limit = self._limit(model, kind)
        if model["size"] is not None and model["size"] > limit:
            raise HTTPError(
                413,
                f"{path} has {model['size']:,} bytes, and at most {limit:,} open here. Your code can read all of it. "
                f"{ASK}",
                reason="Too large to open here",
            )
        data, _ = _answered(lambda: self.folder.read(path, limit))
        if require_hash:
            model.update(hash=hashlib.sha256(data).hexdigest(), hash_algorithm="sha256")
        if content:
            if kind == "notebook":
                self._fill_notebook(model, data)
            else:
                _fill_file(model, data, form)

    def _limit(self, model: Model, kind: str) -> int:
        if kind == "notebook":
            return int(self.notebook_bytes)
        return int(self.image_bytes if model["mimetype"] in _IMAGES else self.text_bytes)

    def _fill_notebook(self, model: Model, data: bytes) -> None:
        try:
            notebook = nbformat.reads(data.decode("utf-8"), as_version=4)
        except Exception as error:  # nbformat raises what its parsers raise
            raise HTTPError(400, f"{model['path']} is not a notebook that can be read: {error}") from error
        self.mark_trusted_cells(notebook, model["path"])
        show_less(notebook, self.figures)
        model.update(content=notebook, format="json", type="notebook", mimetype=None)
        self.validate_notebook_model(model)

    def _encoded(self, model: Model, path: str) -> tuple[bytes, str | None]:
        content = model.get("content")
        if content is None:
            raise HTTPError(400, f"{path} was sent without content, so nothing was saved")
        if model["type"] == "notebook":
            notebook = nbformat.from_dict(content)
            self.check_and_sign(notebook, path)
            checked = self.validate_notebook_model({"content": notebook})
            return (nbformat.writes(notebook, version=nbformat.NO_CONVERT) + "\n").encode(), checked.get("message")
        try:
            if model.get("format") == "base64":
                return base64.b64decode(content, validate=True), None
            return str(content).encode(), None
        except (binascii.Error, ValueError) as error:
            raise HTTPError(400, f"{path} can't be saved as it was sent: {error}") from error


def _fill_file(model: Model, data: bytes, form: str | None) -> None:
    start = _IMAGES.get(model["mimetype"] or "")
    if start and form != "text" and data.startswith(start):
        model.update(content=base64.b64encode(data).decode(), format="base64")
        return
    try:
        text = data.decode("utf-8")
        if "\0" in text or form == "base64":
            raise UnicodeError
    except UnicodeError as error:
        raise HTTPError(
            403, f"{model['path']} is neither text nor a small image, so it does not open here. {ASK}"
        ) from error
    model.update(content=text, format="text", mimetype=model["mimetype"] or "text/plain")


def _answered(action: Any) -> Any:
    """What ``action`` gives, with our errors as HTTP errors that carry their text to the browser."""
    try:
        return action()
    except HalftideError as error:
        raise HTTPError(_STATUS.get(type(error), 500), str(error)) from error


class PrivateCheckpoints(Checkpoints):
    """One checkpoint for each file, in a mirrored tree in the server's own folder."""

    store = Instance(Folder)

    @default("store")
    def _default_store(self) -> Folder:
        manager: Any = self.parent
        place = Path(manager.private_dir) / "checkpoints"
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Folder(place)

    def create_checkpoint(self, contents_mgr: SealedContents, path: str) -> Model:
        """Keeps what the file holds now."""
        path = path.strip("/")
        data, _ = _answered(lambda: contents_mgr.folder.read(path, contents_mgr.notebook_bytes))
        self._make_room(path)
        _answered(lambda: self.store.write(path, data))
        return self._checkpoint(path)

    def restore_checkpoint(self, contents_mgr: SealedContents, checkpoint_id: str, path: str) -> None:
        """Puts the kept bytes back."""
        path = path.strip("/")
        self._require(checkpoint_id)
        data, _ = _answered(lambda: self.store.read(path, contents_mgr.notebook_bytes))
        _answered(lambda: contents_mgr.folder.write(path, data))

    def list_checkpoints(self, path: str) -> list[Model]:
        """The one checkpoint, or none."""
        try:
            return [self._checkpoint(path.strip("/"))]
        except HTTPError:
            return []

    def delete_checkpoint(self, checkpoint_id: str, path: str) -> None:
        """Forgets it."""
        self._require(checkpoint_id)
        _answered(lambda: self.store.remove(path.strip("/")))

    def rename_all_checkpoints(self, old_path: str, new_path: str) -> None:
        """Moves the checkpoints of a file, or of all files of a folder."""
        old, new = old_path.strip("/"), new_path.strip("/")
        try:
            self.store.stat(old)
        except HalftideError:
            return
        self._make_room(new)
        _answered(lambda: self.store.rename(old, new))

    def delete_all_checkpoints(self, path: str) -> None:
        """Forgets those of a file, or of all files of a folder."""
        try:
            self.store.remove(path.strip("/"))
        except NotFound:
            return

    def _make_room(self, path: str) -> None:
        """Makes the folders on the way, and clears away what a file that is gone has left in the way."""
        parts = path.split("/")
        for end in range(1, len(parts)):
            step = "/".join(parts[:end])
            if not self._is_folder(step):
                self.delete_all_checkpoints(step)
                _answered(lambda step=step: self.store.make_folder(step))
        if self._is_folder(path):
            self.delete_all_checkpoints(path)

    def _is_folder(self, path: str) -> bool:
        try:
            return stat.S_ISDIR(self.store.stat(path).st_mode)
        except HalftideError:
            return False

    def _checkpoint(self, path: str) -> Model:
        status = _answered(lambda: self.store.stat(path))
        if not stat.S_ISREG(status.st_mode):
            raise HTTPError(404, f"{path} has no checkpoint")
        return {"id": "checkpoint", "last_modified": datetime.fromtimestamp(status.st_mtime, UTC)}

    def _require(self, checkpoint_id: str) -> None:
        if checkpoint_id != "checkpoint":
            raise HTTPError(404, f"there is no checkpoint called {checkpoint_id}")
