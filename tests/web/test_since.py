"""What a page says about the round before: in words, in the cells, and only where something differs."""

from web_world import World

from output_checker.desk import review
from output_checker.rules.changes import Difference
from output_checker.web.pages.since import context_facts, count_changes

OLD = b"plan,good,poor\nFree,5210,94\nCo-pay,980,3\n"
NEW = b"plan,poor\nFree,94\nCo-pay,<10\n"
LOG = b"fit 1\nn = 40\nend\n"


def _returned(world: World, files: dict[str, bytes]) -> str:
    request_id = world.submit(files)
    review.return_for_changes(world.desk, world.person("checker1"), request_id, 1, "Please suppress the 3.")
    return request_id


def test_author_and_checker_read_what_changed_and_the_checker_in_which_cells(world: World) -> None:
    first = _returned(world, {"a.csv": OLD, "same.csv": OLD, "log.txt": LOG, "gone.csv": OLD, "c.png": b"png"})
    world.submit(
        {"a.csv": NEW, "same.csv": OLD, "log.txt": LOG.replace(b"40", b"50"), "more.csv": NEW, "c.png": b"png"},
        replaces=first,
        context="All 20,190 person-years, co-pay only.",
    )
    pages = {who: " ".join(world.get(f"requests/{first}", who).text.split()) for who in ("researcher", "checker1")}
    for page in pages.values():
        assert "Since round 1" in page
        assert ">more.csv</a>: new in this round</li>" in page
        assert '<span class="ht-break">gone.csv</span>: removed from the request' in page
        assert "2 outputs unchanged" in page
        assert "<del>All 20,190 person-years, by insurance plan.</del>" in page
    of_cells = (
        ">a.csv</a>: 1 cell changed, 1 column removed</li>",
        ">log.txt</a>: 1 line added, 1 line removed</li>",
        '<del class="ht-was"><span class="ht-sr">was </span>3</del>',
        '<ins class="ht-is">&lt;10</ins>',
        "Removed column: good.",
        "n = 40</del>",
    )
    assert [words for words in of_cells if words not in pages["checker1"]] == []
    assert [words for words in of_cells if words in pages["researcher"]] == []
    assert ">a.csv</a>: changed</li>" in pages["researcher"]


def test_the_first_round_says_nothing_about_another(world: World) -> None:
    page = world.get(f"requests/{world.submit({'a.csv': OLD})}", "checker1").text
    assert "Since round" not in page
    assert "<del" not in page


def test_a_renamed_file_is_the_same_under_another_name(world: World) -> None:
    first = _returned(world, {"a.csv": OLD})
    world.submit({"b.csv": OLD}, replaces=first)
    page = " ".join(world.get(f"requests/{first}", "checker1").text.split())
    assert 'unchanged; it was called <span class="ht-break">a.csv</span>' in page


def test_what_is_too_large_for_the_page_is_compared_on_its_own(world: World) -> None:
    rows = "".join(f"r{n}," + ",".join(["100"] * 99) + "\n" for n in range(310))
    first = _returned(world, {"wide.csv": ("h," * 99 + "h\n" + rows).encode()})
    world.submit({"wide.csv": ("h," * 99 + "h\n" + rows.replace("r7,100", "r7,200")).encode()}, replaces=first)
    page = world.get(f"requests/{first}", "checker1").text
    assert "<strong>Since round 1:</strong> changed." in page
    from output_checker.desk import queue

    output = queue.request_page(world.desk, world.person("checker1"), first).outputs()[0]
    own = world.get(f"requests/{first}/outputs/{output.id}", "checker1").text
    assert "1 cell changed" in own
    assert '<ins class="ht-is">200</ins>' in own


def test_hostile_old_content_stays_text(world: World) -> None:
    hostile = b"plan,<img src=x onerror=alert(2)>\nFree,<script>alert(1)</script>\n"
    first = _returned(world, {"a.csv": hostile, "x.txt": b"<script>alert(1)</script>"})
    world.submit({"a.csv": b"plan,n\nFree,20\n", "x.txt": b"fine"}, replaces=first)
    page = world.get(f"requests/{first}", "checker1").text
    assert "alert(1)" in page
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_the_three_answers_of_the_form_are_three_facts() -> None:
    facts = context_facts("Population: all people\nover 60\nVariables: age: years\nRecords: 20,190")
    assert facts == (("Population", "all people\nover 60"), ("Variables", "age: years"), ("Records", "20,190"))
    assert context_facts("All people. Records: 5") == (("Context", "All people. Records: 5"),)
    assert context_facts("") == (("Context", ""),)


def test_nothing_changed_has_no_words() -> None:
    assert count_changes(Difference(())) == ""
