"""Who may do what: one table of roles, one table of seat accesses.

A role gives some permissions everywhere and some only on accounts where the
person holds an open seat. A seat's access adds to that on its account.
"""

from dataclasses import dataclass

from .permissions import Permission as P


@dataclass(frozen=True, slots=True)
class Role:
    """What the organisation made somebody: permissions everywhere, and on own seats."""

    key: str
    label: str
    summary: str
    everywhere: frozenset[P]
    on_seat: frozenset[P] = frozenset()


@dataclass(frozen=True, slots=True)
class SeatAccess:
    """What a seat on an account opens there, whatever the role."""

    key: str
    label: str
    permissions: frozenset[P]


BASICS = frozenset({P.SIGNED_IN})
READ = frozenset(
    {P.ACCOUNT_VIEW, P.PROFILE_VIEW, P.SCORE_VIEW, P.PLAN_VIEW, P.SURVEY_VIEW, P.REVIEW_VIEW},
)
SHARED_PARTS = frozenset({P.ACCOUNT_VIEW, P.REVIEW_VIEW})
LEADING = READ | {
    P.ACCOUNT_EDIT,
    P.FIGURES_VIEW,
    P.PRICE_EDIT,
    P.CONTACT_EDIT,
    P.OPINION_VIEW,
    P.OPINION_EDIT,
    P.TEAM_EDIT,
    P.TOUCHPOINT_LOG,
    P.RATE,
    P.PLAN_EDIT,
    P.ACTION_WORK,
    P.SURVEY_SEND,
    P.REVIEW_EDIT,
    P.PACK_RENDER,
    P.SHARE,
}
SPONSORING = READ | {
    P.FIGURES_VIEW,
    P.OPINION_VIEW,
    P.TOUCHPOINT_LOG,
    P.RATE,
    P.ACTION_WORK,
    P.PACK_RENDER,
}
CONTRIBUTING = READ | {P.TOUCHPOINT_LOG, P.PLAN_EDIT, P.ACTION_WORK}

ROLES: dict[str, Role] = {
    role.key: role
    for role in (
        Role(
            "admin",
            "Admin",
            "Configures everything; sees all names, no figures and no opinions",
            BASICS | {P.ACCOUNT_VIEW, P.CONFIGURE, P.PEOPLE_ADMIN, P.AUDIT_VIEW, P.TEMPLATE_CONFIGURE},
        ),
        Role(
            "programme_lead",
            "Programme lead",
            "Runs the programme: sees and edits every account",
            BASICS
            | LEADING
            | {
                P.FIGURES_EDIT,
                P.PRICE_APPROVE,
                P.TIER_DECIDE,
                P.PORTFOLIO_FIGURES,
                P.ACCOUNT_CREATE,
                P.BULK_IMPORT,
                P.EXPORT,
                P.SCORECARD_CONFIGURE,
                P.TEMPLATE_CONFIGURE,
            },
        ),
        Role(
            "account_manager",
            "Account manager",
            "Leads accounts: everything on the own seats",
            BASICS | {P.EXPORT},
            LEADING,
        ),
        Role(
            "executive_sponsor",
            "Executive sponsor",
            "Reads the own accounts and the portfolio's figures; logs contacts with the client's executives",
            BASICS | {P.PORTFOLIO_FIGURES, P.CYCLE_APPROVE},
            SPONSORING | {P.PRICE_APPROVE},
        ),
        Role(
            "finance_partner",
            "Finance partner",
            "Keeps the figures of every account right",
            BASICS
            | READ
            | {
                P.FIGURES_VIEW,
                P.FIGURES_EDIT,
                P.PRICE_EDIT,
                P.PORTFOLIO_FIGURES,
                P.RATES_EDIT,
                P.RATE,
                P.EXPORT,
            },
            frozenset({P.TOUCHPOINT_LOG, P.ACTION_WORK}),
        ),
        Role(
            "team_member",
            "Team member",
            "Works on accounts where they hold a seat",
            BASICS,
            CONTRIBUTING,
        ),
        Role(
            "reader",
            "Reader",
            "Reads every account with its figures, no opinions on people",
            BASICS | READ | {P.FIGURES_VIEW, P.PORTFOLIO_FIGURES, P.EXPORT},
        ),
        Role(
            "viewer",
            "Viewer",
            "Sees all names and what is shared with clients",
            BASICS | SHARED_PARTS,
        ),
    )
}

SEAT_ACCESSES: dict[str, SeatAccess] = {
    access.key: access
    for access in (
        SeatAccess("lead", "Lead", LEADING),
        SeatAccess("sponsor", "Sponsor", SPONSORING),
        SeatAccess(
            "finance_lead",
            "Finance lead",
            READ
            | {
                P.FIGURES_VIEW,
                P.FIGURES_EDIT,
                P.PRICE_EDIT,
                P.TOUCHPOINT_LOG,
                P.RATE,
                P.ACTION_WORK,
                P.PACK_RENDER,
            },
        ),
        SeatAccess("member", "Member", CONTRIBUTING | {P.CONTACT_EDIT}),
        SeatAccess("observer", "Observer", READ),
    )
}

ROLE_CHOICES = [(role.key, role.label) for role in ROLES.values()]
ACCESS_CHOICES = [(access.key, access.label) for access in SEAT_ACCESSES.values()]


def roles_with(permission: P) -> set[str]:
    """Keys of the roles that give `permission` on every account."""
    return {role.key for role in ROLES.values() if permission in role.everywhere}


def accesses_with(permission: P) -> set[str]:
    """Keys of the seat accesses that give `permission` on their account."""
    return {access.key for access in SEAT_ACCESSES.values() if permission in access.permissions}
