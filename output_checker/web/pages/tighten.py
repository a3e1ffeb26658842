"""The form that chooses a project's policy and tightens single parameters of it: its fields, and what they say.

A field that is left empty keeps what the chosen policy says. Whether a number makes sense and is stricter is decided by
the policy itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from output_checker.desk import policies
from output_checker.model import BadInput, Policy
from output_checker.web.security import Form

NOTHING_TYPED: Mapping[str, str] = {}


@dataclass(frozen=True)
class Parameter:
    """A number of a policy, in the words of the form."""

    name: str
    label: str
    hint: str


PARAMETERS = (
    Parameter("threshold", "Smallest count", "Counts below it fail (F01). Larger is stricter."),
    Parameter("class_share", "Largest share of one cell", "Of its row or column, as 0.9 (F04). Smaller is stricter."),
    Parameter("rounding_base", "Rounding base of counts", "As 5; 0 asks for no rounding (F15). Larger is stricter."),
    Parameter("p_percent", "p % rule", "As 0.1 (M03). Larger is stricter."),
    Parameter("residual_dof", "Smallest degrees of freedom", "Of a model's residuals (R01). Larger is stricter."),
    Parameter("significant_digits", "Significant digits", "Of released numbers; 0 leaves them. Smaller is stricter."),
    Parameter("row_level_rows", "Rows of a table", "More are looked at as records (H16). Smaller is stricter."),
    Parameter("approvals", "Approvals", "Different people for every output. Larger is stricter."),
    Parameter("max_request_files", "Files in a request", "At the most. Smaller is stricter."),
)


def policy_of(form: Form) -> Policy:
    """The policy that a form asks for. Raises BadInput that names the field and the reason."""
    asked = {each.name: _number(each, form.text(each.name)) for each in PARAMETERS if form.text(each.name)}
    if form.text("zeros_are_disclosive") == "yes":
        asked["zeros_are_disclosive"] = True
    return policies.tightened_preset(form.text("policy"), asked)


def typed(form: Form) -> dict[str, str]:
    """What was typed, to be shown again."""
    return {name: form.text(name) for name in ("policy", "zeros_are_disclosive", *(each.name for each in PARAMETERS))}


def tightened(policy: Policy) -> dict[str, str]:
    """What a project's policy says beyond the preset of its name, as the form shows it."""
    if policy.name not in policies.preset_names():
        return {}
    preset = policies.load_policy(policy.name)
    own = {each.name: getattr(policy, each.name) for each in PARAMETERS}
    found = {name: f"{value:g}" for name, value in own.items() if value != getattr(preset, name)}
    if policy.zeros_are_disclosive and not preset.zeros_are_disclosive:
        found["zeros_are_disclosive"] = "yes"
    return {"policy": policy.name, **found}


def _number(parameter: Parameter, text: str) -> Any:
    try:
        return int(text) if text.lstrip("-").isdecimal() else float(text)
    except ValueError as error:
        raise BadInput(f"{parameter.label}: {text[:40]!r} is no number.") from error
