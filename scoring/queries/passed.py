"""Which accounts pass which gates, as columns over all accounts. Only what computes in NumPy loads this module."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np

from scoring.domain.table import Truth, Whole
from scoring.models import GateAnswer
from scoring.queries.gates import passing
from scoring.queries.rules import Rules


def passed_gates(rules: Rules, accounts: Whole, today: date) -> dict[str, Truth]:
    """For each gate that anybody passes, True in the rows of those accounts: by answers and by records."""
    passed = GateAnswer.objects.filter(scorecard_id=rules.version.scorecard_id, passed=True)
    by_gate: dict[str, list[int]] = defaultdict(list)
    for account, key in passed.values_list("account_id", "gate_key"):
        by_gate[key].append(account)
    # What the records answer, nobody else does.
    by_gate.update(passing(rules, today))
    return {key: np.isin(accounts, np.array(ids, dtype=np.int64)) for key, ids in by_gate.items()}
