"""The addresses of a site's package mirrors: what may be one."""

from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from output_checker.model.errors import BadInput


def mirror_address(text: str) -> str:
    """A mirror's address as it is kept, without a final slash.

    Raises BadInput for anything but a plain http or https address or an absolute folder (``file:///…``): a name and
    password in it would stand in logs, and a query is never sent.
    """
    address = text.strip().rstrip("/")
    parts = urlsplit(address)
    if parts.query or parts.fragment or "@" in parts.netloc or not (_is_web(address) or _is_folder(address)):
        raise BadInput(
            "a mirror is an address such as https://mirror.example.org/simple or a folder such as file:///srv/wheels, "
            f"without a name, password or query in it, not {text!r}"
        )
    return address


def _is_web(address: str) -> bool:
    parts = urlsplit(address)
    try:
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _is_folder(address: str) -> bool:
    parts = urlsplit(address)
    path = PurePosixPath(unquote(parts.path))
    return parts.scheme == "file" and not parts.netloc and path.is_absolute() and ".." not in path.parts
