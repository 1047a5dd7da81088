#include "engine/reject_reader.hpp"

#include <algorithm>
#include <utility>

#include "engine/batch_outcome.hpp"
#include "engine/stored_spec.hpp"

namespace freight::engine {
namespace {

constexpr std::uint32_t page_size = 100;
constexpr std::string_view only_the_code =
    "Only the code was kept, because there were too many rejects.";

/// One page after the other of what `fetch(first_ordinal)` gives.
template <typename Item, typename Fetch, typename Next>
class Pages {
 public:
  Pages(Fetch fetch, Next next) : fetch_(std::move(fetch)), next_(std::move(next)) { turn(0); }

  const Item* front() const { return index_ < page_.size() ? &page_[index_] : nullptr; }
  void pop() {
    const auto next_ordinal = next_(page_[index_]);
    if (++index_ == page_.size() && page_.size() == page_size) turn(next_ordinal);
  }

 private:
  void turn(std::uint64_t first_ordinal) {
    page_ = fetch_(first_ordinal);
    index_ = 0;
  }

  Fetch fetch_;
  Next next_;
  std::vector<Item> page_;
  std::size_t index_ = 0;
};

}  // namespace

RejectReader::RejectReader(JobStore& store, const Job& job, const ConnectorRegistry* connectors)
    : store_(store), job_(job) {
  if (connectors == nullptr || store.list_reject_ranges(job.tenant_id, job.id, 0, 1).empty()) {
    return;
  }
  try {
    connect(*connectors);
  } catch (const Error&) {
    connectors_.reset();  // The codes are known all the same.
  }
}

RejectReader::~RejectReader() = default;

void RejectReader::connect(const ConnectorRegistry& registry) {
  connectors_ = std::make_unique<Connectors>();
  auto& with = *connectors_;
  with.context.tenant_id = job_.tenant_id;
  with.context.job_id = job_.id;
  const auto spec = parse_stored_spec(job_, registry);
  const ConnectorRequest made_for{.spec = spec, .tenant_id = job_.tenant_id, .job_id = job_.id};
  with.source = registry.make_source(made_for);
  auto description = with.source->describe(with.context);
  auto target = mapping::target_columns(spec, description);
  with.destination = registry.make_destination(made_for);
  PrepareRequest request;
  request.columns = std::move(target.columns);
  request.leave_out_generated = target.leave_out_generated;
  request.refuse_reload = false;
  request.read_only = true;
  const auto catalog = with.destination->prepare(request, with.context).catalog;
  if (auto fields = mapping::used_fields(spec, description, catalog)) {
    with.source->use_fields(std::move(*fields));
    description = with.source->describe(with.context);
  }
  with.mapper.emplace(spec, description, catalog);
}

void RejectReader::for_each(const std::function<void(const DeadLetter&)>& visit) {
  const auto fetch_letters = [this](std::uint64_t first) {
    return store_.list_dead_letters(job_.tenant_id, job_.id,
                                    {.first_ordinal = first, .limit = page_size});
  };
  const auto fetch_ranges = [this](std::uint64_t first) {
    return store_.list_reject_ranges(job_.tenant_id, job_.id, first, page_size);
  };
  const auto behind_letter = [](const DeadLetter& letter) { return letter.ordinal + 1; };
  const auto behind_range = [](const RejectRange& range) { return range.last_ordinal + 1; };
  Pages<DeadLetter, decltype(fetch_letters), decltype(behind_letter)> letters(fetch_letters,
                                                                              behind_letter);
  Pages<RejectRange, decltype(fetch_ranges), decltype(behind_range)> ranges(fetch_ranges,
                                                                            behind_range);
  while (letters.front() != nullptr || ranges.front() != nullptr) {
    const auto* const letter = letters.front();
    const auto* const range = ranges.front();
    if (range == nullptr || (letter != nullptr && letter->ordinal < range->first_ordinal)) {
      visit(*letter);
      letters.pop();
      continue;
    }
    if (connectors_ != nullptr && sequence_ != range->batch_sequence) read_batch(*range);
    for (auto ordinal = range->first_ordinal; ordinal <= range->last_ordinal; ++ordinal) {
      visit(letter_of(*range, ordinal));
    }
    ranges.pop();
  }
}

void RejectReader::read_batch(const RejectRange& range) {
  records_.clear();
  mapped_.clear();
  sequence_ = range.batch_sequence;
  try {
    connectors_->source->read(range.batch, records_, connectors_->context);
    check_read(range.batch, records_);
    connectors_->mapper->map(records_, mapped_);
  } catch (const Error&) {
    records_.clear();
    mapped_.clear();
  }
}

DeadLetter RejectReader::letter_of(const RejectRange& range, std::uint64_t ordinal) const {
  DeadLetter letter;
  letter.job_id = job_.id;
  letter.batch_sequence = range.batch_sequence;
  letter.ordinal = ordinal;
  letter.locator = range.batch.locator;
  letter.errors.push_back({.code = range.code,
                           .stage = Stage::write,
                           .column = range.column,
                           .value = std::nullopt,
                           .message = std::string(only_the_code)});
  const auto index = static_cast<std::size_t>(ordinal - range.batch.first_ordinal);
  if (index >= records_.records.size()) return letter;
  const auto& record = records_.records[index];
  letter.line = record.line;
  letter.byte_offset = record.byte_offset;
  letter.byte_length = record.byte_length;
  const auto found = std::lower_bound(
      mapped_.exceptions.begin(), mapped_.exceptions.end(), ordinal,
      [](const RecordException& exception, std::uint64_t at) { return exception.ordinal < at; });
  const bool is_known = found != mapped_.exceptions.end() && found->ordinal == ordinal;
  if (is_known && found->outcome == Outcome::rejected) {
    letter.errors = found->errors;
    letter.raw = found->raw;
    letter.byte_length = found->byte_length;
    letter.key_values = found->key_values;
    return letter;
  }
  const auto& rows = mapped_.rows.ordinals;
  if (!std::binary_search(rows.begin(), rows.end(), ordinal)) return letter;
  // What the destination said of it is not to be had again.
  WriteException refused;
  refused.ordinal = ordinal;
  refused.error = letter.errors.front();
  auto evidence = connectors_->mapper->exception_of(records_, mapped_, refused);
  letter.raw = std::move(evidence.raw);
  letter.byte_length = evidence.byte_length;
  letter.key_values = std::move(evidence.key_values);
  return letter;
}

}  // namespace freight::engine
