"""What is held against what people were told, when scripts/cluster-tests is over: everything that was acknowledged is there
once, what was not answered at most once, numbers are those of what can be counted, and no work is left over."""

import json
from collections import Counter
from urllib.parse import urljoin

from cluster_kit import WEBS, Failed, check, now, until
from deploy_kit import frames, path_of, pieces

# What goes to the bucket; whoever registers is given a picture.
MEDIA = ("media", "upload", "register")
# What is noted of a refused HEAD, which cannot say why.
BARE = "without a body"


def may_be(part, victim, cut, answer):
    """Whether the documents say that an answer may be so while this was done to that part."""
    node, kind, _, _, status, code = answer
    here = node == victim
    if part == "web":
        # A node that is gone answers nothing; one that reaches nothing says so, each in its own words.
        return here and (status == 0 or (cut and status == 503 and code in ("busy", "storage_unavailable", BARE)))
    if part == "pg":
        return status == 503 and code in ("busy", BARE)
    if part == "s3":
        return kind in MEDIA and ((status == 503 and code in ("storage_unavailable", BARE)) or (kind == "media" and status == 0))
    # Without NATS, followers and workers nothing is refused.
    return False


def judged(ledger, windows):
    """What was answered with 5xx or not at all, and no document says so."""
    wrong = []
    for answer in ledger.answers:
        node, kind, began, ended, status, code = answer
        if 0 < status < 500:
            continue
        near = [one for one in windows if ended >= one.began and began <= one.healed]
        if any(may_be(one.part, one.victim, one.how in ("cut", "silence"), answer) for one in near):
            continue
        what = ", ".join(f"{one.how} {one.victim}" for one in near) or "nothing was done to anything"
        wrong.append(f"{kind} at {node} {began - windows[0].began:.2f} s after the first fault, {ended - began:.2f} s long: {status or 'lost'} {code} while {what}")
    return wrong


