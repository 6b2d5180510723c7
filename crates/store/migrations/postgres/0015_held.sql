-- Comments that wait for the owner of the channel. They stand in a table of their own, so that no list, count, search
-- or notification can show one by forgetting a condition: a comment is moved to `comments` when it is approved.

CREATE TABLE held_comments (
    id         BYTEA  NOT NULL PRIMARY KEY,
    video_id   BYTEA  NOT NULL,
    -- The owner of the video.
    channel_id BYTEA  NOT NULL,
    owner_id   BYTEA  NOT NULL,
    -- The comment at the top of the thread, and the one in it that is answered; NULL: this one is to be at the top.
    parent_id  BYTEA,
    answers_id BYTEA,
    content    TEXT COLLATE "C" NOT NULL,
    -- As model::held::Reason.
    reason     BIGINT NOT NULL,
    -- 1: another text for the comment of the same id, which is shown with its old text meanwhile.
    is_edit    BIGINT NOT NULL DEFAULT 0,
    -- When it was written; of another text, when that was.
    created_at BIGINT NOT NULL
);

CREATE INDEX held_comments_channel_idx ON held_comments (channel_id, created_at, id);
CREATE INDEX held_comments_video_idx ON held_comments (video_id, created_at, id);
CREATE INDEX held_comments_owner_idx ON held_comments (owner_id, created_at, id);
-- For whoever removes a thread.
CREATE INDEX held_comments_parent_idx ON held_comments (parent_id) WHERE parent_id IS NOT NULL;

-- What a channel lets through. No row: everything.
CREATE TABLE comment_settings (
    channel_id    BYTEA  NOT NULL PRIMARY KEY,
    -- As model::held::Approval.
    approval      BIGINT NOT NULL DEFAULT 0,
    -- One on each line.
    blocked_words TEXT COLLATE "C" NOT NULL DEFAULT ''
);

-- Of whom a channel has approved a comment.
CREATE TABLE approved_authors (
    channel_id BYTEA NOT NULL,
    author_id  BYTEA NOT NULL,
    PRIMARY KEY (channel_id, author_id)
);
CREATE INDEX approved_authors_author_idx ON approved_authors (author_id, channel_id);

-- As model::held::Mode.
ALTER TABLE videos ADD COLUMN comments_mode BIGINT NOT NULL DEFAULT 0;

-- Whether the owner of a video is told already that something waits there.
CREATE INDEX notifications_held_idx ON notifications (user_id, video_id, created_at) WHERE kind = 7;
