#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace freight {

/// What kind of failure it is; drives retry and isolation.
enum class Category {
  transient,       ///< may pass the next time; retried
  throttled,       ///< the other side asks to slow down; retried
  data,            ///< this record's format, type or rules; isolated, never retried by itself
  constraint,      ///< the destination refused this record; isolated, never retried by itself
  configuration,   ///< no such table, bad spec; stops the job
  authentication,  ///< stops the job
  ambiguous,       ///< the connection broke after COMMIT was sent; the ledger is asked
  cancelled,
  limit,     ///< too many rejects, a quota
  internal,  ///< a defect, here or in a connector; fails the batch
};

std::string_view to_string(Category category);
std::optional<Category> parse_category(std::string_view name);

/// Every code that Freight reports; the names of the enumerators are the codes of the contracts.
/// The rows are in codes.def.
enum class Code {
#define FREIGHT_CODE(name, category, http_status, exit_code, description) name,
#include "freight/codes.def"
#undef FREIGHT_CODE
};

struct CodeInfo {
  Code code;
  std::string_view name;
  Category category;
  int http_status;
  int exit_code;
  std::string_view description;

  bool retryable() const;
};

/// The row of a code. Constant time.
const CodeInfo& code_info(Code code);
/// All rows, in the order of the table.
std::span<const CodeInfo> all_codes();
std::string_view to_string(Code code);
std::optional<Code> parse_code(std::string_view name);

}  // namespace freight
