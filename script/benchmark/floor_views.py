"""The least that a page or a download can be in Django."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.template import engines
from django.utils import timezone

from accounts.models import Account
from sam.values.periods import last_closed_quarter, trailing_quarters

ROWS = 50
# 50 rows of this make a page of 30 KB.
TEMPLATE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Floor</title></head><body>
<p>{{ user.display_name }} sees {{ count }} accounts.</p><table>
{% for account in accounts %}<tr><td><a href="/accounts/{{ account.pk }}/">{{ account.name }}</a></td>
<td>{{ account.tier }}</td><td>{{ account.status }}</td><td>{{ account.industry }}</td><td>{{ account.country }}</td>
<td>{{ account.currency }}</td><td>{{ account.created_at|date:"Y-m-d" }}</td><td class="{{ filler }}"></td></tr>
{% endfor %}</table></body></html>"""
FILLER = "filler-" + "x" * 410


def page(request: HttpRequest) -> HttpResponse:
    """Session, user, a count, fifty rows, a template: 30 KB."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    accounts = Account.objects.order_by("folded_name", "pk").defer("folded_name", "search")[:ROWS]
    context = {"user": request.user, "count": Account.objects.count(), "accounts": accounts, "filler": FILLER}
    return HttpResponse(_template.render(context))


_template = engines["django"].from_string(TEMPLATE)


@login_required
def export(request: HttpRequest) -> HttpResponseBase:
    """One statement, a cursor on the server, csv.writer: the same cells as the product's export, nothing checked."""
    quarters = trailing_quarters(last_closed_quarter(timezone.localdate()), 8)
    params = [quarters[4].start, quarters[4].start, quarters[4].start, quarters[0].start]
    answer = StreamingHttpResponse(_lines(EXPORT, params), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="floor.csv"'
    return answer


def _lines(statement: str, params: Sequence[date]) -> Iterator[bytes]:
    page = io.StringIO()
    writer = csv.writer(page)
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, params)
        while rows := cursor.fetchmany(2000):
            writer.writerows(rows)
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()


EXPORT = """
    SELECT a.name, a.tier, a.status, a.industry, a.region, a.country, a.currency, a.website, u.display_name, k.keys,
        f.now, f.now / nullif(f.before, 0) - 1, f.contribution, f.contribution / nullif(f.now, 0), ''
    FROM accounts_account a
    LEFT JOIN core_user u ON u.id = a.owner_id
    LEFT JOIN (SELECT account_id, string_agg(source || ' ' || key, ', ') AS keys FROM accounts_accountkey
               GROUP BY account_id) k ON k.account_id = a.id
    LEFT JOIN (SELECT account_id, sum(revenue) FILTER (WHERE period_start >= %s) AS now,
                   sum(revenue) FILTER (WHERE period_start < %s) AS before,
                   sum(revenue - cost_of_goods - cost_to_serve) FILTER (WHERE period_start >= %s) AS contribution
               FROM accounts_figure WHERE kind = 'actual' AND period_start >= %s GROUP BY account_id) f
        ON f.account_id = a.id
    ORDER BY a.folded_name, a.id
"""
