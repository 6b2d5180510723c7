-- What likes, comments and followers come to in the sums of 0017, what was sent to viewers, and numbers of the whole
-- site that would take a walk over everything to count.

-- Likes, comments and followers that came and went and are not in the sums yet: one row appended in the transaction of
-- the fact, for all that become durable together with it. About once a second they are added up and removed.
CREATE TABLE fact_deltas (
    id         BIGINT NOT NULL PRIMARY KEY DEFAULT age_number(),
    channel_id BYTEA    NOT NULL,
    -- Zeros: of no video.
    video_id   BYTEA    NOT NULL,
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
    video_id   BYTEA  NOT NULL,
    bytes      BIGINT NOT NULL,
    requests   BIGINT NOT NULL,
    PRIMARY KEY (grain, at, video_id)
);

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
);

INSERT INTO site_numbers (metric, day, value)
    VALUES (0, -1, 0), (1, -1, 0), (2, -1, 0), (3, -1, 0), (4, -1, 0), (5, -1, 0), (6, -1, 0), (7, -1, 0);

-- Who was here since some time: one step for each, in order.
CREATE INDEX sessions_used_idx ON sessions (last_used_at, user_id);
