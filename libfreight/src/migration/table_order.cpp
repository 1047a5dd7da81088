#include "migration/table_order.hpp"

#include <algorithm>

namespace freight::migration {
namespace {

constexpr std::size_t unseen = static_cast<std::size_t>(-1);

class Components {
 public:
  explicit Components(const std::vector<std::vector<std::size_t>>& parents)
      : parents_(parents),
        seen_at_(parents.size(), unseen),
        lowest_(parents.size(), 0),
        on_stack_(parents.size(), false) {
    found_.circles.assign(parents.size(), 0);
  }

  TableOrder find() {
    for (std::size_t table = 0; table < parents_.size(); ++table) {
      if (seen_at_[table] == unseen) walk_from(table);
    }
    return std::move(found_);
  }

 private:
  struct Step {
    std::size_t table;
    std::size_t next_parent = 0;
  };

  void enter(std::size_t table) {
    seen_at_[table] = lowest_[table] = counter_++;
    stack_.push_back(table);
    on_stack_[table] = true;
    path_.push_back({table});
  }

  void walk_from(std::size_t table) {
    enter(table);
    while (!path_.empty()) {
      Step& step = path_.back();
      const auto& parents = parents_[step.table];
      if (step.next_parent == parents.size()) {
        leave();
        continue;
      }
      const std::size_t parent = parents[step.next_parent++];
      if (seen_at_[parent] == unseen) {
        enter(parent);
      } else if (on_stack_[parent]) {
        lowest_[step.table] = std::min(lowest_[step.table], seen_at_[parent]);
      }
    }
  }

  /// The parents of a component come out before it.
  void leave() {
    const std::size_t table = path_.back().table;
    path_.pop_back();
    if (!path_.empty()) {
      std::size_t& lowest = lowest_[path_.back().table];
      lowest = std::min(lowest, lowest_[table]);
    }
    if (lowest_[table] != seen_at_[table]) return;
    // From the back, where it is near: from the front, a long chain takes quadratic time.
    const auto begin = std::find(stack_.rbegin(), stack_.rend(), table).base() - 1;
    std::vector<std::size_t> members(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    std::sort(members.begin(), members.end());
    if (members.size() > 1) ++circles_;
    for (const std::size_t member : members) {
      on_stack_[member] = false;
      found_.order.push_back(member);
      if (members.size() > 1) found_.circles[member] = circles_;
    }
  }

  const std::vector<std::vector<std::size_t>>& parents_;
  std::vector<std::size_t> seen_at_;
  std::vector<std::size_t> lowest_;
  std::vector<bool> on_stack_;
  std::vector<std::size_t> stack_;
  std::vector<Step> path_;
  std::size_t counter_ = 0;
  std::size_t circles_ = 0;
  TableOrder found_;
};

}  // namespace

TableOrder order_of(const std::vector<std::vector<std::size_t>>& parents) {
  return Components(parents).find();
}

}  // namespace freight::migration
