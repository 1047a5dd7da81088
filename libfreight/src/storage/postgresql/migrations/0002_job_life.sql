-- The life of a job: times at which it begins and must have ended, limits, events, requests that are
-- made once. A row of batch_queue whose job is paused or cancelling stands in lane 2 (execute) or 3
-- (plan and finish), where nobody claims.

-- `timeout` in microseconds, 0 for none; `deadline_at` from the start on. `limits_from_…`: what the
-- limits do not look at any more. `progress_at`: when the last progress event was written.
ALTER TABLE freight.migration_jobs ADD COLUMN run_at bigint;
ALTER TABLE freight.migration_jobs ADD COLUMN timeout bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.migration_jobs ADD COLUMN deadline_at bigint;
ALTER TABLE freight.migration_jobs ADD COLUMN limits_from_read bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.migration_jobs ADD COLUMN limits_from_rejected bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.migration_jobs ADD COLUMN progress_at bigint NOT NULL DEFAULT 0;

-- Those that time or the death of a node may change; few.
CREATE INDEX migration_jobs_live ON freight.migration_jobs (tenant_id, job_id)
  WHERE status IN ('scheduled', 'running', 'cancelling');
CREATE INDEX migration_batches_id ON freight.migration_batches (tenant_id, batch_id);
CREATE INDEX migration_batches_finished ON freight.migration_batches (tenant_id, finished_at)
  WHERE finished_at IS NOT NULL;

-- The last sequence of the tenant's events; taken at the end of the transaction that writes them, so
-- that their order is that of commits.
ALTER TABLE freight.tenant_shares ADD COLUMN event_sequence bigint NOT NULL DEFAULT 0;
CREATE TABLE freight.events (
  tenant_id uuid NOT NULL,
  event_sequence bigint NOT NULL,
  job_id uuid NOT NULL,
  event_type text NOT NULL,
  happened_at bigint NOT NULL,
  data text NOT NULL,
  PRIMARY KEY (tenant_id, event_sequence)
);

CREATE TABLE freight.idempotency_keys (
  tenant_id uuid NOT NULL,
  idempotency_key text NOT NULL,
  request text NOT NULL,
  job_id uuid NOT NULL,
  created_at bigint NOT NULL,
  PRIMARY KEY (tenant_id, idempotency_key)
);

ALTER TABLE freight.nodes ADD COLUMN workers bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.nodes ADD COLUMN batches_processed bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.nodes ADD COLUMN records_processed bigint NOT NULL DEFAULT 0;
