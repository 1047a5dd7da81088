-- What tenants may use, what they take as their default, who changed what, and what is theirs beside
-- their jobs: uploads and connections.

-- JSON objects; an empty `retry` is none.
ALTER TABLE tenants ADD COLUMN limits TEXT NOT NULL DEFAULT '{}';
ALTER TABLE tenants ADD COLUMN retry TEXT NOT NULL DEFAULT '';

ALTER TABLE migration_jobs ADD COLUMN records_discarded BIGINT NOT NULL DEFAULT 0;
UPDATE migration_jobs AS j SET records_discarded = d.letters
  FROM (SELECT tenant_id, job_id, count(*) AS letters FROM dead_letters
        WHERE state = 'discarded' GROUP BY tenant_id, job_id) AS d
  WHERE d.tenant_id = j.tenant_id AND d.job_id = j.job_id;

-- What claims look at of a tenant's limits; NULL is no limit. Nothing of it is claimed before
-- `held_until`.
ALTER TABLE tenant_shares ADD COLUMN max_jobs BIGINT;
ALTER TABLE tenant_shares ADD COLUMN max_batches BIGINT;
ALTER TABLE tenant_shares ADD COLUMN records_per_second BIGINT;
ALTER TABLE tenant_shares ADD COLUMN held_until BIGINT NOT NULL DEFAULT 0;

-- Nothing is ever changed or deleted here.
CREATE TABLE audit_entries (
  sequence INTEGER PRIMARY KEY,
  time BIGINT NOT NULL,
  tenant_id TEXT,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  request_id TEXT NOT NULL
);
CREATE INDEX audit_entries_of_tenant ON audit_entries (tenant_id, sequence);

CREATE TABLE uploads (
  tenant_id TEXT NOT NULL,
  upload_id TEXT NOT NULL,
  filename TEXT NOT NULL,
  bytes BIGINT NOT NULL,
  sha256 TEXT NOT NULL,
  idempotency_key TEXT,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, upload_id)
);
CREATE UNIQUE INDEX uploads_by_idempotency_key ON uploads (tenant_id, idempotency_key);
CREATE INDEX uploads_by_age ON uploads (created_at);

-- The bytes of an upload, where no folder is shared.
CREATE TABLE upload_pieces (
  upload_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  bytes BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (upload_id, number)
);

-- `settings` is a JSON object that may be shown, `sealed` is encrypted.
CREATE TABLE connections (
  tenant_id TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  settings TEXT NOT NULL,
  sealed TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, name)
);
