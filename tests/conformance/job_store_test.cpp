#include <algorithm>
#include <set>

#include "support/storage_fixture.hpp"

namespace freight::testing {
namespace {

class JobStoreTest : public StorageTest {};
INSTANTIATE_TEST_SUITE_P(Both, JobStoreTest, both_backends, backend_name);

RecordException reject(std::uint64_t ordinal, Code code, std::string column, std::string value) {
  return {.outcome = Outcome::rejected,
          .ordinal = ordinal,
          .line = ordinal + 2,
          .byte_offset = ordinal * 10,
          .byte_length = 9,
          .raw = "raw " + value,
          .errors = {{.code = code,
                      .stage = Stage::validate,
                      .column = std::move(column),
                      .value = std::move(value),
                      .expected = "integer",
                      .message = "not an integer",
                      .hint = "look",
                      .sqlstate = "22P02",
                      .http_status = 422}},
          .key_values = R"({"id":"7"})"};
}

TEST_P(JobStoreTest, SubmitWritesAPendingJobThatIsReadBackWhole) {
  auto request = new_job(tenant_, "abc");
  request.name = "a 'job' with \"quotes\" and ü 😀";
  request.priority = 2;
  request.fingerprint = "f";
  const auto id = JobId::generate();
  jobs().submit(id, request);
  const auto found = job(id);
  EXPECT_EQ(found.id, id);
  EXPECT_EQ(found.tenant_id, tenant_);
  EXPECT_EQ(found.name, request.name);
  EXPECT_EQ(found.status, JobStatus::pending);
  EXPECT_EQ(found.priority, 2);
  EXPECT_EQ(found.labels, request.labels);
  EXPECT_EQ(found.spec, request.spec);
  EXPECT_EQ(found.identity, "abc");
  EXPECT_EQ(found.load_identity, "load");
  EXPECT_EQ(found.fingerprint, "f");
  EXPECT_FALSE(found.planned);
  EXPECT_EQ(found.started_at, std::nullopt);
  EXPECT_LT(std::chrono::abs(found.created_at - std::chrono::system_clock::now()),
            std::chrono::seconds(60));
}

TEST_P(JobStoreTest, SubmitIsIdempotentById) {
  const auto id = JobId::generate();
  jobs().submit(id, new_job(tenant_));
  auto other = new_job(tenant_);
  other.name = "other";
  jobs().submit(id, other);
  EXPECT_EQ(job(id).name, "customers");
  EXPECT_EQ(jobs().list_jobs(tenant_, {}).jobs.size(), 1U);
}

TEST_P(JobStoreTest, SubmitRefusesAnUnknownTenantAndTextsThatCannotBeStored) {
  EXPECT_EQ(code_of([&] { submit(TenantId::generate()); }), Code::not_found);
  auto bad = new_job(tenant_);
  bad.name = std::string("a\0b", 3);
  EXPECT_EQ(code_of([&] { jobs().submit(JobId::generate(), bad); }), Code::invalid_value);
  bad.name = "\xff";
  EXPECT_EQ(code_of([&] { jobs().submit(JobId::generate(), bad); }), Code::invalid_value);
}

TEST_P(JobStoreTest, SubmitAfterWritesOnlyBehindTheJobThatWasSeen) {
  const auto first = JobId::generate();
  EXPECT_TRUE(jobs().submit_after(first, new_job(tenant_), std::nullopt));
  EXPECT_FALSE(jobs().submit_after(JobId::generate(), new_job(tenant_), std::nullopt));
  EXPECT_FALSE(jobs().submit_after(JobId::generate(), new_job(tenant_), JobId::generate()));
  const auto second = JobId::generate();
  EXPECT_TRUE(jobs().submit_after(second, new_job(tenant_), first));
  EXPECT_FALSE(jobs().submit_after(JobId::generate(), new_job(tenant_), first));
  EXPECT_TRUE(jobs().submit_after(JobId::generate(), new_job(tenant_, "another"), std::nullopt));
  EXPECT_EQ(jobs().list_jobs(tenant_, {}).jobs.size(), 3U);
}

TEST_P(JobStoreTest, OfManySubmittersAtOnceOneMakesTheJob) {
  auto second = database_.open();
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      auto& store = i % 2 == 0 ? storage_->jobs() : second->jobs();
      if (store.submit_after(JobId::generate(), new_job(tenant_), std::nullopt)) ++made;
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
  EXPECT_EQ(jobs().find_jobs_by_identity(tenant_, "identity").size(), 1U);
}

TEST_P(JobStoreTest, ListsNewestFirstAndWithoutLargeParts) {
  const auto first = submit();
  const auto second = submit();
  const auto third = submit(tenant_, "other");
  const auto all = jobs().list_jobs(tenant_, {}).jobs;
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].id, third);
  EXPECT_EQ(all[2].id, first);
  EXPECT_EQ(all[0].spec, "");
  EXPECT_EQ(jobs().list_jobs(tenant_, {.limit = 1}).jobs.size(), 1U);
  const auto alike = jobs().find_jobs_by_identity(tenant_, "identity");
  ASSERT_EQ(alike.size(), 2U);
  EXPECT_EQ(alike[0].id, second);
  EXPECT_EQ(alike[0].spec, R"({"source":{}})");
}

