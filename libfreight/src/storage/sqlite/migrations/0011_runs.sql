-- Which run of a job this is: each retry or replay of one that had ended begins another.
ALTER TABLE migration_jobs ADD COLUMN run_number BIGINT NOT NULL DEFAULT 1;
