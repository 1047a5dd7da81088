// A source and a destination of one's own: the files below a folder become records, and each record
// becomes a line of a text file of its own, so that a batch that is written twice changes nothing.
//
//   own_connectors FOLDER OUTPUT_FOLDER

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <freight/freight.hpp>

namespace {

namespace fs = std::filesystem;

/// The records are the files of a folder in the order of their names. Listed once, so that all
/// batches see the same files.
class FolderSource final : public freight::Source {
 public:
  explicit FolderSource(fs::path folder) : folder_(std::move(folder)) {
    for (const auto& entry : fs::directory_iterator(folder_)) {
      if (entry.is_regular_file()) names_.push_back(entry.path().filename().string());
    }
    std::sort(names_.begin(), names_.end());
  }

  freight::SourceDescription describe(freight::ConnectorContext&) override {
    freight::SourceDescription description;
    description.fields = *layout_;
    description.typed = true;
    description.records_total = names_.size();
    return description;
  }

  /// What tells this input from another: the same names are the same input here.
  std::string fingerprint(freight::ConnectorContext&) override {
    std::string all;
    for (const std::string& name : names_) all += name + '\n';
    return all;
  }

  freight::PlanChunk plan(std::string_view position, const freight::PlanLimits& limits,
                          freight::ConnectorContext&) override {
    freight::PlanChunk chunk;
    std::uint64_t next = 0;
    std::from_chars(position.data(), position.data() + position.size(), next);
    while (next < names_.size() && chunk.ranges.size() < limits.max_ranges) {
      freight::BatchRange range;
      range.first_ordinal = next;
      range.records = std::min<std::uint64_t>(limits.max_records, names_.size() - next);
      next += range.records;
      chunk.ranges.push_back(range);
    }
    chunk.position = std::to_string(next);
    chunk.done = next == names_.size();
    return chunk;
  }

  void read(const freight::BatchRange& range, freight::RecordBatch& batch,
            freight::ConnectorContext&) override {
    batch.layout = layout_;
    for (std::uint64_t index = 0; index < range.records; ++index) {
      const std::string& name = names_.at(range.first_ordinal + index);
      freight::SourceRecord record;
      record.ordinal = range.first_ordinal + index;
      batch.records.push_back(record);
      add(batch, name, freight::FieldKind::string);
      add(batch, std::to_string(fs::file_size(folder_ / name)), freight::FieldKind::integer);
    }
  }

  std::optional<std::uint64_t> count(freight::ConnectorContext&) override { return names_.size(); }

 private:
  /// Texts live in the batch's arena, as long as the batch does.
  static void add(freight::RecordBatch& batch, std::string_view text, freight::FieldKind kind) {
    const std::string_view kept = batch.arena.copy(text);
    batch.fields.push_back({kept.data(), static_cast<std::uint32_t>(kept.size()), kind});
  }

  fs::path folder_;
  std::vector<std::string> names_;
  std::shared_ptr<const std::vector<std::string>> layout_ =
      std::make_shared<const std::vector<std::string>>(std::vector<std::string>{"name", "bytes"});
};

/// One file a record, named after its ordinal.
class FolderDestination final : public freight::Destination {
 public:
  explicit FolderDestination(fs::path folder) : folder_(std::move(folder)) {}

  freight::DestinationTraits traits() const override {
    // The same record has the same name each time, so repeating a write does no harm.
    freight::DestinationTraits traits;
    traits.delivery = freight::Delivery::idempotency_key;
    return traits;
  }

  freight::PrepareResult prepare(const freight::PrepareRequest& request,
                                 freight::ConnectorContext&) override {
    if (!request.read_only) fs::create_directories(folder_);
    freight::PrepareResult result;
    result.catalog.open_columns = true;
    return result;
  }

  freight::WriteResult write(const freight::WriteRequest& request,
                             freight::ConnectorContext&) override {
    freight::WriteResult result;
    if (request.roll_back) return result;
    for (std::size_t row = 0; row < request.rows.rows(); ++row) {
      const std::uint64_t ordinal = request.rows.ordinals[row];
      std::ofstream file(folder_ / (std::to_string(ordinal) + ".txt"));
      for (std::size_t column = 0; column < request.rows.columns.size(); ++column) {
        file << (column > 0 ? "\t" : "") << request.rows.row(row)[column].text();
      }
      // One record that cannot be written is an answer; the others go on.
      if (!file.flush()) result.exceptions.push_back(refusal(ordinal));
    }
    result.inserted = request.rows.rows() - result.exceptions.size();
    return result;
  }

  std::optional<std::uint64_t> count(bool, freight::ConnectorContext&) override {
    return static_cast<std::uint64_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }
  std::optional<std::uint64_t> ledger_rows(freight::ConnectorContext&) override { return {}; }
  freight::FinishResult finish(freight::ConnectorContext&) override { return {}; }
  void abandon(freight::ConnectorContext&) override {}

 private:
  static freight::WriteException refusal(std::uint64_t ordinal) {
    freight::WriteException exception;
    exception.ordinal = ordinal;
    exception.error.code = freight::Code::destination_rejected;
    exception.error.stage = freight::Stage::write;
    exception.error.message = "The record's file cannot be written.";
    return exception;
  }

  fs::path folder_;
};

freight::Job run(const fs::path& from, const fs::path& to) {
  auto connectors = freight::default_connectors();
  connectors.add_source("folder", [from](const freight::ConnectorRequest&) {
    return std::make_unique<FolderSource>(from);
  });
  connectors.add_destination("folder", [to](const freight::ConnectorRequest&) {
    return std::make_unique<FolderDestination>(to);
  });

  const auto storage = freight::open_storage("sqlite:own_connectors.db");
  const auto engine = freight::make_job_engine(*storage, connectors);
  const auto tenant = storage->tenants().find_or_create("default");
  const auto spec = freight::parse_job_spec(
      R"({"source": {"type": "folder"}, "destination": {"type": "folder"}, "rerun": "allow"})",
      connectors);
  engine->start();
  return engine->wait(tenant.id, engine->submit(tenant.id, spec.value()));
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) {
    std::fprintf(stderr, "usage: own_connectors FOLDER OUTPUT_FOLDER\n");
    return 2;
  }
  try {
    const freight::Job job = run(arguments[1], arguments[2]);
    std::printf("%s: %llu files\n", std::string(to_string(job.status)).c_str(),
                static_cast<unsigned long long>(job.records.succeeded));
    if (job.error) std::fprintf(stderr, "%s\n", job.error->message.c_str());
    return job.status == freight::JobStatus::completed ? 0 : 1;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
