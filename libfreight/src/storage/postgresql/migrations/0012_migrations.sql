-- Many tables at once: a migration, which submits a job for each table. `outcome` is a JSON object of
-- what became of its tables, indexes and keys; `only_tables` a JSON array of names. Whoever drives it
-- holds its lease.
CREATE TABLE freight.migration_groups (
  tenant_id uuid NOT NULL,
  migration_id uuid NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  spec TEXT NOT NULL,
  only_tables TEXT NOT NULL,
  identity TEXT NOT NULL,
  node_affinity TEXT NOT NULL,
  outcome TEXT NOT NULL,
  error TEXT,
  lease_token uuid,
  leased_until BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  started_at BIGINT,
  finished_at BIGINT,
  PRIMARY KEY (tenant_id, migration_id)
);
CREATE INDEX migrations_by_identity ON freight.migration_groups (tenant_id, identity);
CREATE INDEX migrations_to_drive ON freight.migration_groups (leased_until)
  WHERE status IN ('pending', 'running', 'cancelling');

ALTER TABLE freight.migration_jobs ADD COLUMN migration_id uuid;
CREATE INDEX jobs_of_migration ON freight.migration_jobs (tenant_id, migration_id)
  WHERE migration_id IS NOT NULL;

ALTER TABLE freight.migration_groups ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.migration_groups
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'freight_tenant') THEN
    GRANT SELECT, INSERT, UPDATE, DELETE ON freight.migration_groups TO freight_tenant;
  END IF;
END $$;
