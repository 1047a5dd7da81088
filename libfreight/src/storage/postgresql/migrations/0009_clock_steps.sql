-- How long a row waits for its `due_at`, so that `due_at` less `delay` is when that was written: what was
-- written in the future was written before the clock went back. 0 waits for no time at all; NULL waits
-- for a time of the calendar.

ALTER TABLE freight.batch_queue ADD COLUMN delay bigint;
