#pragma once

#include "freight/upload_store.hpp"
#include "storage/sql/store_connections.hpp"

namespace freight::storage {

/// The tenants' uploads, of both backends.
class SqlUploadStore final : public UploadStore {
 public:
  explicit SqlUploadStore(StoreConnections& connections) : connections_(connections) {}

  Upload add(const Upload& upload, const std::optional<std::string>& key) override;
  std::optional<Upload> find(TenantId tenant_id, UploadId id) override;
  std::vector<Upload> list(TenantId tenant_id, std::optional<UploadId> after,
                           std::uint32_t limit) override;
  UploadRemoval remove(TenantId tenant_id, UploadId id) override;
  std::uint64_t bytes_used(TenantId tenant_id) override;
  std::vector<Upload> list_unused(Timestamp before) override;

  void write_piece(UploadId id, std::uint64_t number, std::string_view bytes) override;
  std::optional<std::string> read_piece(UploadId id, std::uint64_t number) override;
  void drop_pieces(UploadId id) override;
  std::uint64_t drop_abandoned_pieces(Timestamp before) override;

 private:
  StoreConnections& connections_;
};

}  // namespace freight::storage
