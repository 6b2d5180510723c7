-- Who looks after the site, what people report, what was taken down, and who did what about it.
-- As in 0008, rows here name things that may be gone, and are not removed by the engine.

-- Moderators and admins are few among many.
CREATE INDEX users_role_idx ON users (role, id) WHERE role > 0;

-- NULL: it stands. Why it was taken down, and by whom, is in `takedowns`.
ALTER TABLE videos ADD COLUMN taken_down_at BIGINT;
ALTER TABLE comments ADD COLUMN taken_down_at BIGINT;
ALTER TABLE tweets ADD COLUMN taken_down_at BIGINT;
ALTER TABLE playlists ADD COLUMN taken_down_at BIGINT;

CREATE TABLE takedowns (
    -- As model::moderation::Kind.
    kind      BIGINT NOT NULL,
    target_id BYTEA  NOT NULL,
    reason    TEXT COLLATE "C" NOT NULL,
    actor_id  BYTEA,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, target_id)
);

-- Lists show what stands. Those that have an index of their own leave the rest out of it; the others have the
-- column in theirs, because whoever removes everything of a person or a thread walks them too.
DROP INDEX comments_top_idx;
DROP INDEX comments_top_likes_idx;
DROP INDEX comments_replies_idx;
CREATE INDEX comments_top_idx ON comments (video_id, created_at, id, parent_id, taken_down_at)
    WHERE parent_id IS NULL AND taken_down_at IS NULL;
CREATE INDEX comments_top_likes_idx ON comments (video_id, likes_count, id, parent_id, taken_down_at)
    WHERE parent_id IS NULL AND taken_down_at IS NULL;
CREATE INDEX comments_replies_idx ON comments (parent_id, created_at, id, taken_down_at)
    WHERE parent_id IS NOT NULL;

DROP INDEX tweets_created_idx;
DROP INDEX tweets_likes_idx;
DROP INDEX tweets_owner_idx;
DROP INDEX tweets_owner_likes_idx;
DROP INDEX tweets_video_idx;
DROP INDEX tweets_video_likes_idx;
CREATE INDEX tweets_created_idx ON tweets (created_at, id, taken_down_at) WHERE taken_down_at IS NULL;
CREATE INDEX tweets_likes_idx ON tweets (likes_count, id, taken_down_at) WHERE taken_down_at IS NULL;
CREATE INDEX tweets_owner_idx ON tweets (owner_id, created_at, id, taken_down_at);
CREATE INDEX tweets_owner_likes_idx ON tweets (owner_id, likes_count, id, taken_down_at)
    WHERE taken_down_at IS NULL;
CREATE INDEX tweets_video_idx ON tweets (video_id, created_at, id, taken_down_at) WHERE video_id IS NOT NULL;
CREATE INDEX tweets_video_likes_idx ON tweets (video_id, likes_count, id, taken_down_at)
    WHERE video_id IS NOT NULL AND taken_down_at IS NULL;

DROP INDEX playlists_owner_idx;
DROP INDEX playlists_public_idx;
CREATE INDEX playlists_owner_idx ON playlists (owner_id, created_at, id, taken_down_at) WHERE kind = 0;
CREATE INDEX playlists_public_idx ON playlists (owner_id, created_at, id, taken_down_at)
    WHERE kind = 0 AND visibility = 0 AND taken_down_at IS NULL;

-- What somebody says is wrong. One row for each reporter and thing.
CREATE TABLE reports (
    id          BYTEA  NOT NULL PRIMARY KEY,
    reporter_id BYTEA  NOT NULL,
    kind        BIGINT NOT NULL,
    target_id   BYTEA  NOT NULL,
    reason      BIGINT NOT NULL,
    text        TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- 0 open, 1 closed.
    state       BIGINT NOT NULL DEFAULT 0,
    -- What the moderator wrote who changed it last.
    note        TEXT COLLATE "C" NOT NULL DEFAULT '',
    handled_by  BYTEA,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE UNIQUE INDEX reports_once_idx ON reports (reporter_id, kind, target_id);
CREATE INDEX reports_state_idx ON reports (state, created_at, id);
CREATE INDEX reports_kind_idx ON reports (state, kind, created_at, id);

-- What moderators and admins did. Never changed and never removed; rows are small.
CREATE TABLE audit (
    id         BYTEA  NOT NULL PRIMARY KEY,
    -- NULL: whoever has the machine.
    actor_id   BYTEA,
    -- model::moderation::Act by name.
    act        TEXT COLLATE "C" NOT NULL,
    kind       BIGINT NOT NULL,
    target_id  BYTEA  NOT NULL,
    note       TEXT COLLATE "C" NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL
);

CREATE INDEX audit_created_idx ON audit (created_at, id);

-- Whom somebody does not want to hear from.
CREATE TABLE blocks (
    blocker_id BYTEA  NOT NULL,
    blocked_id BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (blocker_id, blocked_id)
);

CREATE INDEX blocks_newest_idx ON blocks (blocker_id, created_at, blocked_id);
-- For whoever removes all of a person.
CREATE INDEX blocks_blocked_idx ON blocks (blocked_id, blocker_id);

-- Accounts that wait for an admin's word. They are switched off until then.
ALTER TABLE users ADD COLUMN awaiting_since BIGINT;
CREATE INDEX users_awaiting_idx ON users (awaiting_since, id) WHERE awaiting_since IS NOT NULL;
