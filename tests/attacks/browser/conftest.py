"""The figures of this suite, at its end."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

TALLY = pytest.StashKey["Tally"]()


@dataclass
class Tally:
    """What came of the attacks: names of all, of those that succeeded, and of the controls that worked."""

    tried: set[str] = field(default_factory=set)
    succeeded: set[str] = field(default_factory=set)
    controls: dict[str, bool] = field(default_factory=dict)
    asked: int = 0
    wrong: int = 0

    def take(self, name: str, succeeded: bool, control: bool) -> None:
        """Keep an attack's outcome, and fail the test when it succeeded or its control did not."""
        self.tried.add(name)
        self.controls[name] = control
        if succeeded:
            self.succeeded.add(name)
        assert control, f"{name}: the control failed, so that nothing was shown"
        assert not succeeded, f"{name}: the attack succeeded"

    def expect(self, asked: str, right: bool) -> None:
        """Keep whether a route answered as its row says, and fail the test when it did not."""
        self.asked += 1
        self.wrong += not right
        assert right, asked

    def lines(self) -> Iterator[str]:
        """The figures."""
        if self.asked:
            yield f"routes: requests={self.asked} wrong={self.wrong}"
        if self.tried:
            worked, all_of_them = sum(self.controls.values()), len(self.controls)
            yield f"attacks: cases={len(self.tried)} succeeded={len(self.succeeded)} controls={worked}/{all_of_them}"


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count."""
    config.stash[TALLY] = Tally()


@pytest.fixture(scope="session")
def tally(pytestconfig: pytest.Config) -> Tally:
    """Where each attack's outcome is kept."""
    return pytestconfig.stash[TALLY]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The figures, last of all."""
    for line in config.stash[TALLY].lines():
        terminalreporter.write_line(line)
