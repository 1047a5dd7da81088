#include "tenant_connectors.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "blobs.hpp"
#include "connections.hpp"
#include "freight/error.hpp"
#include "reach.hpp"

namespace freight::daemon {
namespace {

/// What is made with the first use of it; when that fails, with the next. Thread-safe.
template <typename Made>
class Later {
 public:
  explicit Later(std::function<std::unique_ptr<Made>()> make) : make_(std::move(make)) {}

  Made& get() {
    const std::lock_guard lock(mutex_);
    if (!made_) made_ = make_();
    return *made_;
  }

 private:
  std::function<std::unique_ptr<Made>()> make_;
  std::mutex mutex_;
  std::unique_ptr<Made> made_;
};

/// A source that is made with the first use of it: making it may fetch a file or ask a name
/// service, which is nothing to be done while a job is submitted.
class SourceMadeLater final : public Source {
 public:
  /// `folder`: where uploads are, which is none of the tenants' business; may be empty.
  SourceMadeLater(std::string folder, std::function<std::unique_ptr<Source>()> make)
      : folder_(std::move(folder)), source_(std::move(make)) {}

  SourceDescription describe(ConnectorContext& context) override {
    return discreetly([&] { return source_.get().describe(context); });
  }
  std::string fingerprint(ConnectorContext& context) override {
    return discreetly([&] { return source_.get().fingerprint(context); });
  }
  PlanChunk plan(std::string_view position, const PlanLimits& limits,
                 ConnectorContext& context) override {
    return discreetly([&] { return source_.get().plan(position, limits, context); });
  }
  void read(const BatchRange& range, RecordBatch& batch, ConnectorContext& context) override {
    discreetly([&] { source_.get().read(range, batch, context); });
  }
  void use_fields(std::vector<std::string> fields) override {
    discreetly([&] { source_.get().use_fields(std::move(fields)); });
  }
  void decode(std::span<const RawRecord> records, RecordBatch& batch,
              ConnectorContext& context) override {
    discreetly([&] { source_.get().decode(records, batch, context); });
  }
  std::optional<std::uint64_t> count(ConnectorContext& context) override {
    return discreetly([&] { return source_.get().count(context); });
  }

 private:
  template <typename Work>
  std::invoke_result_t<Work&> discreetly(Work&& work) {
    try {
      return work();
    } catch (const Error& error) {
      throw without_folder(error, folder_);
    }
  }

  std::string folder_;
  Later<Source> source_;
};

/// A destination that could not be made when the job was submitted, because no name service knew
/// its host: whether that lasts is for the job's retries to find out. Says of itself what it would.
class DestinationMadeLater final : public Destination {
 public:
  DestinationMadeLater(DestinationTraits traits, std::function<std::unique_ptr<Destination>()> make)
      : traits_(traits), destination_(std::move(make)) {}

  DestinationTraits traits() const override { return traits_; }
  PrepareResult prepare(const PrepareRequest& request, ConnectorContext& context) override {
    return destination_.get().prepare(request, context);
  }
  WriteResult write(const WriteRequest& request, ConnectorContext& context) override {
    return destination_.get().write(request, context);
  }
  std::optional<std::uint64_t> count(bool allow_expensive, ConnectorContext& context) override {
    return destination_.get().count(allow_expensive, context);
  }
  std::optional<std::uint64_t> ledger_rows(ConnectorContext& context) override {
    return destination_.get().ledger_rows(context);
  }
  FinishResult finish(ConnectorContext& context) override {
    return destination_.get().finish(context);
  }
  void abandon(ConnectorContext& context) override { destination_.get().abandon(context); }

 private:
  DestinationTraits traits_;
  Later<Destination> destination_;
};

/// So that libpq does not offer the server's own credentials, from its environment and home folder,
/// to a host that a tenant names.
void keep_own_credentials(std::string& url) {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) return;
  const auto credentials = url.find("://") + 3;
  const auto end = url.find_first_of("@/", credentials);
  const bool named = end != std::string::npos && url[end] == '@';
  const bool has_password = named && url.find(':', credentials) < end;
  url += url.find('?') == std::string::npos ? '?' : '&';
  url += "passfile=/nonexistent&sslcert=/nonexistent&gssencmode=disable";
  if (!has_password) url += "&password=";
}

/// A migration's tables are known only when it is planned.
void refuse_storage(const Storage& storage, const std::string& url, const std::string& table) {
  if (!storage.holds(url, table)) return;
  throw Error(Code::destination_is_storage,
              "the destination table " + table + " is one of Freight's own storage",
              {.hint = "choose another table or another database"});
}

template <typename FileSource>
void resolve_upload(JobSpec& spec, Blobs& blobs) {
  auto& source = std::get<FileSource>(spec.source);
  const auto id = UploadId::parse(source.upload);
  if (!id) throw Error(Code::source_not_found, "'" + source.upload + "' is no upload");
  source.path = blobs.file_of(*id);
}

}  // namespace

