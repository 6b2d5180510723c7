-- A video streams from a ladder of renditions that are made piece by piece; what is there so far is watched
-- while the rest is made, and a replaced file takes over from the one before it in one step.

-- 0 nothing streams, 1 the first seconds do and more follows, 2 whole renditions do.
ALTER TABLE videos ADD COLUMN streaming BIGINT NOT NULL DEFAULT 0;
UPDATE videos SET streaming = 2 WHERE EXISTS (SELECT 1 FROM renditions r WHERE r.video_id = videos.id AND r.kind = 0);
-- Which making of renditions is shown; a replaced file counts up.
ALTER TABLE videos ADD COLUMN media_gen BIGINT NOT NULL DEFAULT 0;
-- Whether the original stays after processing: 1, 0, or as the instance is set up.
ALTER TABLE videos ADD COLUMN keep_original BIGINT;
-- Bytes of the original and all that was made of it.
ALTER TABLE videos ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0;
UPDATE videos SET stored_bytes = CASE WHEN source_key IS NULL THEN 0 ELSE source_bytes END + progressive_bytes
    + coalesce((SELECT sum(r.size_bytes) FROM renditions r WHERE r.video_id = videos.id), 0);
-- Subtitle tracks as JSON, shown with every video: [{"language","label","rev"}].
ALTER TABLE videos ADD COLUMN captions TEXT COLLATE "C" NOT NULL DEFAULT '[]';
-- Names the storyboard's files.
ALTER TABLE videos ADD COLUMN storyboard_rev TEXT COLLATE "C";

ALTER TABLE renditions RENAME TO renditions_before;
CREATE TABLE renditions (
    video_id     BYTEA  NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    -- Of which making (videos.media_gen).
    gen          BIGINT NOT NULL,
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
    PRIMARY KEY (video_id, gen, name)
);
INSERT INTO renditions (video_id, gen, name, kind, width, height, frame_rate_milli, bitrate, peak_bitrate, codecs,
    object_key, size_bytes, segments, created_at)
SELECT video_id, 0, name, kind, width, height, frame_rate_milli, bitrate, peak_bitrate, codecs,
    object_key, size_bytes, segments, created_at FROM renditions_before;
DROP TABLE renditions_before;

-- What is to be made of a video: written once by the job that looked at it, so that every worker, on any
-- node and after any restart, makes the same.
CREATE TABLE encodings (
    video_id   BYTEA  NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    gen        BIGINT NOT NULL,
    -- app::jobs::ladder::Encoding as JSON.
    plan       TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (video_id, gen)
);

-- Finished pieces of renditions, until they are joined to one file.
CREATE TABLE parts (
    video_id   BYTEA  NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    gen        BIGINT NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    -- Its place in the rendition, from 0.
    chunk      BIGINT NOT NULL,
    object_key TEXT COLLATE "C" NOT NULL,
    size_bytes BIGINT NOT NULL,
    codecs     TEXT COLLATE "C" NOT NULL,
    segments   BYTEA  NOT NULL,
    PRIMARY KEY (video_id, gen, name, chunk)
);

-- What still runs or waits about one video, among all that ever did.
CREATE INDEX jobs_subject_live_idx ON jobs (subject_id, id) WHERE state < 2;
