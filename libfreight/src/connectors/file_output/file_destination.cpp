#include "connectors/file_output/file_destination.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "connectors/file/named_files.hpp"
#include "connectors/file_output/file_error.hpp"
#include "connectors/file_output/partial_file.hpp"
#include "freight/error.hpp"

namespace freight::file {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_to_count = 1024 * 1024;
/// Batches are about 8 MiB; what a larger one took is freed.
constexpr std::size_t largest_kept = std::size_t{32} << 20;

void refuse_source_itself(const JobSpec& spec, const fs::path& path) {
  const auto source = source_file(spec.source);
  if (!source) return;
  const auto named = source->named();
  const bool is_same = std::any_of(named.begin(), named.end(), [&](const fs::path& file) {
    std::error_code failed;
    return fs::equivalent(file, path, failed);
  });
  if (!is_same && !would_name(named, ending_of(spec.source), path)) return;
  throw Error(Code::invalid_value,
              "The destination " + path.string() + " is a source of the job as well",
              {.hint = "Write to another file; a source is not changed."});
}

std::uint64_t records_in(const fs::path& path, const RowFormat& format) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) fail_output(path, "opened", errno);
  const auto counter = format.counter();
  std::string piece(piece_to_count, '\0');
  while (true) {
    const ssize_t count = ::read(file.number(), piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_output(path, "read", errno);
    if (count == 0) return counter->records();
    counter->add({piece.data(), static_cast<std::size_t>(count)});
  }
}

class FileDestination final : public Destination {
 public:
  FileDestination(const fs::path& path, JobId job_id, std::unique_ptr<const RowFormat> format)
      : path_(path, job_id), job_id_(job_id), format_(std::move(format)) {}

  DestinationTraits traits() const override {
    return {.delivery = Delivery::transactional, .ordered = true, .restarts = true};
  }

  PrepareResult prepare(const PrepareRequest& request, ConnectorContext&) override {
    const std::lock_guard lock(mutex_);
    check_target(path_);
    request_ = request;
    if (!request.read_only && state_ == State::unprepared) state_ = take_place();
    PrepareResult result;
    // The file has the columns that the job fills; a source whose records bring others is told so.
    for (const auto& column : request.columns) {
      result.catalog.columns.push_back({.name = column.name});
    }
    result.catalog.open_columns = request.columns.empty();
    return result;
  }

  WriteResult write(const WriteRequest& request, ConnectorContext& context) override {
    if (request.roll_back) return {.inserted = request.rows.rows()};
    const std::lock_guard lock(mutex_);
    if (context.stop.stop_requested()) throw Error(Code::cancelled, "stopped before the write");
    if (state_ != State::open) fail_closed();
    const PartialFile::Turn turn(*partial_);
    const auto& ledger = partial_->ledger();
    if (auto known = ledger.find(request)) return *known;
    if (request.first_ordinal < ledger.next_ordinal()) {
      throw Error(Code::internal, "A batch came to the file after its successors");
    }
    bytes_.clear();
    if (ledger.length() == 0) bytes_ = format_->header(request.rows.columns);
    format_->append(request.rows, bytes_);
    partial_->append({.unit = request.unit,
                      .first_ordinal = request.first_ordinal,
                      .records = request.records,
                      .content_hash = request.content_hash,
                      .input_hash = request.input_hash,
                      .inserted = request.rows.rows()},
                     bytes_, context);
    if (bytes_.capacity() > largest_kept) std::string().swap(bytes_);
    return {.inserted = request.rows.rows()};
  }

  std::optional<std::uint64_t> count(bool, ConnectorContext&) override {
    const std::lock_guard lock(mutex_);
    // The file that finish() puts in place holds nothing before.
    if (state_ != State::finished) return 0;
    return records_in(path_.target, *format_);
  }

  std::optional<std::uint64_t> ledger_rows(ConnectorContext&) override {
    const std::lock_guard lock(mutex_);
    if (state_ == State::open) {
      const PartialFile::Turn turn(*partial_);
      return partial_->ledger().inserted();
    }
    return std::nullopt;
  }

  FinishResult finish(ConnectorContext&) override {
    const std::lock_guard lock(mutex_);
    if (state_ == State::open) {
      const PartialFile::Turn turn(*partial_);
      partial_->publish(format_->header(request_.columns));
    } else if (state_ == State::renamed) {
      PartialFile::remove(path_);
    } else if (state_ != State::finished && !was_finished_before()) {
      fail_closed();
    }
    partial_.reset();
    state_ = State::finished;
    return {};
  }

  void abandon(ConnectorContext&) override {
    const std::lock_guard lock(mutex_);
    if (state_ == State::finished || request_.read_only) return;
    partial_.reset();
    state_ = State::gone;
    PartialFile::remove(path_);
  }

 private:
  enum class State {
    unprepared,
    open,     ///< being written
    renamed,  ///< in its place, but the ledger is there still
    gone,     ///< there is no trace of what the job has written, or it was abandoned
    finished,
  };

  State take_place() {
    const FolderLock folder(path_.folder);
    refuse_other_jobs(path_);
    switch (PartialFile::look_for(path_)) {
      case PartialFile::Found::both:
        partial_.emplace(PartialFile::open(path_));
        return State::open;
      case PartialFile::Found::renamed:
        return State::renamed;
      case PartialFile::Found::nothing:
        break;
    }
    if (request_.completed_batches > 0) return State::gone;
    partial_.emplace(PartialFile::make(path_, job_id_));
    return State::open;
  }

  /// A process that died right after it had put the file in its place leaves no trace but the file.
  bool was_finished_before() const {
    if (state_ != State::gone || request_.completed_batches == 0 || !request_.started_at) {
      return false;
    }
    // The storage's clock and that of the file system may differ a little.
    constexpr std::chrono::seconds slack{5};
    struct stat status {};
    if (::stat(path_.target.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    const Timestamp changed{std::chrono::seconds(status.st_mtim.tv_sec) +
                            std::chrono::microseconds(status.st_mtim.tv_nsec / 1000)};
    return changed + slack >= *request_.started_at &&
           records_in(path_.target, *format_) == request_.rows_written;
  }

  [[noreturn]] void fail_closed() const {
    if (state_ == State::finished || state_ == State::renamed) {
      throw Error(Code::destination_failed,
                  "The file " + path_.target.string() + " is finished; nothing is added to it",
                  {.hint = "Write what is left in a job of its own, to another file."});
    }
    throw Error(Code::destination_failed,
                "What this job had written beside " + path_.target.string() +
                    " was removed when it ended, or by somebody else",
                {.hint = "Run the job again: it writes the file from the beginning."});
  }

  const OutputPath path_;
  const JobId job_id_;
  const std::unique_ptr<const RowFormat> format_;

  std::mutex mutex_;
  State state_ = State::unprepared;
  PrepareRequest request_;
  std::optional<PartialFile> partial_;
  std::string bytes_;
};

}  // namespace

std::unique_ptr<Destination> make_file_destination(const JobSpec& spec, JobId job_id,
                                                   const fs::path& path,
                                                   std::unique_ptr<const RowFormat> format) {
  refuse_source_itself(spec, path);
  return std::make_unique<FileDestination>(path, job_id, std::move(format));
}

}  // namespace freight::file
