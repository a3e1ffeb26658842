"""What workspaces showed: told by their servers, drawn for administrators."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from web_world import PREFIX, World

from output_checker.desk import shown

RUN = str(uuid4())


def _tell(world: World, token: str, count: str, *, day: str = "", session: str = RUN) -> int:
    day = day or datetime.now(UTC).date().isoformat()
    path = f"{PREFIX}api/v1/shown/{day}/{session}/{count}"
    return int(world.client.post(path, headers={"Authorization": f"token {token}"}).status_code)


def test_a_server_tells_and_the_administrator_sees_a_chart_and_a_table(world: World) -> None:
    assert "has shown anything" in world.get("projects/rand-hie", "admin").text
    assert _tell(world, "server-researcher-rand-hie", str(5 << 20)) == 200
    page = world.get("projects/rand-hie", "admin").text
    assert 'aria-label="researcher: 5.0 MiB in 30 days, at most 5.0 MiB in a day"' in page
    assert page.count('class="ht-bar-day"') == 1
    assert "The same as a table" in page
    assert "Shown to browsers" not in world.get("projects/rand-hie", "researcher").text
    assert "5.0 MiB" not in world.get("projects/grunfeld", "admin").text


def test_a_day_near_its_amount_is_marked(world: World) -> None:
    assert _tell(world, "server-researcher-rand-hie", str(64 << 20)) == 200
    page = world.get("projects/rand-hie", "admin").text
    assert "ht-bar-full" in page
    assert "ht-bars-limit" in page


@pytest.mark.attack
def test_only_a_workspace_tells_and_only_of_itself(world: World) -> None:
    for token in ("gate", "other-service", "browser-researcher", "nobody"):
        assert _tell(world, token, "1") == 403, token
    assert _tell(world, "server-other-grunfeld", "777") == 200, "the control"
    people = shown.last_days(world.desk, world.person("admin"), "rand-hie").people
    assert people == ()


def test_nonsense_is_told_so(world: World) -> None:
    for count, day, session in (("x", "", RUN), ("1", "tomorrow", RUN), ("1", "2001-01-01", RUN), ("1", "", "run")):
        assert _tell(world, "server-researcher-rand-hie", count, day=day, session=session) == 400