TEST_P(JobStoreTest, NothingOfAnotherTenantIsFound) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = planned_job(1);
  EXPECT_EQ(jobs().find_job(other, id), std::nullopt);
  EXPECT_TRUE(jobs().list_jobs(other, {}).jobs.empty());
  EXPECT_TRUE(jobs().find_jobs_by_identity(other, "identity").empty());
  EXPECT_TRUE(jobs().list_batches(other, id, {}).empty());
  EXPECT_EQ(jobs().sum_batches(other, id), RecordCounts());
  EXPECT_FALSE(jobs().requeue(other, id).requeued);
  EXPECT_FALSE(jobs().finish_job(
      {.token = std::nullopt, .tenant_id = other, .job_id = id, .status = JobStatus::failed}));
  EXPECT_EQ(job(id).status, JobStatus::running);
}

TEST_P(JobStoreTest, TheFirstClaimOfWorkStartsTheJob) {
  const auto id = submit();
  const auto tasks = claim(4, 4);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::plan);
  EXPECT_EQ(tasks[0].job_id, id);
  EXPECT_EQ(tasks[0].tenant_id, tenant_);
  EXPECT_EQ(tasks[0].attempt, 1U);
  EXPECT_EQ(tasks[0].plan_position, "");
  EXPECT_EQ(job(id).status, JobStatus::running);
  EXPECT_TRUE(job(id).started_at.has_value());
  EXPECT_TRUE(claim(4, 4).empty()) << "what is leased is not claimed again";
}

TEST_P(JobStoreTest, ClaimsNoMoreThanItWasAskedFor) {
  planned_job(5);
  submit();
  EXPECT_TRUE(claim(0, 0).empty());
  const auto two = claim(2, 0);
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0].kind, TaskKind::execute);
  EXPECT_EQ(two[0].sequence, 0U);
  EXPECT_EQ(two[1].sequence, 1U);
  const auto other = claim(0, 5);
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(other[0].kind, TaskKind::plan);
  EXPECT_EQ(claim(9, 9).size(), 3U);
}

TEST_P(JobStoreTest, ABatchCarriesItsRange) {
  const auto id = submit();
  auto report = chunk(claim(0, 1).at(0), 0, 1, true);
  report.ranges[0].first_line = 3'000'000'000;
  report.ranges[0].byte_offset = 5'000'000'000;
  report.ranges[0].locator = "page=7&'\"";
  jobs().append_plan(report);
  const auto task = claim(1, 0).at(0);
  EXPECT_EQ(task.job_id, id);
  EXPECT_EQ(task.range.first_ordinal, 0U);
  EXPECT_EQ(task.range.records, 10U);
  EXPECT_EQ(task.range.byte_offset, 5'000'000'000U);
  EXPECT_EQ(task.range.byte_length, 100U);
  EXPECT_EQ(task.range.first_line, 3'000'000'000U);
  EXPECT_EQ(task.range.locator, "page=7&'\"");
  EXPECT_EQ(task.range.content_hash, "hash0");
}

TEST_P(JobStoreTest, WorkGoesByPriorityThenAge) {
  auto late = new_job(tenant_);
  late.priority = 9;
  auto early = new_job(tenant_);
  early.priority = 0;
  const auto last = JobId::generate();
  const auto second = JobId::generate();
  const auto third = JobId::generate();
  const auto first = JobId::generate();
  jobs().submit(last, late);
  jobs().submit(second, new_job(tenant_));
  jobs().submit(third, new_job(tenant_));
  jobs().submit(first, early);
  std::vector<JobId> order;
  for (const auto& task : claim(0, 4)) order.push_back(task.job_id);
  EXPECT_EQ(order, (std::vector<JobId>{first, second, third, last}));
}

TEST_P(JobStoreTest, OnlyNodesWithTheAffinityClaimAJob) {
  auto local = new_job(tenant_);
  local.node_affinity = "host:a";
  const auto id = JobId::generate();
  jobs().submit(id, local);
  auto ask = request(4, 4);
  EXPECT_TRUE(jobs().claim(ask).empty());
  ask.affinities = {"host:b"};
  EXPECT_TRUE(jobs().claim(ask).empty());
  ask.affinities = {"host:b", "host:a"};
  const auto tasks = jobs().claim(ask);
  ASSERT_EQ(tasks.size(), 1U);
  jobs().append_plan(chunk(tasks[0], 0, 1, true));
  EXPECT_TRUE(claim(4, 4).empty()) << "its batches have the job's affinity";
  EXPECT_EQ(jobs().claim(ask).size(), 1U);
}

TEST_P(JobStoreTest, AnEngineOfOneJobLeavesTheRestAlone) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  submit(other);
  submit();
  const auto mine = submit();
  auto ask = request(9, 9);
  ask.only_job = mine;
  const auto tasks = jobs().claim(ask);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].job_id, mine);
  EXPECT_TRUE(jobs().claim(ask).empty());
}

TEST_P(JobStoreTest, NothingOfASuspendedOrDeletedTenantIsClaimed) {
  const auto other = storage_->tenants().create({.name = "other"}).id;
  const auto id = submit(other);
  storage_->tenants().set_status(other, TenantStatus::suspended);
  EXPECT_TRUE(claim(9, 9).empty());
  storage_->tenants().set_status(other, TenantStatus::active);
  ASSERT_EQ(claim(9, 9).size(), 1U);
  const auto gone = storage_->tenants().create({.name = "gone"}).id;
  submit(gone);
  storage_->tenants().remove(gone);
  EXPECT_TRUE(claim(9, 9).empty());
  EXPECT_EQ(code_of([&] { submit(gone); }), Code::not_found);
  EXPECT_EQ(jobs().find_job(other, id)->status, JobStatus::running);
}

