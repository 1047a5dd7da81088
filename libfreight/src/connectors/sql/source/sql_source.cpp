#include "connectors/sql/source/sql_source.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "connectors/sql/source/source_error.hpp"
#include "connectors/sql/source/source_records.hpp"
#include "connectors/sql/source/source_statements.hpp"
#include "freight/error.hpp"

namespace freight::sql {
namespace {

class SqlSource final : public Source {
 public:
  SqlSource(std::optional<std::uint64_t> limit, std::unique_ptr<SourceDatabase> database)
      : limit_(limit), database_(std::move(database)) {}

  SourceDescription describe(ConnectorContext& context) override {
    return known(context)->description;
  }
  // Nothing short of reading all of it tells one content of a table from another.
  std::string fingerprint(ConnectorContext&) override { return {}; }
  PlanChunk plan(std::string_view position, const PlanLimits& limits,
                 ConnectorContext& context) override;
  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) override;
  void decode(std::span<const RawRecord> records, RecordBatch& batch,
              ConnectorContext& context) override;
  std::optional<std::uint64_t> count(ConnectorContext& context) override;

 private:
  // What look() found out; never changes once it is there.
  struct Known {
    explicit Known(SourceShape found)
        : shape(std::move(found)),
          statements(shape),
          layout(std::make_shared<const std::vector<std::string>>(shape.fields)) {
      description.fields = shape.fields;
      description.typed = true;
      description.field_types = shape.types;
      description.native_types = shape.native_types;
      description.primary_key = shape.primary_key;
      description.required = shape.required;
      description.warnings = shape.warnings;
      for (const SourceKeyColumn& column : shape.key) key.push_back(column.name);
    }
    const SourceShape shape;
    const SourceStatements statements;
    const std::shared_ptr<const std::vector<std::string>> layout;
    SourceDescription description;
    std::vector<std::string> key;
  };

  std::shared_ptr<const Known> known(ConnectorContext& context);
  std::optional<SourceKey> begin(const Known& known, ConnectorContext& context);
  std::optional<BatchRange> next_range(const Known& known, SourcePosition& position,
                                       const PlanLimits& limits, ConnectorContext& context);
  std::string hash_of_page(const Known& known, const BatchRange& range,
                           ConnectorContext& context) const;
  static void prepare(const Known& known, RecordBatch& batch);

