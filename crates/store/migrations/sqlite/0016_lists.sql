-- Which comment is pinned was looked for among all comments of a video: the index that has the pinned ones alone
-- was no better to the planner than the one with all of them. This one answers by itself.
DROP INDEX comments_pinned_idx;
CREATE INDEX comments_pinned_idx ON comments (video_id, pinned, taken_down_at, id) WHERE pinned = 1;
