#include "connectors/file/many_files.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>
#include <variant>

#include "connectors/cancellation.hpp"
#include "connectors/file/named_files.hpp"
#include "core/file_locator.hpp"
#include "core/hash.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

/// Enough for the workers of a node; a file that is not among them is opened again.
constexpr std::size_t most_open = 16;
constexpr std::size_t most_told_warnings = 20;
constexpr std::uint64_t files_position_version = 1;

/// The same of one file alone.
void read_only(SourceSpec& source, const std::filesystem::path& file) {
  std::visit(
      [&](auto& spec) {
        if constexpr (requires { spec.paths; }) {
          spec.path = file;
          spec.paths.clear();
        }
      },
      source);
}

/// A spec without what one file's source has no use for: a copy of it is made for each.
JobSpec slim(JobSpec spec) {
  spec.stored_json.clear();
  spec.display_json.clear();
  read_only(spec.source, {});
  return spec;
}

std::optional<std::uint64_t> limit_of(const SourceSpec& source) {
  return std::visit(
      [](const auto& spec) -> std::optional<std::uint64_t> {
        if constexpr (requires { spec.paths; }) return spec.limit;
        return std::nullopt;
      },
      source);
}

/// Where the planning of the files goes on.
struct FilesPosition {
  std::size_t file = 0;
  /// Of the file's first record, and of the next one.
  std::uint64_t first_ordinal = 0;
  std::uint64_t next_ordinal = 0;
  /// Within the file.
  std::string within = {};

  std::string to_text() const {
    return std::to_string(files_position_version) + ' ' + std::to_string(file) + ' ' +
           std::to_string(first_ordinal) + ' ' + std::to_string(next_ordinal) + ' ' + within;
  }

  static FilesPosition from_text(std::string_view text) {
    if (text.empty()) return {};
    std::array<std::uint64_t, 4> numbers{};
    for (std::uint64_t& number : numbers) {
      const std::string_view digits = text.substr(0, text.find(' '));
      const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      if (read.ec != std::errc() || digits.size() == text.size()) {
        throw Error(Code::internal, "The plan's position is not one of several files");
      }
      text.remove_prefix(digits.size() + 1);
      if (numbers[0] > files_position_version) {
        throw Error(Code::newer_format, "The plan's position is of a newer format",
                    {.hint = "Go on with the Freight that began the job."});
      }
    }
    return {.file = numbers[1],
            .first_ordinal = numbers[2],
            .next_ordinal = numbers[3],
            .within = std::string(text)};
  }
};

/// Cut so that no more records come than are wanted in all.
PlanLimits within(PlanLimits limits, std::size_t ranges, std::optional<std::uint64_t> records) {
  limits.max_ranges -= static_cast<std::uint32_t>(ranges);
  if (!records) return limits;
  limits.max_records = std::min(limits.max_records, *records);
  limits.max_ranges = static_cast<std::uint32_t>(
      std::min<std::uint64_t>(limits.max_ranges, *records / limits.max_records));
  return limits;
}

bool are_all_in_order(const std::vector<std::uint32_t>& columns, std::size_t fields) {
  if (columns.size() != fields) return false;
  for (std::size_t index = 0; index < fields; ++index) {
    if (columns[index] != index) return false;
  }
  return true;
}

}  // namespace

ManyFiles::ManyFiles(const ConnectorRequest& request, MakeSource make)
    : named_(source_file(request.spec.source)->named()),
      spec_(slim(request.spec)),
      tenant_id_(request.tenant_id),
      job_id_(request.job_id),
      make_(std::move(make)) {}

SourceDescription ManyFiles::describe(ConnectorContext& context) {
  SourceDescription description = look(context).description;
  const std::lock_guard lock(opened_mutex_);
  if (used_) description.fields = *used_;
  return description;
}

/// Asked for again at the job's end, it says what the files are by then.
std::string ManyFiles::fingerprint(ConnectorContext& context) {
  const Look& known = look(context);
  {
    const std::lock_guard lock(look_mutex_);
    if (!std::exchange(told_fingerprint_, true)) return known.fingerprint;
  }
  check_unchanged(known, context);
  return known.fingerprint;
}