  const std::optional<std::uint64_t> limit_;
  const std::unique_ptr<SourceDatabase> database_;
  std::mutex mutex_;
  std::shared_ptr<const Known> known_;
  // Where the plan that was begun here ends.
  std::optional<SourceKey> end_;
};

// Bounds in the order in which statements take them.
SourceKey joined(const std::optional<SourceKey>& after, const std::optional<SourceKey>& last) {
  SourceKey bounds = after.value_or(SourceKey());
  if (last) bounds.insert(bounds.end(), last->begin(), last->end());
  return bounds;
}

[[noreturn]] void throw_changed(const BatchRange& range, const std::string& found) {
  throw Error(Code::source_changed,
              "The source changed while it was read: of the " + std::to_string(range.records) +
                  " rows that were planned from ordinal " + std::to_string(range.first_ordinal) +
                  " on, " + found + '.',
              {.hint = "Run the job again when nobody writes to the source's table."});
}

std::shared_ptr<const SqlSource::Known> SqlSource::known(ConnectorContext& context) {
  const std::lock_guard lock(mutex_);
  if (!known_) known_ = std::make_shared<const Known>(database_->look(context));
  return known_;
}

PlanChunk SqlSource::plan(std::string_view position, const PlanLimits& limits,
                          ConnectorContext& context) {
  const auto known = this->known(context);
  SourcePosition next = decode_position(position, known->key.size());
  const bool is_start = position.empty();
  if (is_start && !known->key.empty()) next.end = begin(*known, context);
  PlanChunk chunk;
  while (!chunk.done && chunk.ranges.size() < limits.max_ranges) {
    check_reading(context);
    auto range = next_range(*known, next, limits, context);
    if (range) chunk.ranges.push_back(*std::move(range));
    chunk.done = !range.has_value();
  }
  chunk.position = encode_position(next);
  return chunk;
}

// Rows that come with a greater key while the job runs would be more than were counted.
std::optional<SourceKey> SqlSource::begin(const Known& known, ConnectorContext& context) {
  if (known.shape.trusted_key && database_->number(known.statements.null_in_key(), {}, context)) {
    throw_key_not_unique(known.key, "is NULL in some rows");
  }
  std::optional<SourceKey> end;
  if (auto last = database_->cut(known.statements.last_key(), {}, context)) {
    end = std::move(last->last);
  }
  const std::lock_guard lock(mutex_);
  end_ = end;
  return end;
}

std::optional<BatchRange> SqlSource::next_range(const Known& known, SourcePosition& position,
                                                const PlanLimits& limits,
                                                ConnectorContext& context) {
  std::uint64_t most = limits.max_records;
  if (limit_) most = std::min(most, *limit_ - std::min(*limit_, position.ordinal));
  const bool has_key = !known.key.empty();
  if (most == 0 || (has_key && !position.end)) return std::nullopt;
  const SourceStart start{.after_key = position.after.has_value(),
                          .skip = has_key ? 0 : position.ordinal};
  const std::string sql = known.statements.cut(start, {.records = most, .bytes = limits.max_bytes});
  auto cut = database_->cut(sql, joined(position.after, position.end), context);
  if (!cut) return std::nullopt;
  if (cut->repeated) throw_key_not_unique(known.key, "is the same in two rows");

  BatchRange range;
  range.first_ordinal = position.ordinal;
  range.records = cut->records;
  position.ordinal += cut->records;
  if (has_key) {
    range.locator = encode_range({.after = position.after, .last = cut->last});
    position.after = std::move(cut->last);
  } else {
    range.locator = encode_range({});
    range.content_hash = hash_of_page(known, range, context);
  }
  return range;
}

void SqlSource::prepare(const Known& known, RecordBatch& batch) {
  batch.layout = known.layout;
  batch.raw_from_fields = true;
}

// Without a key nothing but the rows themselves tells whether they are the same when they are read.
std::string SqlSource::hash_of_page(const Known& known, const BatchRange& range,
                                    ConnectorContext& context) const {
  RecordBatch batch;
  prepare(known, batch);
  database_->read(known.statements.page(range.first_ordinal, range.records), {},
                  range.first_ordinal, batch, context);
  return hash_of_fields(batch);
}

void SqlSource::read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) {
  check_reading(context);
  const auto known = this->known(context);
  const SourceRangeKeys keys = decode_range(range.locator, known->key.size());
  prepare(*known, batch);
  if (!keys.last) {
    database_->read(known->statements.page(range.first_ordinal, range.records), {},
                    range.first_ordinal, batch, context);
  } else {
    // One more than planned, to see that there are more.
    database_->read(known->statements.rows(keys.after.has_value(), range.records + 1),
                    joined(keys.after, keys.last), range.first_ordinal, batch, context);
  }
  const std::size_t found = batch.records.size();
  if (found < range.records) throw_changed(range, std::to_string(found) + " are there");
  if (found > range.records) throw_changed(range, "there are more now");
  if (!range.content_hash.empty() && hash_of_fields(batch) != range.content_hash) {
    throw_changed(range, "some are others now, or stand in another order");
  }
}

void SqlSource::decode(std::span<const RawRecord> records, RecordBatch& batch,
                       ConnectorContext& context) {
  const auto known = this->known(context);
  prepare(*known, batch);
  decode_records(records, known->description, database_->has_json_values(), batch);
}

std::optional<std::uint64_t> SqlSource::count(ConnectorContext& context) {
  const auto known = this->known(context);
  std::optional<SourceKey> end;
  {
    const std::lock_guard lock(mutex_);
    end = end_;
  }
  return database_->number(known->statements.count(limit_, end.has_value()), joined({}, end),
                           context);
}

}  // namespace

std::unique_ptr<Source> make_sql_source(const SqlSourceSpec& spec,
                                        std::unique_ptr<SourceDatabase> database) {
  return std::make_unique<SqlSource>(spec.limit, std::move(database));
}

}  // namespace freight::sql
