#include "freight/error.hpp"

#include <utility>

namespace freight {

Error::Error(Code code, const std::string& message, ErrorDetails details)
    : Error(code, code_info(code).category, message, std::move(details)) {}

Error::Error(Code code, Category category, const std::string& message, ErrorDetails details)
    : std::runtime_error(message), code_(code), category_(category), details_(std::move(details)) {}

bool Error::retryable() const {
  return category_ == Category::transient || category_ == Category::throttled ||
         category_ == Category::ambiguous;
}

Failure failure_of(const std::exception& error) {
  if (const auto* known = dynamic_cast<const Error*>(&error)) {
    return {.code = known->code(),
            .category = known->category(),
            .message = known->what(),
            .details = known->details()};
  }
  return {.message = error.what()};
}

}  // namespace freight
