-- What tenants may use, what they take as their default, who changed what, and what is theirs beside
-- their jobs: uploads and connections.

-- JSON objects; an empty `retry` is none.
ALTER TABLE freight.tenants ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
ALTER TABLE freight.tenants ADD COLUMN retry TEXT NOT NULL DEFAULT '';

ALTER TABLE freight.migration_jobs ADD COLUMN records_discarded BIGINT NOT NULL DEFAULT 0;
UPDATE freight.migration_jobs AS j SET records_discarded = d.letters
  FROM (SELECT tenant_id, job_id, count(*) AS letters FROM freight.dead_letters
        WHERE state = 'discarded' GROUP BY tenant_id, job_id) AS d
  WHERE d.tenant_id = j.tenant_id AND d.job_id = j.job_id;

-- What claims look at of a tenant's limits; NULL is no limit. Nothing of it is claimed before
-- `held_until`.
ALTER TABLE freight.tenant_shares ADD COLUMN max_jobs BIGINT;
ALTER TABLE freight.tenant_shares ADD COLUMN max_batches BIGINT;
ALTER TABLE freight.tenant_shares ADD COLUMN records_per_second BIGINT;
ALTER TABLE freight.tenant_shares ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;

-- Nothing is ever changed or deleted here.
CREATE TABLE freight.audit_entries (
  sequence BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  time BIGINT NOT NULL,
  tenant_id uuid,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX audit_entries_of_tenant ON freight.audit_entries (tenant_id, sequence);

CREATE TABLE freight.uploads (
  tenant_id uuid NOT NULL,
  upload_id uuid NOT NULL,
  filename TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  idempotency_key TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, upload_id)
);
CREATE UNIQUE INDEX uploads_by_idempotency_key ON freight.uploads (tenant_id, idempotency_key);
CREATE INDEX uploads_by_age ON freight.uploads (created_at);

-- The bytes of an upload, where no folder is shared.
CREATE TABLE freight.upload_pieces (
  upload_id uuid NOT NULL,
  number BIGINT NOT NULL,
  bytes bytea NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (upload_id, number)
);

-- `settings` is a JSON object that may be shown, `sealed` is encrypted.
CREATE TABLE freight.connections (
  tenant_id uuid NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  type TEXT NOT NULL,
  settings TEXT NOT NULL,
  sealed TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, name)
);

-- The second wall around tenants: what is done for one of them is done as the role freight_tenant, to
-- which only the rows of the tenant in the setting freight.tenant are there. The owner of the tables
-- works for all tenants and is not bound. Who may not make roles does without this wall, until somebody
-- who may makes the role, grants it to the owner, and gives it the rights below.
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'freight_tenant') THEN
    CREATE ROLE freight_tenant NOLOGIN NOINHERIT;
  END IF;
  IF NOT pg_has_role(current_user, 'freight_tenant', 'MEMBER') THEN
    EXECUTE format('GRANT freight_tenant TO %I', current_user);
  END IF;
EXCEPTION
  WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN
    -- No right to do so, or another database of the server did it at the same moment.
    NULL;
END $$;

ALTER TABLE freight.migration_jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.migration_jobs
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.migration_job_specs ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.migration_job_specs
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.migration_batches ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.migration_batches
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.batch_queue ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.batch_queue
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.migration_logs ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.migration_logs
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.dead_letters ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.dead_letters
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.events ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.events
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.idempotency_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.idempotency_keys
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.replay_corrections ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.replay_corrections
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.reject_ranges ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.reject_ranges
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.migration_passes ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.migration_passes
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.tenant_shares ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.tenant_shares
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.uploads ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.uploads
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));
ALTER TABLE freight.connections ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON freight.connections
  USING (tenant_id = CAST(nullif(current_setting('freight.tenant', true), '') AS uuid));

DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'freight_tenant') THEN
    GRANT USAGE ON SCHEMA freight TO freight_tenant;
    GRANT SELECT, INSERT, UPDATE, DELETE ON
      freight.migration_jobs,
      freight.migration_job_specs,
      freight.migration_batches,
      freight.batch_queue,
      freight.migration_logs,
      freight.dead_letters,
      freight.events,
      freight.idempotency_keys,
      freight.replay_corrections,
      freight.reject_ranges,
      freight.migration_passes,
      freight.tenant_shares,
      freight.uploads,
      freight.connections
      TO freight_tenant;
    GRANT SELECT ON freight.nodes TO freight_tenant;
  END IF;
END $$;
