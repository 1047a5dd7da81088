#include "database/database_error.hpp"

namespace freight::database {

Category category_of(Condition condition) {
  switch (condition) {
    case Condition::unavailable:
    case Condition::busy:
    case Condition::serialization:
    case Condition::timeout:
      return Category::transient;
    case Condition::denied:
      return Category::authentication;
    case Condition::full:
    case Condition::read_only:
    case Condition::missing:
    case Condition::damaged:
      return Category::configuration;
    case Condition::unique:
    case Condition::foreign_key:
    case Condition::not_null:
    case Condition::check:
    case Condition::constraint:
      return Category::constraint;
    case Condition::data:
      return Category::data;
    case Condition::ambiguous:
      return Category::ambiguous;
    case Condition::other:
      break;
  }
  return Category::internal;
}

Category DatabaseFailure::category() const { return category_of(condition); }

}  // namespace freight::database
