"""One person per role first; all addresses are first.last@example.com, the admin's is admin@example.com."""

from __future__ import annotations

import unicodedata

from django.contrib.auth.hashers import make_password

from sam.core.audit import action
from sam.core.models import Organisation, User

COMPANY = "Thalbrook Flow SE"
PASSWORD = "demo"  # noqa: S105 - printed on purpose; production refuses to start with demo people

# name, role, job title, line manager
PEOPLE = (
    ("Robin Ahlers", "admin", "Head of business applications", ""),
    ("Ingrid Vossberg", "programme_lead", "Head of strategic accounts", ""),
    ("Nadia Ferrant", "account_manager", "Strategic account manager", "Ingrid Vossberg"),
    ("Helene Straub", "executive_sponsor", "Chief operating officer", "Matthias Rehland"),
    ("Petra Lohse", "finance_partner", "Sales controller", "Joris Vandamme"),
    ("Ravi Menon", "team_member", "Application engineer", ""),
    ("Jana Wiesner", "viewer", "Internal audit", ""),
    ("Matthias Rehland", "executive_sponsor", "Chief executive officer", ""),
    ("Marek Doležal", "account_manager", "Strategic account manager", "Ingrid Vossberg"),
    ("Chiara Bonvento", "account_manager", "Strategic account manager", "Ingrid Vossberg"),
    ("Tom Haskell", "account_manager", "Regional sales manager", "Ingrid Vossberg"),
    ("Anton Reiser", "account_manager", "Strategic account manager", "Ingrid Vossberg"),
    ("Joris Vandamme", "executive_sponsor", "Chief financial officer", "Matthias Rehland"),
    ("Amara Kern", "executive_sponsor", "Chief technology officer", "Matthias Rehland"),
    ("Birgit Aalto", "team_member", "Service manager", ""),
    ("Luc Tessier", "team_member", "Innovation manager", ""),
    ("Ewa Sobczak", "team_member", "Logistics manager", ""),
    ("Jonas Pfahl", "team_member", "Contracts counsel", ""),
    ("Sofia Almeida", "team_member", "Project manager", ""),
)
LEFT = "Anton Reiser"

People = dict[str, User]


def address(name: str) -> str:
    """first.last@example.com without accents and titles."""
    words = [word for word in name.split() if not word.endswith(".")]
    plain = unicodedata.normalize("NFKD", f"{words[0]}.{words[-1]}".lower())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter)).replace("ß", "ss")
    return f"{letters.replace('ø', 'o').replace('ł', 'l')}@example.com"


def build_people() -> People:
    """People by their name."""
    add_people(by=None)
    found = {user.display_name: user for user in User.objects.filter(is_demo=True)}
    return {name: found[name] for name, *_ in PEOPLE}


@action("set up the demo company")
def add_people(*, by: User | None) -> None:
    if not Organisation.objects.exists():
        Organisation.objects.create(
            pk=1,
            name=COMPANY,
            imprint_url="https://www.example.com/imprint",
            privacy_url="https://www.example.com/privacy",
        )
    # Hashed once: nineteen slow hashes would be most of the set-up.
    password = make_password(PASSWORD)
    for name, role, title, _ in PEOPLE:
        email = "admin@example.com" if role == "admin" else address(name)
        User.objects.get_or_create(
            email=email,
            defaults={
                "display_name": name,
                "role_key": role,
                "job_title": title,
                "password": password,
                "is_demo": True,
                "is_active": name != LEFT,
            },
        )
    people = {user.display_name: user for user in User.objects.filter(is_demo=True)}
    for name, _, _, manager in PEOPLE:
        if manager:
            User.objects.filter(pk=people[name].pk).update(line_manager=people[manager])
