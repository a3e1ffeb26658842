"""Where attacks from a page are tried: once in the real workspace's page, once in a page without a defence.

The page with the defence gets as long as the page without it needs: all attacks are started there first, and only when
the last control has shown its sign is looked at what came of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Error, Page

from tests.attacks.browser.outside import Outside, wait_until
from tests.attacks.browser.page_attacks import PageAttack, Sign

PROGRAM = """async ([url, datagrams, planted]) => {
    const main = document.body.appendChild(document.createElement('main'));
    %s
}"""
PATIENCE = 20.0
"""Seconds that the slowest control may take on a busy machine."""


@dataclass
class Ground:
    """A page's address with what was seen there: names of attacks that downloaded, opened a window or said so."""

    context: BrowserContext
    address: str
    label: str
    planted: tuple[str, ...]
    seen: set[tuple[str, Sign]] = field(default_factory=set)

    def start(self, attacks: Iterable[PageAttack], outside: Outside) -> None:
        """Start all attacks: each that takes the page away on a page of its own, the others on one they share."""
        shared = self.context.new_page()
        shared.goto(self.address)
        for attack in attacks:
            page = self._page_of(attack) if attack.leaves or attack.sign is not Sign.ARRIVES else shared
            self._run(page, attack, outside)

    def _page_of(self, attack: PageAttack) -> Page:
        page = self.context.new_page()
        page.goto(self.address)
        page.on("download", lambda _: self.seen.add((attack.name, Sign.DOWNLOADS)))
        page.on("popup", lambda popup: self._watch(popup, attack))
        return page

    def _watch(self, popup: Page, attack: PageAttack) -> None:
        self.seen.add((attack.name, Sign.OPENS))
        popup.on("download", lambda _: self.seen.add((attack.name, Sign.DOWNLOADS)))

    def _run(self, page: Page, attack: PageAttack, outside: Outside) -> None:
        label = self.mark(attack)
        told = [outside.address(label), outside.datagram_port(label) if "webrtc" in label else 0, list(self.planted)]
        try:
            if page.evaluate(PROGRAM % attack.script, told) is True:
                self.seen.add((attack.name, Sign.TRUE))
        except Error:  # the program threw, or its page went away under it: what matters is what came of it
            return

    def mark(self, attack: PageAttack) -> str:
        """The first label of the host name by which this attack from this page is known elsewhere."""
        return f"{self.label}-{attack.name}"

    def succeeded(self, attack: PageAttack, outside: Outside) -> bool:
        """Whether the attack's sign has shown."""
        if attack.sign is Sign.ARRIVES:
            return outside.arrived(self.mark(attack))
        return (attack.name, attack.sign) in self.seen


@dataclass(frozen=True)
class Yard:
    """Both pages after all attacks were tried on them."""

    sealed: Ground
    bare: Ground
    outside: Outside

    def outcome(self, attack: PageAttack) -> tuple[bool, bool]:
        """Whether the attack succeeded in the workspace's page, and whether it did in the bare one."""
        return self.sealed.succeeded(attack, self.outside), self.bare.succeeded(attack, self.outside)


def tried(sealed: Ground, bare: Ground, outside: Outside, attacks: tuple[PageAttack, ...]) -> Yard:
    """Try all attacks on both pages, and wait until every control has shown or has had its time."""
    sealed.start(attacks, outside)
    bare.start(attacks, outside)
    page = bare.context.pages[0]
    wait_until(lambda: bool(page.wait_for_timeout(50)) or all(bare.succeeded(a, outside) for a in attacks), PATIENCE)
    return Yard(sealed, bare, outside)
