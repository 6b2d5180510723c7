-- What was brought over from another system: documents that were looked at and taken, or decided about, so that
-- bringing them again changes nothing, whatever became of them here since.
CREATE TABLE imports (
    -- Which collection: 0 users, 1 videos, 2 comments, 3 tweets, 4 likes, 5 subscriptions, 6 playlists, 7 what a user
    -- has watched.
    kind     INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    taken_at INTEGER NOT NULL,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;

-- Files that rows which were brought over still lack. A row goes when its file has come.
CREATE TABLE import_files (
    -- 0 the file of a video, 1 its poster, 2 the avatar of a user, 3 their cover.
    kind      INTEGER NOT NULL,
    -- The video or the user.
    id        BLOB    NOT NULL,
    url       TEXT,
    public_id TEXT,
    -- Why it has not come, when it was tried.
    reason    TEXT,
    PRIMARY KEY (kind, id)
) WITHOUT ROWID;
