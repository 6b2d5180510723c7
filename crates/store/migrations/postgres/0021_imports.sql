-- What was brought over from another system: documents that were looked at and taken, or decided about, so that
-- bringing them again changes nothing, whatever became of them here since.
CREATE TABLE imports (
    -- Which collection: 0 users, 1 videos, 2 comments, 3 tweets, 4 likes, 5 subscriptions, 6 playlists, 7 what a user
    -- has watched.
    kind     BIGINT NOT NULL,
    id       BYTEA  NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (kind, id)
);

-- Files that rows which were brought over still lack. A row goes when its file has come.
CREATE TABLE import_files (
    -- 0 the file of a video, 1 its poster, 2 the avatar of a user, 3 their cover.
    kind      BIGINT NOT NULL,
    -- The video or the user.
    id        BYTEA  NOT NULL,
    url       TEXT COLLATE "C",
    public_id TEXT COLLATE "C",
    -- Why it has not come, when it was tried.
    reason    TEXT COLLATE "C",
    PRIMARY KEY (kind, id)
);