/// Through the source that is open, where there is one: what is packed is not unpacked again.
std::string ManyFiles::fingerprint_of(std::size_t file, ConnectorContext& context) {
  std::shared_ptr<Opened> known;
  {
    const std::lock_guard lock(opened_mutex_);
    const auto found = std::find_if(opened_.begin(), opened_.end(),
                                    [&](const auto& opened) { return opened->file == file; });
    if (found != opened_.end()) known = *found;
  }
  if (known) {
    const std::lock_guard lock(known->mutex);
    if (known->ready) return known->source->fingerprint(context);
  }
  return make_source(look_->files[file])->fingerprint(context);
}

void ManyFiles::check_unchanged(const Look& look, ConnectorContext& context) {
  const auto refuse = [](const std::string& what) {
    throw Error(Code::source_changed, "The source " + what,
                {.hint = "Leave the files as they are while a job reads them; submit them again "
                         "as a new job."});
  };
  const auto now = named_files(named_, ending_of(spec_.source));
  const auto [one, other] =
      std::mismatch(now.begin(), now.end(), look.files.begin(), look.files.end());
  if (one != now.end() || other != look.files.end()) {
    const bool is_new =
        one != now.end() && (other == look.files.end() || one->native() < other->native());
    refuse(is_new ? one->string() + " was added" : other->string() + " was taken away");
  }
  for (std::size_t file = 0; file < now.size(); ++file) {
    connectors::throw_if_cancelled(context.stop);
    if (fingerprint_of(file, context) != look.fingerprints[file]) {
      refuse(now[file].string() + " was changed");
    }
  }
}

PlanChunk ManyFiles::plan(std::string_view position, const PlanLimits& limits,
                          ConnectorContext& context) {
  const Look& known = look(context);
  const auto limit = limit_of(spec_.source);
  FilesPosition at = FilesPosition::from_text(position);
  PlanChunk chunk;
  while (chunk.ranges.size() < limits.max_ranges) {
    connectors::throw_if_cancelled(context.stop);
    chunk.done = at.file >= known.files.size() || (limit && at.next_ordinal >= *limit);
    if (chunk.done) break;
    std::optional<std::uint64_t> wanted;
    if (limit) wanted = *limit - at.next_ordinal;
    const std::string name = name_of(known.files[at.file]);
    core::FileLocator locator{.file = at.file, .name = name};
    const auto& columns = known.fields.columns_of(at.file);
    if (!known.description.open_fields && !are_all_in_order(columns, known.layout->size())) {
      locator.columns = columns;
    }
    PlanChunk part =
        open(at.file, context)
            ->source->plan(at.within, within(limits, chunk.ranges.size(), wanted), context);
    for (BatchRange& range : part.ranges) {
      range.first_ordinal += at.first_ordinal;
      at.next_ordinal = range.first_ordinal + range.records;
      range.locator = locator.to_text();
      chunk.ranges.push_back(std::move(range));
    }
    for (const std::string& warning : part.warnings) {
      chunk.warnings.push_back(name);
      chunk.warnings.back().append(": ").append(warning);
    }
    if (part.done) {
      at = {.file = at.file + 1, .first_ordinal = at.next_ordinal, .next_ordinal = at.next_ordinal};
      continue;
    }
    // One that stands still is told to whoever asks.
    const bool stands_still = part.position == at.within && part.ranges.empty();
    at.within = std::move(part.position);
    if (stands_still) break;
  }
  chunk.position = at.to_text();
  return chunk;
}

void ManyFiles::read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) {
  const auto locator = core::FileLocator::from_text(range.locator);
  const Look& known = look(context);
  if (!locator || locator->file >= known.files.size()) {
    throw Error(Code::source_changed, "The source has no file any more that was planned",
                {.hint = "Put the files back as they were, or submit a new job."});
  }
  BatchRange of_file = range;
  of_file.locator.clear();
  open(locator->file, context)->source->read(of_file, batch, context);
  const std::string_view name = batch.arena.copy(locator->name);
  for (SourceRecord& record : batch.records) record.file = name;
  if (!known.description.open_fields) lay_out(locator->file, batch);
}

/// Puts the fields in the order that all files share.
void ManyFiles::lay_out(std::size_t file, RecordBatch& batch) const {
  const auto& columns = look_->fields.columns_of(file);
  const std::size_t width = look_->layout->size();
  batch.layout = look_->layout;
  if (are_all_in_order(columns, width)) return;
  std::vector<SourceField> fields(batch.records.size() * width);
  for (std::size_t record = 0; record < batch.records.size(); ++record) {
    const SourceField* const own = batch.fields.data() + record * columns.size();
    for (std::size_t column = 0; column < columns.size(); ++column) {
      fields[record * width + columns[column]] = own[column];
    }
  }
  batch.fields = std::move(fields);
}

