"""What scripts/deploy-tests is made with: programs that end with it, the units' filter of system calls, and what is looked at
without any server: units, settings, alerts, the dashboard."""

import ctypes
import glob
import http.client
import json
import os
import platform
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode, urljoin, urlsplit

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
NAME = "videos.example"
NOBODY = 65534
# The program that starts others for the tests, as they should be started.
LAUNCHER = str(ROOT / "scripts/deploy-tests")
MOTO = ROOT / ".tools/moto/bin/moto_server"
# Looser would let a line that matters be lost unnoticed; in tenths, as systemd-analyze takes it.
EXPOSURE = 20


class Failed(Exception):
    """What is not as it should be."""


def check(holds, what):
    if not holds:
        raise Failed(what)


def ok(what):
    print(f"deploy-tests: {what}", flush=True)


def read(path):
    return Path(path).read_text(encoding="utf-8")


def until(what, ask, seconds=30):
    """Asks until there is an answer."""
    end = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer:
            return answer
        check(time.monotonic() < end, f"not within {seconds} s: {what}")
        time.sleep(0.05)


def swap(text, old, new, times=1):
    """Replaces what must be there exactly so often."""
    found = text.count(old)
    check(found == times, f"expected {times} times, found {found} times: {old!r}")
    return text.replace(old, new)


def run(*words, **more):
    done = subprocess.run(list(map(str, words)), capture_output=True, text=True, timeout=60, **more)
    check(done.returncode == 0, f"{words[0]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


# ---------------------------------------------------------------- processes


def launch(filter_file, words):
    """Becomes a program that ends with this test; with a filter: as a unit would start it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if filter_file:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(65536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.umask(0o077)
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    libc.prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG
    if filter_file:
        check(libc.prctl(38, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS")
        libc.prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE, from Linux 6.3 on: MemoryDenyWriteExecute
        program = Path(filter_file).read_bytes()
        room = ctypes.create_string_buffer(program)
        head = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(room)))
        check(libc.prctl(22, 2, head, 0, 0) == 0, f"PR_SET_SECCOMP: {os.strerror(ctypes.get_errno())}")
    os.execvp(words[0], words)


class Processes:
    """What was started, each ended by its own id."""

    def __init__(self, folder):
        self.folder, self.running = folder, {}

    def start(self, name, words, env=None, filter_file=""):
        log = open(self.folder / f"{name}.log", "ab")
        words = [sys.executable, LAUNCHER, "--launch", str(filter_file), *map(str, words)]
        base = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ} | {"HOME": str(self.folder)}
        self.running[name] = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=base | (env or {}), cwd=self.folder
        )
        log.close()

    def must_run(self, name):
        code = self.running[name].poll()
        check(code is None, f"{name} ended with {code}:\n{self.log(name)}")

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def signal(self, name):
        self.running[name].send_signal(signal.SIGTERM)

    def ended(self, name, seconds=30):
        return self.running.pop(name).wait(seconds)

    def stop(self, name):
        self.signal(name)
        return self.ended(name)

    def stop_all(self):
        for name in reversed(list(self.running)):
            child = self.running.pop(name)
            child.terminate()
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


PORTS = set()


def free_port():
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port not in PORTS:
            PORTS.add(port)
            return port


def listens(processes, name, port):
    def ask():
        processes.must_run(name)
        with socket.socket() as probe:
            probe.settimeout(1)
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until(f"{name} listens", ask)


def missing_for_many():
    needs = {
        "PostgreSQL": glob.glob("/usr/lib/postgresql/*/bin/initdb"),
        "nats-server": shutil.which("nats-server"),
        "moto": MOTO.exists(),
    }
    return [name for name, there in needs.items() if not there]


# ---------------------------------------------------------------- what is played


def path_of(url):
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def pieces(playlist, text):
    """What a player fetches of a media playlist, in order: addresses, each with its span of bytes or None."""
    span = None
    for line in text.splitlines():
        ranged = re.search(r'BYTERANGE[:=]"?(\d+)@(\d+)', line)
        if ranged:
            span = (int(ranged[2]), int(ranged[2]) + int(ranged[1]) - 1)
        named = re.search(r'#EXT-X-MAP:.*URI="([^"]+)"', line)
        uri = named[1] if named else (line if line and not line.startswith("#") else None)
        if uri:
            yield urljoin(playlist, uri), span
            span = None


def frames(file):
    """How many pictures a file has."""
    words = "-v error -select_streams v -count_frames -show_entries stream=nb_read_frames -of csv=p=0".split()
    return run("ffprobe", *words, file).strip(" ,\n")


# ---------------------------------------------------------------- units


def unit_values(unit, key):
    return [line.split("=", 1)[1] for line in read(unit).splitlines() if line.startswith(f"{key}=")]


def check_units(folder):
    """What systemd itself says of the units. It is only asked; nothing is started."""
    there = folder / "units"
    there.mkdir()
    for unit in sorted([*DEPLOY.glob("systemd/*.service"), *DEPLOY.glob("systemd/*.timer")]):
        # A program that is not installed is all that would be found on most machines.
        (there / unit.name).write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", read(unit)))
    units = sorted(map(str, there.iterdir()))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, timeout=60, check=False
    )
    said = (done.stdout + done.stderr).strip()
    # It also complains about what a machine has installed, which is not ours.
    ours = [line for line in said.splitlines() if any(Path(unit).name in line for unit in units)]
    check(done.returncode == 0 and not ours, f"systemd-analyze verify:\n{said}")
    for unit in units:
        if unit.endswith(".service"):
            run("systemd-analyze", "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", unit)
    for unit in ("streamsphere", "streamsphere-worker"):
        file = DEPLOY / f"systemd/{unit}.service"
        for key, value in (("KillMode", "mixed"), ("OOMPolicy", "continue"), ("Restart", "always")):
            check(unit_values(file, key) == [value], f"{unit}: {key} is not {value}")
        # The longest that settings in the examples make a stop take, and some for jobs.
        check(int(unit_values(file, "TimeoutStopSec")[0].rstrip("s")) >= 60, f"{unit}: stopped too early")
    ok(f"{len(units)} units are understood, none more exposed than {EXPOSURE / 10}")


def system_calls(names):
    """Members of systemd's sets, and single calls."""
    found = set()
    for name in names:
        if not name.startswith("@"):
            found.add(name)
            continue
        lines = run("systemd-analyze", "syscall-filter", "--no-pager", name).splitlines()[1:]
        members = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
        found |= system_calls(members)
    return found


def call_numbers():
    text = run("cc", "-E", "-dM", "-include", "sys/syscall.h", "-x", "c", "/dev/null")
    defined = dict(re.findall(r"#define (__NR\w+) (\w+)", text))
    numbers = {}
    for name, value in defined.items():
        value = defined.get(value, value)
        if name.startswith("__NR_") and value.isdigit():
            numbers[name[5:]] = int(value)
    return numbers


def filter_program(unit, file):
    """The unit's filter of system calls and address families, as systemd would make it."""
    allowed = set()
    for line in unit_values(unit, "SystemCallFilter"):
        names = system_calls(line.lstrip("~").split())
        allowed = allowed - names if line.startswith("~") else allowed | names
    numbers = call_numbers()
    arch = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}.get(platform.machine())
    check(arch, f"not known here: {platform.machine()}")
    families = [getattr(socket, name) for name in unit_values(unit, "RestrictAddressFamilies")[0].split()]
    check(unit_values(unit, "RestrictNamespaces") == ["yes"], "namespaces are not barred")
    load, equal, give = 0x20, 0x15, 0x06
    allow, deny = 0x7FFF0000, 0x00050000
    program = [(load, 0, 0, 4), (equal, 1, 0, arch), (give, 0, 0, 0x80000000), (load, 0, 0, 0)]
    # Told that there is no such call, the C library takes clone, whose flags can be looked into.
    program += [(equal, 0, 1, numbers["clone3"]), (give, 0, 0, deny | 38)]
    allowed -= {"clone3", "unshare", "setns", "socket"}
    for number in sorted(numbers[name] for name in allowed if name in numbers):
        program += [(equal, 0, 1, number), (give, 0, 0, allow)]
    program += [(equal, 1, 0, numbers["socket"]), (give, 0, 0, deny | 1), (load, 0, 0, 16)]
    for family in families:
        program += [(equal, 0, 1, family), (give, 0, 0, allow)]
    program.append((give, 0, 0, deny | 97))
    file.write_bytes(b"".join(struct.pack("HBBI", *one) for one in program))
    file.chmod(0o644)
    return file


