#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "core/spec/sections.hpp"

namespace freight::core::spec {
namespace {

constexpr std::array<Choice<Jitter>, 2> jitters{{{"none", Jitter::none}, {"full", Jitter::full}}};
constexpr std::array<Choice<OnLimit>, 2> on_limits{
    {{"fail", OnLimit::fail}, {"pause", OnLimit::pause}}};
constexpr std::array<Choice<VerifyCounts>, 3> verify_counts{{{"auto", VerifyCounts::automatic},
                                                             {"always", VerifyCounts::always},
                                                             {"never", VerifyCounts::never}}};
constexpr std::array<Category, 3> retryable{Category::transient, Category::throttled,
                                            Category::internal};

constexpr std::uint64_t longest_interval_ms = 86'400'000;
constexpr std::uint64_t longest_outage_s = 31'536'000;
/// What JSON numbers hold exactly everywhere.
constexpr std::uint64_t most_counted = std::uint64_t{1} << 53;
constexpr std::uint64_t most_stored = 100'000'000;

/// One object of settings, absent or not.
class Settings {
 public:
  Settings(ObjectReader& document, std::string_view key, std::string_view what)
      : document_(document),
        key_(key),
        location_(document.at(key)),
        reader_(document.reading(), document.find(key), location_, what) {}

  ObjectReader& operator*() { return reader_; }
  ObjectReader* operator->() { return &reader_; }
  void finish() {
    reader_.finish();
    document_.add(key_, JsonValue{reader_.take_resolved()});
  }