TEST_P(JobStoreTest, ThePlanIsWrittenInChunksAndResumedWhereItStopped) {
  const auto id = submit();
  auto task = claim(0, 1).at(0);
  auto first = chunk(task, 0, 2, false);
  first.fingerprint = "print";
  first.bytes_total = 5'000'000'000;
  first.source_count = 30;
  first.destination_count_before = 4;
  first.warnings = {{"careful"}};
  first.source_fields = {{"id", "email"}};
  first.unmapped_columns = {{"a"}};
  first.unfilled_columns = {{"b", "c"}};
  EXPECT_EQ(jobs().append_plan(first).batches_queued, 2U);
  auto second = chunk(task, 2, 1, false);
  second.keep_lease = false;
  EXPECT_EQ(jobs().append_plan(second).batches_queued, 3U);
  EXPECT_TRUE(jobs().append_plan(chunk(task, 3, 1, true)).lost) << "the lease was handed back";

  task = claim(0, 1).at(0);
  EXPECT_EQ(task.kind, TaskKind::plan);
  EXPECT_EQ(task.plan_position, "v1:3");
  jobs().append_plan(chunk(task, 3, 1, true));
  const auto found = job(id);
  EXPECT_TRUE(found.planned);
  EXPECT_EQ(found.records_planned, 40U);
  EXPECT_EQ(found.bytes_planned, 400U);
  EXPECT_EQ(found.batches_total, 4U);
  EXPECT_EQ(found.fingerprint, "print");
  EXPECT_EQ(found.bytes_total, 5'000'000'000U);
  EXPECT_EQ(found.source_count, 30U);
  EXPECT_EQ(found.destination_count_before, 4U);
  EXPECT_EQ(found.warnings, (std::vector<std::string>{"careful"}));
  EXPECT_EQ(found.source_fields, (std::vector<std::string>{"id", "email"}));
  EXPECT_EQ(found.unmapped_columns, (std::vector<std::string>{"a"}));
  EXPECT_EQ(found.unfilled_columns, (std::vector<std::string>{"b", "c"}));
  EXPECT_TRUE(claim(0, 1).empty()) << "planning is over, finishing has not begun";
  const auto all = batches(id);
  ASSERT_EQ(all.size(), 4U);
  EXPECT_EQ(all[3].sequence, 3U);
  EXPECT_EQ(all[3].first_ordinal, 30U);
}

TEST_P(JobStoreTest, APlanTaskThatIsHandedBackWaitsForItsTime) {
  submit();
  auto report = chunk(claim(0, 1).at(0), 0, 1, false);
  report.keep_lease = false;
  report.resume_in = milliseconds(150);
  jobs().append_plan(report);
  EXPECT_TRUE(claim(0, 1).empty());
  std::this_thread::sleep_for(milliseconds(200));
  EXPECT_EQ(claim(0, 1).size(), 1U);
}

TEST_P(JobStoreTest, AChunkThatIsWrittenTwiceCountsOnce) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  jobs().append_plan(chunk(task, 0, 2, false));
  EXPECT_FALSE(jobs().append_plan(chunk(task, 0, 2, false)).lost);
  EXPECT_EQ(job(id).batches_total, 2U);
  jobs().append_plan(chunk(task, 2, 1, true));
  EXPECT_FALSE(jobs().append_plan(chunk(task, 2, 1, true)).lost);
  EXPECT_EQ(job(id).batches_total, 3U);
  EXPECT_EQ(job(id).records_planned, 30U);
}

TEST_P(JobStoreTest, APlanHasNeitherGapNorOverlapNorEmptyBatch) {
  submit();
  const auto task = claim(0, 1).at(0);
  EXPECT_EQ(code_of([&] { jobs().append_plan(chunk(task, 1, 1, false)); }), Code::connector_failed);
  EXPECT_EQ(code_of([&] { jobs().append_plan(chunk(task, 0, 1, false, 0)); }),
            Code::connector_failed);
  EXPECT_TRUE(claim(9, 0).empty());
}

TEST_P(JobStoreTest, AJobWithoutRecordsGoesStraightToItsFinish) {
  const auto id = planned_job(0);
  const auto tasks = claim(9, 9);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::finish);
  EXPECT_TRUE(jobs().finish_job(finish(tasks[0])));
  EXPECT_EQ(job(id).status, JobStatus::completed);
}

