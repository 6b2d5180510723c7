-- Which node does what only one may do at a time.
CREATE TABLE locks (
    name   TEXT COLLATE "C"   NOT NULL PRIMARY KEY,
    -- Who has it; empty: nobody.
    holder TEXT COLLATE "C"   NOT NULL,
    -- Grows with every change of hands.
    fence  BIGINT NOT NULL,
    -- Signs of life of the holder. Others see whether the number moves, by clocks of their own.
    beats  BIGINT NOT NULL
);
