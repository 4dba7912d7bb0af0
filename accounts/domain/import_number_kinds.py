"""Imports of numbers: figures by line, activities, parts of a figure, exchange rates."""

from __future__ import annotations

from accounts.domain.import_kind import ACCOUNT_KEY, Field, ImportKind, KindOfImport, Shape, words

PERIOD = (
    Field(
        "year",
        "Year",
        words("year, fiscal year, fy, jahr, geschaeftsjahr, geschaftsjahr, calendar year"),
        required=True,
        shape=Shape.NUMBER,
    ),
    Field("quarter", "Quarter", words("quarter, qtr, q, quartal, fiscal quarter"), shape=Shape.NUMBER),
    Field("month", "Month", words("month, monat, period, periode, fiscal month"), shape=Shape.NUMBER),
)
YEAR, QUARTER, MONTH = PERIOD
CURRENCY = Field(
    "currency",
    "Currency",
    words("currency, waehrung, wahrung, currency code"),
    hint="The account's currency when empty",
)

FIGURES = KindOfImport(
    ImportKind.FINANCIALS,
    "Figures",
    "Revenue, costs and client spend per month, quarter or year",
    (
        ACCOUNT_KEY,
        *PERIOD,
        Field(
            "kind",
            "Actual, planned or forecast",
            words("kind, type, scenario, version, art, szenario, datenart"),
            shape=Shape.CHOICE,
            hint="Actual when empty",
        ),
        CURRENCY,
        Field(
            "list_revenue",
            "List revenue",
            words(
                "list revenue, list price revenue, gross sales, gross revenue, list value, bruttoumsatz,"
                " listenumsatz, listenpreisumsatz"
            ),
            shape=Shape.AMOUNT,
        ),
        Field(
            "on_invoice_discounts",
            "Discounts on the invoice",
            words(
                "on invoice discounts, on invoice discount, invoice discounts, discounts, discount,"
                " rabatt, rabatte, rechnungsrabatt"
            ),
            shape=Shape.AMOUNT,
            hint="A positive number; it is taken off",
        ),
        Field(
            "rebates",
            "Rebates and bonus",
            words("rebates, rebate, bonus, bonuses, boni, rueckverguetung, ruckvergutung, jahresbonus"),
            shape=Shape.AMOUNT,
            hint="A positive number; it is taken off",
        ),
        Field(
            "freight",
            "Freight",
            words("freight, freight allowance, freight cost, fracht, frachtkosten, frachtverguetung"),
            shape=Shape.AMOUNT,
            hint="A positive number; it is taken off",
        ),
        Field(
            "payment_terms",
            "Payment terms",
            words("payment terms, cash discount, terms cost, skonto, zahlungsbedingungen"),
            shape=Shape.AMOUNT,
            hint="A positive number; it is taken off",
        ),
        Field(
            "revenue",
            "Revenue",
            words(
                "revenue, net revenue, net sales, sales, turnover, umsatz, nettoumsatz, erloes, erlos, erloese,"
                " umsatzerloese, amount, betrag, total revenue, revenue net"
            ),
            shape=Shape.AMOUNT,
        ),
        Field(
            "cost_of_goods",
            "Cost of goods (variable)",
            words(
                "cost of goods, cogs, cost of goods sold, cost of sales, variable cost of goods, variable cost,"
                " wareneinsatz, herstellkosten, herstellungskosten, materialkosten, variable kosten"
            ),
            shape=Shape.AMOUNT,
        ),
        Field(
            "cost_of_goods_fixed",
            "Cost of goods (fixed)",
            words("cost of goods fixed, fixed cost of goods, fixed cogs, fixed costs, fixkosten"),
            shape=Shape.AMOUNT,
        ),
        Field(
            "cost_to_serve",
            "Cost to serve",
            words("cost to serve, service cost, servicekosten, betreuungskosten, vertriebskosten"),
            shape=Shape.AMOUNT,
        ),
        Field(
            "cost_to_serve_variable",
            "Variable part of the cost to serve",
            words("cost to serve variable, variable cost to serve, variable service cost, variable servicekosten"),
            shape=Shape.AMOUNT,
        ),
        Field(
            "client_spend",
            "Client spend in our categories",
            words("client spend, customer spend, wallet, spend, kundenbedarf, einkaufsvolumen, bedarf"),
            shape=Shape.AMOUNT,
        ),
        Field(
            "receivables",
            "Receivables at the end",
            words("receivables, accounts receivable, open items, debtors balance, forderungen, offene posten"),
            shape=Shape.AMOUNT,
        ),
    ),
)

ACTIVITIES = KindOfImport(
    ImportKind.ACTIVITIES,
    "Activities",
    "Orders, deliveries, returns, visits and hours per month, quarter or year",
    (
        ACCOUNT_KEY,
        *PERIOD,
        Field(
            "driver",
            "Activity",
            words(
                "driver, activity, activity type, cost driver, kostentreiber, aktivitaet,"
                " aktivitat, taetigkeit, vorgang"
            ),
            required=True,
            shape=Shape.CHOICE,
        ),
        Field(
            "quantity",
            "How many",
            words("quantity, volume, number of, anzahl, menge, count, qty, hours, stunden"),
            required=True,
            shape=Shape.AMOUNT,
        ),
    ),
)
SPLITS = KindOfImport(
    ImportKind.SPLITS,
    "Mix by offer and unit",
    "Parts of an account's revenue by offer or by the client's unit",
    (
        ACCOUNT_KEY,
        *PERIOD,
        Field(
            "dimension",
            "Offer or unit",
            words("dimension, split by, breakdown, aufteilung, gliederung"),
            required=True,
            shape=Shape.CHOICE,
        ),
        Field(
            "name",
            "Name of the part",
            words(
                "name, part, offer, product group, product, unit, site, produktgruppe, warengruppe, sparte, standort"
            ),
            required=True,
        ),
        CURRENCY,
        FIGURES.field("revenue"),
        FIGURES.field("cost_of_goods"),
    ),
)
RATES = KindOfImport(
    ImportKind.RATES,
    "Exchange rates",
    "What one unit of a currency was worth in the reporting currency, per quarter",
    (
        Field("currency", "Currency", CURRENCY.words, required=True),
        YEAR,
        Field(QUARTER.name, QUARTER.label, QUARTER.words, required=True, shape=Shape.NUMBER),
        Field("rate", "Rate", words("rate, exchange rate, kurs, wechselkurs, fx rate, fx"), required=True),
    ),
)
