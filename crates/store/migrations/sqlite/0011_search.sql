-- Search ranked every video that has the words, which for a common word is most of them. Documents are now kept in
-- the order of what they are worth before anything is asked: their number is tier * 2^40 + a serial number, so that
-- the newest of each tier are found by reading the ends of a few lists. Tier 0 holds what nobody but its owner finds.
-- Also here: the words that there are, what is being watched these days, and what is said in videos.

-- Tiers of videos: 0 not listed, 1 to 6 by the digits of the counted views.
ALTER TABLE video_search_rows ADD COLUMN tier BIGINT NOT NULL DEFAULT 0;
-- Whether its words are counted in search_terms.
ALTER TABLE video_search_rows ADD COLUMN counted BIGINT NOT NULL DEFAULT 0;

DROP TRIGGER video_search_forget;
CREATE TRIGGER video_search_forget AFTER DELETE ON video_search_rows BEGIN
    DELETE FROM video_search WHERE rowid = old.tier * 1099511627776 + old.doc;
END;
CREATE TRIGGER video_search_save AFTER UPDATE OF tier ON video_search_rows BEGIN
    DELETE FROM video_search WHERE rowid = old.tier * 1099511627776 + old.doc;
    INSERT INTO video_search (rowid, title, description, tags)
        SELECT new.tier * 1099511627776 + new.doc, v.title, v.description,
            (SELECT coalesce(group_concat(value, ' '), '') FROM json_each(v.tags))
        FROM videos v WHERE v.id = new.video_id;
END;
-- Whoever counts views need not know of search: five times in its life a video changes its tier.
CREATE TRIGGER videos_search_tier AFTER UPDATE OF views ON videos
    WHEN new.listed = 1
        AND min(length(max(new.views, 0)), 6) <> min(length(max(old.views, 0)), 6) BEGIN
    UPDATE video_search_rows SET tier = min(length(max(new.views, 0)), 6) WHERE video_id = new.id;
END;
UPDATE video_search_rows SET tier =
    (SELECT CASE WHEN v.listed = 1 THEN min(length(max(v.views, 0)), 6) ELSE 0 END FROM videos v WHERE v.id = video_id)
    WHERE EXISTS (SELECT 1 FROM videos v WHERE v.id = video_id AND v.listed = 1);
-- Listed before words were counted; a background task counts them.
CREATE INDEX video_search_rows_uncounted_idx ON video_search_rows (doc) WHERE counted = 0 AND tier > 0;

-- Words of listed videos and of channels, folded, with how many of those have them.
CREATE TABLE search_terms (
    term TEXT   NOT NULL PRIMARY KEY,
    docs BIGINT NOT NULL
) WITHOUT ROWID;

-- What remains of a word when a letter or two are left out, as a hash: a misspelt word leaves some of the same.
CREATE TABLE search_typos (
    variant BIGINT NOT NULL,
    term    TEXT   NOT NULL,
    PRIMARY KEY (variant, term)
) WITHOUT ROWID;

