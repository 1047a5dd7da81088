-- Freight's own state, first version. Column types are only BIGINT, TEXT, BLOB and DOUBLE PRECISION:
-- the library that reads them knows no others. Ids are UUIDs as canonical text; times are UTC
-- microseconds; flags are 0 or 1. Every table that belongs to a tenant leads its keys and indexes with
-- tenant_id, so that a tenant is always one range of an index.

CREATE TABLE tenants (
  tenant_id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  external_id TEXT,
  status TEXT NOT NULL,
  weight BIGINT NOT NULL CHECK (weight >= 1),
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  deleted_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX tenants_name ON tenants (name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX tenants_external_id ON tenants (external_id)
  WHERE external_id IS NOT NULL AND deleted_at IS NULL;

-- What claiming needs to know of a tenant to be fair, and no more: its rows are written with every
-- claim. `queued_execute` and `queued_other` count its rows in batch_queue by lane; `virtual_time` is
-- work done divided by weight, and `claim_start` what it was before the last claim.
CREATE TABLE tenant_shares (
  tenant_id TEXT NOT NULL PRIMARY KEY,
  weight BIGINT NOT NULL CHECK (weight >= 1),
  claimable BIGINT NOT NULL,
  queued_execute BIGINT NOT NULL CHECK (queued_execute >= 0),
  queued_other BIGINT NOT NULL CHECK (queued_other >= 0),
  virtual_time DOUBLE PRECISION NOT NULL,
  claim_start DOUBLE PRECISION NOT NULL,
  claimed_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE migration_jobs (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  priority BIGINT NOT NULL,
  labels TEXT NOT NULL,
  identity TEXT NOT NULL,
  load_identity TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  node_affinity TEXT NOT NULL,
  plan_format BIGINT NOT NULL,
  plan_position TEXT NOT NULL,
  planned BIGINT NOT NULL,
  records_planned BIGINT NOT NULL,
  bytes_planned BIGINT NOT NULL,
  bytes_total BIGINT,
  source_count BIGINT,
  destination_count_before BIGINT,
  records_read BIGINT NOT NULL,
  records_succeeded BIGINT NOT NULL,
  records_rejected BIGINT NOT NULL,
  records_skipped BIGINT NOT NULL,
  records_filtered BIGINT NOT NULL,
  records_with_warnings BIGINT NOT NULL,
  rows_inserted BIGINT NOT NULL,
  rows_updated BIGINT NOT NULL,
  rows_unchanged BIGINT NOT NULL,
  bytes_read BIGINT NOT NULL,
  batches_total BIGINT NOT NULL,
  batches_completed BIGINT NOT NULL,
  batches_failed BIGINT NOT NULL,
  batch_attempts BIGINT NOT NULL,
  retries BIGINT NOT NULL,
  waiting_on TEXT,
  error TEXT,
  warnings TEXT NOT NULL,
  source_fields TEXT NOT NULL,
  unmapped_columns TEXT NOT NULL,
  unfilled_columns TEXT NOT NULL,
  reconciliation TEXT NOT NULL,
  log_sequence BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  deleted_at BIGINT,
  PRIMARY KEY (tenant_id, job_id)
) WITHOUT ROWID;
CREATE INDEX migration_jobs_newest ON migration_jobs (tenant_id, created_at);
CREATE INDEX migration_jobs_identity ON migration_jobs (tenant_id, identity, created_at);

-- Apart from the job, whose row is written with every acknowledgement: a spec may hold megabytes.
CREATE TABLE migration_job_specs (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  spec TEXT NOT NULL,
  PRIMARY KEY (tenant_id, job_id)
);

-- The facts of each batch: what was planned never changes, what became of it is written once it is
-- known. That a batch is leased right now stands in batch_queue only.
CREATE TABLE migration_batches (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  sequence BIGINT NOT NULL,
  batch_id TEXT NOT NULL,
  status TEXT NOT NULL,
  first_ordinal BIGINT NOT NULL,
  records BIGINT NOT NULL,
  byte_offset BIGINT NOT NULL,
  byte_length BIGINT NOT NULL,
  first_line BIGINT NOT NULL,
  locator TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  attempts BIGINT NOT NULL,
  records_read BIGINT NOT NULL,
  records_succeeded BIGINT NOT NULL,
  records_rejected BIGINT NOT NULL,
  records_skipped BIGINT NOT NULL,
  records_filtered BIGINT NOT NULL,
  records_with_warnings BIGINT NOT NULL,
  rows_inserted BIGINT NOT NULL,
  rows_updated BIGINT NOT NULL,
  rows_unchanged BIGINT NOT NULL,
  error TEXT,
  started_at BIGINT,
  finished_at BIGINT,
  PRIMARY KEY (tenant_id, job_id, sequence)
) WITHOUT ROWID;

-- What is ready or leased, and nothing else: finished work leaves it. `lane` 0 is execute, 1 plan and
-- finish. `due_at` is when a row may be claimed: a ready one at its time, a leased one when its lease
-- has run out.
CREATE TABLE batch_queue (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  batch_id TEXT NOT NULL,
  lane BIGINT NOT NULL,
  priority BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  records BIGINT NOT NULL,
  node_affinity TEXT NOT NULL,
  attempt BIGINT NOT NULL,
  first_attempt_at BIGINT,
  due_at BIGINT NOT NULL,
  lease_token TEXT,
  node_id TEXT,
  PRIMARY KEY (tenant_id, job_id, kind, batch_id)
);
CREATE INDEX batch_queue_order ON batch_queue (tenant_id, lane, priority, job_id, sequence);

-- Append-only. `log_sequence` is taken in the transaction that writes the row: its order is the order
-- of commits within a job.
CREATE TABLE migration_logs (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  log_sequence BIGINT NOT NULL,
  logged_at BIGINT NOT NULL,
  event TEXT NOT NULL,
  batch_sequence BIGINT,
  attempt BIGINT,
  first_ordinal BIGINT,
  last_ordinal BIGINT,
  outcome TEXT,
  code TEXT,
  column_name TEXT,
  key_values TEXT,
  detail TEXT,
  PRIMARY KEY (tenant_id, job_id, log_sequence)
) WITHOUT ROWID;

CREATE TABLE dead_letters (
  tenant_id TEXT NOT NULL,
  job_id TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  dead_letter_id TEXT NOT NULL,
  batch_sequence BIGINT NOT NULL,
  line BIGINT NOT NULL,
  byte_offset BIGINT NOT NULL,
  byte_length BIGINT NOT NULL,
  code TEXT NOT NULL,
  column_name TEXT NOT NULL,
  errors TEXT NOT NULL,
  key_values TEXT NOT NULL,
  raw BLOB NOT NULL,
  attempts BIGINT NOT NULL,
  first_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  state TEXT NOT NULL,
  PRIMARY KEY (tenant_id, job_id, ordinal)
);

CREATE TABLE nodes (
  node_id TEXT NOT NULL PRIMARY KEY,
  host TEXT NOT NULL,
  process_id BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  heartbeat_at BIGINT NOT NULL
) WITHOUT ROWID;
