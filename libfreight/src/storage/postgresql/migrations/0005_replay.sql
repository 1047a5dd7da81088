-- Replays, the foreign-key pass, rejects beyond those that are kept whole, and look-ups in the log.

ALTER TABLE freight.migration_batches ADD COLUMN kind text NOT NULL DEFAULT 'planned';
CREATE INDEX migration_batches_ordinal ON freight.migration_batches (tenant_id, job_id, first_ordinal)
  WHERE kind = 'planned';

-- `dead_letters_stored` are those kept whole, `waiting_for_parents` those that a foreign key refused
-- and that are tried again after the last batch; `parent_pass` is how often that was done, and
-- `parent_landed` what the last time brought.
ALTER TABLE freight.migration_jobs ADD COLUMN dead_letters_stored bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.migration_jobs ADD COLUMN waiting_for_parents bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.migration_jobs ADD COLUMN parent_pass bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.migration_jobs ADD COLUMN parent_landed bigint NOT NULL DEFAULT 0;

-- `replay_batch` is the sequence of the batch that the record is tried again in, until that batch has
-- ended. A stub keeps no raw text: there are too many of them.
ALTER TABLE freight.dead_letters ADD COLUMN stage text NOT NULL DEFAULT '';
ALTER TABLE freight.dead_letters ADD COLUMN key_text text NOT NULL DEFAULT '';
ALTER TABLE freight.dead_letters ADD COLUMN stub bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.dead_letters ADD COLUMN waits_for_parent bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.dead_letters ADD COLUMN replay_number bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.dead_letters ADD COLUMN replay_batch bigint;
ALTER TABLE freight.dead_letters ADD COLUMN correction text;
CREATE UNIQUE INDEX dead_letters_id ON freight.dead_letters (tenant_id, dead_letter_id);
CREATE INDEX dead_letters_replay ON freight.dead_letters (tenant_id, job_id, replay_batch, ordinal)
  WHERE replay_batch IS NOT NULL;
CREATE INDEX dead_letters_waiting ON freight.dead_letters (tenant_id, job_id, ordinal)
  WHERE waits_for_parent = 1;

-- Corrected records, from when a person brings them until the replay that takes them.
CREATE TABLE freight.replay_corrections (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  replay_id uuid NOT NULL,
  ordinal bigint NOT NULL,
  correction text,
  staged_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, job_id, replay_id, ordinal)
);

-- Rejects beyond errors.max_stored: only how many there are, and why.
CREATE TABLE freight.reject_ranges (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  first_ordinal bigint NOT NULL,
  last_ordinal bigint NOT NULL,
  batch_sequence bigint NOT NULL,
  code text NOT NULL,
  column_name text NOT NULL,
  PRIMARY KEY (tenant_id, job_id, first_ordinal)
);

CREATE TABLE freight.migration_passes (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  number bigint NOT NULL,
  records bigint NOT NULL,
  started_at bigint,
  finished_at bigint,
  PRIMARY KEY (tenant_id, job_id, number)
);

ALTER TABLE freight.migration_logs ADD COLUMN key_text text;
CREATE INDEX migration_logs_record ON freight.migration_logs (tenant_id, job_id, first_ordinal, log_sequence)
  WHERE event = 'record';
CREATE INDEX migration_logs_records ON freight.migration_logs (tenant_id, job_id, first_ordinal)
  WHERE event = 'records';
CREATE INDEX migration_logs_key ON freight.migration_logs (tenant_id, job_id, key_text)
  WHERE key_text IS NOT NULL;
