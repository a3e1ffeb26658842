"""A real JupyterLab that opens the notebook of ``output_attacks``, runs it, and clicks what it shows."""

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Error, Page, TimeoutError  # noqa: A004 - Playwright's

from tests.attacks.browser.output_attacks import DONE, OUTPUTS, OutputAttack
from tests.attacks.browser.outside import Outside
from tests.attacks.browser.page_attacks import Sign

PATIENCE = 60_000
"""Milliseconds for what starts a process."""


@dataclass
class Lab:
    """One JupyterLab with the notebook, and what was seen: names of attacks that downloaded."""

    context: BrowserContext
    address: str
    label: str
    seen: set[tuple[str, Sign]] = field(default_factory=set)
    trying: str = "output-download-script"
    """The attack whose turn it is; the one that clicks itself when the cell runs comes first."""

    def try_all(self) -> None:
        """Open the notebook, run its cells, and click each output that waits for it."""
        page = self.context.new_page()
        page.on("download", lambda _: self.seen.add((self.trying, Sign.DOWNLOADS)))
        page.add_locator_handler(page.locator(".jp-Dialog"), lambda dialog: dialog.locator(".jp-mod-accept").click())
        page.goto(self.address)
        self._run(page)
        for attack in OUTPUTS:
            if attack.click:
                self.trying = attack.name
                self._click(page, attack.click)

    def _run(self, page: Page) -> None:
        page.locator(".jp-Notebook .jp-CodeCell").last.wait_for(timeout=PATIENCE)
        page.locator("#jupyterlab-splash").wait_for(state="detached", timeout=PATIENCE)
        page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(timeout=PATIENCE)
        cell = page.locator(".jp-Notebook .jp-CodeCell .cm-content").last
        for patience in (
            3000,
            6000,
            12_000,
            PATIENCE,
        ):  # JupyterLab, bare too, forgets a cell that is run in the first moment of a kernel
            cell.click()
            cell.press("Control+Enter")
            try:
                page.get_by_text(DONE, exact=True).wait_for(timeout=patience)
            except TimeoutError:
                continue
            return
        raise AssertionError(f"the notebook of {self.address} did not run")

    @staticmethod
    def _click(page: Page, selector: str) -> None:
        """Click what the output shows, if it is there: what a cleaner took away can't be clicked."""
        try:
            page.locator(f".jp-OutputArea-output {selector}").first.click(timeout=1000, force=True)
            page.wait_for_timeout(300)
        except Error:
            return

    def succeeded(self, attack: OutputAttack, outside: Outside) -> bool:
        """Whether the attack's sign has shown."""
        if attack.sign is Sign.ARRIVES:
            return outside.arrived(f"{self.label}-{attack.name}")
        return (attack.name, attack.sign) in self.seen
