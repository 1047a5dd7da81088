-- What each node offers to work for beyond the jobs of any node, one a line between two line ends; so
-- that a job which nobody can work for is found and says so.
ALTER TABLE nodes ADD COLUMN affinities TEXT NOT NULL DEFAULT '';
CREATE INDEX migration_jobs_affinity ON migration_jobs (tenant_id, job_id)
  WHERE status IN ('pending', 'running') AND node_affinity <> '';
