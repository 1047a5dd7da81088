#pragma once

#include <cstdint>
#include <string_view>

#include "freight/job_spec.hpp"
#include "freight/record.hpp"

namespace freight::file {

/// A record beyond the limit, and as much of it as was kept.
struct TooLong {
  std::uint64_t length = 0;
  std::uint64_t max_record_bytes = 0;
  std::string_view head;
  Encoding encoding = Encoding::utf_8;
};

/// Its error.
RecordError too_long_fault(const TooLong& record);

}  // namespace freight::file
