#include "connectors/null/null_destination.hpp"

namespace freight::connectors {
namespace {

class NullDestination final : public Destination {
 public:
  DestinationTraits traits() const override {
    // A write leaves nothing behind, so writing a unit again is the same as writing it once: what
    // is promised of a transactional destination holds. With `none` a batch that was repeated after
    // a crash would be failed for nothing.
    return {.delivery = Delivery::transactional};
  }

  PrepareResult prepare(const PrepareRequest&, ConnectorContext&) override {
    return {.catalog = {.open_columns = true}};
  }

  WriteResult write(const WriteRequest& request, ConnectorContext&) override {
    return {.inserted = request.rows.rows()};
  }

  std::optional<std::uint64_t> count(bool, ConnectorContext&) override { return std::nullopt; }
  std::optional<std::uint64_t> ledger_rows(ConnectorContext&) override { return std::nullopt; }
  FinishResult finish(ConnectorContext&) override { return {}; }
  void abandon(ConnectorContext&) override {}
};

}  // namespace

std::unique_ptr<Destination> make_null_destination(const ConnectorRequest&) {
  return std::make_unique<NullDestination>();
}

}  // namespace freight::connectors
