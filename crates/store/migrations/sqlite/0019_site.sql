-- What likes, comments and followers come to in the sums of 0017, what was sent to viewers, and numbers of the whole
-- site that would take a walk over everything to count.

-- Likes, comments and followers that came and went and are not in the sums yet: one row appended in the transaction of
-- the fact, for all that become durable together with it. About once a second they are added up and removed.
CREATE TABLE fact_deltas (
    id         INTEGER NOT NULL PRIMARY KEY,
    channel_id BLOB    NOT NULL,
    -- Zeros: of no video.
    video_id   BLOB    NOT NULL,
    -- When the minute began.
    at         BIGINT  NOT NULL,
    -- As store::analytics::facts::Kind.
    kind       BIGINT  NOT NULL,
    change     BIGINT  NOT NULL
);

-- Bytes of media files that were sent, by day; of the whole site (zeros) by hour too.
CREATE TABLE bandwidth (
    -- 1 hour, 2 day.
    grain      BIGINT NOT NULL,
    -- When it began.
    at         BIGINT NOT NULL,
    video_id   BLOB   NOT NULL,
    bytes      BIGINT NOT NULL,
    requests   BIGINT NOT NULL,
    PRIMARY KEY (grain, at, video_id)
) WITHOUT ROWID;

-- A video's own, newest first; also for the removal of those of a video that is gone.
CREATE INDEX bandwidth_video_idx ON bandwidth (video_id, grain, at);
-- What was sent most of on a day.
CREATE INDEX bandwidth_top_idx ON bandwidth (grain, at, bytes, video_id);

-- Numbers of the site, kept as they change.
CREATE TABLE site_numbers (
    -- As store::site::Metric.
    metric BIGINT NOT NULL,
    -- The day (since the epoch, UTC) on which so many came; -1: how many there are.
    day    BIGINT NOT NULL,
    value  BIGINT NOT NULL,
    PRIMARY KEY (metric, day)
) WITHOUT ROWID;

INSERT INTO site_numbers (metric, day, value) SELECT 0, -1, count(*) FROM users;
INSERT INTO site_numbers (metric, day, value) SELECT 1, -1, count(*) FROM videos;
INSERT INTO site_numbers (metric, day, value) SELECT 2, -1, coalesce(sum(comments_count), 0) FROM videos;
INSERT INTO site_numbers (metric, day, value) SELECT 3, -1, coalesce(sum(stored_bytes), 0) FROM videos;
INSERT INTO site_numbers (metric, day, value) SELECT 4, -1, count(*) FROM videos WHERE source_key IS NOT NULL;
INSERT INTO site_numbers (metric, day, value)
    SELECT 5, -1, coalesce(sum(source_bytes), 0) FROM videos WHERE source_key IS NOT NULL;
INSERT INTO site_numbers (metric, day, value)
    SELECT 6, -1, count(*) FROM videos v, json_each(v.captions);
INSERT INTO site_numbers (metric, day, value)
    SELECT 7, -1, coalesce(sum(json_extract(c.value, '$.bytes')), 0) FROM videos v, json_each(v.captions) c;
INSERT INTO site_numbers (metric, day, value)
    SELECT 8, created_at / 86400000, count(*) FROM users GROUP BY created_at / 86400000;
INSERT INTO site_numbers (metric, day, value)
    SELECT 9, created_at / 86400000, count(*) FROM videos GROUP BY created_at / 86400000;

-- Who was here since some time: one step for each, in order.
CREATE INDEX sessions_used_idx ON sessions (last_used_at, user_id);
