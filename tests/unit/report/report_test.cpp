#include "freight/report.hpp"

#include <string>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace freight {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

const std::string stored_spec =
    R"({"name":"customers","source":{"type":"csv","path":"/data/a.csv"},)"
    R"("destination":{"type":"sql","url":"sqlite:/out.db","ledger":"freight_ledger"}})";

Job finished_job() {
  Job job;
  job.id = *JobId::parse("0197a2b4-c5d6-7e8f-9a0b-1c2d3e4f5a6b");
  job.name = "customers \"2026\"";
  job.status = JobStatus::completed_with_errors;
  job.spec = stored_spec;
  job.planned = true;
  job.records_planned = 100'000;
  job.records = {.read = 100'000, .succeeded = 99'950, .rejected = 50, .with_warnings = 3};
  job.written = {.inserted = 99'950};
  job.batches_total = job.batches_completed = 20;
  job.batch_attempts = 21;
  job.retries = 1;
  job.reconciliation = R"({"status":"verified","accounting":"ok"})";
  job.warnings = {"mind the \xFF"};
  job.unmapped_columns = {"note"};
  job.started_at = parse_timestamp("2026-11-23T10:00:00Z");
  job.finished_at = *job.started_at + 812ms;
  return job;
}

json::object rendered(const Job& job, const std::vector<RejectGroup>& rejects = {}) {
  const std::string text = render_report(job, rejects);
  EXPECT_EQ(text.find('\n'), std::string::npos);
  return json::parse(text).as_object();
}

TEST(Report, HasTheKeysAndNumbersOfTheContract) {
  const auto report = rendered(finished_job());
  EXPECT_EQ(report.at("job_id"), "0197a2b4-c5d6-7e8f-9a0b-1c2d3e4f5a6b");
  EXPECT_EQ(report.at("name"), "customers \"2026\"");
  EXPECT_EQ(report.at("status"), "completed_with_errors");
  EXPECT_EQ(report.at("delivery"), "exactly_once");
  EXPECT_EQ(report.at("records"),
            json::parse(R"({"read":100000,"succeeded":99950,"rejected":50,"skipped":0,)"
                        R"("filtered":0,"pending":0,"with_warnings":3})"));
  EXPECT_EQ(report.at("written"), json::parse(R"({"inserted":99950,"updated":0,"unchanged":0})"));
  EXPECT_EQ(report.at("batches"), json::parse(R"({"total":20,"completed":20,"failed":0})"));
  EXPECT_EQ(report.at("batch_attempts"), 21);
  EXPECT_EQ(report.at("retries"), 1);
  EXPECT_EQ(report.at("reconciliation"), json::parse(R"({"status":"verified","accounting":"ok"})"));
  EXPECT_EQ(report.at("warnings"), json::parse("[\"mind the \xEF\xBF\xBD\"]"));
  EXPECT_EQ(report.at("unmapped_columns"), json::parse(R"(["note"])"));
  EXPECT_EQ(report.at("unfilled_columns"), json::array());
  EXPECT_EQ(
      report.at("passes"),
      json::parse(R"([{"number":1,"started_at":"2026-11-23T10:00:00.000000Z","records":100000}])"));
  EXPECT_EQ(report.at("started_at"), "2026-11-23T10:00:00.000000Z");
  EXPECT_EQ(report.at("finished_at"), "2026-11-23T10:00:00.812000Z");
  EXPECT_EQ(report.at("duration_ms"), 812);
  EXPECT_EQ(report.at("records_per_second"), 123'153);
  EXPECT_EQ(report.at("spec"), json::parse(stored_spec));
  EXPECT_EQ(report.at("error"), nullptr);
  EXPECT_EQ(report.at("report_version"), 1);
}

TEST(Report, NamesTheRejectsWithAnExample) {
  const auto report =
      rendered(finished_job(), {{.code = Code::type_mismatch,
                                 .column = "amount",
                                 .count = 49,
                                 .example_line = 17,
                                 .example_value = "abc",
                                 .example_message = "no number",
                                 .example_hint = "write digits"},
                                {.code = Code::too_few_fields, .count = 1, .example_line = 0}});
  EXPECT_EQ(
      report.at("rejects"),
      json::parse(
          R"([{"code":"type_mismatch","column":"amount","count":49,)"
          R"("example":{"line":17,"value":"abc","message":"no number","hint":"write digits"}},)"
          R"({"code":"too_few_fields","column":null,"count":1,)"
          R"("example":{"line":null,"value":null,"message":""}}])"));
}

TEST(Report, OfARunningJobHasNoEnd) {
  Job job = finished_job();
  job.status = JobStatus::running;
  job.records.read = 40'000;
  job.records.succeeded = 39'950;
  job.reconciliation.clear();
  job.finished_at.reset();
  job.waiting_on = WaitingOn{.code = Code::destination_unavailable, .message = "no answer"};
  const auto report = rendered(job);
  EXPECT_EQ(report.at("reconciliation"), nullptr);
  EXPECT_EQ(report.at("finished_at"), nullptr);
  EXPECT_EQ(report.at("duration_ms"), nullptr);
  EXPECT_EQ(report.at("records").at("pending"), 60'000);
  EXPECT_EQ(report.at("waiting_on").at("code"), "destination_unavailable");
}

TEST(Report, OfAJobThatEndedUnreconciledCountsItself) {
  Job job = finished_job();
  job.status = JobStatus::failed;
  job.reconciliation.clear();
  const auto report = rendered(job).at("reconciliation");
  EXPECT_EQ(report.at("status"), "unverified");
  EXPECT_EQ(report.at("accounting"), "ok");
  EXPECT_EQ(report.at("source_count"), 100'000);
  EXPECT_EQ(report.at("differences").at(0),
            "the destination's rows were not compared: the job failed");
  job.status = JobStatus::cancelled;
  job.records.succeeded -= 10;
  EXPECT_EQ(rendered(job).at("reconciliation").at("accounting"), "failed");
}

TEST(Report, SaysWhyAJobFailed) {
  Job job;
  job.status = JobStatus::failed;
  job.error = Failure{.code = Code::table_not_found,
                      .category = Category::configuration,
                      .message = "no table 'x'",
                      .details = {.hint = "make it"}};
  const auto report = rendered(job);
  EXPECT_EQ(report.at("job_id"), nullptr);
  EXPECT_EQ(report.at("error"),
            json::parse(R"({"code":"table_not_found","category":"configuration",)"
                        R"("message":"no table 'x'","hint":"make it"})"));
  EXPECT_EQ(report.at("passes"), json::array());
  EXPECT_EQ(report.at("spec"), json::object());
}

TEST(Report, TellsTheDeliveryOfTheDestination) {
  Job job = finished_job();
  const auto delivery = [&](const std::string& spec) {
    job.spec = spec;
    return std::string(rendered(job).at("delivery").as_string());
  };
  EXPECT_EQ(delivery(R"({"destination":{"type":"sql","ledger":{"table":"x.y"}}})"), "exactly_once");
  EXPECT_EQ(delivery(R"({"destination":{"type":"sql","ledger":"none"}})"), "at_least_once");
  EXPECT_EQ(delivery(R"({"destination":{"type":"csv","path":"/out.csv"}})"), "exactly_once");
  EXPECT_EQ(delivery(R"({"destination":{"type":"null"}})"), "at_least_once");
  EXPECT_EQ(delivery(R"({"mode":"validate","destination":{"type":"sql"}})"), "none");
}

TEST(Report, OfAValidationListsItsStages) {
  Job job = finished_job();
  job.spec = R"({"mode":"validate","destination":{"type":"null"}})";
  const auto report = rendered(job);
  EXPECT_EQ(report.at("mode"), "validate");
  EXPECT_EQ(report.at("stages"), json::parse(R"(["parse","map","validate"])"));

  job.spec =
      R"({"mode":"validate","rehearse":true,"filter":{"field":"a","eq":"b"},"source":{},"destination":{}})";
  EXPECT_EQ(rendered(job).at("stages"),
            json::parse(R"(["parse","filter","map","validate","write"])"));
}

TEST(Report, LeavesInlineRecordsOutAndKeepsEveryDigit) {
  Job job = finished_job();
  job.spec = R"({"source":{"type":"inline","records":[{"secret":"record"}]},)"
             R"("mapping":[{"to":"a","const":12345678901234567890.123456789}]})";
  const std::string text = render_report(job, {});
  EXPECT_EQ(text.find("secret"), std::string::npos);
  EXPECT_NE(text.find("12345678901234567890.123456789"), std::string::npos);
}

}  // namespace
}  // namespace freight
