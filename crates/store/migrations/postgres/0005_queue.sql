-- Who goes next was decided by one number for all: somebody's hundred videos stood in front of everybody
-- else's one. Jobs now wait by lane and by user, and the claim looks at the first job of each user only.

-- 0 quick, 1 encode: each has workers of its own.
ALTER TABLE jobs ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;
UPDATE jobs SET lane = CASE WHEN priority < 100 THEN 0 ELSE 1 END;
-- Whose turn it takes: the user's id, or one zero byte for the site's own work.
ALTER TABLE jobs ADD COLUMN queue_key BYTEA NOT NULL DEFAULT '\x00'::bytea;
UPDATE jobs SET queue_key = user_id WHERE user_id IS NOT NULL;
-- 0 urgent, 1 normal, 2 low; set by admins, goes before fairness.
ALTER TABLE jobs ADD COLUMN urgency BIGINT NOT NULL DEFAULT 1;
-- Its time has come. What still waits for its time stands in no worker's way.
ALTER TABLE jobs ADD COLUMN due BIGINT NOT NULL DEFAULT 0;
-- Which start of any job its last one was: whoever was served longest ago goes first.
ALTER TABLE jobs ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
INSERT INTO counters (name, value) VALUES ('jobs.turns', 0);
-- Signs of life of its worker. Whoever watches sees whether the number moves, by a clock of their own that
-- does not jump; nobody compares times that were read on another machine.
ALTER TABLE jobs ADD COLUMN beats BIGINT NOT NULL DEFAULT 0;
DROP INDEX jobs_leased_idx;
ALTER TABLE jobs DROP COLUMN lease_until;
-- Seconds that are left, as its worker estimates.
ALTER TABLE jobs ADD COLUMN eta_s BIGINT;
-- When the present or last run began.
ALTER TABLE jobs ADD COLUMN started_at BIGINT;
-- Why the last attempt ended, for whoever runs the site; last_error is the sentence for everyone.
ALTER TABLE jobs ADD COLUMN detail TEXT COLLATE "C";
UPDATE jobs SET detail = last_error, last_error = 'Something went wrong on the server.'
    WHERE last_error IS NOT NULL AND state <> 2;

DROP INDEX jobs_queued_idx;
-- From the first job of one user to that of the next.
CREATE INDEX jobs_ready_idx ON jobs (lane, queue_key, urgency, priority, run_at, id) WHERE state = 0 AND due = 1;
CREATE INDEX jobs_urgent_idx ON jobs (lane, priority, run_at, id) WHERE state = 0 AND due = 1 AND urgency = 0;
-- How long the oldest has waited.
CREATE INDEX jobs_oldest_idx ON jobs (lane, run_at) WHERE state = 0 AND due = 1;
-- What becomes due next, and what was put back in a time that is yet to come (the clock was set back).
CREATE INDEX jobs_later_idx ON jobs (lane, run_at) WHERE state = 0 AND due = 0;
CREATE INDEX jobs_later_put_idx ON jobs (lane, updated_at) WHERE state = 0 AND due = 0;
CREATE INDEX jobs_running_idx ON jobs (lane, queue_key) WHERE state = 1;
CREATE INDEX jobs_turn_idx ON jobs (lane, queue_key, turn) WHERE turn > 0;
-- Lists, newest first.
CREATE INDEX jobs_state_idx ON jobs (state, id);
CREATE INDEX jobs_user_state_idx ON jobs (user_id, state, id);