TEST_P(JobStoreTest, AcknowledgeWritesFactsAndCountersAndClaimsTheNext) {
  const auto id = planned_job(3);
  const auto tasks = claim(2, 0);
  std::vector<BatchReport> reports;
  for (const auto& task : tasks) reports.push_back(completed(task));
  reports[0].counts = {
      .read = 10, .succeeded = 6, .rejected = 1, .skipped = 1, .filtered = 2, .with_warnings = 1};
  reports[0].written = {.inserted = 4, .updated = 1, .unchanged = 1};
  const auto result = jobs().acknowledge(reports, request(5, 5));
  EXPECT_TRUE(result.lost.empty());
  ASSERT_EQ(result.claimed.size(), 1U);
  EXPECT_EQ(result.claimed[0].sequence, 2U);

  const auto found = job(id);
  EXPECT_EQ(found.records, (RecordCounts{.read = 20,
                                         .succeeded = 16,
                                         .rejected = 1,
                                         .skipped = 1,
                                         .filtered = 2,
                                         .with_warnings = 1}));
  EXPECT_EQ(found.written, (WrittenCounts{.inserted = 14, .updated = 1, .unchanged = 1}));
  EXPECT_EQ(found.bytes_read, 200U);
  EXPECT_EQ(found.batches_completed, 2U);
  EXPECT_EQ(found.batch_attempts, 2U);
  EXPECT_EQ(found.retries, 0U);
  const auto all = batches(id);
  EXPECT_EQ(all[0].status, BatchStatus::completed);
  EXPECT_EQ(all[0].attempts, 1U);
  EXPECT_EQ(all[0].counts.rejected, 1U);
  EXPECT_EQ(all[0].started_at, Timestamp(std::chrono::microseconds(1)));
  EXPECT_TRUE(all[0].finished_at.has_value());
  EXPECT_EQ(all[2].status, BatchStatus::leased);
  EXPECT_EQ(jobs().sum_batches(tenant_, id), found.records);
}

TEST_P(JobStoreTest, TheLastBatchBringsTheFinishInTheSameTransaction) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  EXPECT_TRUE(claim(0, 1).empty());
  const auto report = completed(tasks[1]);
  const auto result = jobs().acknowledge({&report, 1}, request(1, 1));
  ASSERT_EQ(result.claimed.size(), 1U);
  EXPECT_EQ(result.claimed[0].kind, TaskKind::finish);
  auto end = finish(result.claimed[0], JobStatus::completed_with_errors);
  end.warnings = {"w"};
  EXPECT_TRUE(jobs().finish_job(end));
  const auto found = job(id);
  EXPECT_EQ(found.status, JobStatus::completed_with_errors);
  EXPECT_EQ(found.reconciliation, R"({"status":"verified"})");
  EXPECT_EQ(found.warnings, (std::vector<std::string>{"w"}));
  EXPECT_TRUE(found.finished_at.has_value());
  EXPECT_EQ(database_.number("SELECT count(*) FROM freight.batch_queue"), 0);
  EXPECT_FALSE(jobs().finish_job(end)) << "it has ended already";
}

TEST_P(JobStoreTest, TheFinishWaitsForThePlanToEnd) {
  submit();
  const auto plan = claim(0, 1).at(0);
  jobs().append_plan(chunk(plan, 0, 1, false));
  acknowledge(completed(claim(1, 0).at(0)));
  EXPECT_TRUE(claim(0, 1).empty());
  auto last = chunk(plan, 1, 0, true);
  last.position = "v1:end";
  jobs().append_plan(last);
  const auto tasks = claim(0, 1);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::finish);
}

TEST_P(JobStoreTest, AReportCountsOnce) {
  const auto id = planned_job(2);
  const auto task = claim(1, 0).at(0);
  const auto report = completed(task);
  const std::vector<BatchReport> twice{report, report};
  EXPECT_TRUE(jobs().acknowledge(twice, request(0, 0)).lost.empty());
  EXPECT_EQ(acknowledge(report).lost, (std::vector<LeaseToken>{task.token}));
  EXPECT_EQ(job(id).records.read, 10U);
  EXPECT_EQ(job(id).batches_completed, 1U);
}

TEST_P(JobStoreTest, ALeaseThatWasTakenOverChangesNothing) {
  const auto id = planned_job(1);
  auto ask = request(1, 0);
  ask.lease = milliseconds(1);
  const auto old = jobs().claim(ask).at(0);
  std::this_thread::sleep_for(milliseconds(20));
  const auto now = claim(1, 0);
  ASSERT_EQ(now.size(), 1U) << "a lease that ran out counts as ready";
  EXPECT_EQ(now[0].batch_id, old.batch_id);
  EXPECT_NE(now[0].token, old.token);
  EXPECT_EQ(now[0].attempt, 1U) << "nobody answered";
  EXPECT_EQ(now[0].first_attempt_at, old.first_attempt_at);

  auto zombie = completed(old);
  zombie.exceptions.push_back(reject(3, Code::type_mismatch, "id", "x"));
  EXPECT_EQ(acknowledge(zombie).lost, (std::vector<LeaseToken>{old.token}));
  EXPECT_EQ(acknowledge(with_verdict(old, TaskVerdict::failed)).lost.size(), 1U);
  EXPECT_EQ(acknowledge(with_verdict(old, TaskVerdict::release)).lost.size(), 1U);
  EXPECT_EQ(job(id).records.read, 0U);
  EXPECT_TRUE(jobs().list_dead_letters(tenant_, id, {.first_ordinal = 0, .limit = 10}).empty());
  EXPECT_EQ(renew(node_, {old.token, now[0].token}).lost, (std::vector<LeaseToken>{old.token}));
  EXPECT_TRUE(acknowledge(completed(now[0])).lost.empty());
}

