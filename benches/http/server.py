"""What the benchmarks over HTTP have in common: a server on a core of its own, its CPU, requests to it."""
import glob, http.client, os, socket, subprocess, sys, time

cores = sorted(os.sched_getaffinity(0))
FORM = {"content-type": "application/x-www-form-urlencoded"}
COOKIE = {"cookie": "session=" + "b" * 64}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def on_last_core():
    if len(cores) > 1:
        os.sched_setaffinity(0, cores[-1:])


def start(program, env, port, log):
    log = open(log, "wb")
    process = subprocess.Popen([program], env={**os.environ, **env}, stdout=log, stderr=log, preexec_fn=on_last_core)
    for _ in range(300):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process
        except OSError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    sys.exit(f"{program} didn't start: see {log.name}")


def cpu(process):
    """User and system seconds so far, of all threads, to the nanosecond where the kernel tells; else in ticks."""
    try:
        return sum(int(open(f).read().split()[0]) for f in glob.glob(f"/proc/{process.pid}/task/*/schedstat")) / 1e9
    except OSError:
        fields = open(f"/proc/{process.pid}/stat").read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(process, port, requests):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    before, began, n = cpu(process), time.monotonic(), 0
    for method, path, body, headers in requests:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            sys.exit(f"{method} {path}: {answer.status} {text[:300]!r}")
        n += 1
    return (cpu(process) - before) / n * 1e6, (time.monotonic() - began) / n * 1e6


def seed(here, wide, ordinary, waiting):
    """The text of seed.sql with its numbers: so many initiatives of 200 params, of 20, and in which of them params wait."""
    text = open(f"{here}/seed.sql").read()
    for name, number in [("wide", wide), ("ordinary", ordinary), ("waiting", waiting)]:
        text = text.replace(f":{name}", str(number))
    return text


def apply(bare, database, text):
    """SQL, by the comparator's own client."""
    subprocess.run([bare, "apply", "/dev/stdin"], input=text.encode(), env={**os.environ, "DATABASE_URL": database},
                   check=True)
