"""Numbers of the demo story as its tables print them: eight programme accounts per quarter, thirty others per year."""

from decimal import Decimal

from sam.values.periods import Quarter, trailing_quarters

QUARTERS = trailing_quarters(Quarter(2026, 3), 8)


def numbers(text: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(word) for word in text.split())


RATES = {
    "EUR": (Decimal(1),) * 8,
    "GBP": numbers("1.20 1.19 1.18 1.155 1.14 1.15 1.155 1.15"),
    "USD": numbers(".94 .95 .885 .855 .86 .855 .85 .855"),
    "SEK": numbers(".0870 .0890 .0915 .0895 .0910 .0925 .0915 .0910"),
}

# account: currency, revenue, gross margin in percent, cost to serve, client spend now and before in millions of euros
PROGRAMME = {
    "Oremund": (
        "EUR",
        numbers("9.6 9.8 10.1 10.3 10.6 10.4 10.5 10.2"),
        numbers("33.6 33.4 33.5 33.1 32.6 31.9 31.2 30.1"),
        numbers(".71 .72 .74 .78 .86 .92 .98 1.00"),
        numbers("66.5 64.0"),
    ),
    "Skoggrim": (
        "EUR",
        numbers("8.4 8.2 8.3 7.9 7.8 7.3 7.0 6.6"),
        numbers("29.5 29.2 29.0 28.8 28.1 27.7 27.2 26.9"),
        numbers(".78 .80 .81 .84 .88 .90 .91 .92"),
        numbers("54.0 56.0"),
    ),
    "Montevarra": (
        "EUR",
        numbers("4.6 4.7 4.9 5.0 5.1 5.3 5.4 5.6"),
        numbers("36.8 36.9 37.2 37.3 37.6 37.8 38.0 38.1"),
        numbers(".31 .31 .32 .33 .33 .34 .35 .36"),
        numbers("31.0 30.0"),
    ),
    "Dunmarsh": (
        "GBP",
        numbers("7.6 7.4 8.1 8.4 7.9 7.7 8.6 8.8"),
        numbers("19.5 19.2 18.8 18.5 18.1 17.8 17.4 17.0"),
        numbers("1.12 1.18 1.30 1.40 1.55 1.62 1.75 1.85"),
        numbers("52.0 50.0"),
    ),
    "Havelgrund": (
        "EUR",
        numbers("2.9 3.0 2.8 2.9 3.0 3.1 3.0 3.1"),
        numbers("34.0 34.1 33.9 34.0 34.2 34.1 34.3 34.2"),
        numbers(".15 .15 .15 .15 .16 .16 .16 .16"),
        numbers("23.0 22.5"),
    ),
    "Merrowick": (
        "GBP",
        numbers("3.4 3.3 3.1 2.9 2.8 2.5 2.2 1.9"),
        numbers("27.0 26.6 26.1 25.5 25.0 24.4 23.7 23.0"),
        numbers(".29 .29 .30 .31 .31 .32 .33 .34"),
        numbers("21.0 22.0"),
    ),
    "Quillaraya": (
        "USD",
        numbers(".9 1.1 1.2 1.5 1.8 2.0 2.3 2.7"),
        numbers("41.0 41.2 41.5 41.8 42.0 42.4 42.8 43.0"),
        numbers(".12 .13 .14 .16 .18 .20 .22 .24"),
        numbers("48.0 44.0"),
    ),
    "Lindqvara": (
        "SEK",
        numbers("14.2 14.8 15.6 16.9 17.5 18.8 19.6 20.4"),
        numbers("47.0 47.3 47.8 48.0 48.3 48.6 48.9 49.0"),
        numbers(".62 .63 .66 .70 .72 .75 .78 .80"),
        numbers("17.5 16.0"),
    ),
}

# account: revenue of twelve months in millions of euros, contribution in percent; Tiszamark is not convertible
OTHERS_TABLE = """
    Brastholm 7.9 15, Varonne 6.8 6, Ketterau 6.1 -4, Pellworth 5.2 9, Ostrevka 4.9 12, Grunholt 4.4 -7,
    Solmarina 4.1 17, Tavasjoki 3.8 13, Ruscombe 3.3 14, Almadria 3.0 -2, Zellmoor 2.8 -11, Corvanti 2.5 16,
    Hollinmere 2.3 21, Bergsund 2.1 10, Lavrenne 1.9 24, Kronfeld 1.6 19, Penhallan 1.5 -8, Duravel 1.3 13,
    Morskava 1.2 11, Eiderhof 1.1 18, Santorel 1.0 9, Vantaur 0.9 26, Glenorrin 0.9 20, Brezna 0.8 -14,
    Lumarca 0.7 15, Oudezand 0.7 -19, Kaltenmoos 0.6 17, Fennhollow 0.5 10, Arvenholm 0.5 28
"""
OTHERS = {
    name: (Decimal(revenue), Decimal(percent))
    for name, revenue, percent in (row.split() for row in OTHERS_TABLE.split(","))
}


def year_in_euros(account: str, back: int = 0) -> tuple[Decimal, Decimal]:
    """(revenue, contribution) of the twelve months to Q3/26, or of the twelve before (``back`` 1)."""
    currency, revenue, gross, cost, _ = PROGRAMME[account]
    part = slice(0, 4) if back else slice(4, 8)
    rows = list(zip(revenue, gross, cost, RATES[currency], strict=True))[part]
    return (
        sum((amount * rate for amount, _, _, rate in rows), Decimal(0)),
        sum(((amount * percent / 100 - served) * rate for amount, percent, served, rate in rows), Decimal(0)),
    )


def portfolio() -> dict[str, tuple[Decimal, Decimal]]:
    """(revenue, contribution) of all 37 convertible accounts in the twelve months to Q3/26."""
    rows = {account: year_in_euros(account) for account in PROGRAMME}
    return rows | {name: (revenue, revenue * percent / 100) for name, (revenue, percent) in OTHERS.items()}
