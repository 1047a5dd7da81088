-- Keys of tenants, and of the installation (tenant_id NULL). Of a secret only its SHA-256 is kept.
CREATE TABLE freight.api_keys (
  api_key_id uuid NOT NULL PRIMARY KEY,
  tenant_id uuid,
  secret_hash TEXT NOT NULL UNIQUE,
  prefix TEXT NOT NULL,
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT,
  revoked_at BIGINT
);
CREATE INDEX api_keys_of_tenant ON freight.api_keys (tenant_id, created_at);
