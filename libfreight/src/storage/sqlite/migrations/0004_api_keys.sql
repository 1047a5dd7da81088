-- Keys of tenants, and of the installation (tenant_id NULL). Of a secret only its SHA-256 is kept.
CREATE TABLE api_keys (
  api_key_id TEXT NOT NULL PRIMARY KEY,
  tenant_id TEXT,
  secret_hash TEXT NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX api_keys_of_tenant ON api_keys (tenant_id, created_at);
