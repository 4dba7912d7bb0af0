"""Which files of the browser libraries the product serves, and the icon sprite made from Tabler's outline icons."""

import re
from pathlib import Path
from types import MappingProxyType
from typing import Final

# Path under the static root -> file inside node_modules. Nothing else of node_modules is reachable.
LIBRARY_FILES: Final = MappingProxyType(
    {
        "vendor/basecoat.min.css": "basecoat-css/dist/basecoat.cdn.min.css",
        "vendor/inter-latin.woff2": "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
        "vendor/inter-latin-ext.woff2": "@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2",
    }
)

SPRITE_PATH: Final = "vendor/icons.svg"
ICON_FOLDER: Final = "@tabler/icons/icons/outline"

# Tabler names; one line per letter. `{% icon %}` refuses a name that is not here, so a typing error fails at once.
ICON_NAMES: Final = frozenset(
    """
    adjustments alert-circle alert-triangle archive arrow-back-up arrow-down arrow-left arrow-merge arrow-right arrow-up
    at award
    ban bell binary-tree bolt book books briefcase building building-bank building-skyscraper bulb
    calculator calendar calendar-check calendar-due calendar-event calendar-plus
    chart-bar chart-dots chart-line chart-pie
    check checklist checks chevron-down chevron-left chevron-right chevron-up circle circle-check circle-dashed
    circle-half-2 circle-x clipboard-check clipboard-list clock clock-hour-4 cloud-off columns-3 compass confetti copy
    corner-down-right crown currency-euro
    database device-desktop device-floppy device-mobile diamond dots dots-vertical download
    edit exchange external-link eye eye-off
    fall file file-check file-download file-export file-import file-spreadsheet file-text file-type-pdf filter
    filter-off flag flame
    gauge gift git-branch git-merge globe grid-dots
    heart-handshake help hierarchy hierarchy-2 history home hourglass
    id inbox info-circle
    key keyboard
    language layers-intersect layout-board layout-dashboard layout-grid layout-list lifebuoy link link-off list
    list-check list-details list-numbers loader-2 lock lock-open login logout
    mail mail-forward map map-pin math-function menu-2 message message-2 messages minus mood-neutral mood-sad mood-smile
    moon
    note notes
    package paperclip pencil percentage phone photo pin pinned player-pause player-play plug plus point presentation
    presentation-analytics printer progress puzzle
    question-mark
    receipt refresh repeat report report-analytics rocket rotate route ruler
    scale schema search selector send server settings share shield shield-check shield-lock sitemap sort-ascending
    sort-descending sparkles speakerphone star stars status-change sun switch-horizontal
    table table-export tag tags target target-arrow template test-pipe timeline tool tournament transfer-in trash
    trending-down trending-up trophy
    unlink upload user user-check user-circle user-cog user-heart user-minus user-plus user-question user-search
    user-shield user-star user-x users users-group users-plus
    versions
    wallet weight world
    x
    zoom-question
    """.split()
)

_PAINTED_NOTHING = re.compile(r'<path stroke="none"[^>]*/>')


def compose_sprite(icon_folder: Path) -> bytes:
    """All icons of ICON_NAMES as one SVG of `<symbol>`s named like the icon. A wrong name raises FileNotFoundError."""
    symbols = [_symbol(name, (icon_folder / f"{name}.svg").read_text("utf-8")) for name in sorted(ICON_NAMES)]
    # Strokes are set on the using element by the stylesheet and inherited, so the sprite itself stays small.
    return f'<svg xmlns="http://www.w3.org/2000/svg">{"".join(symbols)}</svg>\n'.encode()


def _symbol(name: str, svg: str) -> str:
    drawing = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    drawing = _PAINTED_NOTHING.sub("", drawing)
    drawing = re.sub(r">\s+<", "><", drawing).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'
