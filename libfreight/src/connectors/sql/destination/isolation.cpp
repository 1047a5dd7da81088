#include "connectors/sql/destination/isolation.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace freight::sql {
namespace {

bool before(const RefusedRow& one, const RefusedRow& other) { return one.row < other.row; }

// One way through the rows. `rows_` loses what is refused; what lies before `position_` is written.
class Pass {
 public:
  Pass(RowGroupWriter& writer, std::vector<std::uint32_t> rows, HeldRows& held, bool backwards)
      : writer_(writer),
        rows_(std::move(rows)),
        held_(held),
        backwards_(backwards),
        step_(rows_.size()) {}

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
        refuse({.row = rows_[position_],
                .error = std::move(refusal->error),
                .outcome = refusal->outcome});
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
    Foresight others = writer_.foresee(culprit, std::span(rows_).subspan(bad + 1));
    refuse(std::move(culprit));
    step_ = good + 1;
    if (others.culprits.empty() && others.held.empty()) return;
    hold(std::move(others.held));
    remove(std::move(others.culprits), rows_.size());
  }

  // The row at position_.
  void refuse(RefusedRow row) {
    rows_.erase(rows_.begin() + offset(position_));
    release(row.row);
    refused_.push_back(std::move(row));
    suspect_end_ = 0;
    step_ = 1;
  }

  // Takes the culprits out from between position_ and `last`; what is left there is tried next.
  void remove(std::vector<RefusedRow> culprits, std::size_t last) {
    std::sort(culprits.begin(), culprits.end(), before);
    const std::size_t left = last - position_ - take_out(culprits, last);
    for (const RefusedRow& culprit : culprits) release(culprit.row);
    std::move(culprits.begin(), culprits.end(), std::back_inserter(refused_));
    suspect_end_ = 0;
    step_ = std::max<std::size_t>(1, left);
  }

  // Returns how many there were.
  std::size_t take_out(const std::vector<RefusedRow>& sorted, std::size_t last) {
    const auto is_one = [&sorted](std::uint32_t row) {
      return std::binary_search(sorted.begin(), sorted.end(), RefusedRow{.row = row, .error = {}},
                                before);
    };
    const auto end = rows_.begin() + offset(last);
    const auto kept = std::remove_if(rows_.begin() + offset(position_), end, is_one);
    const auto count = static_cast<std::size_t>(end - kept);
    rows_.erase(kept, end);
    return count;
  }

  // These are not sent unless the rows that they wait for are refused.
  void hold(HeldRows held) {
    std::vector<RefusedRow> waiting;
    waiting.reserve(held.size());
    for (const auto& [leader, row] : held) waiting.push_back({.row = row.row, .error = {}});
    std::sort(waiting.begin(), waiting.end(), before);
    take_out(waiting, rows_.size());
    held_.merge(held);
  }

  // The row was refused, so the one that waits for it takes its turn.
  void release(std::uint32_t row) {
    const auto found = held_.find(row);
    if (found == held_.end()) return;
    const std::uint32_t next = found->second.row;
    held_.erase(found);
    const auto goes_before = [this](std::uint32_t one, std::uint32_t other) {
      return backwards_ ? one > other : one < other;
    };
    rows_.insert(
        std::lower_bound(rows_.begin() + offset(position_), rows_.end(), next, goes_before), next);
  }

  static std::ptrdiff_t offset(std::size_t index) { return static_cast<std::ptrdiff_t>(index); }

  RowGroupWriter& writer_;
  std::vector<std::uint32_t> rows_;
  HeldRows& held_;
  const bool backwards_;
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

void retry_orphans(RowGroupWriter& writer, HeldRows& held, std::vector<RefusedRow>& refused) {
  for (bool backwards = true;; backwards = !backwards) {
    std::vector<std::uint32_t> orphans = take_orphans(refused);
    std::sort(orphans.begin(), orphans.end());
    if (backwards) std::reverse(orphans.begin(), orphans.end());
    const std::size_t tried = orphans.size();
    std::vector<RefusedRow> again = Pass(writer, std::move(orphans), held, backwards).run();
    const std::size_t left = again.size();
    std::move(again.begin(), again.end(), std::back_inserter(refused));
    if (left == tried) return;
  }
}

}  // namespace

Foresight RowGroupWriter::foresee(const RefusedRow&, std::span<const std::uint32_t>) { return {}; }

Isolated write_isolated(RowGroupWriter& writer, std::vector<std::uint32_t> rows,
                        IsolationOptions options) {
  Isolated out;
  out.refused = Pass(writer, std::move(rows), options.held, false).run();
  if (options.retry_foreign_keys) retry_orphans(writer, options.held, out.refused);
  // The rows that these waited for were written, all of them.
  for (auto& [leader, row] : options.held) {
    if (row.error) {
      out.refused.push_back(
          {.row = row.row, .error = std::move(*row.error), .outcome = row.outcome});
    } else {
      ++out.overtaken;
    }
  }
  std::sort(out.refused.begin(), out.refused.end(), before);
  return out;
}

std::vector<WriteException> write_exceptions(const OutputBatch& batch,
                                             std::vector<RefusedRow> refused) {
  std::vector<WriteException> exceptions;
  exceptions.reserve(refused.size());
  for (RefusedRow& row : refused) {
    exceptions.push_back({.ordinal = batch.ordinals[row.row],
                          .outcome = row.outcome,
                          .error = std::move(row.error)});
  }
  return exceptions;
}

}  // namespace freight::sql
