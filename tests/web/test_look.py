"""What can be measured of the look: the contrast of every pair of colours in use, and one file without outside help."""

import re
from pathlib import Path

import pytest

from output_checker.web import render

CSS = (Path(render.__file__).parent / "static" / "halftide.css").read_text()

TEXT = [(ink, ground) for ground in ("bg", "surface", "sunken") for ink in ("ink", "muted", "link", "fail")] + [
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("on-accent-soft", "accent-soft"),
    ("surface", "note"),
    ("surface", "review"),
    ("surface", "fail"),
    ("ink", "accent-soft"),
    *[(tone, f"{tone}-soft") for tone in ("fail", "review", "pass", "note")],
    *[("ink", f"{tone}-soft") for tone in ("fail", "review", "pass", "note")],
]
"""Words on a ground: at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

SHAPES = [(line, ground) for ground in ("bg", "surface", "sunken") for line in ("line-strong", "focus", "accent")] + [
    ("fail", "surface"),
    ("review", "surface"),
    ("note", "surface"),
    ("line-strong", "fail-soft"),
    ("line-strong", "review-soft"),
]
"""Edges of controls, marks and focus: at least 3 to 1 (WCAG 2.2, 1.4.11 and 2.4.13)."""


def _tokens(scheme: str) -> dict[str, str]:
    light, dark = re.findall(r":root \{(.*?)\n\s*\}", CSS, re.DOTALL)[:2]
    found = dict(re.findall(r"--ht-([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        found |= dict(re.findall(r"--ht-([\w-]+): (#[0-9a-f]{6});", dark))
    return found


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG: 1 for the same colour, 21 for black on white."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(TEXT, 4.5), (SHAPES, 3.0)])
def test_every_pair_of_colours_can_be_read(scheme: str, pairs: list[tuple[str, str]], least: float) -> None:
    tokens = _tokens(scheme)
    low = {pair: round(contrast(tokens[pair[0]], tokens[pair[1]]), 2) for pair in pairs}
    assert not {pair: ratio for pair, ratio in low.items() if ratio < least}


def test_the_style_sheet_asks_nobody_for_anything() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
    assert CSS.count("{") == CSS.count("}")


def test_every_class_in_the_templates_is_in_the_style_sheet() -> None:
    templates = (Path(render.__file__).parent / "templates").glob("*.html")
    used = {name for path in templates for name in re.findall(r"\bht-[a-z][a-z-]*[a-z](?![\w{-])", path.read_text())}
    assert not {name for name in used if not re.search(rf"\.{name}\b", CSS)}
