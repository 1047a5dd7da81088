#include "progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "console.hpp"
#include "terminal_text.hpp"

namespace freight::daemon {
namespace {

using namespace std::chrono_literals;

constexpr auto line_interval = 5s;
constexpr auto speed_window = 10s;

std::size_t terminal_columns() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

std::optional<double> share_done(const Job& job) {
  if (job.bytes_total && *job.bytes_total > 0) {
    return std::min(1.0,
                    static_cast<double>(job.bytes_read) / static_cast<double>(*job.bytes_total));
  }
  if (job.planned && job.records_planned > 0) {
    return std::min(
        1.0, static_cast<double>(job.records.read) / static_cast<double>(job.records_planned));
  }
  return std::nullopt;
}

Progress::Progress(ProgressStyle style)
    : style_(style), last_line_(std::chrono::steady_clock::now()) {
  if (style_ == ProgressStyle::automatic) {
    style_ = ::isatty(STDERR_FILENO) == 1 ? ProgressStyle::bar : ProgressStyle::plain;
  }
}

Progress::~Progress() { clear(); }

void Progress::clear() {
  if (!drawn_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  drawn_ = false;
}

void Progress::update(const Job& job) {
  if (style_ == ProgressStyle::none) return;
  const auto now = std::chrono::steady_clock::now();
  note_waiting(job.waiting_on ? job.waiting_on->code : Code::internal,
               job.waiting_on ? job.waiting_on->message : "");
  sample(job, now);
  if (style_ == ProgressStyle::bar) {
    draw(job);
  } else if (now - last_line_ >= line_interval) {
    say(progress_line(figures(job)));
    last_line_ = now;
  }
}

void Progress::note_waiting(Code code, std::string_view message) {
  if (style_ == ProgressStyle::none || message == waiting_for_) return;
  waiting_for_ = message;
  clear();
  say(message.empty()
          ? "goes on"
          : "waiting: " + printable(message) + " (" + std::string(to_string(code)) + ")");
}

void Progress::sample(const Job& job, TimePoint now) {
  samples_.push_back({now, job.records.read, share_done(job).value_or(0.0)});
  while (samples_.size() > 2 && now - samples_[1].at >= speed_window) samples_.pop_front();
}

ProgressFigures Progress::figures(const Job& job) const {
  const Sample& first = samples_.front();
  const Sample& last = samples_.back();
  const double seconds = std::chrono::duration<double>(last.at - first.at).count();
  ProgressFigures figures{.share = share_done(job),
                          .left = {},
                          .waited = {},
                          .records = job.records.read,
                          .rejected = job.records.rejected,
                          .name = job.name};
  // A retry or a restart may begin to count anew.
  if (seconds > 0 && last.records > first.records) {
    figures.records_per_second = static_cast<std::uint64_t>(
        std::llround(static_cast<double>(last.records - first.records) / seconds));
  }
  const double growth = seconds > 0 ? (last.share - first.share) / seconds : 0.0;
  if (job.waiting_on) {
    figures.waited = std::chrono::duration_cast<std::chrono::milliseconds>(system_clock().now() -
                                                                           job.waiting_on->since);
  } else if (figures.share && growth > 0) {
    figures.left = std::chrono::milliseconds(std::llround((1.0 - *figures.share) / growth * 1000));
  }
  return figures;
}

void Progress::draw(const Job& job) {
  // One column stays free: a full line would begin the next one.
  const std::string line = progress_bar(figures(job), terminal_columns() - 1);
  std::fputs(("\r" + line + "\x1b[K").c_str(), stderr);
  std::fflush(stderr);
  drawn_ = true;
}

}  // namespace freight::daemon
