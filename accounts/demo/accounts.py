"""Three strategic, five key and thirty other accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.actions.accounts import create_account
from accounts.demo.people import People
from accounts.models import Account
from sam.core.audit import action
from sam.core.models import User


@dataclass(frozen=True, slots=True)
class Known:
    """What the story says about an account; `short` is its name in the story."""

    name: str
    tier: str
    country: str
    region: str
    industry: str
    currency: str
    owner: str

    @property
    def short(self) -> str:
        return self.name.split()[0]


PROGRAMME = (
    Known("Oremund Chemie AG", "strategic", "Germany", "DACH", "Chemicals", "EUR", "Nadia Ferrant"),
    Known("Skoggrim Paper ASA", "strategic", "Norway", "Nordics", "Pulp and paper", "EUR", "Marek Doležal"),
    Known("Montevarra Foods SpA", "strategic", "Italy", "South", "Food", "EUR", "Chiara Bonvento"),
    Known("Dunmarsh Water plc", "key", "United Kingdom", "UK and Ireland", "Water", "GBP", "Marek Doležal"),
    Known("Havelgrund Wärme GmbH", "key", "Germany", "DACH", "District heating", "EUR", "Marek Doležal"),
    Known("Merrowick Marine Ltd", "key", "United Kingdom", "UK and Ireland", "Shipbuilding", "GBP", "Marek Doležal"),
    Known("Quillaraya Minerals SA", "key", "Chile", "Americas", "Mining", "USD", "Nadia Ferrant"),
    Known("Lindqvara Pharma AB", "key", "Sweden", "Nordics", "Pharma", "SEK", "Chiara Bonvento"),
)

# name; country; region; industry
OTHERS_TABLE = """
Brastholm Dairies; Denmark; Nordics; Food
Varonne Sucre; France; West; Food
Ketterau Steel; Germany; DACH; Steel
Pellworth Packaging; United Kingdom; UK and Ireland; Packaging
Ostrevka Refining; Poland; East; Refining
Grunholt Cement; Germany; DACH; Cement
Solmarina Desalination; Spain; South; Water
Tavasjoki Pulp; Finland; Nordics; Pulp and paper
Ruscombe Breweries; United Kingdom; UK and Ireland; Beverages
Almadria Fertilisers; Portugal; South; Chemicals
Zellmoor Textiles; Austria; DACH; Textiles
Corvanti Ceramics; Italy; South; Ceramics
Hollinmere Hospitals; Ireland; UK and Ireland; Healthcare
Bergsund Shipyards; Norway; Nordics; Shipbuilding
Lavrenne Cosmetics; France; West; Cosmetics
Tiszamark Agro; Hungary; East; Agriculture
Kronfeld Utilities; Switzerland; DACH; District heating
Penhallan Mining; United Kingdom; UK and Ireland; Mining
Duravel Plastics; Belgium; West; Plastics
Morskava Ports; Croatia; South; Ports
Eiderhof Biogas; Germany; DACH; Energy
Santorel Paints; Spain; South; Chemicals
Vantaur Electronics; Finland; Nordics; Electronics
Glenorrin Distillers; United Kingdom; UK and Ireland; Beverages
Brezna Glassworks; Czechia; East; Glass
Lumarca Lighting; Italy; South; Electronics
Oudezand Dredging; Netherlands; West; Construction
Kaltenmoos Snow Systems; Austria; DACH; Tourism
Fennhollow Farms; United Kingdom; UK and Ireland; Agriculture
Arvenholm Data Centres; Sweden; Nordics; Data centres
"""
OTHERS = tuple(
    Known(name, "", country, region, industry, "HUF" if name.startswith("Tiszamark") else "EUR", "Tom Haskell")
    for name, country, region, industry in (line.split("; ") for line in OTHERS_TABLE.strip().splitlines())
)

Accounts = dict[str, Account]


def build_accounts(people: People) -> Accounts:
    """Accounts by their short name."""
    ingrid = people["Ingrid Vossberg"]
    made = {
        known.short: create_account(
            name=known.name,
            country=known.country,
            region=known.region,
            industry=known.industry,
            currency=known.currency,
            owner=people[known.owner],
            key=f"{number:05d}",
            source="erp",
            by=ingrid,
        )
        for number, known in enumerate((*PROGRAMME, *OTHERS), start=10417)
    }
    found_programme(by=ingrid)
    for account in made.values():
        account.refresh_from_db()
    return made


@action("made the first list by gut feeling")
def found_programme(*, by: User | None) -> None:
    """The list of the programme's first autumn; every later tier is decided from scores."""
    began = timezone.now() - timedelta(days=740)
    for known in PROGRAMME:
        Account.objects.filter(name=known.name).update(tier=known.tier)
    Account.objects.filter(name__in=[known.name for known in (*PROGRAMME, *OTHERS)]).update(created_at=began)
