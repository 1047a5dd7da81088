-- Jobs whose batches are written in source order: their batches are leased to one node at a time. And
-- jobs of which nothing is left in the destination when they fail: all their batches are retried.

ALTER TABLE freight.migration_jobs ADD COLUMN ordered bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.batch_queue ADD COLUMN ordered bigint NOT NULL DEFAULT 0;
ALTER TABLE freight.migration_jobs ADD COLUMN restarts bigint NOT NULL DEFAULT 0;
