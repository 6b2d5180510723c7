-- Uploads that go on over several requests, what people may store, and files that take another's place.

CREATE TABLE uploads (
    id             BYTEA  NOT NULL PRIMARY KEY,
    owner_id       BYTEA  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Bytes that would survive a power cut: what the client is told. The file may have more.
    offset_bytes   BIGINT NOT NULL DEFAULT 0,
    -- NULL until the client declares it.
    length_bytes   BIGINT,
    -- What it counts against its owner's quota while it is open.
    reserved_bytes BIGINT NOT NULL DEFAULT 0,
    -- The header Upload-Metadata as it was sent, to be told again.
    metadata       TEXT COLLATE "C" NOT NULL DEFAULT '',
    -- The video whose file this one takes the place of.
    replaces       BYTEA,
    -- BLAKE3 of the whole file, once all of it is there.
    source_hash    BYTEA,
    -- What became of it. A finished upload is remembered for a while, for clients that lost the answer.
    video_id       BYTEA,
    -- Its owner had uploaded the same bytes before: video_id names the earlier video.
    duplicate      BIGINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL
);

CREATE INDEX uploads_open_idx ON uploads (owner_id) WHERE video_id IS NULL;
CREATE INDEX uploads_owner_idx ON uploads (owner_id);
CREATE INDEX uploads_expiry_idx ON uploads (expires_at);

-- Whether this person has uploaded the same bytes before.
CREATE INDEX videos_owner_hash_idx ON videos (owner_id, source_hash) WHERE source_hash IS NOT NULL;

-- Sum of the videos' stored_bytes, changed with them.
ALTER TABLE users ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE users SET stored_bytes = coalesce((SELECT sum(v.stored_bytes) FROM videos v WHERE v.owner_id = users.id), 0);
-- The most they may be; 0: no bound, NULL: as the instance is set up.
ALTER TABLE users ADD COLUMN quota_bytes BIGINT;
-- Bytes of uploads that were taken on a day (days since the epoch, UTC).
ALTER TABLE users ADD COLUMN upload_day BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN upload_day_bytes BIGINT NOT NULL DEFAULT 0;

-- A file that waits to take the place of a video's present one. The present one plays until everything made of
-- the new one is there; then videos.media_gen becomes this row's gen, in the transaction that removes the row.
CREATE TABLE replacements (
    video_id      BYTEA  NOT NULL PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
    -- Grows with every replacement asked for: a job that carries another number is too late.
    gen           BIGINT NOT NULL,
    source_key    TEXT COLLATE "C" NOT NULL,
    source_type   TEXT COLLATE "C" NOT NULL,
    source_bytes  BIGINT NOT NULL,
    source_hash   BYTEA  NOT NULL,
    source_name   TEXT COLLATE "C" NOT NULL,
    source_public BIGINT NOT NULL,
    duration_ms   BIGINT NOT NULL,
    width         BIGINT NOT NULL,
    height        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL
);
