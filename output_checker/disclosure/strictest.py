"""The policy that is as strict as the strictest of several, parameter by parameter, and the tightening of one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any, Final

from output_checker.model import BadInput, Policy

_NAMES: Final = ("name", "version")


def strictest(policies: Sequence[Policy]) -> Policy:
    """Join policies: the output must satisfy each of them. Raises BadInput when there is none."""
    if not policies:
        raise BadInput("there is no policy to judge by")
    if len({policy.digest for policy in policies}) == 1:
        return policies[0]
    pairs = {pair for policy in policies for pair in policy.dominance}
    limits = {n: min(k for m, k in pairs if m == n) for n, _ in pairs}
    digits = [policy.significant_digits for policy in policies if policy.significant_digits]
    return Policy(
        name=" + ".join(sorted({policy.name for policy in policies})),
        version=" + ".join(f"{policy.name} {policy.version}" for policy in sorted(policies, key=lambda p: p.name)),
        threshold=max(policy.threshold for policy in policies),
        zeros_are_disclosive=any(policy.zeros_are_disclosive for policy in policies),
        class_share=min(policy.class_share for policy in policies),
        rounding_base=max(policy.rounding_base for policy in policies),
        dominance=tuple(sorted(limits.items())),
        p_percent=max(policy.p_percent for policy in policies),
        residual_dof=max(policy.residual_dof for policy in policies),
        significant_digits=min(digits, default=0),
        row_level_rows=min(policy.row_level_rows for policy in policies),
        row_level_uniqueness=min(policy.row_level_uniqueness for policy in policies),
        max_file_bytes=min(policy.max_file_bytes for policy in policies),
        max_request_files=min(policy.max_request_files for policy in policies),
        approvals=max(policy.approvals for policy in policies),
    )


def tighten(policy: Policy, values: Mapping[str, Any]) -> Policy:
    """The policy with stricter values of some parameters; its version says which, so that a reader of the digest can.

    Raises BadInput that names a value that makes no sense, or one that would loosen the policy.
    """
    asked = replace(Policy.from_mapping({**asdict(policy), **values}), name=policy.name, version=policy.version)
    both = strictest([policy, asked])
    changed = []
    for name in (field.name for field in fields(Policy) if field.name not in _NAMES):
        own, wanted = getattr(policy, name), getattr(asked, name)
        if wanted != getattr(both, name):
            raise BadInput(
                f"{name} = {wanted} is looser than the {own} of {policy.name}. A project may tighten a policy and not "
                "loosen it; choose another policy for that."
            )
        if wanted != own:
            changed.append(f"{name} {wanted}")
    if not changed:
        return policy
    return replace(both, name=policy.name, version=f"{policy.version}, tightened: {', '.join(changed)}")