TEST_P(JobStoreTest, APlannerThatLostItsLeaseChangesNothing) {
  const auto id = submit();
  auto ask = request(0, 1);
  ask.lease = milliseconds(1);
  const auto old = jobs().claim(ask).at(0);
  std::this_thread::sleep_for(milliseconds(20));
  const auto now = claim(0, 1).at(0);
  EXPECT_TRUE(jobs().append_plan(chunk(old, 0, 1, true)).lost);
  EXPECT_TRUE(jobs().retry_task({.token = old.token, .tenant_id = tenant_, .job_id = id}).lost);
  EXPECT_FALSE(jobs().finish_job(finish(old, JobStatus::failed)));
  EXPECT_EQ(job(id).batches_total, 0U);
  EXPECT_FALSE(jobs().append_plan(chunk(now, 0, 1, true)).lost);
}

TEST_P(JobStoreTest, AnyTaskOfAJobMayEndItWhileItsLeaseHolds) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  EXPECT_FALSE(jobs().finish_job(finish(tasks[0], JobStatus::failed))) << "not its task any more";
  EXPECT_TRUE(jobs().finish_job(finish(tasks[1], JobStatus::failed)));
  EXPECT_EQ(job(id).status, JobStatus::failed);
}

TEST_P(JobStoreTest, RenewKeepsALeaseAlive) {
  planned_job(1);
  auto ask = request(1, 0);
  ask.lease = milliseconds(400);
  const auto task = jobs().claim(ask).at(0);
  for (int i = 0; i < 6; ++i) {
    std::this_thread::sleep_for(milliseconds(100));
    EXPECT_TRUE(renew(node_, {task.token}, milliseconds(400)).lost.empty());
    EXPECT_TRUE(claim(1, 0).empty());
  }
  std::this_thread::sleep_for(milliseconds(450));
  EXPECT_EQ(claim(1, 0).size(), 1U);
  EXPECT_TRUE(renew(node_, {}).lost.empty());
}

TEST_P(JobStoreTest, RenewIsForTheNodesOwnLeases) {
  planned_job(1);
  const auto task = claim(1, 0).at(0);
  const auto stranger = enter(*storage_);
  EXPECT_EQ(renew(stranger, {task.token}).lost, (std::vector<LeaseToken>{task.token}));
}

TEST_P(JobStoreTest, ACountedRetryComesBackAtItsTimeAsTheNextAttempt) {
  const auto id = planned_job(1);
  const auto first = claim(1, 0).at(0);
  EXPECT_TRUE(acknowledge(with_verdict(first, TaskVerdict::retry, milliseconds(150))).lost.empty());
  EXPECT_TRUE(claim(1, 0).empty());
  std::this_thread::sleep_for(milliseconds(200));
  const auto second = claim(1, 0).at(0);
  EXPECT_EQ(second.attempt, 2U);
  EXPECT_EQ(second.first_attempt_at, first.first_attempt_at);
  EXPECT_EQ(batches(id).at(0).error->message, "connection refused");
  acknowledge(completed(second));
  const auto found = job(id);
  EXPECT_EQ(found.batch_attempts, 2U);
  EXPECT_EQ(found.retries, 1U);
  EXPECT_EQ(found.waiting_on, std::nullopt);
  EXPECT_EQ(batches(id).at(0).attempts, 2U);
  EXPECT_EQ(batches(id).at(0).error, std::nullopt);
}

TEST_P(JobStoreTest, AnOutageIsNotAnAttemptAndTheJobSaysWhatItWaitsFor) {
  const auto id = planned_job(2);
  auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::retry, milliseconds(0), false));
  const auto since = job(id).waiting_on->since;
  EXPECT_EQ(job(id).waiting_on->code, Code::destination_unavailable);
  EXPECT_EQ(job(id).waiting_on->message, "connection refused");
  const auto again = claim(2, 0).at(0);
  EXPECT_EQ(again.attempt, 1U);
  std::this_thread::sleep_for(milliseconds(5));
  acknowledge(with_verdict(again, TaskVerdict::retry, milliseconds(5000), false));
  EXPECT_EQ(job(id).waiting_on->since, since) << "of several in a row the first one's";
  EXPECT_GT(job(id).waiting_on->next_attempt_at, since + milliseconds(4900));
  acknowledge(completed(tasks[1]));
  EXPECT_EQ(job(id).waiting_on, std::nullopt);
  EXPECT_EQ(job(id).batch_attempts, 1U);
  EXPECT_EQ(job(id).retries, 0U);
}

TEST_P(JobStoreTest, AReleasedBatchIsAsItWas) {
  const auto id = planned_job(1);
  const auto log = database_.number("SELECT count(*) FROM freight.migration_logs");
  const auto task = claim(1, 0).at(0);
  acknowledge(with_verdict(task, TaskVerdict::release));
  const auto again = claim(1, 0);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempt, 1U);
  EXPECT_EQ(job(id).batch_attempts, 0U);
  EXPECT_EQ(batches(id).at(0).attempts, 0U);
  EXPECT_EQ(batches(id).at(0).error, std::nullopt);
  EXPECT_EQ(database_.number("SELECT count(*) FROM freight.migration_logs"), log);
}

TEST_P(JobStoreTest, AFailedBatchLeavesTheQueueAndTheJobGoesOn) {
  const auto id = planned_job(2);
  const auto tasks = claim(2, 0);
  acknowledge(with_verdict(tasks[0], TaskVerdict::failed));
  EXPECT_EQ(job(id).batches_failed, 1U);
  EXPECT_EQ(batches(id).at(0).status, BatchStatus::failed);
  EXPECT_EQ(batches(id).at(0).error->code, Code::destination_unavailable);
  acknowledge(completed(tasks[1]));
  const auto end = claim(0, 1);
  ASSERT_EQ(end.size(), 1U);
  EXPECT_EQ(end[0].kind, TaskKind::finish);
}

