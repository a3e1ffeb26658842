"""Accounts of people who log in with a password, in the hub's database. Passwords are kept as bcrypt hashes only."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bcrypt
from nativeauthenticator.orm import UserInfo
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from output_checker.model import PROVER, BadInput

NAME = r"^[a-z][a-z0-9-]{0,30}$"
"""What a person can be called: it becomes part of a host name."""
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 72
"""Bytes that bcrypt looks at; it refuses more."""


def set_password(session: Any, name: str, password: str) -> None:
    """Make the account, or give it this password, and commit. Raises BadInput for a name or password that can't be."""
    if not re.fullmatch(NAME, name):
        raise BadInput(f"an account's name is 1 to 31 letters a-z, digits and hyphens, a letter first; not {name!r}")
    if name == PROVER:
        raise BadInput(f"{PROVER} is the name that the workspaces of the probes are started under; nobody has it")
    if len(password) < SHORTEST_PASSWORD or len(password.encode()) > LONGEST_PASSWORD:
        raise BadInput(f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters")
    account = UserInfo.find(session, name) or UserInfo(username=name)
    account.password = bcrypt.hashpw(password.encode(), bcrypt.gensalt())
    account.is_authorized = True
    session.add(account)
    session.commit()


@contextmanager
def open_accounts(state: Path) -> Iterator[Session]:
    """The accounts of a state folder, whether its hub runs or not. Raises BadInput before its first start."""
    database = state / "hub" / "jupyterhub.sqlite"
    if not database.exists():
        raise BadInput(f"{state} has no hub yet; `halftide up` makes one")
    engine = create_engine(f"sqlite:///{database}", connect_args={"timeout": 30})
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def matches(password: str, hashed: bytes) -> bool:
    """Whether this is the password behind the hash. Takes as long for one that is too long to be any."""
    raw = password.encode()
    return bcrypt.checkpw(raw[:LONGEST_PASSWORD], hashed) and len(raw) <= LONGEST_PASSWORD
