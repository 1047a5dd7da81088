#include "core/spec/pointer_rule.hpp"

#include <cstddef>

namespace freight::core::spec {

bool is_json_pointer(std::string_view text) {
  bool good = text.empty() || text.front() == '/';
  for (std::size_t tilde = text.find('~'); good && tilde != std::string_view::npos;
       tilde = text.find('~', tilde + 1)) {
    good = tilde + 1 < text.size() && (text[tilde + 1] == '0' || text[tilde + 1] == '1');
  }
  return good;
}

}  // namespace freight::core::spec
