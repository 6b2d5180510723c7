-- Which frames of a video its owner can choose the poster from; their files carry the name of the set.
CREATE TABLE poster_candidates (
    video_id BYTEA NOT NULL PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
    rev      TEXT COLLATE "C" NOT NULL,
    -- Where in the video each frame is, in milliseconds, as JSON: [3000, 9000].
    places   TEXT COLLATE "C" NOT NULL
);
