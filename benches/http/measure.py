"""CPU time per request of the app beside the bare comparator, in turn (A B A B ...). Started by benches/http/run."""
import os, statistics, sys, urllib.parse, uuid
from server import COOKIE, FORM, apply, cores, free_port, measure, seed, start

app, bare, url, work, here = sys.argv[1:6]
ROUNDS = int(os.environ.get("ROUNDS", "5"))
PAGES = int(os.environ.get("PAGES", "300"))  # requests to the app per round; the comparator gets five times as many
EDITS = int(os.environ.get("EDITS", "300"))
revisions = {"app": {}, "bare": {}}
place = {"app": 0, "bare": 0}


def next_param(of):
    # Another initiative each time. The app's are those of 20 params, behind the 100 of 200 params that make the pages.
    at = place[of]
    place[of] += 1
    row = 20_001 + at % 1000 * 20 + at // 1000 % 20 if of == "app" else at % 100 * 200 + at // 100 % 200 + 1
    seen = revisions[of].get(row, 1)
    revisions[of][row] = seen + 1
    return row, seen, f"{at % 97 + 1}.{at}1"


def app_pages(n):
    for _ in range(n):
        yield "GET", "/params?initiative=INIT-1", None, COOKIE


def bare_pages(n):
    for _ in range(n):
        yield "GET", "/params?initiative=1", None, {}


def app_edits(n):
    for _ in range(n):
        row, seen, value = next_param("app")
        body = urllib.parse.urlencode({"idempotency_key": uuid.uuid4(), "seen_revision": seen, "value": f"{value}%"})
        yield "POST", f"/params/{row}/fields/value", body, {
            **FORM, **COOKIE, "sec-fetch-site": "same-origin", "hx-request": "true",
            "hx-current-url": f"http://127.0.0.1:{app_port}/params?initiative=INIT-200"}


def bare_edits(n):
    for _ in range(n):
        row, seen, value = next_param("bare")
        yield "POST", "/cell_full", urllib.parse.urlencode({"id": row, "value": value, "version": seen}), FORM


for database in ["app", "bare"]:
    apply(bare, f"{url}/postgres", f"create database {database}")
apply(bare, f"{url}/bare", open(f"{here}/bare/schema.sql").read())
app_port, bare_port = free_port(), free_port()
running = []
try:
    # Without the mirror's loop, which isn't the request's: an edit leaves its mark, as the comparator its outbox row.
    running.append(start(app, {"DATABASE_URL": f"{url}/app", "PRODUCTOPS_ADDR": f"127.0.0.1:{app_port}",
                               "MIRROR_MODE": "off", "RUST_LOG": "warn"}, app_port, f"{work}/app.log"))
    apply(bare, f"{url}/app", seed(here, 100, 1000, 10**9))
    running.append(start(bare, {"DATABASE_URL": f"{url}/bare", "PORT": str(bare_port)}, bare_port, f"{work}/bare.log"))
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[:1])
    ratios = []
    for name, ours, theirs, n in [("Params page, 200 rows", app_pages, bare_pages, PAGES),
                                  ("value edit", app_edits, bare_edits, EDITS)]:
        measure(running[0], app_port, ours(n // 3))
        measure(running[1], bare_port, theirs(n))
        rounds = []
        for _ in range(ROUNDS):
            a = measure(running[0], app_port, ours(n))
            b = measure(running[1], bare_port, theirs(n * 5))
            rounds.append((a, b))
            print(f"{name}: app {a[0]:.0f} µs CPU ({a[1]:.0f} µs elapsed), bare {b[0]:.0f} ({b[1]:.0f})", flush=True)
        middle = [statistics.median(r[which][0] for r in rounds) for which in (0, 1)]
        ratios.append((name, *middle, statistics.median(a[0] / b[0] for a, b in rounds)))
    for name, ours, theirs, ratio in ratios:
        print(f"{name}: median app {ours:.0f} µs, bare {theirs:.0f} µs of CPU per request")
    print("; ".join(f"{name}: {ratio:.1f} x bare" for name, _, _, ratio in ratios))
finally:
    for process in running:
        process.terminate()
    for process in running:
        process.wait(20)
