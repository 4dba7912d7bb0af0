"""Countries and currencies by the names and codes that files use (ISO 3166 and ISO 4217)."""

import gettext
from functools import cache

import pycountry

from sam.values.texts import fold

_OTHER_NAMES = {
    "uk": "GB",
    "great britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "grossbritannien": "GB",
    "usa": "US",
    "u.s.a.": "US",
    "u.s.": "US",
    "united states of america": "US",
    "holland": "NL",
    "the netherlands": "NL",
    "niederlande": "NL",
    "czech republic": "CZ",
    "tschechien": "CZ",
    "south korea": "KR",
    "korea": "KR",
    "russia": "RU",
    "turkey": "TR",
    "turkei": "TR",
    "vietnam": "VN",
    "taiwan": "TW",
    "hong kong": "HK",
    "uae": "AE",
    "ivory coast": "CI",
    "macedonia": "MK",
    "moldova": "MD",
    "bolivia": "BO",
    "venezuela": "VE",
    "tanzania": "TZ",
    "iran": "IR",
    "syria": "SY",
    "laos": "LA",
    "brunei": "BN",
}


@cache
def _countries() -> dict[str, str]:
    """Folded name or code → the name as written in English."""
    german = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["de"], fallback=True)
    known: dict[str, str] = {}
    by_code: dict[str, str] = {}
    for country in pycountry.countries:
        name = getattr(country, "common_name", country.name)
        by_code[country.alpha_2] = name
        for form in (country.alpha_2, country.alpha_3, country.name, name, getattr(country, "official_name", name)):
            known.setdefault(fold(form), name)
        known.setdefault(fold(german.gettext(country.name)), name)
    for form, code in _OTHER_NAMES.items():
        known[form] = by_code[code]
    return known


@cache
def country_named(text: str) -> str | None:
    """The English name of the country that a name or code of two or three letters means; None when unknown.

    English and German names count: "Deutschland", "DE" and "DEU" are Germany.
    """
    return _countries().get(fold(text))


@cache
def currency_codes() -> frozenset[str]:
    """Every ISO 4217 code in use."""
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)
