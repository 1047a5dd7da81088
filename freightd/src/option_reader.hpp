#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

namespace freight::daemon {

/// Reads options as they were written.
class OptionReader {
 public:
  explicit OptionReader(const boost::program_options::variables_map& values) : values_(values) {}

  std::optional<std::string> text(const char* name) const {
    if (!values_.contains(name)) return std::nullopt;
    return values_[name].as<std::string>();
  }
  bool flag(const char* name) const { return values_.contains(name) && values_[name].as<bool>(); }
  std::vector<std::string> texts(const char* name) const {
    using Texts = std::vector<std::string>;
    return values_.contains(name) ? values_[name].as<Texts>() : Texts{};
  }

 private:
  const boost::program_options::variables_map& values_;
};

/// Throws Error(usage) for what is no whole number within the bounds.
std::uint64_t read_number(const std::string& option, const std::string& text, std::uint64_t least,
                          std::uint64_t most);
/// `90d`, `12h`, `30m` or `60s`. Throws Error(usage).
std::chrono::seconds read_duration(const std::string& option, const std::string& text);

}  // namespace freight::daemon