void ManyFiles::use_fields(std::vector<std::string> fields) {
  const std::lock_guard lock(opened_mutex_);
  used_ = std::move(fields);
}

std::optional<std::uint64_t> ManyFiles::count(ConnectorContext&) { return std::nullopt; }

const ManyFiles::Look& ManyFiles::look(ConnectorContext& context) {
  const std::lock_guard lock(look_mutex_);
  if (!look_) look_ = look_at_all(context);
  return *look_;
}

std::unique_ptr<ManyFiles::Look> ManyFiles::look_at_all(ConnectorContext& context) {
  auto found = std::make_unique<Look>(Look{.files = named_files(named_, ending_of(spec_.source)),
                                           .fingerprints = {},
                                           .fields = JointFields(spec_),
                                           .layout = {},
                                           .fingerprint = {},
                                           .description = {}});
  std::uint64_t bytes = 0;
  std::string fingerprints;
  auto& warnings = found->description.warnings;
  for (const auto& file : found->files) {
    connectors::throw_if_cancelled(context.stop);
    auto source = make_source(file);
    const SourceDescription own = source->describe(context);
    found->fields.add(file, own);
    found->fingerprints.push_back(source->fingerprint(context));
    // Of the names only the files' own: the same files in another folder are the same input.
    fingerprints += file.filename().string() + '\0' + found->fingerprints.back() + '\n';
    bytes += own.bytes_total.value_or(0);
    found->description.open_fields = own.open_fields;
    found->description.typed = own.typed;
    // What was unpacked for this look is not unpacked again.
    if (found->files.size() <= most_open) {
      entry_of(found->fingerprints.size() - 1)->source = std::move(source);
    }
    for (const std::string& warning : own.warnings) {
      if (warnings.size() < most_told_warnings) warnings.push_back(name_of(file) + ": " + warning);
    }
  }
  found->fields.check(found->files);
  found->layout = std::make_shared<const std::vector<std::string>>(found->fields.all());
  found->description.fields = found->fields.all();
  found->description.several_files = true;
  found->description.bytes_total = bytes;
  found->fingerprint = std::string(core::fingerprint_of_files) + "1 " +
                       std::to_string(found->files.size()) + ' ' + core::sha256_hex(fingerprints);
  return found;
}

std::unique_ptr<Source> ManyFiles::make_source(const std::filesystem::path& file) const {
  JobSpec own = spec_;
  read_only(own.source, file);
  return make_({.spec = own, .tenant_id = tenant_id_, .job_id = job_id_});
}

std::shared_ptr<ManyFiles::Opened> ManyFiles::entry_of(std::size_t file) {
  const std::lock_guard lock(opened_mutex_);
  const auto known = std::find_if(opened_.begin(), opened_.end(),
                                  [&](const auto& opened) { return opened->file == file; });
  if (known != opened_.end()) {
    opened_.splice(opened_.begin(), opened_, known);
  } else {
    opened_.push_front(std::make_shared<Opened>());
    opened_.front()->file = file;
    if (opened_.size() > most_open) opened_.pop_back();
  }
  return opened_.front();
}

std::shared_ptr<ManyFiles::Opened> ManyFiles::open(std::size_t file, ConnectorContext& context) {
  auto opened = entry_of(file);
  const std::lock_guard lock(opened->mutex);
  if (opened->ready) return opened;
  const auto& path = look_->files[file];
  if (!opened->source) opened->source = make_source(path);
  const SourceDescription own = opened->source->describe(context);
  if (opened->source->fingerprint(context) != look_->fingerprints[file]) {
    throw Error(Code::source_changed, "The source " + path.string() + " was changed",
                {.hint = "Do not change a file while a job reads it; submit it again as a new "
                         "job."});
  }
  if (own.open_fields) opened->source->use_fields(used_.value_or(look_->fields.all()));
  opened->ready = true;
  return opened;
}

std::string ManyFiles::name_of(const std::filesystem::path& file) const {
  // A part of the path may be a value of the environment, which is written nowhere.
  return spec_.needs_secrets ? file.filename().string() : file.string();
}

}  // namespace freight::file
