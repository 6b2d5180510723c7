-- Who watched what, as sums: written in one transaction about every second, together with how far the journal of
-- beacons has been read. As in 0008, rows that hang on a video or a user are removed by a job in small bites.

-- The numbers of a video, a channel (by its user) or the site (zeros) in one bucket of time. Each grain is written by
-- itself, so that short ones may be forgotten: 0 minute, 1 hour, 2 day, 4 all time (not of videos).
CREATE TABLE rollups (
    subject_id         BYTEA  NOT NULL,
    grain              BIGINT NOT NULL,
    -- When the bucket began.
    at                 BIGINT NOT NULL,
    views              BIGINT NOT NULL,
    own_views          BIGINT NOT NULL,
    -- Of minutes a sum of sessions, of hours and days an estimate of its sketch.
    viewers            BIGINT NOT NULL,
    watch_ms           BIGINT NOT NULL,
    own_watch_ms       BIGINT NOT NULL,
    likes              BIGINT NOT NULL,
    comments           BIGINT NOT NULL,
    subscribers_gained BIGINT NOT NULL,
    subscribers_lost   BIGINT NOT NULL,
    sessions           BIGINT NOT NULL,
    startups           BIGINT NOT NULL,
    startup_ms         BIGINT NOT NULL,
    stalls             BIGINT NOT NULL,
    stall_ms           BIGINT NOT NULL,
    errors             BIGINT NOT NULL,
    PRIMARY KEY (subject_id, grain, at)
);

-- For whoever forgets old minutes and hours.
CREATE INDEX rollups_age_idx ON rollups (grain, at) WHERE grain < 2;

-- The same told apart by where viewers come from and what they watch on: hours and days.
CREATE TABLE rollup_splits (
    subject_id BYTEA  NOT NULL,
    grain      BIGINT NOT NULL,
    -- As model::analytics::Dimension.
    dimension  BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    value      TEXT COLLATE "C" NOT NULL,
    views      BIGINT NOT NULL,
    watch_ms   BIGINT NOT NULL,
    startups   BIGINT NOT NULL,
    startup_ms BIGINT NOT NULL,
    stalls     BIGINT NOT NULL,
    stall_ms   BIGINT NOT NULL,
    errors     BIGINT NOT NULL,
    PRIMARY KEY (subject_id, grain, dimension, at, value)
);

CREATE INDEX rollup_splits_age_idx ON rollup_splits (grain, at) WHERE grain < 2;

-- Different viewers: model::analytics::sketch, of hours and days.
CREATE TABLE rollup_sketches (
    subject_id BYTEA  NOT NULL,
    grain      BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    sketch     BYTEA  NOT NULL,
    PRIMARY KEY (subject_id, grain, at)
);

CREATE INDEX rollup_sketches_age_idx ON rollup_sketches (grain, at) WHERE grain < 2;

-- The videos of a channel side by side: 2 days, 3 months, 4 all time. Which of them were watched most is one walk.
CREATE TABLE channel_videos (
    channel_id         BYTEA  NOT NULL,
    grain              BIGINT NOT NULL,
    at                 BIGINT NOT NULL,
    video_id           BYTEA  NOT NULL,
    views              BIGINT NOT NULL,
    watch_ms           BIGINT NOT NULL,
    likes              BIGINT NOT NULL,
    comments           BIGINT NOT NULL,
    subscribers_gained BIGINT NOT NULL,
    PRIMARY KEY (channel_id, grain, at, video_id)
);

-- How many sessions that began on a day saw each of the hundred parts of a video: 100 whole numbers of 32 bits,
-- the lowest byte first.
CREATE TABLE retention (
    video_id BYTEA  NOT NULL,
    day      BIGINT NOT NULL,
    sessions BIGINT NOT NULL,
    counts   BYTEA  NOT NULL,
    PRIMARY KEY (video_id, day)
);

-- Who gave a video a view in the last hours, as a salted hash.
CREATE TABLE view_marks (
    video_id   BYTEA  NOT NULL,
    viewer     BIGINT NOT NULL,
    counted_at BIGINT NOT NULL,
    PRIMARY KEY (video_id, viewer)
);

CREATE INDEX view_marks_age_idx ON view_marks (counted_at);

-- Up to where the sums of a node's journal are in the tables above. Sums are kept apart by channel in a few shards,
-- so that each can be written in a transaction of its own.
CREATE TABLE analytics_position (
    node    TEXT COLLATE "C" NOT NULL,
    shard   BIGINT NOT NULL,
    segment BIGINT NOT NULL,
    place   BIGINT NOT NULL,
    PRIMARY KEY (node, shard)
);
