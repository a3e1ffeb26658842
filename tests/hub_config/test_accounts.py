"""Accounts are made by an administrator, and passwords are kept as hashes."""

from pathlib import Path

import pytest
from nativeauthenticator.orm import UserInfo
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from hub_config.accounts import matches, open_accounts, set_password
from output_checker.model import BadInput


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "hub").mkdir()
    engine = create_engine(f"sqlite:///{tmp_path / 'hub' / 'jupyterhub.sqlite'}")
    UserInfo.__table__.create(engine)
    engine.dispose()
    return tmp_path


def _hash_of(session: Session, name: str) -> bytes:
    account = UserInfo.find(session, name)
    assert account.is_authorized
    return bytes(account.password)


def test_an_account_is_made_and_given_another_password(state: Path) -> None:
    with open_accounts(state) as session:
        set_password(session, "ann", "the first password")
        set_password(session, "ann", "the second password")
    with open_accounts(state) as session:
        hashed = _hash_of(session, "ann")
        assert len(UserInfo.all_users(session)) == 1
    assert b"password" not in hashed
    assert matches("the second password", hashed)
    assert not matches("the first password", hashed)


@pytest.mark.parametrize("name", ["", "Ann", "1ann", "ann.b", "ann_b", "a" * 32, "ann ", "ann/..", "annß"])
def test_a_name_must_fit_a_host_name(state: Path, name: str) -> None:
    with open_accounts(state) as session, pytest.raises(BadInput, match="an account's name"):
        set_password(session, name, "a long enough password")


@pytest.mark.parametrize("password", ["", "short", "x" * 73, "é" * 37])
def test_a_password_must_fit_bcrypt(state: Path, password: str) -> None:
    with open_accounts(state) as session, pytest.raises(BadInput, match="12 to 72"):
        set_password(session, "ann", password)


def test_a_longer_password_is_never_the_same_as_its_beginning(state: Path) -> None:
    with open_accounts(state) as session:
        set_password(session, "ann", "x" * 72)
        assert matches("x" * 72, _hash_of(session, "ann"))
        assert not matches("x" * 73, _hash_of(session, "ann"))


def test_before_the_first_start_there_are_no_accounts(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no hub yet"), open_accounts(tmp_path):
        pass