-- Channels. Tiers: 0 switched off, 1 to 6 by the digits of their subscribers.
CREATE TABLE channel_search_rows (
    doc     INTEGER PRIMARY KEY,
    user_id BLOB   NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    tier    BIGINT NOT NULL,
    counted BIGINT NOT NULL DEFAULT 0
);
CREATE VIRTUAL TABLE channel_search USING fts5 (
    username, full_name, bio,
    content = '', contentless_delete = 1, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER channel_search_add AFTER INSERT ON channel_search_rows BEGIN
    INSERT INTO channel_search (rowid, username, full_name, bio)
        SELECT new.tier * 1099511627776 + new.doc, u.username, u.full_name, u.bio FROM users u WHERE u.id = new.user_id;
END;
CREATE TRIGGER channel_search_save AFTER UPDATE OF tier ON channel_search_rows BEGIN
    DELETE FROM channel_search WHERE rowid = old.tier * 1099511627776 + old.doc;
    INSERT INTO channel_search (rowid, username, full_name, bio)
        SELECT new.tier * 1099511627776 + new.doc, u.username, u.full_name, u.bio FROM users u WHERE u.id = new.user_id;
END;
CREATE TRIGGER channel_search_forget AFTER DELETE ON channel_search_rows BEGIN
    DELETE FROM channel_search WHERE rowid = old.tier * 1099511627776 + old.doc;
END;
CREATE TRIGGER users_search_add AFTER INSERT ON users BEGIN
    INSERT INTO channel_search_rows (user_id, tier)
        VALUES (new.id, CASE WHEN new.disabled_at IS NULL THEN min(length(max(new.subscribers_count, 0)), 6) ELSE 0 END);
END;
CREATE TRIGGER users_search_save AFTER UPDATE OF username, full_name, bio, disabled_at, subscribers_count ON users
    WHEN new.username <> old.username OR new.full_name <> old.full_name OR new.bio <> old.bio
        OR (new.disabled_at IS NULL) <> (old.disabled_at IS NULL)
        OR min(length(max(new.subscribers_count, 0)), 6) <> min(length(max(old.subscribers_count, 0)), 6) BEGIN
    UPDATE channel_search_rows
        SET tier = CASE WHEN new.disabled_at IS NULL THEN min(length(max(new.subscribers_count, 0)), 6) ELSE 0 END
        WHERE user_id = new.id;
END;
INSERT INTO channel_search_rows (user_id, tier)
    SELECT id, CASE WHEN disabled_at IS NULL THEN min(length(max(subscribers_count, 0)), 6) ELSE 0 END
    FROM users ORDER BY created_at, id;
CREATE INDEX channel_search_rows_uncounted_idx ON channel_search_rows (doc) WHERE counted = 0 AND tier > 0;

-- Tweets, newest first: all in tier 0.
CREATE TABLE tweet_search_rows (
    doc      INTEGER PRIMARY KEY,
    tweet_id BLOB NOT NULL UNIQUE
);
CREATE VIRTUAL TABLE tweet_search USING fts5 (
    content,
    content = '', contentless_delete = 1, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER tweet_search_forget AFTER DELETE ON tweet_search_rows BEGIN
    DELETE FROM tweet_search WHERE rowid = old.doc;
END;
CREATE TRIGGER tweets_search_add AFTER INSERT ON tweets BEGIN
    INSERT INTO tweet_search_rows (tweet_id) VALUES (new.id);
    INSERT INTO tweet_search (rowid, content)
        SELECT r.doc, new.content FROM tweet_search_rows r WHERE r.tweet_id = new.id;
END;
CREATE TRIGGER tweets_search_save AFTER UPDATE OF content ON tweets WHEN new.content <> old.content BEGIN
    INSERT OR REPLACE INTO tweet_search (rowid, content)
        SELECT r.doc, new.content FROM tweet_search_rows r WHERE r.tweet_id = new.id;
END;
CREATE TRIGGER tweets_search_forget AFTER DELETE ON tweets BEGIN
    DELETE FROM tweet_search_rows WHERE tweet_id = old.id;
END;
INSERT INTO tweet_search_rows (tweet_id) SELECT id FROM tweets ORDER BY created_at, id;
INSERT INTO tweet_search (rowid, content)
    SELECT r.doc, t.content FROM tweet_search_rows r JOIN tweets t ON t.id = r.tweet_id;

-- What is said in listed videos, in passages of some cues. A background task reads it from the subtitle files; rows
-- that hang on a video are removed by the same task in small bites, and nothing shows them meanwhile.
CREATE TABLE caption_tracks (
    video_id BLOB   NOT NULL,
    language TEXT   NOT NULL,
    rev      TEXT   NOT NULL,
    -- 0 some passages may be missing, 1 all are there.
    done     BIGINT NOT NULL,
    PRIMARY KEY (video_id, language)
) WITHOUT ROWID;
CREATE TABLE caption_passages (
    doc      INTEGER PRIMARY KEY,
    -- That of the video when it was read.
    tier     BIGINT NOT NULL,
    video_id BLOB   NOT NULL,
    language TEXT   NOT NULL,
    -- As JSON: [[start_ms, end_ms, "words"], ...].
    cues     TEXT   NOT NULL
);
CREATE INDEX caption_passages_track_idx ON caption_passages (video_id, language);
CREATE VIRTUAL TABLE caption_search USING fts5 (
    words,
    content = '', contentless_delete = 1, prefix = '2 3',
    tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER caption_search_add AFTER INSERT ON caption_passages BEGIN
    INSERT INTO caption_search (rowid, words)
        SELECT new.tier * 1099511627776 + new.doc,
            (SELECT coalesce(group_concat(json_extract(value, '$[2]'), ' '), '') FROM json_each(new.cues));
END;
CREATE TRIGGER caption_search_forget AFTER DELETE ON caption_passages BEGIN
    DELETE FROM caption_search WHERE rowid = old.tier * 1099511627776 + old.doc;
END;
-- Videos whose passages may not be what they should be; each change counts up, so that the task notices a change
-- that came while it worked.
CREATE TABLE caption_pending (
    video_id BLOB   NOT NULL PRIMARY KEY,
    changes  BIGINT NOT NULL DEFAULT 1
) WITHOUT ROWID;
INSERT INTO caption_pending (video_id) SELECT id FROM videos WHERE captions <> '[]';

-- What is being watched these days. Heat halves with time and grows with points; the order of heats does not change
-- with time alone, so what is kept is when the heat will have fallen to one (milliseconds).
CREATE TABLE trending (
    video_id BLOB   NOT NULL PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
    rank_at  BIGINT NOT NULL,
    -- The most points that were counted so far; -1: those there are date from the video's publication.
    points   BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX trending_rank_idx ON trending (rank_at, video_id);
-- Listed videos whose counters have changed since the heat was last brought up to date.
CREATE TABLE trending_pending (
    video_id BLOB NOT NULL PRIMARY KEY
) WITHOUT ROWID;
INSERT INTO trending (video_id, rank_at, points)
    SELECT id, coalesce(published_at, created_at), -1 FROM videos WHERE listed = 1;
INSERT INTO trending_pending (video_id)
    SELECT id FROM videos WHERE listed = 1 AND views + likes_count + comments_count > 0;
-- Whoever counts need not know of trends.
CREATE TRIGGER videos_trending AFTER UPDATE OF views, likes_count, comments_count ON videos
    WHEN new.listed = 1 AND (new.views <> old.views OR new.likes_count <> old.likes_count
        OR new.comments_count <> old.comments_count) BEGIN
    INSERT INTO trending_pending (video_id) VALUES (new.id) ON CONFLICT (video_id) DO NOTHING;
END;