ConnectorRegistry tenant_connectors(const Storage& storage, Blobs& blobs, Connections& connections,
                                    const Reach& reach, const ConnectorOptions& options) {
  const std::string folder = (blobs.place() / "").string();
  ConnectorOptions own = options;
  // Looked at again when it is opened: what a name leads to may have changed since.
  own.allow_file = [&reach, folder](const std::filesystem::path& file) {
    if (file.string().starts_with(folder)) return;
    try {
      reach.check_path(file);
    } catch (const NotAllowed& refused) {
      throw Error(Code::not_allowed, "The source " + file.string() + ' ' + refused.detail);
    }
  };
  // Shared, because the makers outlive this call.
  const auto plain = std::make_shared<const ConnectorRegistry>(default_connectors(own));
  ConnectorRegistry registry = *plain;

  const auto later = [plain, folder](const ConnectorRequest& request, auto resolve) {
    return std::make_unique<SourceMadeLater>(
        folder, [plain, own = request.spec, tenant = request.tenant_id, job = request.job_id,
                 resolve]() mutable {
          resolve(own);
          return plain->make_source({.spec = own, .tenant_id = tenant, .job_id = job});
        });
  };
  const auto of_file = [plain, later, &blobs]<typename Spec>(std::type_identity<Spec>) {
    return [plain, later, &blobs](const ConnectorRequest& request) -> std::unique_ptr<Source> {
      if (std::get<Spec>(request.spec.source).upload.empty()) return plain->make_source(request);
      return later(request, [&blobs](JobSpec& own) { resolve_upload<Spec>(own, blobs); });
    };
  };
  registry.add_source("csv", of_file(std::type_identity<CsvSourceSpec>()));
  registry.add_source("jsonl", of_file(std::type_identity<JsonlSourceSpec>()));
  registry.add_source("json", of_file(std::type_identity<JsonSourceSpec>()));
  registry.add_source(
      "sql",
      [plain, later, &connections](const ConnectorRequest& request) -> std::unique_ptr<Source> {
        return later(request, [&connections, tenant_id = request.tenant_id](JobSpec& own) {
          auto& source = std::get<SqlSourceSpec>(own.source);
          if (!source.connection.empty())
            source.url = connections.url_of(tenant_id, source.connection);
          keep_own_credentials(source.url);
        });
      });
  registry.add_destination(
      "sql",
      [plain, &storage,
       &connections](const ConnectorRequest& request) -> std::unique_ptr<Destination> {
        const auto tenant_id = request.tenant_id;
        const auto make = [plain, tenant_id, spec = request.spec,
                           job_id = request.job_id](std::string url) {
          JobSpec own = spec;
          keep_own_credentials(url);
          std::get<SqlDestinationSpec>(own.destination).url = std::move(url);
          return plain->make_destination({.spec = own, .tenant_id = tenant_id, .job_id = job_id});
        };
        const auto& destination = std::get<SqlDestinationSpec>(request.spec.destination);
        if (destination.connection.empty()) return make(destination.url);
        refuse_storage(storage, connections.plain_url_of(tenant_id, destination.connection),
                       destination.table);
        const auto url_of = [&connections, tenant_id, name = destination.connection] {
          return connections.url_of(tenant_id, name);
        };
        try {
          return make(url_of());
        } catch (const Error& error) {
          if (error.code() != Code::destination_unavailable) throw;
        }
        const auto named = connections.plain_url_of(tenant_id, destination.connection);
        return std::make_unique<DestinationMadeLater>(make(named)->traits(),
                                                      [make, url_of] { return make(url_of()); });
      });
  registry.set_schema_factory([plain, &connections](const ConnectorRequest& request,
                                                    DatabaseUse use, std::function<void()> watch) {
    JobSpec own = request.spec;
    const auto resolve = [&](std::string& url, const std::string& connection) {
      if (!connection.empty()) url = connections.url_of(request.tenant_id, connection);
      keep_own_credentials(url);
    };
    if (auto* const source = std::get_if<SqlSourceSpec>(&own.source)) {
      resolve(source->url, source->connection);
    }
    if (auto* const destination = std::get_if<SqlDestinationSpec>(&own.destination)) {
      resolve(destination->url, destination->connection);
    }
    return plain->open_schema({.spec = own, .tenant_id = request.tenant_id}, use, std::move(watch));
  });
  return registry;
}

}  // namespace freight::daemon
