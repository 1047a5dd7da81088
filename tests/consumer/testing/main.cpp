// Somebody else's source under Freight's suite.

#include <charconv>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <freight/testing/source_suite.hpp>
#include <freight/version.hpp>

namespace {

/// The numbers from 0 to 99.
class Numbers final : public freight::Source {
 public:
  freight::SourceDescription describe(freight::ConnectorContext&) override {
    freight::SourceDescription description;
    description.fields = *layout_;
    return description;
  }
  std::string fingerprint(freight::ConnectorContext&) override { return "numbers"; }
  freight::PlanChunk plan(std::string_view position, const freight::PlanLimits& limits,
                          freight::ConnectorContext&) override {
    std::uint64_t next = 0;
    std::from_chars(position.data(), position.data() + position.size(), next);
    freight::PlanChunk chunk;
    while (next < size && chunk.ranges.size() < limits.max_ranges) {
      freight::BatchRange range;
      range.first_ordinal = next;
      range.records = std::min(limits.max_records, size - next);
      next += range.records;
      chunk.ranges.push_back(range);
    }
    chunk.position = std::to_string(next);
    chunk.done = next == size;
    return chunk;
  }
  void read(const freight::BatchRange& range, freight::RecordBatch& batch,
            freight::ConnectorContext&) override {
    batch.layout = layout_;
    for (std::uint64_t index = 0; index < range.records; ++index) {
      freight::SourceRecord record;
      record.ordinal = range.first_ordinal + index;
      batch.records.push_back(record);
      const std::string_view text = batch.arena.copy(std::to_string(record.ordinal));
      batch.fields.push_back(
          {text.data(), static_cast<std::uint32_t>(text.size()), freight::FieldKind::unquoted});
    }
  }
  std::optional<std::uint64_t> count(freight::ConnectorContext&) override { return size; }

 private:
  static constexpr std::uint64_t size = 100;
  std::shared_ptr<const std::vector<std::string>> layout_ =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"number"});
};

}  // namespace

namespace freight::testing {
INSTANTIATE_TEST_SUITE_P(
    Mine, SourceSuite,
    ::testing::Values(SourceCase{
        .name = "Numbers", .make = [] { return std::make_unique<Numbers>(); }, .records = 100}));
}  // namespace freight::testing

int main(int count, char** arguments) {
  std::cout << "Freight " << freight::version() << std::endl;
  ::testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
