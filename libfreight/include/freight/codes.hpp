#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "freight/cxx20.hpp"

namespace freight {

/// @addtogroup basics
/// @{

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

/// The category's name, as reports and REST have it. Lives as long as the process.
std::string_view to_string(Category category);
/// The category of that name; nullopt when there is none.
std::optional<Category> parse_category(std::string_view name);

/// Every code that Freight reports; the names of the enumerators are the codes of the contracts.
/// The rows are in codes.def.
enum class Code {
#define FREIGHT_CODE(name, category, http_status, exit_code, description) name,
#include "freight/codes.def"
#undef FREIGHT_CODE
};

/// What there is to know of a code: its row of codes.def. Lives as long as the process.
struct CodeInfo {
  Code code;
  std::string_view name;
  Category category;
  /// The status of the answer to a REST request that ended with it.
  int http_status;
  /// What the command line exits with when a job or a command ended with it.
  int exit_code;
  /// A sentence for people who look the code up; reports have a message of their own.
  std::string_view description;

  /// True when what failed may succeed the next time without anybody's help: the categories
  /// transient, throttled and ambiguous.
  bool retryable() const;
};

/// The row of a code. Constant time.
const CodeInfo& code_info(Code code);
/// All rows, in the order of the table.
std::span<const CodeInfo> all_codes();
/// The code as contracts, SQL and reports have it. Constant time; lives as long as the process.
std::string_view to_string(Code code);
/// The code of that name; nullopt when there is none, as for a code of a newer Freight.
std::optional<Code> parse_code(std::string_view name);

/// @}

}  // namespace freight
