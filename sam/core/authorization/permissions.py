"""Everything a person can be allowed to do, in one list."""

from enum import StrEnum


class Permission(StrEnum):
    """A thing somebody may do; the label is what the permissions page shows."""

    label: str

    def __new__(cls, value: str, label: str) -> "Permission":
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    # on an account
    ACCOUNT_VIEW = "account_view", "See the account's name and shared parts"
    PROFILE_VIEW = "profile_view", "See the account's team, contacts, touchpoints and activity"
    ACCOUNT_EDIT = "account_edit", "Change the account's own data"
    FIGURES_VIEW = "figures_view", "See revenue, margin and contribution"
    FIGURES_EDIT = "figures_edit", "Enter and import figures"
    PRICE_EDIT = "price_edit", "Work on price requests and answer them"
    PRICE_APPROVE = "price_approve", "Approve what a price answer gives away"
    CONTACT_EDIT = "contact_edit", "Add and change contacts"
    OPINION_VIEW = "opinion_view", "See opinions on client people (influence, stance)"
    OPINION_EDIT = "opinion_edit", "Record opinions on client people"
    TEAM_EDIT = "team_edit", "Put people on the team, name the sponsor"
    TOUCHPOINT_LOG = "touchpoint_log", "Log touchpoints"
    SCORE_VIEW = "score_view", "See scores, ratings and the proposed tier"
    RATE = "rate", "Rate the account"
    TIER_DECIDE = "tier_decide", "Decide the account's tier"
    PLAN_VIEW = "plan_view", "Read the account plan"
    PLAN_EDIT = "plan_edit", "Write the account plan, objectives and actions"
    ACTION_WORK = "action_work", "Update own actions"
    SURVEY_VIEW = "survey_view", "See survey results"
    SURVEY_SEND = "survey_send", "Prepare and send surveys"
    REVIEW_VIEW = "review_view", "See reviews and the client edition of the pack"
    REVIEW_EDIT = "review_edit", "Schedule and prepare reviews"
    PACK_RENDER = "pack_render", "Render and download the internal pack"
    SHARE = "share", "Give a client a link"

    # across accounts
    PORTFOLIO_FIGURES = "portfolio_figures", "See figures of the whole portfolio"
    ACCOUNT_CREATE = "account_create", "Create, merge and archive accounts"
    BULK_IMPORT = "bulk_import", "Import accounts, contacts and touchpoints"
    EXPORT = "export", "Export what one may see"
    CYCLE_APPROVE = "cycle_approve", "Approve the list of a selection cycle"
    SCORECARD_CONFIGURE = "scorecard_configure", "Change scorecards"
    TEMPLATE_CONFIGURE = "template_configure", "Change survey, plan and agenda templates"
    RATES_EDIT = "rates_edit", "Keep exchange rates"
    CONFIGURE = "configure", "Configure the organisation"
    PEOPLE_ADMIN = "people_admin", "Invite people, give roles, deactivate"
    AUDIT_VIEW = "audit_view", "Read the audit trail"
    SIGNED_IN = "signed_in", "Use one's own pages (my day, profile, bell)"
