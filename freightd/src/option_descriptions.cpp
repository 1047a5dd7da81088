#include "option_descriptions.hpp"

#include <string>
#include <vector>

#include "server_options.hpp"

namespace freight::daemon {
namespace {

namespace program_options = boost::program_options;
using Described = program_options::options_description;
using Texts = std::vector<std::string>;
using program_options::bool_switch;
using program_options::value;

void add_common(Described& described) {
  described.add_options()("help,h", bool_switch(), "show this")(
      "config", value<std::string>()->value_name("FILE"),
      "read options from FILE, one NAME = VALUE a line");
}

void add_storage(Described& described) {
  described.add_options()(
      "storage", value<std::string>()->value_name("URL"),
      "where Freight keeps its state: sqlite:FILE or postgresql://USER:PASSWORD@HOST/DATABASE "
      "(default: sqlite:freight.db)");
}

void add_outputs(Described& described) {
  described.add_options()("report", value<std::string>()->value_name("FILE"),
                          "write the report to FILE as JSON")(
      "rejects", value<std::string>()->value_name("FILE.csv"),
      "write the rejected records to FILE.csv")(
      "json", bool_switch(), "print the report on stdout, and nothing else there");
}

void add_json(Described& described) {
  described.add_options()("json", bool_switch(), "print JSON, and nothing else on stdout");
}

void add_spool(Described& described) {
  described.add_options()(
      "spool", value<std::string>()->value_name("FOLDER"),
      "where the text of compressed files and of standard input is kept while it is read (default: "
      "beside the storage)");
}

void add_engine(Described& described) {
  add_spool(described);
  described.add_options()("workers", value<std::string>()->value_name("N"),
                          "batches at a time (default: one more than processors)")(
      "connections", value<std::string>()->value_name("N"),
      "connections to one database at a time (default: two more than workers)")(
      "lease", value<std::string>()->value_name("TIME"),
      "how long the work of a process that has died stays its own, from 1s to 10m (default: 5s)");
}

void add_work(Described& described) {
  add_engine(described);
  described.add_options()(
      "progress", value<std::string>()->value_name("STYLE"),
      "on stderr: auto, bar, plain or none (default: auto, a bar on a terminal)");
}

void add_limit(Described& described) {
  described.add_options()("limit", value<std::string>()->value_name("N"), "only the first N");
}

void add_overrides(Described& described) {
  described.add_options()(
      "set", value<Texts>()->value_name("POINTER=VALUE"),
      "replace a part of the job file, as in --set /destination/table=people; may be repeated");
}

void add_only(Described& described) {
  described.add_options()("only", value<Texts>()->value_name("TABLE"),
                          "of a migration this table alone; may be repeated");
}

void add_new(Described& described) {
  described.add_options()("new", bool_switch(),
                          "make a new job, even when this one was run before");
}

void add_output(Described& described) {
  described.add_options()("output,o", value<std::string>()->value_name("FILE"),
                          "write to FILE (default: stdout)");
}

void add_from(Described& described) {
  described.add_options()(
      "from", value<std::string>()->value_name("FIXED.csv"),
      "the job's rejects file, corrected; rows left as they are are tried again "
      "too");
}

void add_scope(Described& described, const char* choices) {
  described.add_options()("scope", value<std::string>()->value_name("SCOPE"), choices);
}

void add_log_filters(Described& described) {
  described.add_options()("status", value<std::string>()->value_name("OUTCOME"),
                          "only records that were succeeded, rejected, skipped or filtered")(
      "level", value<std::string>()->value_name("LEVEL"), "only debug, info, warning or error")(
      "code", value<std::string>()->value_name("CODE"), "only what has this code")(
      "batch", value<std::string>()->value_name("ID"), "only what belongs to this batch")(
      "since", value<std::string>()->value_name("TIME"),
      "from this time on, such as 2026-01-31T08:00:00Z")(
      "until", value<std::string>()->value_name("TIME"), "before this time")(
      "newest-first", bool_switch(), "the last entry first")(
      "format", value<std::string>()->value_name("FORMAT"), "text, csv or jsonl (default: text)");
}

void add_to(Described& described) {
  described.add_options()(
      "to", value<std::string>()->value_name("URL[#TABLE]"),
      "where the job is to write: sqlite:FILE or postgresql://USER:PASSWORD@HOST/DATABASE, and the "
      "table (default: the file's name)");
}

/// A job that is made on the spot.
void add_proposal(Described& described) {
  described.add_options()("from", value<std::string>()->value_name("FILE"),
                          "in place of JOB.json: make the job of a file, as init does");
  add_to(described);
  described.add_options()("save", value<std::string>()->value_name("JOB.json"),
                          "keep the job that was made of --from");
}

void add_key(Described& described) {
  described.add_options()("scopes", value<std::string>()->value_name("LIST"),
                          "of read, write and manage, with commas (default: all of them)")(
      "expires-in", value<std::string>()->value_name("TIME"),
      "such as 90d, 12h or 30m (default: never)")("admin", bool_switch(),
                                                  "the installation's own key, for all tenants");
}

void add_erasure(Described& described) {
  described.add_options()("key", value<std::string>()->value_name("VALUE"),
                          "of the records: the values of the key, with commas between them")(
      "dry-run", bool_switch(), "say what would be erased, and erase nothing");
}

/// What a set holds beside `--storage` and what every command has.
void add_own(Described& described, OptionSet set) {
  switch (set) {
    case OptionSet::none:
    case OptionSet::control:
      return;
    case OptionSet::version:
    case OptionSet::storage:
      return add_json(described);
    case OptionSet::run:
      add_new(described);
      add_proposal(described);
      [[fallthrough]];
    case OptionSet::validate:
      add_work(described);
      add_outputs(described);
      add_limit(described);
      add_only(described);
      return add_overrides(described);
    case OptionSet::preview:
      add_spool(described);
      add_limit(described);
      add_json(described);
      return add_overrides(described);
    case OptionSet::init:
      add_spool(described);
      add_to(described);
      described.add_options()("json", bool_switch(),
                              "print what was found and the job as JSON on stdout");
      return;
    case OptionSet::jobs:
      add_json(described);
      return add_limit(described);
    case OptionSet::report:
      return add_outputs(described);
    case OptionSet::rejects:
      add_spool(described);
      return add_output(described);
    case OptionSet::replay:
      add_from(described);
      add_work(described);
      return add_outputs(described);
    case OptionSet::retry:
      add_scope(described,
                "failed_batches (what is pending), rejected_records, or all (default: all)");
      add_work(described);
      return add_outputs(described);
    case OptionSet::log:
      add_scope(described, "only what is told of the job, of a batch or of a record");
      add_log_filters(described);
      add_limit(described);
      return add_output(described);
    case OptionSet::key:
      add_json(described);
      return add_key(described);
    case OptionSet::erase:
      return add_erasure(described);
    case OptionSet::serve:
      add_engine(described);
      add_server(described);
      add_tenants_reach(described);
      add_retention(described);
      return add_log(described);
    case OptionSet::worker:
      add_engine(described);
      add_health(described);
      add_tenants_reach(described);
      return add_log(described);
    case OptionSet::reseal:
      return add_master_key(described);
    case OptionSet::prune:
      add_blobs(described);
      return add_retention(described);
  }
}

}  // namespace

program_options::options_description option_descriptions(OptionSet set) {
  Described described("Options");
  add_own(described, set);
  const bool has_storage = set != OptionSet::none && set != OptionSet::version &&
                           set != OptionSet::preview && set != OptionSet::init;
  if (has_storage) add_storage(described);
  add_common(described);
  return described;
}

program_options::options_description all_option_descriptions() {
  Described described;
  add_new(described);
  add_work(described);
  add_outputs(described);
  add_limit(described);
  add_only(described);
  add_overrides(described);
  add_output(described);
  add_from(described);
  add_scope(described, "");
  add_log_filters(described);
  add_to(described);
  described.add_options()("save", value<std::string>(), "");
  add_key(described);
  add_erasure(described);
  add_storage(described);
  add_server(described);
  add_health(described);
  add_tenants_reach(described);
  add_retention(described);
  add_log(described);
  return described;
}

}  // namespace freight::daemon
