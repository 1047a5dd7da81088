-- A job of one batch may be planned while it is submitted. `described` is 0 as long as what else the
-- first chunk of a plan says of a job is not known.

ALTER TABLE migration_jobs ADD COLUMN described BIGINT NOT NULL DEFAULT 1;
