-- What people follow and keep: subscriptions, playlists, and what they watched.
-- As in 0008, rows that hang on a video or user are removed by a job in small bites.

CREATE TABLE subscriptions (
    subscriber_id BYTEA  NOT NULL,
    channel_id    BYTEA  NOT NULL,
    id            BYTEA  NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (subscriber_id, channel_id)
);

CREATE INDEX subscriptions_newest_idx ON subscriptions (subscriber_id, created_at, id);
CREATE INDEX subscriptions_channel_idx ON subscriptions (channel_id, created_at, id);

-- Whom they follow is nobody else's business.
ALTER TABLE users ADD COLUMN subscriptions_hidden BIGINT NOT NULL DEFAULT 0;

-- What channels brought out: one row for each listed video and each tweet, whatever the number of subscribers.
-- A video's row comes and goes with its being listed.
CREATE TABLE channel_posts (
    -- Of the video or tweet.
    id           BYTEA  NOT NULL PRIMARY KEY,
    channel_id   BYTEA  NOT NULL,
    -- 0 video, 1 tweet.
    kind         BIGINT NOT NULL,
    published_at BIGINT NOT NULL
);

-- Both have all columns: feeds are read from them alone.
CREATE INDEX channel_posts_channel_idx ON channel_posts (channel_id, published_at, id, kind);
CREATE INDEX channel_posts_newest_idx ON channel_posts (published_at, id, channel_id, kind);
INSERT INTO channel_posts (id, channel_id, kind, published_at)
    SELECT id, owner_id, 0, coalesce(published_at, created_at) FROM videos WHERE listed = 1;

CREATE TABLE playlists (
    id            BYTEA  NOT NULL PRIMARY KEY,
    owner_id      BYTEA  NOT NULL,
    name          TEXT COLLATE "C" NOT NULL,
    description   TEXT COLLATE "C" NOT NULL DEFAULT '',
    visibility    BIGINT NOT NULL,
    -- 0 made by its owner, 1 "Watch later".
    kind          BIGINT NOT NULL DEFAULT 0,
    entries_count BIGINT NOT NULL DEFAULT 0,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

-- Somebody's playlists as they see them, and as everyone does.
CREATE INDEX playlists_owner_idx ON playlists (owner_id, created_at, id) WHERE kind = 0;
CREATE INDEX playlists_public_idx ON playlists (owner_id, created_at, id) WHERE kind = 0 AND visibility = 0;
CREATE UNIQUE INDEX playlists_watch_later_idx ON playlists (owner_id) WHERE kind = 1;

CREATE TABLE playlist_entries (
    playlist_id BYTEA  NOT NULL,
    video_id    BYTEA  NOT NULL,
    -- Gaps are left between neighbours, so that a move changes one row.
    position    BIGINT NOT NULL,
    added_at    BIGINT NOT NULL,
    PRIMARY KEY (playlist_id, video_id)
);

CREATE UNIQUE INDEX playlist_entries_position_idx ON playlist_entries (playlist_id, position);
CREATE INDEX playlist_entries_video_idx ON playlist_entries (video_id);

CREATE TABLE history (
    user_id     BYTEA  NOT NULL,
    video_id    BYTEA  NOT NULL,
    -- Where to go on.
    position_ms BIGINT NOT NULL DEFAULT 0,
    watched_at  BIGINT NOT NULL,
    PRIMARY KEY (user_id, video_id)
);

CREATE INDEX history_newest_idx ON history (user_id, watched_at, video_id, position_ms);
-- Who watched a video, the last first.
CREATE INDEX history_video_idx ON history (video_id, watched_at);
