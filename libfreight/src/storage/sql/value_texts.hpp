#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "freight/error.hpp"
#include "freight/job.hpp"
#include "freight/record.hpp"
#include "freight/tenant_store.hpp"

namespace freight::storage {

// How values without columns of their own stand in the database: as JSON in a TEXT column. Readers
// take what an older or newer Freight may have written: what they do not know they leave out.

std::string text_of(const std::map<std::string, std::string>& labels);
std::map<std::string, std::string> labels_of(std::string_view text);

std::string text_of(std::span<const std::string> texts);
std::vector<std::string> texts_of(std::string_view text);

std::string text_of(const TenantLimits& limits);
TenantLimits limits_of(std::string_view text);

std::string text_of(const Failure& failure);
Failure failure_of_text(std::string_view text);

std::string text_of(const WaitingOn& waiting);
WaitingOn waiting_of(std::string_view text);

/// A value that is not UTF-8 is kept byte for byte.
std::string text_of(std::span<const RecordError> errors);
std::vector<RecordError> errors_of(std::string_view text);

/// The name of an enumerator, for a parameter that may be NULL.
template <typename Named>
std::optional<std::string> name_of(const std::optional<Named>& value) {
  return value ? std::optional(std::string(to_string(*value))) : std::nullopt;
}

}  // namespace freight::storage
