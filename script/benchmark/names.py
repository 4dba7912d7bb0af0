"""Names for accounts: real ones from a file, invented ones where there is none."""

import gzip
import os
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sam.runtime.options import CHECKOUT

REAL = CHECKOUT.parent / "shared" / "data" / "goc_all_vendor_names.csv.gz"
FIRST = "North South East West Upper Lower Grand Old New Saint Mont Lac Bay River Stone Iron Copper Maple".split()
SECOND = "gate field ford haven brook wood bridge port mill dale worth crest view side land".split()
TRADE = "Logistics Foods Instruments Foundry Medical Énergie Präzision Software Textiles Marine Papier".split()
FORM = "Ltd Inc GmbH SA LLP Group Co-operative Partners Québec International".split()


def account_names(count: int) -> tuple[list[str], str]:
    """`count` names, and a sentence that says where they come from."""
    path = Path(os.environ.get("SAM_BENCH_NAMES") or REAL)
    if not path.exists():
        return list(islice(_invented(), count)), "invented names (no file of real ones)"
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        next(lines, None)
        real = [name for line in lines if (name := line.strip().strip('"').replace('""', '"').strip()[:200])]
    # Spread over the whole alphabet, also where fewer are wanted than there are.
    random.Random(7).shuffle(real)
    more = _invented()
    return [*real[:count], *islice(more, max(0, count - len(real)))], f"names from {path.name}"


def _invented() -> Iterator[str]:
    choose = random.Random(11).choice
    number = 0
    while True:
        number += 1
        yield f"{choose(FIRST)}{choose(SECOND)} {choose(TRADE)} {choose(FORM)} {number}"
