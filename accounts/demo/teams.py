"""Who of us sits on which account, and who is paired with whom."""

from __future__ import annotations

from datetime import date, timedelta

from accounts.actions.seats import end_seat, give_seat
from accounts.demo.accounts import Accounts
from accounts.demo.people import People
from accounts.models import TeamSeat

# Short names of people: the first name is enough here.
# account: role, person, share of time, day the seat began (days before today)
SEATS = {
    "Oremund": (
        "deputy Marek 5 290, finance_lead Petra 10 290, technical_expert Ravi 10 290, service_lead Birgit 10 290,"
        " innovator Luc 5 290, collaborator Ewa 5 290, contracts Jonas 2 290, project_manager Sofia 10 290"
    ),
    "Skoggrim": "deputy Chiara 5 290, technical_expert Ravi 10 290, service_lead Birgit 10 290, contracts Jonas 2 290",
    "Montevarra": (
        "deputy Nadia 5 290, finance_lead Petra 5 290, technical_expert Ravi 5 290, service_lead Birgit 5 290,"
        " contracts Jonas 2 290"
    ),
    "Dunmarsh": "technical_expert Luc 5 290, service_lead Ewa 5 290",
    "Havelgrund": "technical_expert Luc 5 290, service_lead Birgit 5 290",
    "Merrowick": "technical_expert Luc 5 290, service_lead Ewa 5 290",
    "Quillaraya": "technical_expert Luc 5 290, service_lead Ewa 5 290",
    "Lindqvara": "technical_expert Ravi 5 290, service_lead Birgit 5 290",
}
LEADS = {
    "Oremund": ("Nadia", 40, 114),
    "Skoggrim": ("Marek", 40, 700),
    "Montevarra": ("Chiara", 40, 700),
    "Dunmarsh": ("Marek", 15, 700),
    "Havelgrund": ("Marek", 15, 700),
    "Merrowick": ("Marek", 15, 700),
    "Quillaraya": ("Nadia", 15, 400),
    "Lindqvara": ("Chiara", 15, 400),
}
# account, sponsor, peer, rhythm in days, began (days before today); two old terms nobody ended
SPONSORS = (
    ("Oremund", "Helene", "Dr. Karin Osthoff", 60, 680),
    ("Oremund", "Joris", "Dr. Florian Brandeis", 60, 188),
    ("Skoggrim", "Helene", "Sigurd Aas", 45, 670),
    ("Montevarra", "Amara", "Giulia Ravenna", 60, 640),
    ("Havelgrund", "Helene", "Dr. Ute Brenner", 120, 640),
    ("Merrowick", "Helene", "Colin Strade", 120, 640),
    ("Quillaraya", "Ingrid", "Rodrigo Altamira", 120, 400),
    ("Ketterau", "Helene", "", 120, 700),
    ("Brastholm", "Helene", "", 120, 700),
)

Terms = tuple[tuple[str, str, str, int, int], ...]


def first_names(people: People) -> People:
    return {name.split()[0]: user for name, user in people.items()}


def build_teams(accounts: Accounts, people: People, today: date) -> Terms:
    """Seats; the sponsors' terms wait until their peers exist."""
    ingrid, known = people["Ingrid Vossberg"], first_names(people)
    for short, account in accounts.items():
        TeamSeat.objects.filter(account=account, role=TeamSeat.Role.LEAD).update(
            starts_on=today - timedelta(days=LEADS[short][2] if short in LEADS else 700),
            allocation=LEADS[short][1] if short in LEADS else 1,
        )
        for line in filter(None, SEATS.get(short, "").split(",")):
            role, name, share, began = line.split()
            give_seat(
                account=account, user=known[name], role=role, allocation=int(share),
                starts_on=today - timedelta(days=int(began)), by=ingrid,
            )  # fmt: skip
    _former_lead(accounts, people, today)
    return SPONSORS


def _former_lead(accounts: Accounts, people: People, today: date) -> None:
    """Anton led Oremund until he resigned."""
    anton = people["Anton Reiser"]
    seat = TeamSeat.objects.create(
        account=accounts["Oremund"],
        user=anton,
        role=TeamSeat.Role.LEAD,
        access="lead",
        allocation=40,
        starts_on=today - timedelta(days=700),
    )
    end_seat(account=accounts["Oremund"], seat=seat, ends_on=today - timedelta(days=133), by=people["Ingrid Vossberg"])
