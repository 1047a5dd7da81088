#include "progress_line.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

constexpr std::size_t gap = 2;
/// With its brackets.
constexpr std::size_t shortest_bar = 8;
constexpr std::size_t longest_bar = 26;

std::string head_of(const ProgressFigures& figures) {
  std::string head;
  if (figures.share) head = std::to_string(static_cast<int>(*figures.share * 100)) + " %";
  const std::string_view parted = head.empty() ? "" : "  ";
  if (figures.waited) {
    head += std::string(parted) + "waiting for " + duration_text(*figures.waited);
  } else if (figures.left) {
    head += std::string(parted) + "ETA " + duration_text(*figures.left);
  }
  return head;
}

/// What follows the head and has room, `columns` being what there is for it.
std::string figures_within(const ProgressFigures& figures, std::size_t columns) {
  std::vector<std::string> pieces{std::to_string(figures.records) + " records",
                                  std::to_string(figures.records_per_second) + " records/s",
                                  std::to_string(figures.rejected) + " rejected"};
  if (!figures.name.empty()) pieces.push_back(printable(figures.name, 60));
  std::string text;
  for (const std::string& piece : pieces) {
    if (text.size() + gap + piece.size() > columns) break;
    text += std::string(gap, ' ') + piece;
  }
  return text;
}

std::string bar_of(double share, std::size_t width) {
  const std::size_t inside = width - 2;
  const auto filled =
      std::min(inside, static_cast<std::size_t>(std::lround(share * static_cast<double>(inside))));
  return "[" + std::string(filled, '#') + std::string(inside - filled, '.') + "]";
}

}  // namespace

std::string progress_line(const ProgressFigures& figures, std::size_t columns) {
  const std::string head = head_of(figures).substr(0, columns);
  if (!head.empty()) return head + figures_within(figures, columns - head.size());
  // Without a head the first figure needs no gap before it.
  const std::size_t room = std::min(columns, std::numeric_limits<std::size_t>::max() - gap) + gap;
  const std::string text = figures_within(figures, room);
  return text.substr(std::min(gap, text.size()));
}

std::string progress_bar(const ProgressFigures& figures, std::size_t columns) {
  const std::string head = head_of(figures);
  const std::size_t needed = head.size() + gap + shortest_bar;
  if (!figures.share || needed > columns) return progress_line(figures, columns);
  const std::string rest = figures_within(figures, columns - needed);
  const std::size_t width = std::min(longest_bar, columns - head.size() - gap - rest.size());
  return head + std::string(gap, ' ') + bar_of(*figures.share, width) + rest;
}

}  // namespace freight::daemon
