"""Photographs every page of the portal, light and dark, for people to look at: ``python tests/web/look.py FOLDER``."""

import asyncio
import socket
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
import world as web_world

from output_checker.desk import packages, queue
from output_checker.mirror.library import Library
from output_checker.model import NotAllowed
from output_checker.rules.votes import Decision
from output_checker.web.app import SafeAnswers, create_app

CHROMIUM = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TABLE = (
    b"plan,excellent,good,fair,poor\nFree,5210,3120,811,94\nCo-pay 25 %,2408,1502,360,41\n"
    b"Co-pay 50 %,980,640,131,3\nCo-pay 95 %,2310,1490,402,7\nIndividual,3010,1710,390,36\n"
)
FIXED = TABLE.replace(b",3\n", b",\n").replace(b",7\n", b",\n")
FEWER = b"\n".join(line.rpartition(b",")[0] for line in FIXED.replace(b"1490", b"1500").splitlines())
LOG = b"reading\nfit 1 of 2\nR2 = 0.104\nworst residual at id=20417\nend\n"
MODEL = b"OLS Regression Results\n======================\nvisits ~ plan + age + female   n = 20190   R2 = 0.104\n"
LONG = b"age,visits,spend\n" + b"".join(b"%d,%d,%d\n" % (20 + n % 60, 100 + n, 1000 + 7 * n) for n in range(1600))


def fill(world: web_world.World) -> dict[str, str]:
    """Requests in every state that a page can show; gives the addresses to look at."""
    free = world.submit({"tables/visits_by_plan.csv": FIXED}, title="Visits by plan, final")
    for checker in ("checker1", "checker2"):
        world.vote(checker, free)
    low = world.submit(
        {
            "tables/visits_by_plan.csv": TABLE,
            "tables/model.txt": MODEL,
            "figures/visits.png": b"png",
            "tables/ages.csv": LONG,
        },
        title="Visits by plan and health",
    )
    back = world.submit({"tables/health.csv": TABLE}, title="Self-reported health")
    page = queue.request_page(world.desk, world.person("checker1"), back)
    from output_checker.desk import review

    reason = "The two cells below 10 in tables/health.csv must go. Please suppress them, and one more in each row."
    review.return_for_changes(world.desk, world.person("checker1"), back, page.row.round, reason)
    first = {"tables/spend.csv": TABLE, "logs/fit.txt": LOG, "figures/spend.png": b"png", "tables/old.csv": FIXED}
    again = world.submit(first, title="Spending by plan")
    review.return_for_changes(world.desk, world.person("checker2"), again, 1, "Please suppress the counts of 3 and 7.")
    second = {"tables/spend.csv": FEWER, "logs/fit.txt": LOG.replace(b"0.104", b"0.11"), "figures/spend.png": b"png"}
    world.submit(second, title="Spending by plan", replaces=again)
    world.vote("checker1", again, Decision.APPROVE)
    broken = world.submit(
        {"odd.bad": b"?", "<img src=x onerror=alert(1)>.csv": FIXED}, title="<b>Hostile</b> & odd names"
    )
    running = world.submit({"tables/a.csv": FIXED, "tables/b.csv": FIXED}, title="Just submitted", checked=False)
    output = queue.request_page(world.desk, world.person("checker1"), low).outputs()[3].id
    _packages(world)
    return {
        "mine researcher": "",
        "mine stranger": "",
        "mine other": "",
        "queue checker1": "queue",
        "queue-empty checker2": "queue?show=returned",
        "queue-decided checker1": "queue?show=decided",
        "request-low checker1": f"requests/{low}",
        "request-low researcher": f"requests/{low}",
        "request-voted checker1": f"requests/{again}",
        "request-blind checker2": f"requests/{again}",
        "request-returned researcher": f"requests/{back}",
        "request-released researcher": f"requests/{free}",
        "request-released checker1": f"requests/{free}",
        "request-broken checker1": f"requests/{broken}",
        "request-running researcher": f"requests/{running}",
        "request-admin admin": f"requests/{low}",
        "viewer checker1": f"requests/{low}/outputs/{output}?page=2",
        "projects admin": "projects",
        "project admin": "projects/rand-hie",
        "project researcher": "projects/rand-hie",
        "packages admin": "packages",
        "project-packages researcher": "projects/rand-hie/packages?kind=r&name=survey",
        "people admin": "people",
        "audit admin": "audit",
        "error checker1": "nowhere",
    }


def _packages(world: web_world.World) -> None:
    """A question, a line of the list, a refusal and a wish."""
    researcher = world.person("researcher")
    asked = packages.Question.from_text("python", "lifelines", ">=0.30", "Survival curves for the second paper")
    packages.ask(world.desk, researcher, "rand-hie", asked)
    refused = packages.ask(world.desk, researcher, "rand-hie", packages.Question.from_text("r", "survey"))
    packages.refuse(world.desk, None, refused.id, "It is in the analysis environment already.")
    packages.allow(world.desk, world.person("admin"), packages.Question.from_text("python", "linearmodels", "<7"))
    library = Library({}, world.desk.state_dir / "portal" / "packages", world.desk.clock)
    with suppress(NotAllowed), packages.serve(world.desk, library, researcher, "rand-hie", "python/simple/torch/"):
        pass


def photograph(browser: Browser, base: str, pages: dict[str, str], folder: Path) -> None:
    """One picture of each page in light and dark at 1366 px, and some at 200 % zoom."""
    for scheme, width in (("light", 1366), ("dark", 1366), ("zoom", 683)):
        for key, path in pages.items():
            name, who = key.split()
            if scheme == "zoom" and not name.startswith(("request-low", "queue", "mine")):
                continue
            context = browser.new_context(
                viewport={"width": width, "height": 768},
                color_scheme="dark" if scheme == "dark" else "light",
                extra_http_headers={},
            )
            context.add_cookies([{"name": "halftide", "value": f"browser-{who}", "url": base}])
            tab = context.new_page()
            problems: list[str] = []
            tab.on("console", lambda message, found=problems: found.append(message.text))
            tab.goto(base + path)
            tab.wait_for_timeout(150)
            if tab.evaluate("document.documentElement.scrollWidth > innerWidth"):
                problems.append("wider than the window")
            tab.screenshot(path=folder / f"{name}-{who}-{scheme}.png", full_page=True)
            if problems:
                sys.stderr.write(f"{key} {scheme}: {problems}\n")
            context.close()


def main() -> None:
    """Make a world, serve it, photograph it."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as state, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        world = web_world.make_world(Path(state))
        pages = fill(world)
        app = SafeAnswers(create_app(world.settings, world.desk, world.hub))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.05)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
            photograph(browser, f"http://127.0.0.1:{port}{web_world.PREFIX}", pages, folder)
            browser.close()
        server.should_exit = True
        thread.join(10)
        world.desk.close()


if __name__ == "__main__":
    main()
