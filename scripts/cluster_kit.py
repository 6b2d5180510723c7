"""The site of scripts/cluster-tests: PostgreSQL and what follows it, NATS, S3, two web nodes and two workers, each behind
lines of its own, and what can be done to each of them."""

import base64
import glob
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from deploy_kit import MOTO, ROOT, Failed, check, free_port, listens, run, until

WEBS = ("web1", "web2")
WORKERS = ("worker1", "worker2")
NODES = (*WEBS, *WORKERS)
# What nodes need, and what each of them reaches by a line of its own.
BEHIND = ("pg", "replica", "nats", "s3")
PARTS = ("web", "worker", *BEHIND)
# Nothing has to outlive the machine, only the server.
POSTGRES = (
    "listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "wal_keep_size=256MB",
    "wal_retrieve_retry_interval=100ms", "fsync=off", "full_page_writes=off", "shared_buffers=64MB", "max_wal_size=1GB",
)  # fmt: skip


def say(what):
    print(f"cluster-tests: {what}", flush=True)


def call(port, method, path, body=None, headers=None, timeout=30):
    """One request on a connection of its own: status, headers, body. OSError or HTTPException where there is no whole answer."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        line.request(method, path, body=body, headers={"Connection": "close"} | (headers or {}))
        answer = line.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        line.close()


class Lines:
    """The lines, in a process of their own."""

    def __init__(self, processes):
        self.processes, self.words, self.child, self.lock = processes, [], None, threading.Lock()

    def add(self, name, target):
        port = free_port()
        self.words.append(f"{name}:{port}:{target}")
        return port

    def begin(self):
        words = [sys.executable, ROOT / "scripts/cluster_relay.py", *self.words]
        self.child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        check(self.child.stdout.readline().strip() == "ready", "the lines do not come up")

    def order(self, what, names):
        with self.lock:
            self.child.stdin.write(f"{what} {' '.join(names)}\n")
            self.child.stdin.flush()
            check(self.child.stdout.readline().strip() == "done", "the lines do not answer")

    def end(self):
        if self.child is not None:
            self.child.stdin.close()
            self.child.wait(10)


def descendants(pid):
    """A process and all that it has started, it first."""
    found = [pid]
    for one in found:
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                found += map(int, Path(f"/proc/{one}/task/{task}/children").read_text().split())
        except OSError:
            continue
    return found


class Town:
    """All parts of the site, by name: web1, web2, worker1, worker2, pg, replica, nats, s3."""

    def __init__(self, folder, processes, binary):
        self.folder, self.processes, self.binary = folder, processes, binary
        self.ports = {name: free_port() for name in (*NODES, *BEHIND)}
        self.lines, self.frozen = Lines(processes), set()
        self.fronts = {name: self.lines.add(f"{name}.front", self.ports[name]) for name in WEBS}
        self.behind = {f"{node}.{part}": self.lines.add(f"{node}.{part}", self.ports[part]) for node in NODES for part in BEHIND}
        self.behind["replica.pg"] = self.lines.add("replica.pg", self.ports["pg"])
        self.bin = max(map(Path, glob.glob("/usr/lib/postgresql/*/bin")), key=lambda path: int(path.parent.name))
        self.key = folder / "secret.key"

    # ------------------------------------------------------------ starts

    def postgres_words(self, *words):
        """Without rights: as root it does not run."""
        if os.getuid() != 0:
            return [*words]
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig=INT", *words]

    def begin(self):
        self.lines.begin()
        ground = self.folder / "postgres"
        ground.mkdir()
        if os.getuid() == 0:
            run("chown", "postgres:postgres", ground)
        run(*self.postgres_words(self.bin / "initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N", "-D", ground / "pg"), cwd=ground)
        self.start("pg")
        self.sql("CREATE DATABASE site", "postgres")
        run(*self.postgres_words(
            self.bin / "pg_basebackup", "-h", "127.0.0.1", "-p", self.behind["replica.pg"], "-U", "postgres", "-R", "-X", "stream",
            "-c", "fast", "-N", "-D", ground / "replica",
        ), cwd=ground)  # fmt: skip
        for name in ("replica", "nats", "s3"):
            self.start(name)
        check(call(self.ports["s3"], "PUT", "/videos", headers=SIGNED)[0] == 200, "no bucket")
        self.key.write_text(os.urandom(32).hex() + "\n")
        self.key.chmod(0o600)
        # At once, on an empty database: they wait for each other.
        for name in NODES:
            self.start(name)
        for name in NODES:
            self.is_ready(name)

    def start(self, name):
        """Starts a part and waits until it listens; whether it can work is another matter."""
        port, env = self.ports[name], None
        if name in ("pg", "replica"):
            settings = [word for setting in POSTGRES for word in ("-c", setting)]
            words = self.postgres_words(self.bin / "postgres", "-D", self.folder / "postgres" / name, "-p", port, *settings)
        elif name == "nats":
            words = ["nats-server", "-js", "-a", "127.0.0.1", "-p", port, "-sd", self.folder / "nats"]
        elif name == "s3":
            words = [MOTO, "-H", "127.0.0.1", "-p", port]
            env = {"MOTO_ENABLE_RECORDING": "1", "MOTO_RECORDER_FILEPATH": str(self.folder / "s3-asked")}
        else:
            words, env = [self.binary, "serve"], self.env(name)
        self.processes.start(name, words, env)
        if name in ("pg", "replica"):
            self.takes_connections(name)
        else:
            listens(self.processes, name, port)

    def env(self, name):
        """Settings of a node."""
        at = {part: f"127.0.0.1:{self.behind[f'{name}.{part}']}" for part in BEHIND}
        settings = {
            "LISTEN": f"127.0.0.1:{self.ports[name]}",
            "DATA_DIR": str(self.folder / name),
            "ROLE": "web" if name in WEBS else "worker",
            "PUBLIC_URL": f"http://127.0.0.1:{self.fronts['web1']}",
            "DATABASE_URL": f"postgres://postgres@{at['pg']}/site",
            "DATABASE_REPLICA_URLS": f"postgres://postgres@{at['replica']}/site",
            "OBJECTS_URL": f"s3://videos/site?endpoint=http://{at['s3']}&region=us-east-1",
            "S3_ACCESS_KEY_ID": "id",
            "S3_SECRET_ACCESS_KEY": "key",
            "BUS_URL": f"nats://{at['nats']}/site",
            "KEY_FILE": str(self.key),
            "DRAIN_DELAY_SECONDS": "2",
            # All people of the test come from one address.
            "RATE_LIMITS": "off",
            "ENCODE_JOBS": "1",
            "DISK_RESERVE_BYTES": str(64 << 20),
            "LOG_FORMAT": "human",
        }
        return {f"STREAMSPHERE_{key}": value for key, value in settings.items()}

    def takes_connections(self, name):
        def ask():
            self.processes.must_run(name)
            note = self.folder / "postgres" / name / "postmaster.pid"
            try:
                lines = note.read_text().splitlines()
            except OSError:
                return False
            return len(lines) > 7 and lines[0] == str(self.processes.running[name].pid) and lines[7].strip() == "ready"

        until(f"{name} takes connections", ask)

    def is_ready(self, name):
        def ask():
            self.processes.must_run(name)
            try:
                return call(self.ports[name], "GET", "/readyz", timeout=5)[0] == 200
            except (OSError, http.client.HTTPException):
                return False

        until(f"{name} is ready", ask)

    def sql(self, statement, database="site"):
        words = ["-h", "127.0.0.1", "-p", self.ports["pg"], "-U", "postgres", "-d", database, "-X", "-q", "-At", "-F", "\t", "-c", statement]
        return run(self.bin / "psql", *words)

    def command(self, name, *words):
        """A command of the program with the settings of a node: status and what it said."""
        # Past the lines, which nobody waits for any more.
        env = os.environ | self.env(name)
        done = subprocess.run([self.binary, *words], capture_output=True, text=True, timeout=120, env=env, cwd=self.folder)
        return done.returncode, (done.stdout + done.stderr).strip()

    # ------------------------------------------------------------ what is done to them

    def kill(self, name):
        """At once, and for good. PostgreSQL drops everything as in a crash, which leaves none of its processes behind."""
        child = self.processes.running.pop(name)
        child.send_signal(signal.SIGQUIT if name in ("pg", "replica") else signal.SIGKILL)
        child.wait(20)

    def freeze(self, name):
        """It and all that it has started stand still; connections stay, and nobody answers."""
        self.frozen.add(name)
        for pid in descendants(self.processes.running[name].pid):
            send(pid, signal.SIGSTOP)

    def thaw(self, name):
        self.frozen.discard(name)
        for pid in descendants(self.processes.running[name].pid):
            send(pid, signal.SIGCONT)

    def lines_of(self, name):
        """Every line to a part, or from a node."""
        if name in NODES:
            return [line for line in (*self.behind, *(f"{web}.front" for web in WEBS)) if line.startswith(f"{name}.")]
        return [line for line in self.behind if line.endswith(f".{name}") or line.startswith(f"{name}.")]

    def encodes(self, seconds=25):
        """The worker that has an ffmpeg under way."""

        def ask():
            for name in WORKERS:
                for pid in descendants(self.processes.running[name].pid)[1:]:
                    try:
                        if "ffmpeg" in Path(f"/proc/{pid}/comm").read_text():
                            return name
                    except OSError:
                        continue
            return None

        return until("a worker encodes", ask, seconds)

    def remembers(self):
        """Has a fresh moto do again what it had been asked to do: it keeps everything in memory, and notes on disk what changes
        it is asked for before it makes them."""
        note = self.folder / "s3-asked"
        text, decoder, at, count = note.read_text(), json.JSONDecoder(), 0, 0
        kept = []
        while at < len(text):
            if text[at] in "\r\n":
                at += 1
                continue
            try:
                entry, at = decoder.raw_decode(text, at)
            except ValueError:
                # The line that it died over, whose request it did not answer.
                break
            if entry["method"] not in ("PUT", "POST", "DELETE"):
                continue
            kept.append(entry)
        # What is said again is noted again.
        note.unlink()
        uploads = [entry for entry in kept if "uploads" in urlsplit(entry["url"]).query or "uploadId=" in entry["url"]]
        check(not uploads, "there are multipart uploads, which have other ids when they are begun again")
        for entry in kept:
            parts = urlsplit(entry["url"])
            body = base64.b64decode(entry["body"]) if entry["body_encoded"] else (entry["body"] or "").encode()
            headers = {key: value for key, value in entry["headers"].items() if key.lower() not in ("host", "content-length", "connection", "transfer-encoding")}
            status, _, said = call(self.ports["s3"], entry["method"], parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            check(status < 500, f"moto: {entry['method']} {parts.path}: {status} {said[:200]}")
            count += 1
        return count

    def end(self):
        for name in list(self.frozen):
            if name in self.processes.running:
                self.thaw(name)
        for name in NODES:
            if name in self.processes.running:
                self.processes.running.pop(name).kill()
        for name in ("replica", "pg"):
            if name in self.processes.running:
                self.processes.running[name].send_signal(signal.SIGQUIT)
        self.processes.stop_all()
        self.lines.end()


def send(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


# Moto looks at the shape of this alone.
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=id/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"}


class Watch(threading.Thread):
    """Looks at /readyz of the web nodes as a proxy does, and knows which of them may be asked."""

    def __init__(self, town):
        super().__init__(daemon=True)
        self.town, self.up, self.over = town, set(WEBS), threading.Event()

    def run(self):
        while not self.over.wait(0.25):
            for name in WEBS:
                try:
                    well = call(self.town.fronts[name], "GET", "/readyz", timeout=2)[0] == 200
                except (OSError, http.client.HTTPException):
                    well = False
                (self.up.add if well else self.up.discard)(name)


def now():
    return time.monotonic()


__all__ = ["BEHIND", "NODES", "PARTS", "WEBS", "WORKERS", "Failed", "Town", "Watch", "call", "check", "now", "say", "until"]
