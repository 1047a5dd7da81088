#include "core/enum_names.hpp"
#include "freight/tenant_store.hpp"

namespace freight {

std::string_view to_string(TenantStatus status) {
  constexpr core::EnumNames<2> names{"active", "suspended"};
  return core::enum_name(names, status);
}

namespace {
constexpr core::EnumNames<3> key_scope_names{"read", "write", "manage"};
}

std::string_view to_string(Scope scope) { return core::enum_name(key_scope_names, scope); }

std::optional<Scope> parse_scope(std::string_view name) {
  return core::parse_enum<Scope>(key_scope_names, name);
}

}  // namespace freight
