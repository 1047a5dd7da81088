#include "core/enum_names.hpp"
#include "freight/tenant_store.hpp"

namespace freight {

std::string_view to_string(TenantStatus status) {
  constexpr core::EnumNames<2> names{"active", "suspended"};
  return core::enum_name(names, status);
}

}  // namespace freight
