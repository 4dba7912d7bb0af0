"""Who an account of a tier needs, and in which rhythm we keep in touch with its people."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RoleRule:
    """One role on an account: which tiers need it, which may use it, usual share of time (%), access of the seat."""

    role: str
    answers_for: str
    access: str
    required: frozenset[str]
    useful: frozenset[str]
    shares: dict[str, int]


def _rule(role: str, marks: str, shares: str, access: str, answers_for: str) -> RoleRule:
    tiers = ("key", "strategic", "global")
    percents = dict(zip(tiers, (int(share) for share in shares.split()), strict=True))
    return RoleRule(
        role,
        answers_for,
        access,
        frozenset(tier for tier, mark in zip(tiers, marks, strict=True) if mark == "R"),
        frozenset(tier for tier, mark in zip(tiers, marks, strict=True) if mark == "u"),
        percents,
    )


# R required, u useful, - not used, for key, strategic and global accounts.
ROLE_RULES = {
    rule.role: rule
    for rule in (
        _rule("account_lead", "RRR", "15 40 100", "lead", "the plan and the result"),
        _rule("deputy", "uRR", "5 10 20", "lead", "taking over within a day"),
        _rule("sponsor", "uRR", "1 5 5", "sponsor", "the pair at the top, unblocking"),
        _rule("finance_lead", "uRR", "2 5 15", "finance_lead", "account result, price requests"),
        _rule("relationship_lead", "-uR", "10 10 10", "member", "coverage of people"),
        _rule("results_driver", "-uR", "10 10 10", "member", "actions on time, on both sides"),
        _rule("technical_expert", "RRR", "5 10 30", "member", "fit and trials"),
        _rule("innovator", "-uR", "5 5 5", "member", "ideas tried with the client"),
        _rule("service_lead", "RRR", "5 10 25", "member", "what was promised arrives"),
        _rule("collaborator", "-uR", "5 5 5", "member", "sister units and countries pull one way"),
        _rule("project_manager", "-uu", "5 5 5", "observer", "joint projects"),
        _rule("contracts", "-RR", "2 2 2", "observer", "dates and clauses"),
    )
}
SPONSOR_BEATS = {"key": 120, "strategic": 60, "global": 45}
CONTACT_BEATS = {"key": 90, "strategic": 60, "global": 45}


def access_for(role: str) -> str:
    """The seat access that goes with a role; observer for a role without a rule."""
    rule = ROLE_RULES.get(role)
    return rule.access if rule else "observer"


def share_for(role: str, tier: str) -> int:
    """The usual share of time in percent; that of a key account outside the programme."""
    rule = ROLE_RULES.get(role)
    return rule.shares.get(tier, rule.shares["key"]) if rule else 5


def is_core(role: str, tier: str) -> bool:
    """Core team = a role the tier requires; outside the programme only the lead."""
    rule = ROLE_RULES.get(role)
    return bool(rule and tier in rule.required) or role == "account_lead"


def missing_roles(tier: str, filled: Iterable[str]) -> list[RoleRule]:
    """Required roles that nobody fills, in the order of the table; none outside the programme."""
    have = set(filled)
    return [rule for rule in ROLE_RULES.values() if tier in rule.required and rule.role not in have]


def sponsor_beat(tier: str) -> int:
    """Days within which sponsor and client executive are in contact; 120 outside the programme."""
    return SPONSOR_BEATS.get(tier, 120)


def contact_beat(tier: str) -> int | None:
    """Days within which somebody of ours is in contact with a key person; None outside the programme."""
    return CONTACT_BEATS.get(tier)
