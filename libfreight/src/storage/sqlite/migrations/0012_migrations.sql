-- Many tables at once: a migration, which submits a job for each table. `outcome` is a JSON object of
-- what became of its tables, indexes and keys; `only_tables` a JSON array of names. Whoever drives it
-- holds its lease.
CREATE TABLE migration_groups (
  tenant_id TEXT NOT NULL,
  migration_id TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  spec TEXT NOT NULL,
  only_tables TEXT NOT NULL,
  identity TEXT NOT NULL,
  node_affinity TEXT NOT NULL,
  outcome TEXT NOT NULL,
  error TEXT,
  lease_token TEXT,
  leased_until BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  PRIMARY KEY (tenant_id, migration_id)
);
CREATE INDEX migrations_by_identity ON migration_groups (tenant_id, identity);
CREATE INDEX migrations_to_drive ON migration_groups (leased_until)
  WHERE status IN ('pending', 'running', 'cancelling');

ALTER TABLE migration_jobs ADD COLUMN migration_id TEXT;
CREATE INDEX jobs_of_migration ON migration_jobs (tenant_id, migration_id)
  WHERE migration_id IS NOT NULL;
