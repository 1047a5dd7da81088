#include <array>
#include <limits>

#include "database/query.hpp"
#include "storage/jobs/job_cursor.hpp"
#include "storage/jobs/job_rows.hpp"
#include "storage/jobs/sql_job_store.hpp"
#include "storage/sql/value_texts.hpp"

// The part of SqlJobStore that lists jobs. The statement is put together of literals, of which
// there are few combinations; what comes from outside is always a parameter.

namespace freight::storage {
namespace {

using database::Query;
using database::Session;

constexpr std::uint32_t max_limit = 1000;

constexpr std::string_view of_tenant =
    " FROM freight.migration_jobs AS j WHERE j.tenant_id = @uuid(:tenant) AND j.deleted_at IS NULL";
constexpr std::string_view with_status =
    " AND j.status IN (SELECT r.status FROM @rows(:statuses r, status text))";
constexpr std::string_view with_name =
    " AND @pg{strpos(lower(j.name COLLATE \"C\"), lower(CAST(:name AS text) COLLATE \"C\"))}"
    "@lite{instr(lower(j.name), lower(:name))} > 0";
constexpr std::string_view with_labels =
    " AND @pg{jsonb_contains(CAST(j.labels AS jsonb), CAST(:labels AS jsonb))}"
    "@lite{NOT EXISTS (SELECT 1 FROM json_each(:labels) AS w WHERE NOT EXISTS"
    " (SELECT 1 FROM json_each(j.labels) AS h WHERE h.key = w.key AND h.value = w.value))}";
constexpr std::string_view of_migration = " AND j.migration_id = @uuid(:migration)";
constexpr std::string_view created_from = " AND j.created_at >= :created_from";
constexpr std::string_view created_before = " AND j.created_at < :created_before";
constexpr std::string_view finished_from = " AND j.finished_at >= :finished_from";
constexpr std::string_view finished_before = " AND j.finished_at < :finished_before";
constexpr std::string_view with_letters =
    " AND EXISTS (SELECT 1 FROM freight.dead_letters AS d WHERE d.tenant_id = j.tenant_id"
    " AND d.job_id = j.job_id AND d.state = 'open')";
constexpr std::string_view without_letters =
    " AND NOT EXISTS (SELECT 1 FROM freight.dead_letters AS d WHERE d.tenant_id = j.tenant_id"
    " AND d.job_id = j.job_id AND d.state = 'open')";

struct Order {
  std::string_view ascending;
  std::string_view descending;
  std::string_view behind_ascending;
  std::string_view behind_descending;
};
// In the order of JobSort.
constexpr std::array<Order, 3> orders{
    Order{" ORDER BY j.created_at, j.job_id LIMIT :limit",
          " ORDER BY j.created_at DESC, j.job_id DESC LIMIT :limit",
          " AND (j.created_at, j.job_id) > (:value, @uuid(:last))",
          " AND (j.created_at, j.job_id) < (:value, @uuid(:last))"},
    Order{" ORDER BY coalesce(j.finished_at, 9223372036854775807), j.job_id LIMIT :limit",
          " ORDER BY coalesce(j.finished_at, 9223372036854775807) DESC, j.job_id DESC LIMIT :limit",
          " AND (coalesce(j.finished_at, 9223372036854775807), j.job_id) > (:value, @uuid(:last))",
          " AND (coalesce(j.finished_at, 9223372036854775807), j.job_id) < (:value, @uuid(:last))"},
    Order{" ORDER BY j.priority, j.job_id LIMIT :limit",
          " ORDER BY j.priority DESC, j.job_id DESC LIMIT :limit",
          " AND (j.priority, j.job_id) > (:value, @uuid(:last))",
          " AND (j.priority, j.job_id) < (:value, @uuid(:last))"}};

std::string where_of(SqlText& sql, const JobQuery& query) {
  std::string where = sql(of_tenant);
  if (!query.statuses.empty()) where += sql(with_status);
  if (!query.name_contains.empty()) where += sql(with_name);
  if (!query.labels.empty()) where += sql(with_labels);
  if (query.migration_id) where += sql(of_migration);
  if (query.created_from) where += sql(created_from);
  if (query.created_before) where += sql(created_before);
  if (query.finished_from) where += sql(finished_from);
  if (query.finished_before) where += sql(finished_before);
  if (query.has_open_dead_letters) {
    where += sql(*query.has_open_dead_letters ? with_letters : without_letters);
  }
  return where;
}

void add_parameters(Query& statement, std::string_view name, const std::optional<Timestamp>& time) {
  if (time) statement.with(name, time->time_since_epoch().count());
}

void add_parameters(Query& statement, TenantId tenant_id, const JobQuery& query) {
  statement.with("tenant", tenant_id.to_string());
  if (!query.statuses.empty()) {
    JsonRows rows;
    for (const auto status : query.statuses) {
      rows.begin_row();
      rows.add("status", to_string(status));
    }
    statement.with("statuses", rows.take());
  }
  if (!query.name_contains.empty()) statement.with("name", storable_text(query.name_contains));
  if (!query.labels.empty()) statement.with("labels", text_of(query.labels));
  if (query.migration_id) statement.with("migration", query.migration_id->to_string());
  add_parameters(statement, "created_from", query.created_from);
  add_parameters(statement, "created_before", query.created_before);
  add_parameters(statement, "finished_from", query.finished_from);
  add_parameters(statement, "finished_before", query.finished_before);
}

std::int64_t sort_value(const Job& job, JobSort sort) {
  switch (sort) {
    case JobSort::created_at:
      return job.created_at.time_since_epoch().count();
    case JobSort::finished_at:
      return job.finished_at ? job.finished_at->time_since_epoch().count()
                             : std::numeric_limits<std::int64_t>::max();
    case JobSort::priority:
      return job.priority;
  }
  return 0;
}

}  // namespace

JobPage SqlJobStore::list_jobs(TenantId tenant_id, const JobQuery& query) {
  if (query.limit < 1 || query.limit > max_limit) {
    throw Error(Code::invalid_value, "the limit of a list is 1 to 1000");
  }
  const auto behind = query.cursor.empty() ? std::nullopt : std::optional(read_cursor(query));
  return connections_.read(tenant_id, [&](Session& session) {
    JobPage page;
    const auto where = where_of(sql_, query);
    const auto& order = orders.at(static_cast<std::size_t>(query.sort));
    std::string text = "SELECT " + std::string(job_columns) + where;
    if (behind) text += sql_(query.descending ? order.behind_descending : order.behind_ascending);
    text += sql_(query.descending ? order.descending : order.ascending);
    {
      Query statement(session, text);
      add_parameters(statement, tenant_id, query);
      if (behind) {
        statement.with("value", behind->value).with("last", behind->job_id.to_string());
      }
      // One more than asked for says that there is another page.
      statement.with("limit", query.limit + 1);
      JobRow row;
      row.bind(statement, false);
      while (statement.next()) page.jobs.push_back(row.job());
    }
    if (page.jobs.size() > query.limit) {
      page.jobs.pop_back();
      const auto& last = page.jobs.back();
      page.next_cursor = write_cursor(query, {sort_value(last, query.sort), last.id});
    }
    if (query.with_total) {
      std::uint64_t total = 0;
      Query statement(session, "SELECT count(*) FROM (SELECT 1" + where + " LIMIT " +
                                   std::to_string(JobPage::max_total + 1) + ") AS t");
      add_parameters(statement, tenant_id, query);
      statement.into(total).next();
      page.total_capped = total > JobPage::max_total;
      page.total = std::min(total, JobPage::max_total);
    }
    return page;
  });
}

}  // namespace freight::storage
