#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "freight/ids.hpp"
#include "freight/time.hpp"

namespace freight {

/// @addtogroup asking
/// @{

/// One file that a tenant has sent.
struct Upload {
  UploadId id;
  TenantId tenant_id;
  /// As the tenant called it; no path.
  std::string filename;
  std::uint64_t bytes = 0;
  /// Hex.
  std::string sha256;
  /// Set by the store.
  Timestamp created_at;
};

/// What became of an upload that was to be removed.
enum class UploadRemoval : std::uint8_t {
  removed,
  not_found,
  in_use,  ///< a job that has not ended reads it
};

/// The tenants' uploaded files: what is known of them and, for a storage whose nodes share no
/// folder, their bytes. Thread-safe. Errors as with TenantStore; every call is one transaction.
/// Another tenant's upload is not found.
class UploadStore {
 public:
  virtual ~UploadStore() = default;

  /// Writes what is known of a file whose bytes are there. With an idempotency key the first
  /// request's upload is given back, and not this one is added. Throws idempotency_conflict when
  /// that was of other bytes.
  virtual Upload add(const Upload& upload, const std::optional<std::string>& key) = 0;
  /// nullopt when the tenant has no such upload.
  virtual std::optional<Upload> find(TenantId tenant_id, UploadId id) = 0;
  /// In the order of ids, and so of their making: those after `after`.
  virtual std::vector<Upload> list(TenantId tenant_id, std::optional<UploadId> after,
                                   std::uint32_t limit) = 0;
  /// Removes what is known of it; its bytes are its user's matter (drop_pieces()).
  virtual UploadRemoval remove(TenantId tenant_id, UploadId id) = 0;
  /// How many bytes all uploads of the tenant have together.
  virtual std::uint64_t bytes_used(TenantId tenant_id) = 0;
  /// Lists, of all tenants, what was made before `before` and is needed by no job that has not
  /// ended; up to 1000.
  virtual std::vector<Upload> list_unused(Timestamp before) = 0;

  /// Keeps a piece of a file in the storage, by its number from 0 on.
  virtual void write_piece(UploadId id, std::uint64_t number, std::string_view bytes) = 0;
  /// nullopt behind the last one.
  virtual std::optional<std::string> read_piece(UploadId id, std::uint64_t number) = 0;
  /// Drops the pieces of a file that was never added, or that was removed.
  virtual void drop_pieces(UploadId id) = 0;
  /// Drops the pieces of files that were never added, as a crash leaves them, whose last piece was
  /// written before `before`; says how many.
  virtual std::uint64_t drop_abandoned_pieces(Timestamp before) = 0;
};

/// @}

}  // namespace freight
