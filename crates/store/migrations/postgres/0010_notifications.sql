-- What people are told. A row stands for one thing said to one user; what subscribed channels bring out has no
-- rows of its own, however many follow them: it is read from channel_posts.

CREATE TABLE notifications (
    id         BYTEA  NOT NULL PRIMARY KEY,
    user_id    BYTEA  NOT NULL,
    -- As model::notifications::Kind.
    kind       BIGINT NOT NULL,
    -- What it is about, and who did it. The things themselves may be gone; then it is not shown.
    video_id   BYTEA,
    comment_id BYTEA,
    actor_id   BYTEA,
    -- Of a milestone: which.
    amount     BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    -- Read by itself; what is older than the user's read_until is read as well.
    read_at    BIGINT
);

CREATE INDEX notifications_newest_idx ON notifications (user_id, created_at, id);
-- For whoever removes all about a video or by a person.
CREATE INDEX notifications_video_idx ON notifications (video_id) WHERE video_id IS NOT NULL;
CREATE INDEX notifications_actor_idx ON notifications (actor_id) WHERE actor_id IS NOT NULL;

CREATE TABLE notification_settings (
    user_id    BYTEA  NOT NULL PRIMARY KEY,
    -- Everything up to this time is read.
    read_until BIGINT NOT NULL DEFAULT 0,
    -- A bit for each kind that is not wanted.
    muted      BIGINT NOT NULL DEFAULT 0
);

-- Posts of channels that were read one by one, ahead of read_until.
CREATE TABLE notification_reads (
    user_id      BYTEA  NOT NULL,
    post_id      BYTEA  NOT NULL,
    published_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, post_id)
);

-- The newest posts of a channel of one kind: one walk, also where the other kind is not wanted.
CREATE INDEX channel_posts_kind_idx ON channel_posts (channel_id, kind, published_at, id);

-- The largest number of likes that its owner was told of; each milestone is told once.
ALTER TABLE videos ADD COLUMN likes_told BIGINT NOT NULL DEFAULT 0;

-- Who listens must stop within a moment when a session ends or an account is switched off: whose that are is
-- asked twice a second, of these.
CREATE INDEX sessions_ended_idx ON sessions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX users_disabled_idx ON users (disabled_at) WHERE disabled_at IS NOT NULL;
