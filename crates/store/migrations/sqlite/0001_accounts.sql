-- People, their sign-ins, and small facts about the instance itself.
-- Ids are 12-byte ObjectIds made by the application; times are milliseconds since the epoch, UTC.

CREATE TABLE instance (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Numbers that belong to no row (how many videos are listed), changed with the facts they count.
CREATE TABLE counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) WITHOUT ROWID;

INSERT INTO counters (name, value) VALUES ('videos.listed', 0);

CREATE TABLE users (
    id                  BLOB   NOT NULL PRIMARY KEY,
    username            TEXT   NOT NULL UNIQUE,
    email               TEXT   NOT NULL UNIQUE,
    full_name           TEXT   NOT NULL,
    bio                 TEXT   NOT NULL DEFAULT '',
    password_hash       TEXT   NOT NULL,
    role                BIGINT NOT NULL DEFAULT 0,
    -- Names the stored image files; a new upload gets a new revision, so its URLs can be cached for ever.
    avatar_rev          TEXT   NOT NULL,
    cover_rev           TEXT,
    subscribers_count   BIGINT NOT NULL DEFAULT 0,
    subscriptions_count BIGINT NOT NULL DEFAULT 0,
    -- Listed videos, and all of them.
    listed_videos_count BIGINT NOT NULL DEFAULT 0,
    videos_count        BIGINT NOT NULL DEFAULT 0,
    views_count         BIGINT NOT NULL DEFAULT 0,
    disabled_at         BIGINT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
) WITHOUT ROWID;

-- One row for each sign-in: the family of refresh tokens that follow each other.
CREATE TABLE sessions (
    id           BLOB   NOT NULL PRIMARY KEY,
    user_id      BLOB   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Random; together with the server's key it makes the refresh token of a generation.
    seed         BLOB   NOT NULL,
    generation   BIGINT NOT NULL DEFAULT 0,
    rotated_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    ended_reason TEXT,
    device       TEXT   NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX sessions_user_idx ON sessions (user_id, created_at, id);
-- Sessions past their end are swept in order of expiry.
CREATE INDEX sessions_expiry_idx ON sessions (expires_at);
