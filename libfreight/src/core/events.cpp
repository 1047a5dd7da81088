#include "freight/events.hpp"

#include "core/enum_names.hpp"

namespace freight {
namespace {

constexpr core::EnumNames<5> type_names{"progress", "state", "batch", "log", "migration"};

}  // namespace

std::string_view to_string(EventType type) { return core::enum_name(type_names, type); }
std::optional<EventType> parse_event_type(std::string_view name) {
  return core::parse_enum<EventType>(type_names, name);
}

}  // namespace freight
