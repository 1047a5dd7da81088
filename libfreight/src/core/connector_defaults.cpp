#include "freight/error.hpp"
#include "freight/source.hpp"

namespace freight {

void Source::use_fields(std::vector<std::string>) {}

void Source::decode(std::span<const RawRecord>, RecordBatch&, ConnectorContext&) {
  throw Error(Code::unsupported_connector,
              "the source cannot read a record from its raw text; its range is read again");
}

}  // namespace freight
