-- Jobs whose batches are written in source order: their batches are leased to one node at a time. And
-- jobs of which nothing is left in the destination when they fail: all their batches are retried.

ALTER TABLE migration_jobs ADD COLUMN ordered BIGINT NOT NULL DEFAULT 0;
ALTER TABLE batch_queue ADD COLUMN ordered BIGINT NOT NULL DEFAULT 0;
ALTER TABLE migration_jobs ADD COLUMN restarts BIGINT NOT NULL DEFAULT 0;
