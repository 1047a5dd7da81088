#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <boost/json.hpp>

#include "freight/report.hpp"
#include "freight/storage.hpp"
#include "rest/body.hpp"
#include "rest/query.hpp"
#include "rest/routes.hpp"
#include "rest/services.hpp"
#include "rest/shapes.hpp"
#include "rest/states.hpp"

// Rejected records that wait for a person: looking at them, replaying and discarding them.

namespace freight::daemon::rest {
namespace {

namespace json = boost::json;

DeadLetterFilter read_filter(Query& query) {
  DeadLetterFilter filter;
  filter.state = query.choice("state", &parse_dead_letter_state, "open, replayed or discarded");
  filter.code = query.choice("code", &parse_code, "one of Freight's codes");
  filter.column = query.text("column");
  filter.stage = query.choice("stage", &parse_stage, "parse, filter, map, validate or write");
  filter.batch_id = query.id<BatchId>("batch_id");
  filter.key = query.text("key");
  return filter;
}

/// The same from a body, `state` left out: only what is open is replayed or discarded.
DeadLetterFilter read_filter(const json::object& body) {
  ObjectReader reader(body);
  DeadLetterFilter filter;
  if (const json::object* const object = reader.object("filter")) {
    ObjectReader filters(*object, "/filter");
    const auto choice = [&](std::string_view key, auto parse, auto& target) {
      const auto name = filters.text(key);
      if (!name) return;
      target = parse(*name);
      if (!target) filters.report(key, "is not one that there is");
    };
    choice("state", &parse_dead_letter_state, filter.state);
    if (filter.state && filter.state != DeadLetterState::open)
      filters.report("state", "must be open: nothing else can be replayed or discarded");
    choice("code", &parse_code, filter.code);
    filter.column = filters.text("column");
    choice("stage", &parse_stage, filter.stage);
    choice("batch_id", &BatchId::parse, filter.batch_id);
    filter.key = filters.text("key");
    if (const auto ids = filters.texts("ids", DeadLetterFilter::max_selected)) {
      filter.ids.emplace();
      for (const std::string& text : *ids) {
        const auto id = DeadLetterId::parse(text);
        if (!id) filters.report("ids", "must be ids of dead letters");
        if (id) filter.ids->push_back(*id);
      }
    }
    reader.report(filters.take_errors());
  }
  reader.finish();
  return filter;
}

http::Answer list_dead_letters(Call& call) {
  const Job job = call.job();
  Query query(call);
  DeadLetterQuery letters{.filter = read_filter(query)};
  const PageQuery page = read_page(query);
  letters.first_ordinal = read_number_cursor(query, page).value_or(0);
  query.finish();
  letters.limit = page.limit + 1;
  auto found = call.jobs().list_dead_letters(call.tenant_id(), job.id, letters);
  const bool has_next = cut_page(found, page);
  json::array items;
  for (const std::string& text : render_dead_letters(job, found))
    items.push_back(json::parse(text));
  json::object body = page_object(
      std::move(items), has_next ? cursor_of(std::to_string(found.back().ordinal + 1)) : "");
  if (page.total) {
    std::uint64_t total = 0;
    DeadLetterQuery counted{.filter = letters.filter, .limit = 1000};
    while (total <= most_counted) {
      const auto more = call.jobs().list_dead_letters(call.tenant_id(), job.id, counted);
      total += more.size();
      if (more.size() < counted.limit) break;
      counted.first_ordinal = more.back().ordinal + 1;
    }
    add_total(body, total);
  }
  return json_answer(body);
}

http::Answer summarise_dead_letters(Call& call) {
  const Job job = call.job();
  json::array items;
  std::uint64_t open = 0;
  std::uint64_t all = 0;
  for (const auto& group : call.jobs().count_dead_letters(call.tenant_id(), job.id)) {
    all += group.count;
    if (group.state == DeadLetterState::open) open += group.count;
    items.push_back(json::object{
        {"code", std::string(to_string(group.code))},
        {"column", group.column.empty() ? json::value(nullptr) : json::value(group.column)},
        {"state", std::string(to_string(group.state))},
        {"count", group.count}});
  }
  return json_answer({{"items", std::move(items)}, {"total", all}, {"open", open}});
}

struct LetterOfJob {
  DeadLetter letter;
  Job job;
};

LetterOfJob letter_of(const Call& call) {
  const auto id = call.path_id<DeadLetterId>("dead_letter_id", "dead letter");
  auto letter = call.jobs().find_dead_letter(call.tenant_id(), id);
  if (!letter) throw not_found("dead letter");
  auto job = call.jobs().find_job(call.tenant_id(), letter->job_id);
  // Of a job that was deleted nothing is found.
  if (!job) throw not_found("dead letter");
  return {*std::move(letter), *std::move(job)};
}

DeadLetterFilter only(const DeadLetter& letter) {
  DeadLetterFilter filter;
  filter.ids = std::vector{letter.id};
  return filter;
}

http::Answer get_dead_letter(Call& call) {
  const LetterOfJob found = letter_of(call);
  return {.status = 200,
          .body = render_dead_letters(found.job, std::span(&found.letter, 1)).front()};
}

http::Answer replayed(const ReplayResult& result, JobId job_id) {
  if (result.refusal == ReplayRefusal::not_ended)
    throw wrong_state(result.status, "the job has not ended: its rejects are still its own");
  if (result.refusal == ReplayRefusal::nothing_open)
    throw wrong_state(result.status, "no dead letter is open, of those that were meant");
  if (result.refusal == ReplayRefusal::erased) {
    throw wrong_state(result.status,
                      "what was kept of the record was erased, so that it cannot be tried again");
  }
  return json_answer({{"job_id", job_id.to_string()},
                      {"records_requeued", result.records},
                      {"batches_requeued", result.batches}},
                     202);
}

http::Answer replay_dead_letter(Call& call) {
  const LetterOfJob found = letter_of(call);
  const DeadLetter& letter = found.letter;
  const json::object body = optional_json_body(call.request);
  ObjectReader reader(body);
  const json::object* const record = reader.object("record");
  reader.finish();
  if (letter.state != DeadLetterState::open) {
    throw wrong_state(found.job.status,
                      "the dead letter is " + std::string(to_string(letter.state)));
  }
  if (record == nullptr) {
    return replayed(call.services.engine.replay(call.tenant_id(), letter.job_id, only(letter)),
                    letter.job_id);
  }
  const std::string text = json::serialize(*record);
  bool given = false;
  const auto result =
      call.services.engine.replay(call.tenant_id(), letter.job_id, [&](Correction& correction) {
        if (std::exchange(given, true)) return false;
        correction.ordinal = letter.ordinal;
        correction.record = text;
        return true;
      });
  return replayed(result, letter.job_id);
}

http::Answer discarded(std::uint64_t count, const Job& job) {
  if (count == 0) throw wrong_state(job.status, "no dead letter is open, of those that were meant");
  return json_answer({{"job_id", job.id.to_string()}, {"records_discarded", count}}, 202);
}

http::Answer discard_dead_letter(Call& call) {
  const LetterOfJob found = letter_of(call);
  return discarded(call.jobs().discard(call.tenant_id(), found.job.id, only(found.letter)),
                   found.job);
}

/// A file that is gone with it.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view bytes) {
    std::string name = (std::filesystem::temp_directory_path() / "freight-XXXXXX").string();
    const int descriptor = ::mkstemp(name.data());
    if (descriptor < 0) throw Error(Code::storage_full, "cannot make a temporary file");
    ::close(descriptor);
    path_ = name;
    std::ofstream out(path_, std::ios::binary);
    out << bytes;
    if (!out.flush()) throw Error(Code::storage_full, "cannot write a temporary file");
  }
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

http::Answer replay_corrected(const Call& call, const Job& job) {
  const TemporaryFile file(call.request.body);
  try {
    return replayed(call.services.engine.replay(call.tenant_id(), job.id,
                                                read_corrections(file.path(), job, &call.jobs())),
                    job.id);
  } catch (const Error& error) {
    if (error.category() != Category::data && error.code() != Code::missing_header &&
        error.code() != Code::invalid_value)
      throw;
    // Without the name of the file, which is none of the client's.
    std::string detail = error.what();
    for (auto at = detail.find(file.path()); at != std::string::npos; at = detail.find(file.path()))
      detail.replace(at, file.path().size(), "the body");
    throw Problem{.code = error.code(), .detail = detail, .status = 422};
  }
}

http::Answer replay_dead_letters(Call& call) {
  const Job job = call.job();
  if (!call.request.body.empty())
    require_content_type(call.request, {"application/json", "text/csv"});
  if (content_type_of(call.request) == "text/csv") return replay_corrected(call, job);
  const DeadLetterFilter filter = read_filter(optional_json_body(call.request));
  return replayed(call.services.engine.replay(call.tenant_id(), job.id, filter), job.id);
}

http::Answer discard_dead_letters(Call& call) {
  const Job job = call.job();
  const DeadLetterFilter filter = read_filter(optional_json_body(call.request));
  return discarded(call.jobs().discard(call.tenant_id(), job.id, filter), job);
}

constexpr std::array letter_parameters{
    Parameter{"state", "DeadLetterState", "open, replayed or discarded"},
    Parameter{"code", "Code", "whose first error has this code"},
    Parameter{"column", "string", "whose first error is of this column"},
    Parameter{"stage", "Stage", "whose first error is of this stage"},
    Parameter{"batch_id", "Id", "of this batch"},
    Parameter{"key", "string", "of the record with this key"},
    limit_parameter,
    cursor_parameter,
    total_parameter};

constexpr std::array dead_letter_table{
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/dead-letters",
          .operation_id = "listDeadLetters",
          .access = Access::read,
          .handle = list_dead_letters,
          .summary = "The rejected records of a job",
          .parameters = letter_parameters,
          .answer = "DeadLetterPage"},
    Route{.method = "GET",
          .path = "/api/v1/jobs/{job_id}/dead-letters/summary",
          .operation_id = "summariseDeadLetters",
          .access = Access::read,
          .handle = summarise_dead_letters,
          .summary = "How many, by code, column and state",
          .answer = "DeadLetterSummary"},
    Route{.method = "POST",
          .path = "/api/v1/jobs/{job_id}/dead-letters/replay",
          .operation_id = "replayDeadLetters",
          .access = Access::write,
          .handle = replay_dead_letters,
          .summary = "Try rejected records again, as they were kept or as a rejects file has them",
          .body = "DeadLetterSelection",
          .answer = "Requeued",
          .status = 202,
          .body_type = "application/json text/csv"},
    Route{.method = "POST",
          .path = "/api/v1/jobs/{job_id}/dead-letters/discard",
          .operation_id = "discardDeadLetters",
          .access = Access::write,
          .handle = discard_dead_letters,
          .summary = "Mark rejected records as not to be sent again",
          .body = "DeadLetterSelection",
          .answer = "Discarded",
          .status = 202},
    Route{.method = "GET",
          .path = "/api/v1/dead-letters/{dead_letter_id}",
          .operation_id = "getDeadLetter",
          .access = Access::read,
          .handle = get_dead_letter,
          .summary = "One rejected record",
          .answer = "DeadLetter"},
    Route{.method = "POST",
          .path = "/api/v1/dead-letters/{dead_letter_id}/replay",
          .operation_id = "replayDeadLetter",
          .access = Access::write,
          .handle = replay_dead_letter,
          .summary = "Try one again, as it was kept or corrected",
          .body = "ReplayRequest",
          .answer = "Requeued",
          .status = 202},
    Route{.method = "POST",
          .path = "/api/v1/dead-letters/{dead_letter_id}/discard",
          .operation_id = "discardDeadLetter",
          .access = Access::write,
          .handle = discard_dead_letter,
          .summary = "Mark one as not to be sent again",
          .answer = "Discarded",
          .status = 202},
};

}  // namespace

std::span<const Route> dead_letter_routes() { return dead_letter_table; }

}  // namespace freight::daemon::rest
