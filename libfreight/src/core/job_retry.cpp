#include "freight/job_retry.hpp"

#include "core/enum_names.hpp"

namespace freight {
namespace {

constexpr core::EnumNames<3> retry_scope_names{"failed_batches", "rejected_records", "all"};

}  // namespace

std::string_view to_string(RetryScope scope) { return core::enum_name(retry_scope_names, scope); }
std::optional<RetryScope> parse_retry_scope(std::string_view name) {
  return core::parse_enum<RetryScope>(retry_scope_names, name);
}

}  // namespace freight
