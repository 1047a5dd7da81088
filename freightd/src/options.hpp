#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "freight/job_engine.hpp"
#include "freight/sinks.hpp"

namespace freight::daemon {

enum class ProgressStyle { automatic, bar, plain, none };

/// A set of options that a command takes; `help` and `config` belong to every one.
enum class OptionSet {
  none,
  version,
  storage,
  control,
  run,
  validate,
  preview,
  init,
  jobs,
  report,
  rejects,
  replay,
  retry,
  log,
  key,
  serve,
  worker,
  prune,
  reseal,
  erase,
};

/// What `serve` and `worker` are told beside what every command is.
struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  /// worker: where probes and metrics are answered; without a port nowhere.
  std::optional<std::pair<std::string, std::uint16_t>> health;
  std::optional<std::filesystem::path> tls_certificate;
  std::optional<std::filesystem::path> tls_key;
  std::vector<std::string> cors_origins;
  std::optional<std::filesystem::path> admin_key_file;
  std::optional<std::filesystem::path> master_key_file;
  std::optional<std::filesystem::path> blob_folder;
  std::vector<std::filesystem::path> allowed_folders;
  std::vector<std::string> allowed_hosts;
  std::uint64_t upload_limit = 10'737'418'240;
  bool json_log = false;
  LogLevel log_level = LogLevel::info;
  std::optional<std::filesystem::path> log_file;
  /// How long requests and batches may take to end when the server stops.
  std::chrono::seconds drain{30};
  /// How long uploads, rejects and ended jobs are kept; nullopt: for good.
  std::optional<std::chrono::seconds> retain_uploads;
  std::optional<std::chrono::seconds> retain_rejects;
  std::optional<std::chrono::seconds> retain_jobs;
};

/// Which entries of a job's log are wanted, as they were written.
struct LogOptions {
  std::optional<std::string> status;
  std::optional<std::string> level;
  std::optional<std::string> code;
  std::optional<std::string> batch;
  std::optional<std::string> since;
  std::optional<std::string> until;
  bool newest_first = false;
  std::string format = "text";
};

/// What the commands are told. Each option comes from the command line, or else from the
/// environment (FREIGHT_ and its name), or else from the configuration file, or else is as here.
struct Options {
  bool help = false;
  std::string storage = "sqlite:freight.db";
  /// 0: one more than there are processors.
  unsigned workers = 0;
  /// See ConnectorOptions::connections; 0: two more than workers.
  std::size_t connections = 0;
  /// See ConnectorOptions::spool; empty: beside the storage.
  std::filesystem::path spool;
  /// See EngineOptions::lease.
  std::chrono::seconds lease{5};
  ProgressStyle progress = ProgressStyle::automatic;
  std::optional<std::filesystem::path> report;
  std::optional<std::filesystem::path> rejects;
  bool json = false;
  bool new_job = false;
  std::optional<std::uint64_t> limit;
  /// rejects, log: `-` is stdout.
  std::filesystem::path output = "-";
  /// run: a file to make a job of. replay: a rejects file that a person corrected.
  std::optional<std::filesystem::path> from;
  /// init, run: a database's URL, and after a # the table.
  std::optional<std::string> to;
  /// run: where the job goes that was made of a file.
  std::optional<std::filesystem::path> save;
  /// run, validate: of a migration the tables that are meant.
  std::vector<std::string> only;
  /// retry: what of the job. log: of what to tell. As it was written.
  std::optional<std::string> scope;
  LogOptions log;
  /// key: as they were written.
  std::optional<std::string> scopes;
  std::optional<std::string> expires_in;
  bool admin = false;
  /// erase: the key of the records.
  std::optional<std::string> key;
  bool dry_run = false;
  ServerOptions server;
  /// Pointer and value of each --set.
  std::vector<std::pair<std::string, std::string>> overrides;
  /// What it was read from, to be read again (reread()).
  OptionSet set{};
  std::vector<std::string> written;
  /// What is no option, in its order.
  std::vector<std::string> arguments;
};

/// What the options say of the engine.
EngineOptions engine_options(const Options& options);
ConnectorOptions connector_options(const Options& options);
/// Options::spool, or the folder of a SQLite storage; else empty.
std::filesystem::path spool_folder(const Options& options);

/// Reads what follows the command's name. Throws Error(usage).
Options read_options(OptionSet set, std::span<const std::string> arguments);

/// The same options again, as the configuration file has them now. Throws Error(usage).
Options reread(const Options& options);

/// The options of a command as --help shows them.
std::string describe_options(OptionSet set);

}  // namespace freight::daemon
