"""How this site is sealed towards browsers, in an administrator's words: what the running settings give, and what is
lost where they give less.

Pure: settings and projects in, sentences out. Says nothing that was not set, and never more than what is so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from output_checker.desk.views import ProjectView
from output_checker.model import Display
from output_checker.web.settings import Settings


@dataclass(frozen=True)
class Fact:
    """One thing about the site. ``lost`` says what is missing, and is empty where nothing is."""

    name: str
    told: str
    lost: str = ""


def facts(settings: Settings, projects: Iterable[ProjectView]) -> tuple[Fact, ...]:
    """What an administrator should know before trusting this site with data."""
    found = tuple(projects)
    return (_origins(settings), _transport(settings), _beside(found), _display(found), _proof(settings))


def _origins(settings: Settings) -> Fact:
    if settings.subdomains:
        return Fact("Addresses", "Hub, portal and each person have a host name of their own; browsers keep them apart.")
    return Fact(
        "Addresses",
        "One host name for everything: subdomains are off.",
        "Hub, portal and all workspaces share one origin. If a hostile page in a workspace finds a way around its "
        "security policy, it can act as its reader everywhere on this site, a checker's votes included, and browsers "
        "put no wall in between. Use this for trials; for real data set subdomains = true, with a DNS name and a "
        "certificate for *.name.",
    )


def _transport(settings: Settings) -> Fact:
    if settings.tls_in_front:
        return Fact("Encryption", "TLS ends at the proxy in front, which alone is answered. Cookies are for TLS only.")
    if settings.secure:
        return Fact("Encryption", "TLS, with this site's own certificate. Cookies are for TLS only.")
    return Fact(
        "Encryption",
        "None: this site's address is localhost, for a browser on the same machine.",
        "Whoever can read this machine's own traffic can read everything, and so can the network if bind is not a "
        "loopback address. Under any other name Halftide does not start without TLS.",
    )


def _beside(projects: tuple[ProjectView, ...]) -> Fact:
    alone = sum(project.boundary.one_project_at_a_time for project in projects)
    return Fact(
        "Projects of one person",
        "Share an origin in the browser. The policy of each page reaches its own workspace only. "
        f"{alone} of {len(projects)} {_plural('project', len(projects))} may only be worked on with no other open.",
    )


def _display(projects: tuple[ProjectView, ...]) -> Fact:
    pixels = sum(project.boundary.display is Display.PIXELS for project in projects)
    return Fact(
        "What a screen shows",
        "Can be copied from the screen: no browser prevents selecting, printing, saving an image, taking a photo. "
        f"The window's amounts bound it. {pixels} of {len(projects)} {_plural('project', len(projects))} "
        f"{'sends' if pixels == 1 else 'send'} nothing but pixels.",
    )


def _proof(settings: Settings) -> Fact:
    if settings.probes:
        return Fact("Proof", "A project's workspaces start only where attacks from the inside were tried and failed.")
    return Fact(
        "Proof",
        "Switched off.",
        "Workspaces start without being tried from the inside, so a sandbox that this machine weakens is not noticed.",
    )


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
