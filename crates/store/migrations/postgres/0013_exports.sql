-- What people take with them: a file with everything of theirs, made by a job when they ask for it, kept for a while.

CREATE TABLE exports (
    id          BYTEA  NOT NULL PRIMARY KEY,
    user_id     BYTEA  NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- What makes it; how far it is stands there, until the file is there.
    job_id      BYTEA  NOT NULL,
    -- 0 to be made, 1 the file is there, 2 past its time, 3 removed by its owner.
    state       BIGINT NOT NULL DEFAULT 0,
    object_key  TEXT COLLATE "C",
    size_bytes  BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    -- When the file goes; of one that is not made yet, when it is given up.
    expires_at  BIGINT NOT NULL
);

-- Somebody's, newest first.
CREATE INDEX exports_user_idx ON exports (user_id, id);
-- Files that are past their time, and rows that nobody needs to see any more.
CREATE INDEX exports_expiry_idx ON exports (expires_at) WHERE state < 2;
CREATE INDEX exports_ended_idx ON exports (created_at) WHERE state >= 2;
