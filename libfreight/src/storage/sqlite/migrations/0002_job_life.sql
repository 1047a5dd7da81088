-- The life of a job: times at which it begins and must have ended, limits, events, requests that are
-- made once. A row of batch_queue whose job is paused or cancelling stands in lane 2 (execute) or 3
-- (plan and finish), where nobody claims.

-- `timeout` in microseconds, 0 for none; `deadline_at` from the start on. `limits_from_…`: what the
-- limits do not look at any more. `progress_at`: when the last progress event was written.
ALTER TABLE migration_jobs ADD COLUMN run_at BIGINT;
ALTER TABLE migration_jobs ADD COLUMN timeout BIGINT NOT NULL DEFAULT 0;
ALTER TABLE migration_jobs ADD COLUMN deadline_at BIGINT;
ALTER TABLE migration_jobs ADD COLUMN limits_from_read BIGINT NOT NULL DEFAULT 0;
ALTER TABLE migration_jobs ADD COLUMN limits_from_rejected BIGINT NOT NULL DEFAULT 0;
ALTER TABLE migration_jobs ADD COLUMN progress_at BIGINT NOT NULL DEFAULT 0;

-- Those that time or the death of a node may change; few.
CREATE INDEX migration_jobs_live ON migration_jobs (tenant_id, job_id)
  WHERE status IN ('scheduled', 'running', 'cancelling');
CREATE INDEX migration_batches_id ON migration_batches (tenant_id, batch_id);
CREATE INDEX migration_batches_finished ON migration_batches (tenant_id, finished_at)
  WHERE finished_at IS NOT NULL;

-- The last sequence of the tenant's events; taken at the end of the transaction that writes them, so
-- that their order is that of commits.
ALTER TABLE tenant_shares ADD COLUMN event_sequence BIGINT NOT NULL DEFAULT 0;
CREATE TABLE events (
  tenant_id TEXT NOT NULL,
  event_sequence BIGINT NOT NULL,
  job_id TEXT NOT NULL,
  event_type TEXT NOT NULL,
  happened_at BIGINT NOT NULL,
  data TEXT NOT NULL,
  PRIMARY KEY (tenant_id, event_sequence)
) WITHOUT ROWID;

CREATE TABLE idempotency_keys (
  tenant_id TEXT NOT NULL,
  idempotency_key TEXT NOT NULL,
  request TEXT NOT NULL,
  job_id TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, idempotency_key)
) WITHOUT ROWID;

ALTER TABLE nodes ADD COLUMN workers BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN batches_processed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN records_processed BIGINT NOT NULL DEFAULT 0;