# ---------------------------------------------------------------- alerts and the dashboard


def metric_names(text):
    return set(re.findall(r"\bstreamsphere_[a-z0-9_]+", text))


def check_watching(folder):
    """Rules, their tests, the dashboard. Gives the names of all metrics that they are about."""
    prometheus = DEPLOY / "prometheus"
    run("promtool", "check", "rules", prometheus / "alerts.yml")
    run("promtool", "test", "rules", "alerts_test.yml", cwd=prometheus)
    run("promtool", "check", "config", "--syntax-only", prometheus / "prometheus.yml")
    rules, tests, manual = read(prometheus / "alerts.yml"), read(prometheus / "alerts_test.yml"), read(ROOT / "docs/OPERATING.md")
    alerts = re.findall(r"- alert: (\w+)", rules)
    for alert in alerts:
        check(f"`{alert}`" in manual, f"docs/OPERATING.md does not say what to do about {alert}")
        fires = rf"alertname: {alert}\n\s+exp_alerts:\n"
        check(re.search(fires, tests), f"alerts_test.yml does not show {alert} firing")
    board = json.loads(read(DEPLOY / "grafana/streamsphere.json"))
    panels = board["panels"]
    ids = [panel["id"] for panel in panels]
    check(len(ids) == len(set(ids)), "two panels have the same id")
    taken = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        check(not cells & taken and all(x < 24 for x, _ in cells), f"{panel['title']} lies over another panel, or outside")
        taken |= cells
    # What Prometheus would be asked, as rules, so that promtool reads it.
    asked = [target["expr"] for panel in panels for target in panel.get("targets", [])]
    plain = [expr.replace("$__rate_interval", "5m").replace("$job", "streamsphere") for expr in asked]
    lines = [f"      - record: panel_{at}\n        expr: {json.dumps(expr)}" for at, expr in enumerate(plain)]
    (folder / "panels.yml").write_text("groups:\n  - name: panels\n    rules:\n" + "\n".join(lines) + "\n")
    run("promtool", "check", "rules", "--lint=none", folder / "panels.yml")
    ok(f"{len(alerts)} alerts fire when they should and are described; {len(asked)} questions of {len(panels)} panels are read")
    return metric_names(re.sub(r"(?m)^\s*#.*", "", rules)) | metric_names(" ".join(asked))


