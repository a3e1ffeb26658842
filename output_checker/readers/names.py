"""What a file's name promises. The name never decides how a file is read; it only makes a surprise visible."""

from pathlib import PurePosixPath

_TABLES = ("text/csv", "text/tab-separated-values")
_WORDS = ("text/plain", "text/markdown", *_TABLES)
_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
"""Pictures are drawn anew as PNG, whatever they were: a name that says JPEG surprises nobody."""
_PROMISES: dict[str, tuple[str, ...]] = {
    "csv": _TABLES,
    "tsv": _TABLES,
    "tab": _TABLES,
    "txt": _WORDS,
    "log": _WORDS,
    "out": _WORDS,
    "tex": _WORDS,
    "md": _WORDS,
    "qmd": _WORDS,
    "rmd": _WORDS,
    "png": _PICTURES,
    "jpg": _PICTURES,
    "jpeg": _PICTURES,
    "gif": _PICTURES,
    "webp": _PICTURES,
    "svg": ("image/svg+xml",),
    "pdf": ("application/pdf",),
    "html": ("text/html",),
    "htm": ("text/html",),
    "ipynb": ("application/x-ipynb+json",),
    "json": ("application/json", "application/x-ipynb+json"),
    "yaml": ("application/yaml", *_WORDS),
    "yml": ("application/yaml", *_WORDS),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    "zip": ("application/zip",),
    "tar": ("application/x-tar",),
    "gz": ("application/gzip",),
    "tgz": ("application/gzip",),
    "bz2": ("application/x-bzip2",),
    "xz": ("application/x-xz",),
    "ods": ("application/vnd.oasis.opendocument.spreadsheet",),
}


def mismatch(name: str, media_type: str) -> str:
    """What to say when the content is not what the name promises; "" when it is, or when the name promises nothing."""
    suffix = PurePosixPath(name).suffix.lower().removeprefix(".")
    promised = _PROMISES.get(suffix)
    if promised is None or media_type in promised or media_type == "application/octet-stream":
        return ""
    return f"the name ends in .{suffix}, the content is {media_type}"