TEST_P(JobStoreTest, RetryTaskHandsAPlanBack) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  TaskRetry retry{.token = task.token,
                  .tenant_id = tenant_,
                  .job_id = id,
                  .failure = Failure{.code = Code::source_unavailable, .message = "gone"},
                  .retry_in = milliseconds(100),
                  .counted = false};
  EXPECT_FALSE(jobs().retry_task(retry).lost);
  EXPECT_TRUE(jobs().retry_task(retry).lost) << "the lease went with the first";
  EXPECT_EQ(job(id).waiting_on->code, Code::source_unavailable);
  EXPECT_TRUE(claim(0, 1).empty());
  std::this_thread::sleep_for(milliseconds(150));
  auto again = claim(0, 1).at(0);
  EXPECT_EQ(again.attempt, 1U);
  retry.token = again.token;
  retry.counted = true;
  retry.retry_in = milliseconds(0);
  EXPECT_FALSE(jobs().retry_task(retry).lost);
  again = claim(0, 1).at(0);
  EXPECT_EQ(again.attempt, 2U);
  jobs().append_plan(chunk(again, 0, 1, false));
  EXPECT_EQ(job(id).waiting_on, std::nullopt) << "a chunk of the plan clears it";
}

TEST_P(JobStoreTest, APlanThatIsHandedBackUntouchedIsReadyAtOnceAndSaysNothing) {
  const auto id = submit();
  const auto task = claim(0, 1).at(0);
  EXPECT_FALSE(jobs().retry_task({.token = task.token, .tenant_id = tenant_, .job_id = id}).lost);
  EXPECT_EQ(job(id).waiting_on, std::nullopt);
  EXPECT_EQ(claim(0, 1).at(0).attempt, 1U);
}

TEST_P(JobStoreTest, ExceptionsBecomeDeadLettersAndLogRows) {
  const auto id = planned_job(1);
  auto report = completed(claim(1, 0).at(0));
  report.counts = {.read = 10, .succeeded = 5, .rejected = 3, .skipped = 1, .filtered = 1};
  report.exceptions.push_back(reject(2, Code::type_mismatch, "amount", "abc"));
  report.exceptions.push_back(reject(4, Code::type_mismatch, "amount", "xyz"));
  report.exceptions.push_back(reject(7, Code::required, "email", ""));
  report.exceptions[1].errors.push_back({.code = Code::too_long, .stage = Stage::validate});
  report.exceptions.push_back({.outcome = Outcome::skipped, .ordinal = 8});
  report.exceptions.push_back({.outcome = Outcome::succeeded,
                               .ordinal = 9,
                               .errors = {{.code = Code::out_of_range, .column = "age"}}});
  report.ranges.push_back({.outcome = Outcome::filtered, .first_ordinal = 0, .last_ordinal = 0});
  EXPECT_TRUE(acknowledge(report).lost.empty());

  const auto letters = jobs().list_dead_letters(tenant_, id, {.first_ordinal = 0, .limit = 10});
  ASSERT_EQ(letters.size(), 3U);
  EXPECT_EQ(letters[0].ordinal, 2U);
  EXPECT_EQ(letters[0].line, 4U);
  EXPECT_EQ(letters[0].byte_offset, 20U);
  EXPECT_EQ(letters[0].byte_length, 9U);
  EXPECT_EQ(letters[0].raw, "raw abc");
  EXPECT_EQ(letters[0].key_values, R"({"id":"7"})");
  EXPECT_EQ(letters[0].state, DeadLetterState::open);
  EXPECT_EQ(letters[0].attempts, 1U);
  EXPECT_FALSE(letters[0].id.is_nil());
  ASSERT_EQ(letters[0].errors.size(), 1U);
  const auto& error = letters[0].errors[0];
  EXPECT_EQ(error.code, Code::type_mismatch);
  EXPECT_EQ(error.stage, Stage::validate);
  EXPECT_EQ(error.column, "amount");
  EXPECT_EQ(error.value, "abc");
  EXPECT_EQ(error.expected, "integer");
  EXPECT_EQ(error.message, "not an integer");
  EXPECT_EQ(error.hint, "look");
  EXPECT_EQ(error.sqlstate, "22P02");
  EXPECT_EQ(error.http_status, 422);
  EXPECT_EQ(letters[1].errors.size(), 2U);
  EXPECT_EQ(letters[1].errors[1].value, std::nullopt);
  EXPECT_EQ(letters[2].errors[0].value, "");
  EXPECT_EQ(jobs().list_dead_letters(tenant_, id, {.first_ordinal = 3, .limit = 1}).at(0).ordinal,
            4U);

  const auto groups = jobs().summarise_rejects(tenant_, id, 10);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].code, Code::type_mismatch);
  EXPECT_EQ(groups[0].column, "amount");
  EXPECT_EQ(groups[0].count, 2U);
  EXPECT_EQ(groups[0].example_line, 4U);
  EXPECT_EQ(groups[0].example_value, "abc");
  EXPECT_EQ(groups[0].example_message, "not an integer");
  EXPECT_EQ(groups[0].example_hint, "look");
  EXPECT_EQ(jobs().summarise_rejects(tenant_, id, 1).size(), 1U);

  EXPECT_EQ(database_.number("SELECT count(*) FROM freight.migration_logs WHERE event = 'record'"),
            5);
  EXPECT_EQ(
      database_.number("SELECT count(*) FROM freight.migration_logs WHERE event = 'records'"
                       " AND outcome = 'filtered' AND first_ordinal = 0 AND last_ordinal = 0"),
      1);
  EXPECT_EQ(database_.number("SELECT count(*) FROM freight.migration_logs WHERE first_ordinal = 0"
                             " AND last_ordinal = 9 AND event = 'batch_completed' AND attempt = 1"),
            1);
}

