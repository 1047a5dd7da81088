-- Freight's own state, first version. Everything stands in schema freight, which the migrator makes.
-- Times are UTC microseconds; flags are 0 or 1. Every table that belongs to a tenant leads its keys and
-- indexes with tenant_id, so that a tenant is always one range of an index, and the schema can be
-- distributed by it.

CREATE TABLE freight.tenants (
  tenant_id uuid NOT NULL PRIMARY KEY,
  name text NOT NULL,
  external_id text,
  status text NOT NULL,
  weight bigint NOT NULL CHECK (weight >= 1),
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  deleted_at bigint
);
CREATE UNIQUE INDEX tenants_name ON freight.tenants (name) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX tenants_external_id ON freight.tenants (external_id)
  WHERE external_id IS NOT NULL AND deleted_at IS NULL;

-- What claiming needs to know of a tenant to be fair, and no more: its rows are written with every
-- claim. `queued_execute` and `queued_other` count its rows in batch_queue by lane; `virtual_time` is
-- work done divided by weight, and `claim_start` what it was before the last claim.
CREATE TABLE freight.tenant_shares (
  tenant_id uuid NOT NULL PRIMARY KEY,
  weight bigint NOT NULL CHECK (weight >= 1),
  claimable bigint NOT NULL,
  queued_execute bigint NOT NULL CHECK (queued_execute >= 0),
  queued_other bigint NOT NULL CHECK (queued_other >= 0),
  virtual_time double precision NOT NULL,
  claim_start double precision NOT NULL,
  claimed_at bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE freight.migration_jobs (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  name text NOT NULL,
  status text NOT NULL,
  priority bigint NOT NULL,
  labels text NOT NULL,
  identity text NOT NULL,
  load_identity text NOT NULL,
  fingerprint text NOT NULL,
  node_affinity text NOT NULL,
  plan_format bigint NOT NULL,
  plan_position text NOT NULL,
  planned bigint NOT NULL,
  records_planned bigint NOT NULL,
  bytes_planned bigint NOT NULL,
  bytes_total bigint,
  source_count bigint,
  destination_count_before bigint,
  records_read bigint NOT NULL,
  records_succeeded bigint NOT NULL,
  records_rejected bigint NOT NULL,
  records_skipped bigint NOT NULL,
  records_filtered bigint NOT NULL,
  records_with_warnings bigint NOT NULL,
  rows_inserted bigint NOT NULL,
  rows_updated bigint NOT NULL,
  rows_unchanged bigint NOT NULL,
  bytes_read bigint NOT NULL,
  batches_total bigint NOT NULL,
  batches_completed bigint NOT NULL,
  batches_failed bigint NOT NULL,
  batch_attempts bigint NOT NULL,
  retries bigint NOT NULL,
  waiting_on text,
  error text,
  warnings text NOT NULL,
  source_fields text NOT NULL,
  unmapped_columns text NOT NULL,
  unfilled_columns text NOT NULL,
  reconciliation text NOT NULL,
  log_sequence bigint NOT NULL,
  created_at bigint NOT NULL,
  updated_at bigint NOT NULL,
  started_at bigint,
  finished_at bigint,
  deleted_at bigint,
  PRIMARY KEY (tenant_id, job_id)
) WITH (fillfactor = 70);
CREATE INDEX migration_jobs_newest ON freight.migration_jobs (tenant_id, created_at);
CREATE INDEX migration_jobs_identity ON freight.migration_jobs (tenant_id, identity, created_at);

-- Apart from the job, whose row is written with every acknowledgement: a spec may hold megabytes.
CREATE TABLE freight.migration_job_specs (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  spec text NOT NULL,
  PRIMARY KEY (tenant_id, job_id)
);

-- The facts of each batch: what was planned never changes, what became of it is written once it is
-- known. That a batch is leased right now stands in batch_queue only.
CREATE TABLE freight.migration_batches (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  sequence bigint NOT NULL,
  batch_id uuid NOT NULL,
  status text NOT NULL,
  first_ordinal bigint NOT NULL,
  records bigint NOT NULL,
  byte_offset bigint NOT NULL,
  byte_length bigint NOT NULL,
  first_line bigint NOT NULL,
  locator text NOT NULL,
  content_hash text NOT NULL,
  attempts bigint NOT NULL,
  records_read bigint NOT NULL,
  records_succeeded bigint NOT NULL,
  records_rejected bigint NOT NULL,
  records_skipped bigint NOT NULL,
  records_filtered bigint NOT NULL,
  records_with_warnings bigint NOT NULL,
  rows_inserted bigint NOT NULL,
  rows_updated bigint NOT NULL,
  rows_unchanged bigint NOT NULL,
  error text,
  started_at bigint,
  finished_at bigint,
  PRIMARY KEY (tenant_id, job_id, sequence)
);

-- What is ready or leased, and nothing else: finished work leaves it. `lane` 0 is execute, 1 plan and
-- finish. `due_at` is when a row may be claimed: a ready one at its time, a leased one when its lease
-- has run out.
CREATE TABLE freight.batch_queue (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  kind text NOT NULL,
  batch_id uuid NOT NULL,
  lane bigint NOT NULL,
  priority bigint NOT NULL,
  sequence bigint NOT NULL,
  records bigint NOT NULL,
  node_affinity text NOT NULL,
  attempt bigint NOT NULL,
  first_attempt_at bigint,
  due_at bigint NOT NULL,
  lease_token uuid,
  node_id uuid,
  PRIMARY KEY (tenant_id, job_id, kind, batch_id)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 500);
CREATE INDEX batch_queue_order ON freight.batch_queue (tenant_id, lane, priority, job_id, sequence);

-- Append-only. `log_sequence` is taken in the transaction that writes the row: its order is the order
-- of commits within a job.
CREATE TABLE freight.migration_logs (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  log_sequence bigint NOT NULL,
  logged_at bigint NOT NULL,
  event text NOT NULL,
  batch_sequence bigint,
  attempt bigint,
  first_ordinal bigint,
  last_ordinal bigint,
  outcome text,
  code text,
  column_name text,
  key_values text,
  detail text,
  PRIMARY KEY (tenant_id, job_id, log_sequence)
);

CREATE TABLE freight.dead_letters (
  tenant_id uuid NOT NULL,
  job_id uuid NOT NULL,
  ordinal bigint NOT NULL,
  dead_letter_id uuid NOT NULL,
  batch_sequence bigint NOT NULL,
  line bigint NOT NULL,
  byte_offset bigint NOT NULL,
  byte_length bigint NOT NULL,
  code text NOT NULL,
  column_name text NOT NULL,
  errors text NOT NULL,
  key_values text NOT NULL,
  raw bytea NOT NULL,
  attempts bigint NOT NULL,
  first_at bigint NOT NULL,
  last_at bigint NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (tenant_id, job_id, ordinal)
);

CREATE TABLE freight.nodes (
  node_id uuid NOT NULL PRIMARY KEY,
  host text NOT NULL,
  process_id bigint NOT NULL,
  started_at bigint NOT NULL,
  heartbeat_at bigint NOT NULL
);
