-- What people say and like: comments, tweets, and likes of both and of videos.
-- Rows that hang on a video, comment or user are not removed by the engine: there may be a million of them. A job
-- removes them in small bites; until then they stand under something that no longer exists, and nothing shows them.

CREATE TABLE comments (
    id            BYTEA  NOT NULL PRIMARY KEY,
    video_id      BYTEA  NOT NULL,
    owner_id      BYTEA  NOT NULL,
    -- The comment at the top of its thread; NULL: this one is at the top. Threads are one level deep.
    parent_id     BYTEA,
    content       TEXT COLLATE "C" NOT NULL,
    likes_count   BIGINT NOT NULL DEFAULT 0,
    replies_count BIGINT NOT NULL DEFAULT 0,
    -- Shown before all others of its video.
    pinned        BIGINT NOT NULL DEFAULT 0,
    edited_at     BIGINT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);

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

-- The words of comments at the top. The video is one of the words, so that the engine intersects two lists of rows
-- rather than reading through all comments with a word.
CREATE TABLE comment_words_rows (
    comment_id BYTEA    NOT NULL PRIMARY KEY,
    doc        BIGINT   NOT NULL DEFAULT age_number(),
    words      TSVECTOR NOT NULL DEFAULT ''
);
CREATE INDEX comment_words_idx ON comment_words_rows USING gin (words);

CREATE TABLE tweets (
    id          BYTEA  NOT NULL PRIMARY KEY,
    owner_id    BYTEA  NOT NULL,
    content     TEXT COLLATE "C" NOT NULL,
    -- The video it is about, and the place in it.
    video_id    BYTEA,
    video_at_ms BIGINT,
    likes_count BIGINT NOT NULL DEFAULT 0,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

CREATE INDEX tweets_created_idx ON tweets (created_at, id);
CREATE INDEX tweets_likes_idx ON tweets (likes_count, id);
CREATE INDEX tweets_owner_idx ON tweets (owner_id, created_at, id);
CREATE INDEX tweets_owner_likes_idx ON tweets (owner_id, likes_count, id);
CREATE INDEX tweets_video_idx ON tweets (video_id, created_at, id) WHERE video_id IS NOT NULL;
CREATE INDEX tweets_video_likes_idx ON tweets (video_id, likes_count, id) WHERE video_id IS NOT NULL;

-- As for comments; the author and the video are among the words.
CREATE TABLE tweet_words_rows (
    tweet_id BYTEA    NOT NULL PRIMARY KEY,
    doc      BIGINT   NOT NULL DEFAULT age_number(),
    words    TSVECTOR NOT NULL DEFAULT ''
);
CREATE INDEX tweet_words_idx ON tweet_words_rows USING gin (words);
CREATE INDEX tweet_words_newest_idx ON tweet_words_rows (doc);

CREATE TABLE likes (
    user_id    BYTEA  NOT NULL,
    -- 0 video, 1 comment, 2 tweet.
    kind       BIGINT NOT NULL,
    target_id  BYTEA  NOT NULL,
    id         BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, kind, target_id)
);

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
