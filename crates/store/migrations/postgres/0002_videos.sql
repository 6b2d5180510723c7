-- Videos, their renditions, and the words they are found by.

CREATE TABLE videos (
    id                BYTEA  NOT NULL PRIMARY KEY,
    owner_id          BYTEA  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    title             TEXT COLLATE "C" NOT NULL,
    description       TEXT COLLATE "C" NOT NULL DEFAULT '',
    tags              TEXT COLLATE "C" NOT NULL DEFAULT '[]',
    visibility        BIGINT NOT NULL,
    -- Changes with the visibility: media links signed for an older revision stop working.
    access_rev        BIGINT NOT NULL DEFAULT 0,
    status            BIGINT NOT NULL,
    status_reason     TEXT COLLATE "C",
    progress          DOUBLE PRECISION   NOT NULL DEFAULT 0,
    -- Something of it can be played by everyone who may see it.
    watchable         BIGINT NOT NULL DEFAULT 0,
    -- Public and watchable: what lists show. Kept, because partial indexes need it.
    listed            BIGINT NOT NULL DEFAULT 0,
    duration_ms       BIGINT NOT NULL DEFAULT 0,
    width             BIGINT NOT NULL DEFAULT 0,
    height            BIGINT NOT NULL DEFAULT 0,
    source_key        TEXT COLLATE "C",
    source_type       TEXT COLLATE "C" NOT NULL DEFAULT '',
    source_bytes      BIGINT NOT NULL DEFAULT 0,
    source_hash       BYTEA,
    source_name       TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- The original may be sent to viewers: browsers play it, and it carries no hidden location.
    source_public     BIGINT NOT NULL DEFAULT 0,
    progressive_key   TEXT COLLATE "C",
    progressive_bytes BIGINT NOT NULL DEFAULT 0,
    thumbnail_rev     TEXT COLLATE "C",
    thumbnail_custom  BIGINT NOT NULL DEFAULT 0,
    views             BIGINT NOT NULL DEFAULT 0,
    likes_count       BIGINT NOT NULL DEFAULT 0,
    comments_count    BIGINT NOT NULL DEFAULT 0,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    published_at      BIGINT
);

-- Each order in which the public list can be read is one index walk; drafts are left out of them.
CREATE INDEX videos_listed_created_idx ON videos (created_at, id) WHERE listed = 1;
CREATE INDEX videos_listed_views_idx ON videos (views, id) WHERE listed = 1;
CREATE INDEX videos_listed_duration_idx ON videos (duration_ms, id) WHERE listed = 1;
CREATE INDEX videos_listed_title_idx ON videos (title, id) WHERE listed = 1;
CREATE INDEX videos_listed_likes_idx ON videos (likes_count, id) WHERE listed = 1;
-- A channel's page shows what is listed, its owner sees all.
CREATE INDEX videos_owner_listed_idx ON videos (owner_id, created_at, id) WHERE listed = 1;
CREATE INDEX videos_owner_idx ON videos (owner_id, created_at, id);

CREATE TABLE video_tags (
    tag        TEXT COLLATE "C" NOT NULL,
    video_id   BYTEA  NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    listed     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tag, video_id)
);

CREATE INDEX video_tags_listed_idx ON video_tags (tag, created_at, video_id) WHERE listed = 1;
CREATE INDEX video_tags_video_idx ON video_tags (video_id);

-- The words of a video, taken apart and folded by the application as it does with what is asked for.
CREATE TABLE video_search_rows (
    video_id    BYTEA    NOT NULL PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
    -- Grows with every video.
    doc         BIGINT   NOT NULL DEFAULT age_number(),
    words       TSVECTOR NOT NULL DEFAULT '',
    -- Of title and tags alone.
    title_words TSVECTOR NOT NULL DEFAULT ''
);
CREATE INDEX video_search_words_idx ON video_search_rows USING gin (words);
CREATE INDEX video_search_title_idx ON video_search_rows USING gin (title_words);

CREATE TABLE renditions (
    video_id     BYTEA  NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    name         TEXT COLLATE "C" NOT NULL,
    -- 0 video, 1 audio.
    kind         BIGINT NOT NULL,
    width        BIGINT NOT NULL DEFAULT 0,
    height       BIGINT NOT NULL DEFAULT 0,
    -- Frames in a thousand seconds.
    frame_rate_milli BIGINT NOT NULL DEFAULT 0,
    -- Bits in a second, over the whole file and over its busiest segment.
    bitrate      BIGINT NOT NULL,
    peak_bitrate BIGINT NOT NULL,
    codecs       TEXT COLLATE "C" NOT NULL,
    object_key   TEXT COLLATE "C" NOT NULL,
    size_bytes   BIGINT NOT NULL,
    -- Where each segment lies in the file (media::SegmentIndex).
    segments     BYTEA  NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (video_id, name)
);
