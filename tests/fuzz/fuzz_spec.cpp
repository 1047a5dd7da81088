// Job specs from outside. The input is a spec; after a NUL, which JSON never holds, pairs of an
// override's pointer and value, each ended by a NUL.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "core/utf8.hpp"
#include "freight/job_spec.hpp"

namespace {

constexpr std::string_view secret = "S3CR3T/\xC3\xA9@:?&";

std::optional<std::string> look_up(const std::string& name) {
  if (name == "A") return std::string(secret);
  if (name == "PORT") return "5432";
  if (name == "EMPTY") return "";
  if (name == "DIR") return "/data";
  if (name == "URL") return "postgres://bob:word@host/db?password=w";
  if (name == "FILE_URL") return "sqlite:some/file.db";
  return std::nullopt;
}

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "%s\n", what);
  std::abort();
}

std::string_view take_until_nul(std::string_view& text) {
  const std::string_view part = text.substr(0, text.find('\0'));
  text.remove_prefix(part.size() < text.size() ? part.size() + 1 : text.size());
  return part;
}

void require_no_secret(std::string_view text) {
  require(text.find("S3CR3T") == std::string_view::npos, "a value of the environment shows");
}

void check_errors(const freight::SpecResult& result, bool secret_is_not_of_the_input) {
  for (const freight::SpecError& error : result.errors) {
    require(!error.detail.empty() || result.errors.size() > 1, "an error says nothing");
    require(freight::core::is_valid_utf8(error.detail), "an error is not UTF-8");
    require(error.pointer.empty() || error.pointer.front() == '/' ||
                error.detail.starts_with("cannot be set"),
            "an error's pointer is none");
    if (secret_is_not_of_the_input) require_no_secret(error.detail);
  }
}

/// What is stored means the same when it is read again, from whatever folder.
void check_round_trip(const freight::JobSpec& spec, freight::SpecOptions options) {
  options.overrides.clear();
  options.base_folder = "/elsewhere";
  const freight::SpecResult again = freight::parse_job_spec(spec.stored_json, options);
  if (!again.spec) std::fprintf(stderr, "%s\n", spec.stored_json.c_str());
  if (!again.spec) std::fprintf(stderr, "%s\n", again.errors.front().detail.c_str());
  require(again.spec.has_value(), "the stored spec is refused");
  require(again.spec->stored_json == spec.stored_json, "the stored spec changes");
  require(again.spec->display_json == spec.display_json, "the displayed spec changes");
  require(again.spec->identity == spec.identity, "the identity changes");
  require(again.spec->load_identity == spec.load_identity, "the load identity changes");
  require(again.spec->needs_secrets == spec.needs_secrets, "the need of secrets changes");
  require(again.spec->run_at == spec.run_at, "the moment to run at changes");
  require(again.spec->write_order == spec.write_order, "the write order changes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::string_view rest = input;
  const std::string_view json = take_until_nul(rest);
  freight::SpecOptions options;
  options.base_folder = "/base";
  options.environment = look_up;
  options.custom_sources = {"mine"};
  options.custom_destinations = {"mine"};
  while (!rest.empty() && options.overrides.size() < 8) {
    const std::string_view pointer = take_until_nul(rest);
    options.overrides.emplace_back(pointer, take_until_nul(rest));
  }

  const freight::SpecResult result = freight::parse_job_spec(json, options);
  require(result.spec.has_value() == result.errors.empty(), "neither a spec nor errors, or both");
  const bool no_secret = input.find("S3CR3T") == std::string_view::npos;
  check_errors(result, no_secret);
  if (!result.spec) return 0;
  if (no_secret) {
    require_no_secret(result.spec->stored_json);
    require_no_secret(result.spec->display_json);
  }
  check_round_trip(*result.spec, options);
  return 0;
}
