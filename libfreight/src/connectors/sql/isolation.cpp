#include "connectors/sql/isolation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace freight::sql {
namespace {

// One way through the rows. `rows_` loses what is refused; what lies before `position_` is written.
class Pass {
 public:
  Pass(RowGroupWriter& writer, std::vector<std::uint32_t> rows)
      : writer_(writer), rows_(std::move(rows)), step_(rows_.size()) {}

  std::vector<RefusedRow> run() {
    while (position_ < rows_.size()) {
      const std::size_t last = position_ + std::min(step_, rows_.size() - position_);
      std::optional<Refusal> refusal = try_rows(position_, last);
      if (!refusal) {
        accepted(last);
      } else if (refusal->earlier_are_good && refusal->culprits.size() == 1) {
        refuse_after_good_rows(std::move(refusal->culprits.front()));
      } else if (!refusal->culprits.empty()) {
        remove(std::move(refusal->culprits), last);
      } else if (last - position_ == 1) {
        refuse(position_, std::move(refusal->error));
      } else {
        suspect_until(last);
      }
    }
    return std::move(refused_);
  }

 private:
  std::optional<Refusal> try_rows(std::size_t first, std::size_t last) {
    return writer_.try_rows(std::span(rows_).subspan(first, last - first));
  }

  void accepted(std::size_t last) {
    const std::size_t size = last - position_;
    position_ = last;
    if (position_ < suspect_end_) {
      // The bad row is in what is left of the group that was halved.
      step_ = std::max<std::size_t>(1, (suspect_end_ - position_) / 2);
    } else {
      step_ = size * 2;
    }
  }

  // Nothing is known but that one of the rows before `last` is bad: halve.
  void suspect_until(std::size_t last) {
    suspect_end_ = last;
    step_ = (last - position_) / 2;
  }

  void refuse_after_good_rows(RefusedRow culprit) {
    const auto found = std::find(rows_.begin() + offset(position_), rows_.end(), culprit.row);
    const auto bad = static_cast<std::size_t>(found - rows_.begin());
    const std::size_t good = bad - position_;
    if (good > 0 && try_rows(position_, bad)) {
      suspect_until(bad + 1);  // They are not as good as they seemed.
      return;
    }
    position_ = bad;
    suspect_end_ = 0;
    refuse(bad, std::move(culprit.error));
    step_ = good + 1;
  }

  void refuse(std::size_t index, RecordError error) {
    refused_.push_back({.row = rows_[index], .error = std::move(error)});
    rows_.erase(rows_.begin() + offset(index));
    suspect_end_ = 0;
    step_ = 1;
  }

  // Takes the culprits out from between position_ and `last`; what is left there is tried next.
  void remove(std::vector<RefusedRow> culprits, std::size_t last) {
    std::sort(culprits.begin(), culprits.end(),
              [](const RefusedRow& one, const RefusedRow& other) { return one.row < other.row; });
    const auto is_culprit = [&culprits](std::uint32_t row) {
      const auto found = std::lower_bound(
          culprits.begin(), culprits.end(), row,
          [](const RefusedRow& culprit, std::uint32_t wanted) { return culprit.row < wanted; });
      return found != culprits.end() && found->row == row;
    };
    const auto first = rows_.begin() + offset(position_);
    const auto end = rows_.begin() + offset(last);
    const auto kept = std::remove_if(first, end, is_culprit);
    const auto left = static_cast<std::size_t>(kept - first);
    rows_.erase(kept, end);
    std::move(culprits.begin(), culprits.end(), std::back_inserter(refused_));
    suspect_end_ = 0;
    step_ = std::max<std::size_t>(1, left);
  }

  static std::ptrdiff_t offset(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

  RowGroupWriter& writer_;
  std::vector<std::uint32_t> rows_;
  std::vector<RefusedRow> refused_;
  std::size_t position_ = 0;
  std::size_t step_ = 0;
  // Between position_ and this there is surely a bad row; 0 when nothing is suspected.
  std::size_t suspect_end_ = 0;
};

// Takes the rows that a foreign key refused out of `refused`; backwards every other time, because a
// parent may stand before its children or after them.
std::vector<std::uint32_t> take_orphans(std::vector<RefusedRow>& refused) {
  std::vector<std::uint32_t> orphans;
  std::erase_if(refused, [&orphans](const RefusedRow& row) {
    const bool orphan = row.error.code == Code::foreign_key_violation;
    if (orphan) orphans.push_back(row.row);
    return orphan;
  });
  return orphans;
}

}  // namespace

std::vector<RefusedRow> write_isolated(RowGroupWriter& writer, std::vector<std::uint32_t> rows,
                                       bool retry_foreign_keys) {
  std::vector<RefusedRow> refused = Pass(writer, std::move(rows)).run();
  const auto before = [](const RefusedRow& one, const RefusedRow& other) {
    return one.row < other.row;
  };
  bool backwards = true;
  while (retry_foreign_keys) {
    std::vector<std::uint32_t> orphans = take_orphans(refused);
    std::sort(orphans.begin(), orphans.end());
    if (backwards) std::reverse(orphans.begin(), orphans.end());
    backwards = !backwards;
    const std::size_t tried = orphans.size();
    std::vector<RefusedRow> again = Pass(writer, std::move(orphans)).run();
    const std::size_t left = again.size();
    std::move(again.begin(), again.end(), std::back_inserter(refused));
    if (left == tried) break;
  }
  std::sort(refused.begin(), refused.end(), before);
  return refused;
}

std::vector<WriteException> write_exceptions(const OutputBatch& batch,
                                             std::vector<RefusedRow> refused) {
  std::vector<WriteException> exceptions;
  exceptions.reserve(refused.size());
  for (RefusedRow& row : refused) {
    exceptions.push_back({.ordinal = batch.ordinals[row.row],
                          .outcome = Outcome::rejected,
                          .error = std::move(row.error)});
  }
  return exceptions;
}

}  // namespace freight::sql