TEST_P(JobStoreTest, ARecordsBytesComeBackWhateverTheyAre) {
  const auto id = planned_job(1);
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  auto report = completed(claim(1, 0).at(0));
  auto odd = reject(1, Code::invalid_utf8, std::string("c\0l\xff", 4), bytes);
  odd.raw = bytes + "\"'\\:name @now ü";
  odd.errors[0].message = "bad \xff byte";
  odd.key_values = std::string("\0\xfe", 2);
  report.exceptions.push_back(odd);
  auto large = reject(2, Code::too_long, "x", std::string(1024, 'v'));
  large.raw = std::string(200'000, 'r');
  report.exceptions.push_back(large);
  auto nul = reject(3, Code::nul_byte, "x", std::string("a\0b", 3));
  report.exceptions.push_back(nul);
  EXPECT_TRUE(acknowledge(report).lost.empty());
  const auto letters = jobs().list_dead_letters(tenant_, id, {.first_ordinal = 0, .limit = 10});
  ASSERT_EQ(letters.size(), 3U);
  EXPECT_EQ(letters[0].raw, odd.raw);
  EXPECT_EQ(letters[0].errors[0].value, bytes);
  EXPECT_EQ(letters[0].errors[0].message, "bad \xEF\xBF\xBD byte");
  EXPECT_EQ(letters[1].raw, std::string(65'536, 'r'));
  EXPECT_EQ(letters[2].errors[0].value, std::string("a\0b", 3));
  EXPECT_EQ(jobs().summarise_rejects(tenant_, id, 10).size(), 3U);
}

TEST_P(JobStoreTest, ManyDeadLettersTakeOneCall) {
  const auto id = planned_job(1, std::nullopt, 5000);
  auto report = completed(claim(1, 0).at(0));
  for (std::uint64_t i = 0; i < 5000; ++i) {
    report.exceptions.push_back(reject(i, Code::type_mismatch, "a", std::string(1000, 'x')));
    report.exceptions.back().raw = std::string(4000, 'y');
  }
  EXPECT_TRUE(acknowledge(report).lost.empty());
  EXPECT_EQ(jobs().summarise_rejects(tenant_, id, 10).at(0).count, 5000U);
  std::uint64_t seen = 0;
  for (auto page = jobs().list_dead_letters(tenant_, id, {.first_ordinal = 0, .limit = 700});
       !page.empty(); page = jobs().list_dead_letters(
                          tenant_, id, {.first_ordinal = page.back().ordinal + 1, .limit = 700})) {
    seen += page.size();
  }
  EXPECT_EQ(seen, 5000U);
}

TEST_P(JobStoreTest, LogSequencesOfAJobHaveNeitherGapNorDouble) {
  const auto id = planned_job(3);
  auto tasks = claim(3, 0);
  std::vector<BatchReport> reports{completed(tasks[0]), with_verdict(tasks[1], TaskVerdict::retry),
                                   completed(tasks[2])};
  reports[0].exceptions.push_back(reject(1, Code::required, "a", "b"));
  jobs().acknowledge(reports, request(0, 0));
  acknowledge(completed(claim(1, 0).at(0)));
  jobs().finish_job(finish(claim(0, 1).at(0)));
  EXPECT_EQ(database_.number("SELECT max(log_sequence) - count(*) FROM freight.migration_logs"), 0);
  EXPECT_EQ(database_.number("SELECT log_sequence FROM freight.migration_jobs"),
            database_.number("SELECT count(*) FROM freight.migration_logs"));
  EXPECT_EQ(job(id).status, JobStatus::completed);
}

TEST_P(JobStoreTest, AJobIsFailedFromOutsideAndItsWorkCancelled) {
  const auto id = planned_job(3);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  FinishReport end{
      .token = std::nullopt,
      .tenant_id = tenant_,
      .job_id = id,
      .status = JobStatus::failed,
      .error = Failure{.code = Code::all_rejected,
                       .category = Category::limit,
                       .message = "all of them",
                       .details = {.hint = "look at the rejects", .sqlstate = "23505"}}};
  EXPECT_TRUE(jobs().finish_job(end));
  EXPECT_FALSE(jobs().finish_job(end));
  const auto found = job(id);
  EXPECT_EQ(found.status, JobStatus::failed);
  EXPECT_EQ(found.error->code, Code::all_rejected);
  EXPECT_EQ(found.error->category, Category::limit);
  EXPECT_EQ(found.error->message, "all of them");
  EXPECT_EQ(found.error->details.hint, "look at the rejects");
  EXPECT_EQ(found.error->details.sqlstate, "23505");
  const auto all = batches(id);
  EXPECT_EQ(all[0].status, BatchStatus::completed);
  EXPECT_EQ(all[1].status, BatchStatus::cancelled);
  EXPECT_EQ(all[2].status, BatchStatus::cancelled);
  EXPECT_EQ(acknowledge(completed(tasks[1])).lost.size(), 1U)
      << "a zombie that reports after the end changes nothing";
  EXPECT_EQ(job(id).records.read, 10U);
  EXPECT_TRUE(claim(9, 9).empty());
}

TEST_P(JobStoreTest, OnlyLegalEndsAreWritten) {
  const auto id = submit();
  FinishReport end{.token = std::nullopt, .tenant_id = tenant_, .job_id = id};
  for (const auto status : {JobStatus::completed, JobStatus::running, JobStatus::paused}) {
    end.status = status;
    if (can_transition(JobStatus::pending, status)) continue;
    EXPECT_EQ(code_of([&] { jobs().finish_job(end); }), Code::invalid_state);
  }
  end.status = JobStatus::cancelled;
  EXPECT_TRUE(jobs().finish_job(end));
}

TEST_P(JobStoreTest, RequeueBringsBackWhatIsPending) {
  const auto id = planned_job(4);
  const auto tasks = claim(2, 0);
  acknowledge(completed(tasks[0]));
  acknowledge(with_verdict(tasks[1], TaskVerdict::failed));
  EXPECT_FALSE(jobs().requeue(tenant_, id).requeued) << "a running job stays as it is";
  jobs().finish_job({.token = std::nullopt,
                     .tenant_id = tenant_,
                     .job_id = id,
                     .status = JobStatus::failed,
                     .error = Failure{}});
  const auto result = jobs().requeue(tenant_, id);
  EXPECT_TRUE(result.requeued);
  EXPECT_EQ(result.batches, 3U);
  EXPECT_FALSE(jobs().requeue(tenant_, id).requeued);
  auto found = job(id);
  EXPECT_EQ(found.status, JobStatus::pending);
  EXPECT_EQ(found.error, std::nullopt);
  EXPECT_EQ(found.finished_at, std::nullopt);
  EXPECT_EQ(found.reconciliation, "");
  EXPECT_EQ(found.batches_failed, 0U);
  const auto again = claim(9, 9);
  ASSERT_EQ(again.size(), 3U);
  EXPECT_EQ(again[0].attempt, 1U);
  EXPECT_EQ(again[0].sequence, 1U);
  for (const auto& task : again) acknowledge(completed(task));
  jobs().finish_job(finish(claim(0, 1).at(0)));
  found = job(id);
  EXPECT_EQ(found.status, JobStatus::completed);
  EXPECT_EQ(found.records.read, 40U);
  EXPECT_EQ(found.batches_completed, 4U);
  EXPECT_EQ(found.retries, 1U) << "one batch was answered twice";
}

TEST_P(JobStoreTest, RequeueGoesOnWithThePlanWhereItStopped) {
  const auto id = submit();
  jobs().append_plan(chunk(claim(0, 1).at(0), 0, 1, false));
  acknowledge(completed(claim(1, 0).at(0)));
  jobs().finish_job(
      {.token = std::nullopt, .tenant_id = tenant_, .job_id = id, .status = JobStatus::cancelled});
  EXPECT_TRUE(jobs().requeue(tenant_, id).requeued);
  const auto tasks = claim(9, 9);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::plan);
  EXPECT_EQ(tasks[0].plan_position, "v1:1");
  jobs().append_plan(chunk(tasks[0], 1, 1, true));
  acknowledge(completed(claim(1, 0).at(0)));
  EXPECT_TRUE(jobs().finish_job(finish(claim(0, 1).at(0))));
}

TEST_P(JobStoreTest, RequeueFinishesAgainWhenOnlyTheFinishFailed) {
  const auto id = planned_job(1);
  acknowledge(completed(claim(1, 0).at(0)));
  jobs().finish_job(finish(claim(0, 1).at(0), JobStatus::failed));
  const auto result = jobs().requeue(tenant_, id);
  EXPECT_TRUE(result.requeued);
  EXPECT_EQ(result.batches, 0U);
  const auto tasks = claim(9, 9);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].kind, TaskKind::finish);
  EXPECT_EQ(job(id).status, JobStatus::running);
}

TEST_P(JobStoreTest, IsRunningWhileALeaseIsHeld) {
  const auto id = planned_job(1);
  EXPECT_FALSE(jobs().is_running(tenant_, id));
  const auto task = claim(1, 0).at(0);
  EXPECT_TRUE(jobs().is_running(tenant_, id));
  EXPECT_FALSE(jobs().is_running(tenant_, JobId::generate()));
  acknowledge(with_verdict(task, TaskVerdict::release));
  EXPECT_FALSE(jobs().is_running(tenant_, id));
}

TEST_P(JobStoreTest, TheLeasesOfANodeThatLeavesAreReadyAtOnce) {
  const auto id = planned_job(1);
  const auto task = claim(1, 0).at(0);
  const auto other = enter(*storage_);
  EXPECT_TRUE(jobs().claim(request(1, 0, other)).empty());
  jobs().remove_node(node_);
  jobs().remove_node(node_);
  EXPECT_FALSE(jobs().is_running(tenant_, id));
  const auto again = jobs().claim(request(1, 0, other));
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].attempt, 1U);
  EXPECT_EQ(acknowledge(completed(task)).lost.size(), 1U);
}

}  // namespace
}  // namespace freight::testing
