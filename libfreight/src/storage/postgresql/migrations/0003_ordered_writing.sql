-- Jobs whose batches are written in source order: their batches are leased to one node at a time.

ALTER TABLE freight.migration_jobs ADD COLUMN ordered bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.batch_queue ADD COLUMN ordered bigint NOT NULL DEFAULT 0;
