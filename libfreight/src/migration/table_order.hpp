#pragma once

#include <cstddef>
#include <vector>

namespace freight::migration {

/// Tables in an order in which each stands after those that it refers to, as far as that can be.
struct TableOrder {
  /// Places of the tables.
  std::vector<std::size_t> order;
  /// Of each table the number of its circle, from 1; 0 for one that is in none.
  std::vector<std::size_t> circles;
};

/// `parents`: of each table those that it refers to. Tables that do not depend on each other keep
/// their order. Finds circles as Tarjan's algorithm for strongly connected components does
/// ("Depth-first search and linear graph algorithms", 1972), without recursion. A table that refers
/// to itself alone is in no circle.
TableOrder order_of(const std::vector<std::vector<std::size_t>>& parents);

}  // namespace freight::migration
