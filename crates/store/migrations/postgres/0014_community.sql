-- Likes by what is liked, followers who are shown, and cursors into playlists whose places were spread.

-- A like stood in three trees, and each change of one wrote a page of each. By its target first, the table is its own
-- index of who likes a thing; whatever one person likes is found through the other, newest last.
CREATE TABLE likes_by_target (
    -- 0 video, 1 comment, 2 tweet.
    kind       BIGINT NOT NULL,
    target_id  BYTEA  NOT NULL,
    user_id    BYTEA  NOT NULL,
    id         BYTEA  NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, target_id, user_id)
);
INSERT INTO likes_by_target (kind, target_id, user_id, id, created_at)
    SELECT kind, target_id, user_id, id, created_at FROM likes ORDER BY kind, target_id, user_id;
DROP TABLE likes;
ALTER TABLE likes_by_target RENAME TO likes;
CREATE INDEX likes_user_idx ON likes (user_id, kind, created_at, id);

-- Who hides whom they follow is left out of the followers of channels by the walk itself, so that pages have no gaps.
ALTER TABLE subscriptions ADD COLUMN hidden BIGINT NOT NULL DEFAULT 0;
UPDATE subscriptions SET hidden = 1
    WHERE subscriber_id IN (SELECT id FROM users WHERE subscriptions_hidden = 1);
CREATE INDEX subscriptions_shown_idx ON subscriptions (channel_id, created_at, id) WHERE hidden = 0;

-- How often the places of all entries were changed at once: a cursor from before leads nowhere.
ALTER TABLE playlists ADD COLUMN spreads_count BIGINT NOT NULL DEFAULT 0;
