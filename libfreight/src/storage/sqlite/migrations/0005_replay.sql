-- Replays, the foreign-key pass, rejects beyond those that are kept whole, and look-ups in the log.

ALTER TABLE migration_batches ADD COLUMN kind TEXT NOT NULL DEFAULT 'planned';
CREATE INDEX migration_batches_ordinal ON migration_batches (tenant_id, job_id, first_ordinal)
  WHERE kind = 'planned';

-- `dead_letters_stored` are those kept whole, `waiting_for_parents` those that a foreign key refused
-- and that are tried again after the last batch; `parent_pass` is how often that was done, and
-- `parent_landed` what the last time brought.
ALTER TABLE migration_jobs ADD COLUMN dead_letters_stored BIGINT NOT NULL DEFAULT 0;
ALTER TABLE migration_jobs ADD COLUMN waiting_for_parents BIGINT NOT NULL DEFAULT 0;
ALTER TABLE migration_jobs ADD COLUMN parent_pass BIGINT NOT NULL DEFAULT 0;
ALTER TABLE migration_jobs ADD COLUMN parent_landed BIGINT NOT NULL DEFAULT 0;

-- `replay_batch` is the sequence of the batch that the record is tried again in, until that batch has
-- ended. A stub keeps no raw text: there are too many of them.
ALTER TABLE dead_letters ADD COLUMN stage TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letters ADD COLUMN key_text TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letters ADD COLUMN stub BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN waits_for_parent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN replay_number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE dead_letters ADD COLUMN replay_batch BIGINT;
ALTER TABLE dead_letters ADD COLUMN correction TEXT;
CREATE UNIQUE INDEX dead_letters_id ON dead_letters (tenant_id, dead_letter_id);
CREATE INDEX dead_letters_replay ON dead_letters (tenant_id, job_id, replay_batch, ordinal)
  WHERE replay_batch IS NOT NULL;
CREATE INDEX dead_letters_waiting ON dead_letters (tenant_id, job_id, ordinal)
  WHERE waits_for_parent = 1;

-- Corrected records, from when a person brings them until the replay that takes them.
CREATE TABLE replay_corrections (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  replay_id TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  correction TEXT,
  staged_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, job_id, replay_id, ordinal)
);

-- Rejects beyond errors.max_stored: only how many there are, and why.
CREATE TABLE reject_ranges (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  first_ordinal BIGINT NOT NULL,
  last_ordinal BIGINT NOT NULL,
  batch_sequence BIGINT NOT NULL,
  code TEXT NOT NULL,
  column_name TEXT NOT NULL,
  PRIMARY KEY (tenant_id, job_id, first_ordinal)
) WITHOUT ROWID;

CREATE TABLE migration_passes (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  records BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  PRIMARY KEY (tenant_id, job_id, number)
) WITHOUT ROWID;

ALTER TABLE migration_logs ADD COLUMN key_text TEXT;
CREATE INDEX migration_logs_record ON migration_logs (tenant_id, job_id, first_ordinal, log_sequence)
  WHERE event = 'record';
CREATE INDEX migration_logs_records ON migration_logs (tenant_id, job_id, first_ordinal)
  WHERE event = 'records';
CREATE INDEX migration_logs_key ON migration_logs (tenant_id, job_id, key_text)
  WHERE key_text IS NOT NULL;
