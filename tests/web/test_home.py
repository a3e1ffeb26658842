"""The first page by what somebody does here, and what administrators do."""

from web_world import PREFIX, World


def test_a_researcher_sees_projects_access_and_the_way_in(world: World) -> None:
    page = world.get("", "researcher").text
    assert "RAND Health Insurance Experiment" in page
    assert "Grunfeld" not in page
    assert 'href="http://localhost:8000/hub/spawn/researcher/rand-hie"' in page
    assert "Nothing asked for yet" in page


def test_each_role_lands_where_its_work_is(world: World) -> None:
    for name, place in (("checker1", "queue"), ("admin", "projects"), ("auditor", "audit")):
        assert world.get("", name).headers["location"] == PREFIX + place


def test_an_administrator_adds_a_member_until_a_day_and_ends_it(world: World) -> None:
    added = world.post("projects/rand-hie/members", "admin", {"hub_name": "new", "until": "2999-01-31"})
    assert added.status_code == 303
    assert "new" in world.get("projects/rand-hie", "admin").text
    assert world.post("projects/rand-hie/members", "admin", {"hub_name": "x", "until": "soon"}).status_code == 400
    assert world.post("projects/rand-hie/members/end", "admin", {"hub_name": "researcher"}).status_code == 303
    assert world.get("projects/rand-hie", "researcher").status_code == 404


def test_an_administrator_gives_and_takes_roles(world: World) -> None:
    give = {"hub_name": "other", "role": "checker", "act": "give"}
    assert world.get("queue", "other").status_code == 403
    assert world.post("people/roles", "admin", give).status_code == 303
    assert world.get("queue", "other").status_code == 200
    assert world.post("people/roles", "admin", {**give, "act": "take"}).status_code == 303
    assert world.get("queue", "other").status_code == 403
    assert world.post("people/roles", "admin", {**give, "role": "king"}).status_code == 400


def test_an_administrator_sees_everybody_with_roles_and_projects(world: World) -> None:
    page = " ".join(world.get("people", "admin").text.split())
    for name in ("researcher", "other", "colleague", "checker1", "checker2", "admin", "auditor"):
        assert f'<td class="ht-title ht-break">{name}</td>' in page
    assert "stranger" not in page
    row = page[page.index(">other</td>") :].partition("</tr>")[0]
    assert "projects/grunfeld" in row
    assert "rand-hie" not in row
    world.post("projects/grunfeld/members/end", "admin", {"hub_name": "other"})
    page = " ".join(world.get("people", "admin").text.split())
    assert "grunfeld" not in page[page.index(">other</td>") :].partition("</tr>")[0]
