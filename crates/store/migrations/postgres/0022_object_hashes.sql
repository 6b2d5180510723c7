-- What files hold, as it was when they were first read through: by backups, and by `doctor --verify`.
CREATE TABLE object_hashes (
    -- The key of the object.
    key        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size_bytes BIGINT NOT NULL,
    -- Tells one writing of the file from another: of a folder its time and number, of a bucket its ETag.
    tag        TEXT COLLATE "C" NOT NULL,
    blake3     BYTEA  NOT NULL,
    -- When it was last read through.
    checked_at BIGINT NOT NULL
);
