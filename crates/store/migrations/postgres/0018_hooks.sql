-- Addresses of others that are told what happens on a channel, and what each of them was sent.
-- As in 0008, rows here name things that may be gone, and are not removed by the engine.

CREATE TABLE webhooks (
    id             BYTEA  NOT NULL PRIMARY KEY,
    owner_id       BYTEA  NOT NULL,
    url            TEXT COLLATE "C" NOT NULL,
    -- A bit for each kind of event, as model::webhooks::Event.
    events         BIGINT NOT NULL,
    active         BIGINT NOT NULL DEFAULT 1,
    -- The secret is made of the server's key, the id and this number; it stands nowhere.
    secret_rev     BIGINT NOT NULL DEFAULT 0,
    -- Since when nothing has arrived there, while that is so.
    failing_since  BIGINT,
    -- Why the server switched it off, as model::webhooks::Ended; NULL where it did not.
    ended          BIGINT,
    -- When the next delivery is due; NULL: nothing waits. Kept so that one receiver with a long queue is one
    -- entry of the index below.
    due_at         BIGINT,
    created_at     BIGINT NOT NULL,
    updated_at     BIGINT NOT NULL
);

CREATE INDEX webhooks_owner_idx ON webhooks (owner_id, created_at, id);
CREATE INDEX webhooks_due_idx ON webhooks (due_at, id) WHERE due_at IS NOT NULL;

-- What happened on channels that have webhooks, until it was made into deliveries a moment later. Written in the
-- transaction of the fact.
CREATE TABLE webhook_facts (
    seq        BIGINT NOT NULL PRIMARY KEY DEFAULT age_number(),
    owner_id   BYTEA  NOT NULL,
    event      BIGINT NOT NULL,
    -- The video, comment, tweet or channel.
    subject_id BYTEA  NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE webhook_deliveries (
    id              BYTEA  NOT NULL PRIMARY KEY,
    webhook_id      BYTEA  NOT NULL,
    event           BIGINT NOT NULL,
    -- What is sent, to the byte.
    body            TEXT COLLATE "C" NOT NULL,
    -- As model::webhooks::State.
    state           BIGINT NOT NULL DEFAULT 0,
    attempts        BIGINT NOT NULL DEFAULT 0,
    -- NULL: nothing more is tried.
    next_at         BIGINT,
    -- Of the last attempt: what was answered, how long it took, and in a word what went wrong.
    response_status BIGINT,
    duration_ms     BIGINT,
    fault           TEXT COLLATE "C",
    created_at      BIGINT NOT NULL
);

CREATE INDEX webhook_deliveries_newest_idx ON webhook_deliveries (webhook_id, created_at, id);
CREATE INDEX webhook_deliveries_due_idx ON webhook_deliveries (webhook_id, next_at, id) WHERE next_at IS NOT NULL;
-- For whoever removes old ones.
CREATE INDEX webhook_deliveries_old_idx ON webhook_deliveries (created_at);

-- Browsers that are told of notifications while no page is open.
CREATE TABLE push_subscriptions (
    id         BYTEA  NOT NULL PRIMARY KEY,
    user_id    BYTEA  NOT NULL,
    -- The sign-in that it was made with, and goes with.
    session_id BYTEA  NOT NULL,
    endpoint   TEXT COLLATE "C" NOT NULL,
    -- The browser's public key (65 bytes) and its secret (16 bytes).
    p256dh     BYTEA  NOT NULL,
    auth       BYTEA  NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX push_subscriptions_endpoint_idx ON push_subscriptions (endpoint);
CREATE INDEX push_subscriptions_user_idx ON push_subscriptions (user_id, created_at, id);
CREATE INDEX push_subscriptions_session_idx ON push_subscriptions (session_id);

-- Whether the follower may have such a browser: telling those must not read through a million others. 1 where they
-- have one; may stay 1 for a while where they had.
ALTER TABLE subscriptions ADD COLUMN pushes BIGINT NOT NULL DEFAULT 0;
CREATE INDEX subscriptions_push_idx ON subscriptions (channel_id, subscriber_id) WHERE pushes = 1;
