#include "connectors/file/too_long.hpp"

#include <string>

#include "connectors/file/printable.hpp"

namespace freight::file {

RecordError too_long_fault(const TooLong& record) {
  const std::string limit = std::to_string(record.max_record_bytes);
  return {.code = Code::record_too_long,
          .stage = Stage::parse,
          .value = printable(record.head, record.encoding),
          .expected = "at most " + limit + " bytes",
          .message = "The record has " + std::to_string(record.length) + " bytes, more than the " +
                     limit + " of max_record_bytes",
          .hint = "Raise source.max_record_bytes if the record is meant to be this long."};
}

}  // namespace freight::file
