"""The people of scripts/cluster-tests: what they do all the time, and what they write down of the answers.

What was acknowledged must be there once. What got no answer, or one of 5xx, may be there once. Whoever retries something that
is not idempotent says something new, so that the two can be told apart.
"""

import base64
import http.client
import json
import random
import threading
import time
from urllib.parse import quote

from cluster_kit import WEBS, Failed, call, check, now
from deploy_kit import path_of

PASSWORD = "tangled-otter-84"
TRIES = 12
TUS = {"Tus-Resumable": "1.0.0"}
# Access tokens live ten minutes.
SIGNED_IN_FOR = 360


class Ledger:
    """What was answered to whom."""

    def __init__(self):
        self.lock = threading.Lock()
        # (node, kind, began, ended, status, code): 0 where there was no whole answer.
        self.answers = []
        # By kind and name: whether it was acknowledged.
        self.said = {}
        # By (person, kind, id): what was asked for last and whether that is certain. What is not is left alone from then on.
        self.wanted, self.sealed = {}, set()
        self.strange = []
        # When comments were acknowledged, and their ids.
        self.comments = []

    def answered(self, *answer):
        with self.lock:
            self.answers.append(answer)

    def says(self, kind, name, acknowledged):
        with self.lock:
            self.said[kind, name] = acknowledged

    def is_strange(self, what):
        with self.lock:
            self.strange.append(what)

    def names(self, kind):
        with self.lock:
            return {name: sure for (of, name), sure in self.said.items() if of == kind}


class Site:
    """What people know of the site: where its nodes are, and what has been made there."""

    def __init__(self, town, watch, seed):
        self.town, self.watch, self.seed, self.ledger = town, watch, seed, Ledger()
        self.over, self.lock = threading.Event(), threading.Lock()
        # While nodes are replaced in order, requests go where a proxy would send them.
        self.follows_watch = False
        self.videos, self.comments, self.tweets, self.people = [], [], [], []


