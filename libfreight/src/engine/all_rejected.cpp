#include "engine/all_rejected.hpp"

#include <string>

namespace freight::engine {
namespace {

/// Of fewer records nobody can say that the whole load is wrong.
constexpr std::uint64_t handful = 20;

std::string describe(const RejectGroup& group) {
  std::string text = "; the commonest reason: " + std::string(to_string(group.code));
  if (!group.column.empty()) text += " in " + group.column;
  if (group.example_line != 0) text += ", as in line " + std::to_string(group.example_line);
  if (!group.example_message.empty()) text += ": " + group.example_message;
  return text;
}

}  // namespace

std::optional<Failure> all_rejected(const Job& job, const JobSpec& spec, bool ended,
                                    JobStore& store) {
  const auto& records = job.records;
  // What waits for its parent is not lost yet.
  if (job.waiting_for_parents > 0) return std::nullopt;
  if (spec.errors.allow_all_rejected || records.read != records.rejected) return std::nullopt;
  const bool sampled = records.read >= spec.errors.min_sample && records.read > 0;
  if (!sampled && !(ended && records.read > handful)) return std::nullopt;

  Failure failure;
  failure.code = Code::all_rejected;
  failure.category = code_info(Code::all_rejected).category;
  failure.message = "all of the first " + std::to_string(records.read) + " records were rejected";
  const auto reasons = store.summarise_rejects(job.tenant_id, job.id, 1);
  if (!reasons.empty()) failure.message += describe(reasons.front());
  failure.details.hint =
      "correct the schema or the mapping and run it again, or set errors.allow_all_rejected";
  return failure;
}

}  // namespace freight::engine
