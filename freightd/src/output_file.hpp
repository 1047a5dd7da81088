#pragma once

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string_view>

namespace freight::daemon {

/// A file that appears whole or not at all: written beside its name, made durable and renamed by
/// commit(). Without commit() nothing is left behind. Throws Error(output_failed).
class OutputFile {
 public:
  explicit OutputFile(std::filesystem::path path);
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  void write(std::string_view text);
  void commit();

 private:
  [[noreturn]] void fail(int error_number) const;

  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  std::filesystem::path path_;
  std::filesystem::path temporary_path_;
  std::unique_ptr<std::FILE, Close> file_;
};

/// Throws Error(usage) when no file can be made at `path`: told before the work and not after it.
void check_output_path(const std::filesystem::path& path);

}  // namespace freight::daemon