class Person:
    """Somebody who is signed in at the site, at any node."""

    def __init__(self, site, name):
        self.site, self.name, self.dice = site, name, random.Random(f"{site.seed} {name}")
        self.token, self.since, self.id = None, 0, None
        self.count = 0

    def node(self, other_than=None):
        nodes = [node for node in WEBS if node in self.site.watch.up] if self.site.follows_watch else list(WEBS)
        others = [node for node in nodes if node != other_than]
        return self.dice.choice(others or nodes or list(WEBS))

    def ask(self, kind, method, path, body=None, headers=None, node=None, timeout=30, signed=True):
        """One request: node, status, headers, body; the status is 0 where there was no whole answer."""
        node = node or self.node()
        headers = dict(headers or {})
        if signed and self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if isinstance(body, dict):
            body, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        began = now()
        try:
            status, answered, said = call(self.site.town.fronts[node], method, path, body, headers, timeout)
        except (OSError, http.client.HTTPException) as lost:
            status, answered, said = 0, {}, type(lost).__name__.encode()
        code = ""
        if status >= 400 and method == "HEAD":
            code = "without a body"
        elif status >= 400:
            try:
                code = json.loads(said)["code"]
            except (ValueError, KeyError):
                code = answered.get("Content-Type") or ""
        elif status == 0:
            code = said.decode()
        self.site.ledger.answered(node, kind, began, now(), status, code)
        return node, status, answered, said

    def tries(self, kind, method, path, body=None, fine=(200,), said_once=True, **more):
        """Asks again, at the other node, what was refused for now or got lost: the answer's data, or None when it was never
        fine, and whether all attempts before were refused in a way that leaves nothing behind."""
        node, clean = None, True
        for attempt in range(TRIES):
            node = self.node(node)
            _, status, _, said = self.ask(kind, method, path, body, node=node, **more)
            if status in fine:
                return json.loads(said)["data"] or {}, clean
            if status and status < 500:
                self.site.ledger.is_strange(f"{kind} {method} {path}: {status} {said[:200]!r}")
                return None, clean
            clean = False
            if said_once or self.site.over.is_set():
                break
            time.sleep(min(2, 0.2 * (attempt + 1)))
        return None, False

    def joins(self):
        made = {"username": self.name, "email": f"{self.name}@videos.example", "fullName": self.name, "password": PASSWORD}
        lost = False
        for attempt in range(TRIES):
            _, status, _, said = self.ask("register", "POST", "/api/v1/users/register", made, signed=False)
            if status == 201 or (status == 409 and lost):
                self.site.ledger.says("register", self.name, True)
                return True
            if status and status < 500:
                self.site.ledger.is_strange(f"registering {self.name}: {status} {said[:200]!r}")
                return False
            lost = True
            self.site.ledger.says("register", self.name, False)
            time.sleep(min(2, 0.2 * (attempt + 1)))
        return False

    def signs_in(self):
        data, _ = self.tries("login", "POST", "/api/v1/users/login", {"username": self.name, "password": PASSWORD}, said_once=False, signed=False)
        check(data, f"{self.name} cannot sign in")
        self.token, self.since, self.id = data["accessToken"], now(), data["user"]["_id"]
        return self

    def stays_signed_in(self):
        if now() - self.since > SIGNED_IN_FOR:
            self.signs_in()

    def walks(self, path, limit=100, node=None):
        """All of a list, from cursor to cursor."""
        sign, found, cursor = "&" if "?" in path else "?", [], ""
        while True:
            page = f"{path}{sign}limit={limit}&cursor={quote(cursor)}"
            _, status, _, said = self.ask("list", "GET", page, node=node)
            check(status == 200, f"GET {page}: {status} {said[:200]!r}")
            data = json.loads(said)["data"]
            found += data["items"]
            if not data["nextCursor"]:
                return found
            cursor = data["nextCursor"]

    # ------------------------------------------------------------ things said once

    def new(self, what):
        self.count += 1
        return f"{what}-{self.name}-{self.count}-{self.dice.randrange(1 << 30):08x}"

    def says(self, kind, path, body_of):
        """Something that is not idempotent. When it gets lost it is said again in other words."""
        for attempt in range(TRIES):
            name = self.new(kind)
            self.site.ledger.says(kind, name, False)
            data, _ = self.tries(kind, "POST", path, body_of(name), fine=(201,))
            if data:
                self.site.ledger.says(kind, name, True)
                return data
            if self.site.over.is_set():
                return None
            time.sleep(min(2, 0.2 * (attempt + 1)))
        return None

    def comments(self):
        video = self.dice.choice(self.site.videos)
        data = self.says("comment", f"/api/v1/comments/{video}", lambda text: {"content": text})
        if data:
            with self.site.lock:
                self.site.comments.append(data["_id"])
            with self.site.ledger.lock:
                self.site.ledger.comments.append((now(), data["_id"]))

    def tweets(self):
        data = self.says("tweet", "/api/v1/tweets", lambda text: {"content": text})
        if data:
            with self.site.lock:
                self.site.tweets.append(data["_id"])

    # ------------------------------------------------------------ things that are so or not

    def puts(self, kind, target, path, on, off):
        """An idempotent call, repeated until it is answered. One that got no answer may arrive later: what it was about is left
        alone from then on."""
        ledger, key = self.site.ledger, (self.name, kind, target)
        if key in ledger.sealed:
            return
        wanted = not ledger.wanted.get(key, False)
        method, fine = (on, off)[not wanted], (200,)
        data, clean = self.tries(kind, method[0], method[1] or path, fine=fine, said_once=False)
        ledger.wanted[key] = None if data is None else wanted
        if data is None or not clean:
            ledger.sealed.add(key)

    def likes(self):
        kind, targets = self.dice.choice([("v", self.site.videos), ("c", self.site.comments), ("t", self.site.tweets)])
        if targets:
            target = self.dice.choice(targets[-40:])
            self.puts(kind, target, f"/api/v1/likes/{kind}/{target}", ("PUT", None), ("DELETE", None))

    def toggles(self):
        """Not idempotent: said once, and what is then is what the answer says."""
        ledger = self.site.ledger
        kind, targets = self.dice.choice([("c", self.site.comments), ("t", self.site.tweets)])
        if not targets:
            return
        target = self.dice.choice(targets[-40:])
        key = (self.name, kind, target)
        if key in ledger.sealed:
            return
        data, _ = self.tries("toggle", "POST", f"/api/v1/likes/toggle/{kind}/{target}")
        if data is None:
            ledger.wanted[key] = None
            ledger.sealed.add(key)
            return
        if data["isLiked"] == ledger.wanted.get(key, False):
            ledger.is_strange(f"{self.name} toggled {kind}/{target} and nothing changed: {data}")
        ledger.wanted[key] = data["isLiked"]

    def follows(self):
        other = self.dice.choice([person for person in self.site.people if person is not self])
        self.puts("follow", other.id, f"/api/v1/subscriptions/c/{other.id}", ("PUT", None), ("DELETE", None))

    def collects(self):
        """A playlist of one's own now and then, and videos that come and go in them."""
        if not hasattr(self, "playlists"):
            self.playlists = []
        if len(self.playlists) < 3 or self.dice.random() < 0.1:
            data = self.says("playlist", "/api/v1/playlist", lambda name: {"name": name, "description": "Otters"})
            if data:
                self.playlists.append(data["_id"])
            return
        playlist, video = self.dice.choice(self.playlists), self.dice.choice(self.site.videos)
        ways = [("PATCH", f"/api/v1/playlist/{way}/{video}/{playlist}") for way in ("add", "remove")]
        self.puts("entry", f"{playlist} {video}", None, *ways)

    def registers(self):
        someone = Person(self.site, f"guest{self.name}{self.new('')[-8:]}")
        someone.joins()

    # ------------------------------------------------------------ reads

    def reads(self):
        video = self.dice.choice(self.site.videos)
        path = self.dice.choice([
            f"/api/v1/comments/{video}", f"/api/v1/videos/{video}", "/api/v1/videos", f"/api/v1/tweets/user/{self.id}",
            f"/api/v1/subscriptions/u/{self.id}", f"/api/v1/playlist/user/{self.id}",
        ])  # fmt: skip
        # Lists for strangers may come from the follower.
        self.tries("read", "GET", path, said_once=False, signed=self.dice.random() < 0.5 or "/subscriptions/" in path)

    def watches(self):
        path, whole = self.dice.choice(self.site.files)
        first = self.dice.randrange(len(whole) - 1)
        last = min(len(whole) - 1, first + self.dice.randrange(200_000))
        for attempt in range(TRIES):
            _, status, _, said = self.ask("media", "GET", path, headers={"Range": f"bytes={first}-{last}"}, signed=False)
            if status == 206:
                if said != whole[first : last + 1]:
                    self.site.ledger.is_strange(f"{path} {first}-{last}: other bytes")
                return
            if status and status < 500:
                self.site.ledger.is_strange(f"{path} {first}-{last}: {status}")
                return
            time.sleep(min(2, 0.2 * (attempt + 1)))

    def plays(self):
        """A film is played to its end, each time by somebody else, and told so until that is answered: one view."""
        video, session = self.dice.choice(self.site.videos), self.new("player")
        told = {"sessionId": session, "beacons": [{"seq": 0, "event": "start", "startupMs": 80}, {"seq": 1, "event": "progress", "from": 0, "to": 2, "position": 2}]}
        self.site.ledger.says("view", f"{video} {session}", False)
        data, _ = self.tries("beacon", "POST", f"/api/v1/videos/{video}/views", told, fine=(202,), said_once=False, signed=False, headers={"User-Agent": session})
        if data is not None:
            self.site.ledger.says("view", f"{video} {session}", True)

    def lives(self):
        """Until the end of the load."""
        deeds = [self.comments, self.likes, self.reads] * 4 + [self.toggles, self.tweets, self.collects, self.watches, self.plays] * 2 + [self.follows]
        while not self.site.over.wait(self.dice.uniform(0.02, 0.12)):
            self.stays_signed_in()
            # Passwords cost something.
            (self.registers if self.dice.random() < 0.01 else self.dice.choice(deeds))()

    # ------------------------------------------------------------ uploads

    def uploads(self, clip):
        """By tus in pieces, at any node: the id of the video."""
        title = self.new("film")
        # Other bytes each time: a box that players pass over.
        salt = self.dice.randbytes(24)
        content = clip + (8 + len(salt)).to_bytes(4, "big") + b"free" + salt
        metadata = ", ".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in (("filename", "clip.mp4"), ("title", title)))
        length = {"Upload-Length": str(len(content)), "Upload-Metadata": metadata}
        self.site.ledger.says("film", title, False)
        place, offset, begun, node, video = None, 0, now(), None, None
        while video is None:
            check(now() - begun < 90, f"an upload does not come through: {title}, {offset} of {len(content)}")
            node = self.node(node)
            if place is None:
                _, status, headers, said = self.ask("upload", "POST", "/api/v1/uploads", b"", TUS | length, node=node)
                if status == 201:
                    place, offset = path_of(headers["Location"]), 0
                    continue
            elif offset is None:
                _, status, headers, said = self.ask("upload", "HEAD", place, headers=TUS, node=node)
                if status == 200:
                    offset, video = int(headers["Upload-Offset"]), headers["Streamsphere-Video-Id"]
                    # All bytes are there and the video is not: the last request is sent again.
                    continue
            else:
                piece = content[offset : offset + len(content) // 3 + 1]
                more = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
                _, status, headers, said = self.ask("upload", "PATCH", place, piece, more, node=node)
                if status == 204:
                    offset, video = int(headers["Upload-Offset"]), headers["Streamsphere-Video-Id"]
                    continue
            # Gone on after a lost line, and let in by a node that still writes: 409, 423.
            if status and status < 500 and status not in (409, 423):
                self.site.ledger.is_strange(f"upload of {title}: {status} {said[:200]!r}")
                raise Failed(f"upload of {title}: {status} {said[:200]!r}")
            offset = None if place else 0
            time.sleep(0.3)
        self.site.ledger.says("film", title, True)
        return video

    def films(self, clip, pause):
        while not self.site.over.wait(self.dice.uniform(pause / 2, pause * 1.5)):
            self.stays_signed_in()
            self.uploads(clip)


class Listener(threading.Thread):
    """Somebody with a page open: a stream of events that is opened again with the last id that was heard."""

    def __init__(self, person, nodes, videos):
        """The nodes that it listens at, in turns."""
        super().__init__(daemon=True)
        self.person, self.nodes, self.videos = person, nodes, videos
        self.heard, self.opened, self.last, self.over = {}, 0, None, threading.Event()
        # When it was told to read everything again, which covers what was said until then.
        self.resyncs = []

    def run(self):
        turn = 0
        while not self.over.is_set():
            node = self.nodes[turn % len(self.nodes)]
            turn += 1
            try:
                self.listens(node)
            except (OSError, http.client.HTTPException):
                pass
            self.over.wait(0.3)

    def listens(self, node):
        # A sign of life comes every 15 seconds.
        line = http.client.HTTPConnection("127.0.0.1", self.person.site.town.fronts[node], timeout=20)
        try:
            headers = {"Authorization": f"Bearer {self.person.token}"} | ({"Last-Event-ID": self.last} if self.last else {})
            line.request("GET", f"/api/v1/events?videos={','.join(self.videos)}", headers=headers)
            answer = line.getresponse()
            if answer.status != 200:
                return
            self.opened += 1
            event, number = None, None
            while not self.over.is_set():
                text = answer.readline()
                if not text:
                    return
                key, _, value = text.decode().rstrip("\r\n").partition(": ")
                if key == "id":
                    number = value
                elif key == "event":
                    event = value
                elif key == "data" and event == "comment.created":
                    told = json.loads(value)["comment"]
                    self.heard[told] = self.heard.get(told, 0) + 1
                elif key == "" and event:
                    if event == "resync":
                        self.resyncs.append(now())
                    self.last, event = number or self.last, None
        finally:
            line.close()


def clip_of(folder, run, seconds, name):
    """A small film that has to be encoded."""
    file = folder / name
    run(
        "ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=s=320x180:r=30:d={seconds}", "-f", "lavfi", "-i", f"sine=d={seconds}",
        "-c:v", "mpeg4", "-q:v", "4", "-pix_fmt", "yuv420p", "-c:a", "aac", "-movflags", "+faststart", file,
    )  # fmt: skip
    return file


__all__ = ["Listener", "Person", "Site", "clip_of"]
