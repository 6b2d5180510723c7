-- What people say and like: comments, tweets, and likes of both and of videos.
-- Rows that hang on a video, comment or user are not removed by the engine: there may be a million of them. A job
-- removes them in small bites; until then they stand under something that no longer exists, and nothing shows them.

CREATE TABLE comments (
    id            BLOB   NOT NULL PRIMARY KEY,
    video_id      BLOB   NOT NULL,
    owner_id      BLOB   NOT NULL,
    -- The comment at the top of its thread; NULL: this one is at the top. Threads are one level deep.
    parent_id     BLOB,
    content       TEXT   NOT NULL,
    likes_count   BIGINT NOT NULL DEFAULT 0,
    replies_count BIGINT NOT NULL DEFAULT 0,
    -- Shown before all others of its video.
    pinned        BIGINT NOT NULL DEFAULT 0,
    edited_at     BIGINT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
) WITHOUT ROWID;

-- The last column is always NULL; with it the engine knows that it need not look at the row.
CREATE INDEX comments_top_idx ON comments (video_id, created_at, id, parent_id) WHERE parent_id IS NULL;
CREATE INDEX comments_top_likes_idx ON comments (video_id, likes_count, id, parent_id) WHERE parent_id IS NULL;
CREATE INDEX comments_pinned_idx ON comments (video_id) WHERE pinned = 1;
CREATE INDEX comments_replies_idx ON comments (parent_id, created_at, id) WHERE parent_id IS NOT NULL;
-- For whoever removes all of a video or of a person.
CREATE INDEX comments_video_idx ON comments (video_id, id);
CREATE INDEX comments_owner_idx ON comments (owner_id, id);

-- How many of its comments are at the top: the length of the list that is shown.
ALTER TABLE videos ADD COLUMN threads_count BIGINT NOT NULL DEFAULT 0;

-- The words of comments at the top. The video stands in a column of its own, as one word, so that the engine
-- intersects two lists of documents rather than reading through all comments with a word.
CREATE TABLE comment_words_rows (
    doc        INTEGER PRIMARY KEY,
    comment_id BLOB NOT NULL UNIQUE
);

CREATE VIRTUAL TABLE comment_words USING fts5 (
    video, content,
    content = '', contentless_delete = 1, prefix = '2 3 4 5',
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER comment_words_forget AFTER DELETE ON comment_words_rows BEGIN
    DELETE FROM comment_words WHERE rowid = old.doc;
END;

CREATE TABLE tweets (
    id          BLOB   NOT NULL PRIMARY KEY,
    owner_id    BLOB   NOT NULL,
    content     TEXT   NOT NULL,
    -- The video it is about, and the place in it.
    video_id    BLOB,
    video_at_ms BIGINT,
    likes_count BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
) WITHOUT ROWID;

CREATE INDEX tweets_created_idx ON tweets (created_at, id);
CREATE INDEX tweets_likes_idx ON tweets (likes_count, id);
CREATE INDEX tweets_owner_idx ON tweets (owner_id, created_at, id);
CREATE INDEX tweets_owner_likes_idx ON tweets (owner_id, likes_count, id);
CREATE INDEX tweets_video_idx ON tweets (video_id, created_at, id) WHERE video_id IS NOT NULL;
CREATE INDEX tweets_video_likes_idx ON tweets (video_id, likes_count, id) WHERE video_id IS NOT NULL;

-- As for comments; the author and the video stand in columns of their own.
CREATE TABLE tweet_words_rows (
    doc      INTEGER PRIMARY KEY,
    tweet_id BLOB NOT NULL UNIQUE
);

CREATE VIRTUAL TABLE tweet_words USING fts5 (
    owner, video, content,
    content = '', contentless_delete = 1, prefix = '2 3 4 5',
    tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER tweet_words_forget AFTER DELETE ON tweet_words_rows BEGIN
    DELETE FROM tweet_words WHERE rowid = old.doc;
END;

CREATE TABLE likes (
    user_id    BLOB   NOT NULL,
    -- 0 video, 1 comment, 2 tweet.
    kind       BIGINT NOT NULL,
    target_id  BLOB   NOT NULL,
    id         BLOB   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, target_id)
) WITHOUT ROWID;

-- The videos that somebody liked, newest first. Nobody asks for this list of comments and tweets, so liking
-- those writes one index less.
CREATE INDEX likes_videos_idx ON likes (user_id, created_at, id) WHERE kind = 0;
-- For whoever removes all of a target.
CREATE INDEX likes_target_idx ON likes (kind, target_id);

-- Likes and comments of all of somebody's videos, and their tweets; changed with them.
ALTER TABLE users ADD COLUMN received_likes_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN received_comments_count BIGINT NOT NULL DEFAULT 0;
ALTER TABLE users ADD COLUMN tweets_count BIGINT NOT NULL DEFAULT 0;
INSERT INTO counters (name, value) VALUES ('tweets', 0);
