"""Whether the grid with 100,000 params costs more than with 400: the app's CPU and its Postgres' for the same requests to
two databases, in turn, each answer of as many rows. Started by benches/http/sizes."""
import glob, os, statistics, sys, urllib.parse, uuid
from server import COOKIE, FORM, apply, cores, cpu, free_port, measure, seed, start

app, bare, url, work, here = sys.argv[1:6]
ROUNDS = int(os.environ.get("ROUNDS", "7"))
REQUESTS = int(os.environ.get("REQUESTS", "60"))
WAITING = 20  # initiatives in which five params are Finance's and wait: as many, and so as many rows, in both
SIZES = {"small": 20, "large": 5000}  # initiatives of 20 params
PAGES = {
    "first page": "/params",
    "page before the last": None,
    "one initiative": "/params?initiative=INIT-7",
    "state: needs approval": "/params?state=needs_approval",
    "source: Finance": "/params?source=Finance",
    "text: contribution": "/params?q=contribution",
    "all three": "/params?state=needs_approval&source=Finance&q=contribution",
    "by owner": "/params?group=source",
    "by state": "/params?group=state",
}


class Backends:
    """The processes of Postgres that serve one database, and what they have used, also those that have ended."""

    def __init__(self, database):
        self.database, self.used = database, {}

    def cpu(self):
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                words = open(path).read().split()
                if words[:1] == ["postgres:"] and self.database in words:
                    pid = path.split("/")[2]
                    self.used[pid] = int(open(f"/proc/{pid}/schedstat").read().split()[0]) / 1e9
            except OSError:
                continue  # ended meanwhile
        return sum(self.used.values())


def pages(size, path):
    params = SIZES[size] * 20
    # Keyset paging: the address names the row after which a page begins.
    path = path or f"/params?after={params - 200 - 20}"
    for _ in range(REQUESTS):
        yield "GET", path, None, COOKIE


edited = {size: 0 for size in SIZES}


def edits(size, port):
    params = SIZES[size] * 20
    for _ in range(REQUESTS):
        at = edited[size]
        edited[size] += 1
        # Another initiative each time, from the middle outwards, as far as there are any.
        row = (at * 20 * 7 + at // SIZES[size]) % params + 1
        body = urllib.parse.urlencode({"idempotency_key": uuid.uuid4(), "seen_revision": seen(size, row),
                                       "value": f"{at % 97 + 1}.{at}1%"})
        yield "POST", f"/params/{row}/fields/value", body, {
            **FORM, **COOKIE, "sec-fetch-site": "same-origin", "hx-request": "true",
            "hx-current-url": f"http://127.0.0.1:{port}/params"}


revisions = {}


def seen(size, row):
    revision = revisions.get((size, row), 1)
    revisions[size, row] = revision + 1
    return revision


running, ports = {}, {}
try:
    for size, initiatives in SIZES.items():
        ports[size] = free_port()
        apply(bare, f"{url}/postgres", f"create database {size}")
        running[size] = start(app, {"DATABASE_URL": f"{url}/{size}", "PRODUCTOPS_ADDR": f"127.0.0.1:{ports[size]}",
                                    "MIRROR_MODE": "off", "RUST_LOG": "warn"}, ports[size], f"{work}/{size}.log")
        apply(bare, f"{url}/{size}", seed(here, 0, initiatives, initiatives // WAITING))
        apply(bare, f"{url}/{size}", "vacuum analyze")
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[:1])
    backends = {size: Backends(size) for size in SIZES}

    def cost(size, requests):
        """Microseconds a request: CPU of the app and of its Postgres; and what passed on the clock."""
        before = backends[size].cpu()
        of_app, elapsed = measure(running[size], ports[size], requests)
        return of_app + (backends[size].cpu() - before) / REQUESTS * 1e6, elapsed

    asked = {name: (lambda path: lambda size: pages(size, path))(path) for name, path in PAGES.items()}
    asked["saving a value"] = lambda size: edits(size, ports[size])
    verdicts = []
    for name, requests in asked.items():
        for size in SIZES:
            cost(size, requests(size))
        rounds = [{size: cost(size, requests(size)) for size in SIZES} for _ in range(ROUNDS)]
        middle = {size: [statistics.median(r[size][of] for r in rounds) for of in (0, 1)] for size in SIZES}
        ratio = statistics.median(r["large"][0] / r["small"][0] for r in rounds)
        verdicts.append(f"{name} {ratio:.2f}")
        print(f"{name}: " + ", ".join(f"{size} {of[0]:.0f} µs CPU ({of[1]:.0f} µs elapsed)"
                                      for size, of in middle.items()), flush=True)
    print("100,000 params / 400 params: " + ", ".join(verdicts))
finally:
    for process in running.values():
        process.terminate()
    for process in running.values():
        process.wait(20)
