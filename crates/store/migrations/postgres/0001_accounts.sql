-- People, their sign-ins, and small facts about the instance itself.
-- Ids are 12-byte ObjectIds made by the application; times are milliseconds since the epoch, UTC.
-- Text compares by its bytes, as on the other engine, whatever the database was made with.

-- Numbers that grow with time and need no sequence: microseconds since the epoch, times 512, plus something random.
CREATE FUNCTION age_number() RETURNS BIGINT LANGUAGE SQL VOLATILE AS $$
    SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::BIGINT * 512 + floor(random() * 512)::BIGINT
$$;

CREATE TABLE instance (
    key   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

-- Numbers that belong to no row (how many videos are listed), changed with the facts they count.
CREATE TABLE counters (
    name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('videos.listed', 0);

CREATE TABLE users (
    id                  BYTEA  NOT NULL PRIMARY KEY,
    username            TEXT COLLATE "C" NOT NULL UNIQUE,
    email               TEXT COLLATE "C" NOT NULL UNIQUE,
    full_name           TEXT COLLATE "C" NOT NULL,
    bio                 TEXT COLLATE "C" NOT NULL DEFAULT '',
    password_hash       TEXT COLLATE "C" NOT NULL,
    role                BIGINT NOT NULL DEFAULT 0,
    -- Names the stored image files; a new upload gets a new revision, so its URLs can be cached for ever.
    avatar_rev          TEXT COLLATE "C" NOT NULL,
    cover_rev           TEXT COLLATE "C",
    subscribers_count   BIGINT NOT NULL DEFAULT 0,
    subscriptions_count BIGINT NOT NULL DEFAULT 0,
    -- Listed videos, and all of them.
    listed_videos_count BIGINT NOT NULL DEFAULT 0,
    videos_count        BIGINT NOT NULL DEFAULT 0,
    views_count         BIGINT NOT NULL DEFAULT 0,
    disabled_at         BIGINT,
    created_at          BIGINT NOT NULL,
    updated_at          BIGINT NOT NULL
);

-- One row for each sign-in: the family of refresh tokens that follow each other.
CREATE TABLE sessions (
    id           BYTEA  NOT NULL PRIMARY KEY,
    user_id      BYTEA  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Random; together with the server's key it makes the refresh token of a generation.
    seed         BYTEA  NOT NULL,
    generation   BIGINT NOT NULL DEFAULT 0,
    rotated_at   BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT,
    ended_reason TEXT COLLATE "C",
    device       TEXT COLLATE "C" NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL
);

CREATE INDEX sessions_user_idx ON sessions (user_id, created_at, id);
-- Sessions past their end are swept in order of expiry.
CREATE INDEX sessions_expiry_idx ON sessions (expires_at);
