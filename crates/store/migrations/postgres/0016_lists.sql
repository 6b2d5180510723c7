-- Which comment is pinned was looked for among all comments of a video: the index that has the pinned ones alone
-- was no better to the planner than the one with all of them. This one answers by itself.
DROP INDEX comments_pinned_idx;
CREATE INDEX comments_pinned_idx ON comments (video_id, pinned, taken_down_at, id) WHERE pinned = 1;

-- When the newest of what each channel brought out came out: one small row for each channel. Whoever follows
-- thousands is told from these which few of them a page can be from, without a step into the posts of each.
CREATE TABLE channel_heads (
    channel_id BYTEA  NOT NULL PRIMARY KEY,
    newest_at  BIGINT NOT NULL
);
INSERT INTO channel_heads (channel_id, newest_at)
    SELECT channel_id, max(published_at) FROM channel_posts GROUP BY channel_id;
