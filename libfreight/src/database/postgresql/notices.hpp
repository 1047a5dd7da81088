#pragma once

#include <libpq-fe.h>

namespace freight::database {

/// Drops what the server only remarks: libpq would print it, and a library writes nothing to its
/// host's stderr.
inline void ignore_notices(PGconn* connection) {
  PQsetNoticeReceiver(
      connection, [](void*, const PGresult*) {}, nullptr);
}

}  // namespace freight::database
