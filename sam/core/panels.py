"""What higher apps add to pages of lower ones: panels and tabs of the account page, registered in `ready()`.

`accounts` never imports `planning`; `planning` registers its panel here. A panel is in the page when it
is cheap (`build` gives its template and context); otherwise it is a link with `hx-trigger="load"`, and
without JavaScript the link works.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .authorization.permissions import Permission


@dataclass(frozen=True, slots=True)
class Panel:
    """A box on the account's overview. `build(account, user)` returns the context of `template`, or None to hide it.

    `later` is the URL name of the tab that tells the same: the page comes without the panel then, which loads itself
    in the place of a link to that tab. For what is not cheap and not what the page is opened for.
    """

    key: str
    title: str
    permission: Permission
    order: int
    template: str
    build: Callable[[Any, Any], Mapping[str, Any] | None]
    wide: bool = False
    later: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of the account page: a URL name that takes the account's id; of the portfolio: one without arguments."""

    label: str
    url_name: str
    permission: Permission
    order: int
    # Only for those whose role gives the permission everywhere, not for those who hold it on a seat.
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A key figure of the account page's top row. `build(account, user)` gives label, value, note, tone, trend."""

    key: str
    permission: Permission
    order: int
    build: Callable[[Any, Any], Mapping[str, Any] | None]


# `draw(account, cell)` prints one cell as markup; what came from somebody must be escaped.
Draw = Callable[[Any, Any], str]


@dataclass(frozen=True, slots=True)
class AccountColumn:
    """A column of the portfolio table that another app fills, set-based: `values(ids, user)` → id → cell.

    A cell stands on the page fifty times: where `draw` is given it prints the cell, which is cheaper by far than
    `template` (empty then); the template gets the cell as context, or as `cell`.
    """

    key: str
    label: str
    permission: Permission
    order: int
    template: str
    values: Callable[[list[int], Any], Mapping[int, Any]]
    draw: Draw | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A way to go on, in words."""

    label: str
    url: str
    icon: str


@dataclass(frozen=True, slots=True)
class HeaderAction:
    """A button in the head of the account's overview. `build(account, user)` gives it, or None to leave it out."""

    key: str
    permission: Permission
    order: int
    build: Callable[[Any, Any], Button | None]


_panels: dict[str, Panel] = {}
_header_actions: dict[str, HeaderAction] = {}
_tabs: dict[str, Tab] = {}
_portfolio_tabs: dict[str, Tab] = {}
_figures: dict[str, Figure] = {}
_columns: dict[str, AccountColumn] = {}


def register_panel(panel: Panel) -> None:
    _panels[panel.key] = panel


def register_tab(tab: Tab) -> None:
    _tabs[tab.url_name] = tab


def register_portfolio_tab(tab: Tab) -> None:
    """A tab beside the concentration: a URL name without arguments, for whoever may open the portfolio's figures."""
    _portfolio_tabs[tab.url_name] = tab


def register_figure(figure: Figure) -> None:
    _figures[figure.key] = figure


def register_column(column: AccountColumn) -> None:
    _columns[column.key] = column


def register_header_action(entry: HeaderAction) -> None:
    _header_actions[entry.key] = entry


def panels() -> list[Panel]:
    return sorted(_panels.values(), key=lambda panel: panel.order)


def tabs() -> list[Tab]:
    return sorted(_tabs.values(), key=lambda tab: tab.order)


def portfolio_tabs() -> list[Tab]:
    return sorted(_portfolio_tabs.values(), key=lambda tab: tab.order)


def figures() -> list[Figure]:
    return sorted(_figures.values(), key=lambda figure: figure.order)


def columns() -> list[AccountColumn]:
    return sorted(_columns.values(), key=lambda column: column.order)


def header_actions() -> list[HeaderAction]:
    return sorted(_header_actions.values(), key=lambda entry: entry.order)
