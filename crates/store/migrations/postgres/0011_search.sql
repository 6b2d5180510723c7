-- What is worth most and newest is found first: each thing has a tier, and of every tier the newest that have the words
-- are candidates, which the application weighs. Also here: the words that there are, what is being watched these days,
-- and what is said in videos.

-- How many digits a number has, at least 1 and at most 6: the tier of what has so many views or subscribers.
CREATE FUNCTION tier_of(amount BIGINT) RETURNS BIGINT LANGUAGE SQL IMMUTABLE AS $$
    SELECT least(length(greatest(amount, 0)::TEXT), 6)::BIGINT
$$;

-- Tiers of videos: 0 not listed, 1 to 6 by the digits of the counted views.
ALTER TABLE video_search_rows ADD COLUMN tier BIGINT NOT NULL DEFAULT 0;
-- Whether its words are counted in search_terms.
ALTER TABLE video_search_rows ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;
CREATE INDEX video_search_newest_idx ON video_search_rows (tier, doc);
CREATE INDEX video_search_rows_uncounted_idx ON video_search_rows (doc) WHERE counted = 0 AND tier > 0;

-- Whoever counts views need not know of search: five times in its life a video changes its tier.
CREATE FUNCTION videos_search_tier() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    UPDATE video_search_rows SET tier = tier_of(new.views) WHERE video_id = new.id;
    RETURN NULL;
END $$;
CREATE TRIGGER videos_search_tier AFTER UPDATE OF views ON videos FOR EACH ROW
    WHEN (new.listed = 1 AND tier_of(new.views) <> tier_of(old.views))
    EXECUTE FUNCTION videos_search_tier();

-- Words of listed videos and of channels, folded, with how many of those have them.
CREATE TABLE search_terms (
    term TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    docs BIGINT NOT NULL
);

-- What remains of a word when a letter or two are left out, as a hash: a misspelt word leaves some of the same.
CREATE TABLE search_typos (
    variant BIGINT NOT NULL,
    term    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (variant, term)
);

-- Channels. Tiers: 0 switched off, 1 to 6 by the digits of their subscribers.
CREATE TABLE channel_search_rows (
    user_id BYTEA    NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    doc     BIGINT   NOT NULL DEFAULT age_number(),
    tier    BIGINT   NOT NULL,
    counted BIGINT   NOT NULL DEFAULT 0,
    words   TSVECTOR NOT NULL DEFAULT ''
);
CREATE INDEX channel_search_words_idx ON channel_search_rows USING gin (words);
CREATE INDEX channel_search_newest_idx ON channel_search_rows (tier, doc);
CREATE INDEX channel_search_rows_uncounted_idx ON channel_search_rows (doc) WHERE counted = 0 AND tier > 0;
CREATE FUNCTION users_search() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO channel_search_rows (user_id, tier)
        VALUES (new.id, CASE WHEN new.disabled_at IS NULL THEN tier_of(new.subscribers_count) ELSE 0 END)
        ON CONFLICT (user_id) DO UPDATE SET tier = excluded.tier;
    RETURN NULL;
END $$;
CREATE TRIGGER users_search_add AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION users_search();
CREATE TRIGGER users_search_save AFTER UPDATE OF disabled_at, subscribers_count ON users FOR EACH ROW
    WHEN ((new.disabled_at IS NULL) <> (old.disabled_at IS NULL)
        OR tier_of(new.subscribers_count) <> tier_of(old.subscribers_count))
    EXECUTE FUNCTION users_search();

-- What is said in listed videos, in passages of some cues. A background task reads it from the subtitle files; rows
-- that hang on a video are removed by the same task in small bites, and nothing shows them meanwhile.
CREATE TABLE caption_tracks (
    video_id BYTEA  NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    rev      TEXT COLLATE "C" NOT NULL,
    -- 0 some passages may be missing, 1 all are there.
    done     BIGINT NOT NULL,
    PRIMARY KEY (video_id, language)
);
CREATE TABLE caption_passages (
    doc      BIGINT   NOT NULL PRIMARY KEY DEFAULT age_number(),
    -- That of the video when it was read.
    tier     BIGINT   NOT NULL,
    video_id BYTEA    NOT NULL,
    language TEXT COLLATE "C" NOT NULL,
    -- As JSON: [[start_ms, end_ms, "words"], ...].
    cues     TEXT COLLATE "C" NOT NULL,
    words    TSVECTOR NOT NULL DEFAULT ''
);
CREATE INDEX caption_passages_track_idx ON caption_passages (video_id, language);
CREATE INDEX caption_passages_words_idx ON caption_passages USING gin (words);
CREATE INDEX caption_passages_newest_idx ON caption_passages (tier, doc);
-- Videos whose passages may not be what they should be; each change counts up, so that the task notices a change
-- that came while it worked.
CREATE TABLE caption_pending (
    video_id BYTEA  NOT NULL PRIMARY KEY,
    changes  BIGINT NOT NULL DEFAULT 1
);

-- What is being watched these days. Heat halves with time and grows with points; the order of heats does not change
-- with time alone, so what is kept is when the heat will have fallen to one (milliseconds).
CREATE TABLE trending (
    video_id BYTEA  NOT NULL PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
    rank_at  BIGINT NOT NULL,
    -- The most points that were counted so far; -1: those there are date from the video's publication.
    points   BIGINT NOT NULL
);
CREATE INDEX trending_rank_idx ON trending (rank_at, video_id);
-- Listed videos whose counters have changed since the heat was last brought up to date.
CREATE TABLE trending_pending (
    video_id BYTEA NOT NULL PRIMARY KEY
);
-- Whoever counts need not know of trends.
CREATE FUNCTION videos_trending() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trending_pending (video_id) VALUES (new.id) ON CONFLICT (video_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER videos_trending AFTER UPDATE OF views, likes_count, comments_count ON videos FOR EACH ROW
    WHEN (new.listed = 1 AND (new.views <> old.views OR new.likes_count <> old.likes_count
        OR new.comments_count <> old.comments_count))
    EXECUTE FUNCTION videos_trending();