def check_prometheus(processes, folder, token, nodes):
    """A real Prometheus with the shipped configuration reads the nodes, and has an answer for every panel."""
    there = folder / "prometheus"
    there.mkdir()
    shutil.copy(DEPLOY / "prometheus/alerts.yml", there)
    (there / "token").write_text(token)
    text = swap(read(DEPLOY / "prometheus/prometheus.yml"), "/var/lib/streamsphere-metrics/token", str(there / "token"))
    text = text.replace("_interval: 15s", "_interval: 1s")
    addresses = "\n".join(f"          - 127.0.0.1:{port}" for port in nodes)
    text = swap(text, "          - 127.0.0.1:8000", addresses)
    text = re.sub(r"      - targets:\n          - 127.0.0.1:8001\n.*\n.*role: worker\n", "", text)
    (there / "prometheus.yml").write_text(text)
    port = free_port()
    processes.start("prometheus", [
        "prometheus", f"--config.file={there}/prometheus.yml", f"--storage.tsdb.path={there}/data",
        f"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
    ])  # fmt: skip
    listens(processes, "prometheus", port)

    def ask(expr):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        line.request("GET", "/api/v1/query?" + urlencode({"query": expr}))
        answer = line.getresponse()
        body = answer.read()
        # It says so while it begins.
        if answer.status == 503:
            return []
        check(answer.status == 200, f"{expr}: {body}")
        return json.loads(body)["data"]["result"]

    def is_up():
        found = ask('up{job="streamsphere"}')
        return len(found) == len(nodes) and all(one["value"][1] == "1" for one in found)

    until("Prometheus reads every node", is_up)
    # Rates need two samples.
    until("Prometheus has read them twice", lambda: ask("rate(streamsphere_connections_accepted_total[30s])"))
    silent = set()
    for panel in json.loads(read(DEPLOY / "grafana/streamsphere.json"))["panels"]:
        for target in panel.get("targets", []):
            expr = target["expr"].replace("$__rate_interval", "30s").replace("$job", "streamsphere")
            if not ask(expr):
                silent |= metric_names(expr)
    # Counters that are there from the first fault on.
    faults = {"streamsphere_internal_errors_total", "streamsphere_panics_total"}
    check(silent <= faults, f"panels show nothing for {sorted(silent - faults)}")
    firing = ask('ALERTS{alertstate="firing"}')
    check(not firing, f"alerts fire at a site that is well: {firing}")
    processes.stop("prometheus")
    ok("Prometheus reads the nodes with that token, and every panel has something to show")


def check_settings(binary):
    """Every setting that is named in the files exists."""
    example = run(binary, "config", "print", "--example", cwd="/")
    known = {f"STREAMSPHERE_{name.upper()}" for name in re.findall(r"(?m)^#(\w+) = ", example)}
    for file in DEPLOY.rglob("*"):
        if file.is_file():
            for name in re.findall(r"\bSTREAMSPHERE_[A-Z0-9_]+", read(file)):
                check(name in known, f"{file.relative_to(ROOT)}: there is no setting {name}")
    for word in re.findall(r"--([a-z-]+)", " ".join(value for unit in DEPLOY.glob("systemd/streamsphere*.service") for value in unit_values(unit, "ExecStart"))):
        check(f"STREAMSPHERE_{word.upper().replace('-', '_')}" in known, f"there is no flag --{word}")
    ok("all settings and flags that are named exist")


def check_metrics(wanted, texts):
    """Metrics that are asked for are there; those that are there are described."""
    manual = read(ROOT / "docs/OPERATING.md")
    table = manual.split("## Metrics", 1)[1].split("\n## ", 1)[0]
    described = metric_names(table)
    told = set()
    for text in texts:
        told |= metric_names(re.sub(r"(?m)^#.*", "", text))
    absent = sorted(wanted - told - described)
    check(not absent, f"no such metrics: {absent}")
    unknown = sorted(told - described)
    check(not unknown, f"docs/OPERATING.md does not describe {unknown}")
    rare = sorted(wanted - told)
    ok(f"{len(wanted)} metrics are asked for, {len(told)} are told; only described so far, for nothing happened: {', '.join(rare) or 'none'}")
