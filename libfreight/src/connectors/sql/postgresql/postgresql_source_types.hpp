#pragma once

#include <cstdint>

namespace freight::sql {

/// OIDs of the server's own types: the same in every PostgreSQL.
enum class PostgresqlType : std::uint32_t {
  boolean = 16,
  bytea = 17,
  name = 19,
  int8 = 20,
  int2 = 21,
  int4 = 23,
  text = 25,
  oid = 26,
  json = 114,
  float4 = 700,
  float8 = 701,
  bpchar = 1042,
  varchar = 1043,
  date = 1082,
  time = 1083,
  timestamp = 1114,
  timestamptz = 1184,
  numeric = 1700,
  uuid = 2950,
  jsonb = 3802,
};

}  // namespace freight::sql
