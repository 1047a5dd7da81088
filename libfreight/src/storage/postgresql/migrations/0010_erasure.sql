-- What the record held was erased on somebody's demand: it is not read again from its source, and not
-- tried again.
ALTER TABLE freight.dead_letters ADD COLUMN erased BIGINT NOT NULL DEFAULT 0;
