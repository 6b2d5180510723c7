-- Background work, written in the transaction of the change that causes it.

CREATE TABLE jobs (
    id          BYTEA  NOT NULL PRIMARY KEY,
    kind        TEXT COLLATE "C" NOT NULL,
    -- Ids the job needs, as JSON; old payloads stay readable.
    payload     TEXT COLLATE "C" NOT NULL,
    -- What it is about, for finding it again, and who waits for it.
    subject_id  BYTEA,
    user_id     BYTEA,
    -- 0 queued, 1 running, 2 done, 3 dead, 4 cancelled.
    state       BIGINT NOT NULL DEFAULT 0,
    -- Smaller runs earlier.
    priority    BIGINT NOT NULL DEFAULT 100,
    attempts    BIGINT NOT NULL DEFAULT 0,
    -- How often it was found without its worker; those starts are not held against it.
    recoveries  BIGINT NOT NULL DEFAULT 0,
    run_at      BIGINT NOT NULL,
    lease_owner TEXT COLLATE "C",
    lease_until BIGINT,
    -- Grows with every lease: a worker that comes back late is told apart from the present one.
    fence       BIGINT NOT NULL DEFAULT 0,
    progress    DOUBLE PRECISION   NOT NULL DEFAULT 0,
    step        TEXT COLLATE "C" NOT NULL DEFAULT '',
    last_error  TEXT COLLATE "C",
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE INDEX jobs_queued_idx ON jobs (priority, run_at, id) WHERE state = 0;
CREATE INDEX jobs_leased_idx ON jobs (lease_until) WHERE state = 1;
CREATE INDEX jobs_subject_idx ON jobs (subject_id, id);
CREATE INDEX jobs_user_idx ON jobs (user_id, id);
CREATE INDEX jobs_finished_idx ON jobs (updated_at) WHERE state >= 2;
