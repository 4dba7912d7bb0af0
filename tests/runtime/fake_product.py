"""Runs the real supervisor, or the real script/manage, on a stand-in product that starts in no time.

Usage: fake_product.py CHECKOUT DATA PORT run | alone | manage COMMAND …

"alone" is "run" without servers of its own, for what has nothing to do with them.
"""

import os
import sys
from pathlib import Path

from sam.runtime import command
from sam.runtime.options import Options
from sam.runtime.problems import CannotStart
from sam.runtime.processes import Plan
from sam.runtime.signals import StopRequested
from sam.runtime.supervisor import Supervisor

MANAGE = """\
import os, pathlib, sys
calls = pathlib.Path(__file__).with_name("calls")
with calls.open("a") as file:
    print(*sys.argv[1:], file=file)
print("chatter on", sys.argv[1])
if sys.argv[1] == "migrate" and os.environ["DATABASE_URL"] != "nowhere":
    import psycopg
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS django_migrations (app text, name text)")
if sys.argv[1] == "collectstatic":
    pathlib.Path(os.environ["SAM_DATA"], "static").mkdir()
if sys.argv[1] == "broken":
    sys.exit("this went wrong")
if sys.argv[1] == "where":
    print(os.getcwd(), os.environ["DATABASE_URL"])
"""
WEB = """\
import http.server, os
class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(str(os.getpid()).encode())
    def log_message(self, *arguments):
        print("ERROR somebody asked" if "trouble" in self.path else "fine", flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Page).serve_forever()
"""


def make_product(checkout: Path) -> None:
    """Write the stand-in: manage.py with the commands that script/run knows, and a web server."""
    (checkout / "manage.py").write_text(MANAGE)
    (checkout / "web.py").write_text(WEB)
    commands = checkout / "sam" / "core" / "management" / "commands"
    commands.mkdir(parents=True)
    for name in ("prepare", "seed_demo", "demo_people"):
        (commands / f"{name}.py").write_text("")


def main() -> int:
    checkout, data, port = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    servers = "nowhere" if sys.argv[4] == "alone" else None
    options = Options(checkout, data, port, database_url=servers, redis_url=servers, demo=True)
    if sys.argv[4] == "manage":
        return command.main(options, sys.argv[5:])
    plans = [Plan("web", ("python", "web.py")), Plan("worker", ("python", "-c", "import time; time.sleep(600)"))]
    Supervisor(options, {**os.environ, "DATABASE_URL": servers or ""}, plans).run()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StopRequested:
        sys.exit(130)
    except CannotStart as problem:
        sys.exit(str(problem))
