#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "freight/job_spec.hpp"
#include "freight/source.hpp"

namespace freight::file {

/// The fields of several files that are read as one: those of the first, and behind them what later
/// files bring, matched by name as a job's names are. Not thread-safe.
class JointFields {
 public:
  /// `spec` must outlive this.
  explicit JointFields(const JobSpec& spec) : spec_(spec) {}

  /// The next file and what it says of itself. Throws Error(missing_header) for names that a loose
  /// match cannot tell apart.
  void add(const std::filesystem::path& file, const SourceDescription& description);

  /// When all are added. Throws Error(missing_header) for a file without a field that the job needs
  /// and another file has, unless the spec lets it be missing.
  void check(std::span<const std::filesystem::path> files) const;

  const std::vector<std::string>& all() const { return all_; }
  /// Of the columns of the file of that index each one's place in all().
  const std::vector<std::uint32_t>& columns_of(std::size_t file) const {
    return headers_[header_of_[file]].columns;
  }

 private:
  struct Header {
    std::vector<std::string> names;
    std::vector<std::uint32_t> columns;
    std::size_t first_file = 0;
    /// How many have it.
    std::size_t files = 0;
  };

  std::vector<std::uint32_t> place(const std::vector<std::string>& names);
  std::vector<std::string> needed() const;
  [[noreturn]] void refuse(std::span<const std::filesystem::path> files, const Header& lacking,
                           std::uint32_t field) const;

  const JobSpec& spec_;
  SourceDescription described_;
  std::vector<std::string> all_;
  std::vector<Header> headers_;
  std::map<std::vector<std::string>, std::size_t> known_;
  std::vector<std::size_t> header_of_;
};

}  // namespace freight::file