class Audit:
    def __init__(self, site, uploader, began):
        self.began = began
        self.site, self.ledger, self.uploader, self.wrong, self.told = site, site.ledger, uploader, [], []

    def holds(self, holds, what):
        if not holds:
            self.wrong.append(what)

    def once(self, kind, found):
        """Acknowledged ones once, others at most once, and nothing that nobody said."""
        found, said = Counter(found), self.ledger.names(kind)
        lost = [name for name, sure in said.items() if sure and not found[name]]
        doubled = [name for name, count in found.items() if count > 1]
        foreign = [name for name in found if name not in said]
        for what, names in (("lost", lost), ("doubled", doubled), ("that nobody said", foreign)):
            self.holds(not names, f"{len(names)} of kind {kind} {what}: {names[:3]}")
        sure = sum(said.values())
        self.told.append(f"{sure} of kind {kind} acknowledged, {len(said) - sure} not, of which {sum(found[name] for name, known in said.items() if not known)} are there")

    def comments(self):
        found = []
        for video in self.site.videos:
            shown = {}
            for person in self.site.people:
                shown[person.name] = {one["_id"]: one for one in person.walks(f"/api/v1/comments/{video}")}
            first, *others = shown.values()
            self.holds(all(other.keys() == first.keys() for other in others), f"people see different comments of {video}")
            found += [one["content"] for one in first.values()]
            # At every node, for strangers too, who may be answered by the follower.
            count = self.get(f"/api/v1/videos/{video}")["commentsCount"]
            self.holds(count == len(first), f"{video} counts {count} comments and has {len(first)}")
            self.liked("c", shown)
        self.once("comment", found)

    def tweets(self):
        found = []
        for author in self.site.people:
            shown = {person.name: {one["_id"]: one for one in person.walks(f"/api/v1/tweets/user/{author.id}")} for person in self.site.people}
            found += [one["content"] for one in next(iter(shown.values())).values()]
            self.liked("t", shown)
        self.once("tweet", found)

    def videos(self):
        shown = {person.name: {video: person.tries("read", "GET", f"/api/v1/videos/{video}")[0] for video in self.site.videos} for person in self.site.people}
        self.liked("v", shown)

    def views(self):
        """Each player gave one view, whatever became of the node that it told. They are shown two seconds later."""
        for video in self.site.videos:
            said = [sure for name, sure in self.ledger.names("view").items() if name.startswith(video)]
            sure = sum(said)

            # Each node believes for a moment what it has read.
            def seen(video=video):
                return [self.get(f"/api/v1/videos/{video}", node)["views"] for node in WEBS]

            try:
                until("all views are counted", lambda seen=seen, sure=sure: min(seen()) >= sure, 20)
            except Failed:
                pass
            views = seen()
            marks = self.site.town.sql(f"SELECT count(*) FROM view_marks WHERE video_id = decode('{video}', 'hex')").strip()
            at = f"{video} has {views} views at {WEBS}, {marks} marks, {sure} acknowledged and {len(said) - sure} not"
            self.holds(all(sure <= one <= len(said) for one in views), at)
            self.told.append(f"{views[0]} views of {sure} acknowledged and {len(said) - sure} others")

    def liked(self, kind, shown):
        """Counts are how many like it, and everybody likes what they were told that they like."""
        for target, one in next(iter(shown.values())).items():
            likers = [name for name, seen in shown.items() if target in seen and seen[target]["isLiked"]]
            self.holds(one["likesCount"] == len(likers), f"{kind}/{target} counts {one['likesCount']} likes of {likers}")
            for name in shown:
                wanted = self.ledger.wanted.get((name, kind, target), False)
                self.holds(wanted is None or wanted == (name in likers), f"{name} was told {wanted} of a like of {kind}/{target}")

    def follows(self):
        for person in self.site.people:
            found = [one["channel"]["_id"] for one in person.walks(f"/api/v1/subscriptions/u/{person.id}")]
            self.holds(len(found) == len(set(found)), f"{person.name} follows somebody twice")
            for other in self.site.people:
                wanted = self.ledger.wanted.get((person.name, "follow", other.id), False)
                self.holds(wanted is None or wanted == (other.id in found), f"{person.name} was told {wanted} of following {other.name}")

    def playlists(self):
        names = []
        for person in self.site.people:
            for playlist in person.walks(f"/api/v1/playlist/user/{person.id}"):
                names.append(playlist["name"])
                number = playlist["_id"]
                data = self.get(f"/api/v1/playlist/{number}")
                found = [one["_id"] for one in data["videos"]]
                self.holds(len(found) == len(set(found)) == data["totalVideos"], f"playlist {number} has {found}, and counts {data['totalVideos']}")
                for video in self.site.videos:
                    wanted = self.ledger.wanted.get((person.name, "entry", f"{number} {video}"), False)
                    self.holds(wanted is None or wanted == (video in found), f"{person.name} was told {wanted} of {video} in {number}")
        self.once("playlist", names)

    def registers(self):
        names = self.ledger.names("register")
        rows = [line.split("\t") for line in self.site.town.sql("SELECT username, count(*) FROM users GROUP BY 1").splitlines()]
        self.once("register", [name for name, count in rows for _ in range(int(count)) if name in names])

    def films(self, clips, others):
        """Every upload that was taken is ready, plays to the end, and was told as ready once."""
        videos = self.uploader.walks("/api/v1/dashboard/videos")
        self.once("film", [*others, *(one["title"] for one in videos)])
        ready = Counter(one["video"] if isinstance(one["video"], str) else one["video"]["_id"] for one in self.notices("processingFinished"))
        length = {}
        for number, one in enumerate(videos):
            video = one["_id"]
            node = WEBS[number % 2]
            data = self.get(f"/api/v1/videos/{video}", node)
            if data["status"] != "ready":
                self.holds(False, f"{one['title']} is {data['status']}: {data.get('statusReason')}")
                continue
            self.holds(ready[video] == 1, f"{one['title']} was told as ready {ready[video]} times")
            master = path_of(data["hls"])
            text = self.fetch(master, node).decode()
            lists = [line for line in text.splitlines() if line and not line.startswith("#")]
            self.holds(lists and len(lists) == len(set(lists)), f"{one['title']} has the renditions {lists}")
            file = self.site.town.folder / "played.mp4"
            for name in lists:
                playlist = urljoin(master, name)
                file.write_bytes(b"".join(self.fetch(uri, node, span) for uri, span in pieces(playlist, self.fetch(playlist, node).decode())))
                played = frames(file)
                length[played] = length.get(played, 0) + 1
                self.holds(played in clips, f"{one['title']} {name} has {played} pictures, and not {clips}")
        self.told.append(f"{len(videos)} films are ready and play")

    def notices(self, kind):
        found, cursor = [], ""
        while cursor is not None:
            data = self.get(f"/api/v1/notifications?limit=100&cursor={cursor}")
            found += [one for one in data["items"] if one["kind"] == kind]
            cursor = data["nextCursor"]
        return found

    def jobs(self):
        """None is left but those that were put off on purpose: what clears away waits for its time. Others were put off because
        something was away, and run now."""
        clears = "kind IN ('sweep_video', 'remove_objects', 'drop_original') AND state = 0 AND attempts = 0 AND run_at > created_at"
        left = f"SELECT kind, state, attempts FROM jobs WHERE state < 2 AND NOT ({clears})"
        began = now()
        until("all jobs are done", lambda: not self.site.town.sql(left).strip(), 100)
        dead = self.site.town.command("web1", "jobs", "list", "--state", "dead")
        self.holds(dead[0] == 0 and "kind=" not in dead[1], f"dead jobs: {dead[1]}")
        self.told.append(f"all jobs were done {now() - began:.0f} s after the load")

    def heard(self, listeners):
        """Every comment that was acknowledged was heard, or everything was read again after it."""
        for listener in listeners:
            last = listener.resyncs[-1] if listener.resyncs else 0

            def silent():
                with self.ledger.lock:
                    return [number for when, number in self.ledger.comments if when > last and number not in listener.heard]

            try:
                until("all comments are heard", lambda: not silent(), 20)
            except Failed:
                with self.ledger.lock:
                    when = {number: f"{number} {at - self.began:.2f} s after the first fault" for at, number in self.ledger.comments}
                self.holds(False, f"{len(silent())} comments were not heard at {listener.nodes}: {[when[number] for number in silent()[:5]]}")
            twice = sum(count > 1 for count in listener.heard.values())
            self.told.append(
                f"a listener at {' and '.join(listener.nodes)} heard {len(listener.heard)} comments ({twice} more than once), "
                f"opened its stream {listener.opened} times, and was told {len(listener.resyncs)} times to read again"
            )

    def get(self, path, node=None):
        _, status, _, said = self.uploader.ask("read", "GET", path, node=node)
        check(status == 200, f"GET {path}: {status} {said[:200]!r}")
        return json.loads(said)["data"]

    def fetch(self, path, node, span=None):
        headers = {"Range": f"bytes={span[0]}-{span[1]}"} if span else {}
        _, status, _, said = self.uploader.ask("media", "GET", path, headers=headers, node=node, signed=False)
        check(status == (206 if span else 200), f"GET {path} {span}: {status} {said[:200]!r}")
        return said

    def doctor(self):
        for name in WEBS:
            for words in (("doctor",), ("doctor", "--recount")):
                status, said = self.site.town.command(name, *words)
                self.holds(status == 0 and "Everything is as it should be." in said, f"{' '.join(words)} with the settings of {name}: {status} {said[-1500:]}")


__all__ = ["Audit", "judged"]