 private:
  ObjectReader& document_;
  std::string_view key_;
  Location location_;
  ObjectReader reader_;
};

void read_batch(ObjectReader& document, BatchSpec& batch) {
  constexpr std::uint64_t most_records = 1'000'000;
  Settings settings(document, "batch", "the batch");
  batch.max_records = settings->whole_number(
      "max_records", {.fallback = batch.max_records, .minimum = 1, .maximum = most_records});
  batch.max_bytes = settings->whole_number(
      "max_bytes", {.fallback = batch.max_bytes, .minimum = 1, .maximum = max_bytes_setting});
  settings.finish();
}

/// The number of a key that is there, when it is from `least` to `most`; what is wrong is reported.
std::optional<double> read_number(ObjectReader& reader, std::string_view key,
                                  const JsonValue& value, std::pair<int, int> range) {
  const std::string* const digits = value.number();
  if (digits == nullptr) {
    reader.report_kind(key, "a number", value);
    return std::nullopt;
  }
  reader.add(key, value);
  double number = 0;
  const auto [end, error] =
      std::from_chars(digits->data(), digits->data() + digits->size(), number);
  if (error == std::errc{} && number >= range.first && number <= range.second) return number;
  reader.report(key, Code::value_out_of_range,
                "must be from " + std::to_string(range.first) + " to " +
                    std::to_string(range.second) + ", not " + in_quotes(*digits));
  return std::nullopt;
}

double read_multiplier(ObjectReader& retry, double fallback) {
  constexpr std::string_view key = "multiplier";
  const JsonValue* const value = retry.find(key);
  if (value != nullptr) return read_number(retry, key, *value, {1, 1000}).value_or(fallback);
  retry.add(key, JsonValue{JsonNumber{"2.0"}});
  return fallback;
}

std::optional<double> read_ratio(ObjectReader& errors) {
  constexpr std::string_view key = "max_reject_ratio";
  const JsonValue* const value = errors.find_unless_null(key);
  if (value != nullptr) return read_number(errors, key, *value, {0, 1});
  errors.add(key, {});
  return std::nullopt;
}

std::vector<Category> read_retry_on(ObjectReader& retry, std::vector<Category> fallback) {
  constexpr std::string_view key = "retry_on";
  std::vector<std::string_view> names;
  names.reserve(retryable.size());
  for (const Category category : retryable) names.push_back(to_string(category));
  const JsonValue* const value = retry.find(key);
  if (value == nullptr) {
    JsonArray resolved;
    for (const Category category : fallback) {
      resolved.push_back(JsonValue{std::string(to_string(category))});
    }
    retry.add(key, JsonValue{std::move(resolved)});
    return fallback;
  }
  const JsonArray* const array = value->array();
  if (array == nullptr) {
    retry.report_kind(key, "an array of categories", *value);
    return fallback;
  }
  retry.add(key, *value);
  std::vector<Category> result;
  const Location here = retry.at(key);
  for (std::size_t index = 0; index < array->size(); ++index) {
    const Location at = here.index(index);
    Findings& findings = retry.reading().findings;
    const std::string* const name = (*array)[index].string();
    const auto category = name == nullptr ? std::nullopt : parse_category(*name);
    if (name == nullptr) {
      findings.add(at, Code::wrong_type,
                   "must be a string, not " + std::string(kind_name((*array)[index])));
    } else if (!category ||
               std::find(retryable.begin(), retryable.end(), *category) == retryable.end()) {
      findings.add(at, Code::invalid_value,
                   in_quotes(*name) + " is never retried; use " + joined_names(names));
    } else if (std::find(result.begin(), result.end(), *category) != result.end()) {
      findings.add(at, Code::invalid_value, in_quotes(*name) + " stands twice");
    } else {
      result.push_back(*category);
    }
  }
  return result;
}

void read_retry(ObjectReader& document, RetrySpec& retry) {
  constexpr std::uint64_t most_attempts = 1000;
  Settings settings(document, "retry", "the retry settings");
  ExponentialBackoff::Options& backoff = retry.backoff;
  backoff.max_attempts = static_cast<std::uint32_t>(settings->whole_number(
      "max_attempts", {.fallback = backoff.max_attempts, .minimum = 1, .maximum = most_attempts}));
  const std::uint64_t initial = settings->whole_number(
      "initial_interval_ms",
      {.fallback = static_cast<std::uint64_t>(backoff.initial_interval.count()),
       .maximum = longest_interval_ms});
  backoff.multiplier = read_multiplier(*settings, backoff.multiplier);
  const std::uint64_t longest = settings->whole_number(
      "max_interval_ms", {.fallback = static_cast<std::uint64_t>(backoff.max_interval.count()),
                          .maximum = longest_interval_ms});
  if (initial > longest) {
    settings->report("initial_interval_ms", Code::value_out_of_range,
                     "must not be above max_interval_ms, which is " + std::to_string(longest));
  }
  backoff.initial_interval = std::chrono::milliseconds(initial);
  backoff.max_interval = std::chrono::milliseconds(longest);
  backoff.jitter = settings->choice<Jitter>("jitter", jitters, Jitter::full);
  backoff.retry_on = read_retry_on(*settings, backoff.retry_on);
  retry.max_outage = std::chrono::seconds(settings->whole_number(
      "max_outage_s", {.fallback = static_cast<std::uint64_t>(retry.max_outage.count()),
                       .maximum = longest_outage_s}));
  settings.finish();
}

void read_errors(ObjectReader& document, ErrorLimits& errors) {
  Settings settings(document, "errors", "the error limits");
  errors.max_rejects = settings->optional_whole_number("max_rejects", {.maximum = most_counted});
  errors.max_reject_ratio = read_ratio(*settings);
  errors.min_sample = settings->whole_number(
      "min_sample", {.fallback = errors.min_sample, .minimum = 1, .maximum = most_counted});
  errors.on_limit = settings->choice<OnLimit>("on_limit", on_limits, OnLimit::fail);
  errors.allow_all_rejected = settings->boolean("allow_all_rejected", false);
  errors.store_raw = settings->boolean("store_raw", true);
  errors.max_stored =
      settings->whole_number("max_stored", {.fallback = errors.max_stored, .maximum = most_stored});
  settings.finish();
}

}  // namespace

void read_limits(ObjectReader& document, JobSpec& spec) {
  read_batch(document, spec.batch);
  read_retry(document, spec.retry);
  read_errors(document, spec.errors);
  Settings verify(document, "verify", "the verification");
  spec.verify_counts =
      verify->choice<VerifyCounts>("counts", verify_counts, VerifyCounts::automatic);
  spec.verify_exclusive = verify->boolean("exclusive", false);
  verify.finish();
}

}  // namespace freight::core::spec
