#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "freight/connector_request.hpp"
#include "freight/database_schema.hpp"
#include "freight/destination.hpp"
#include "freight/source.hpp"

namespace freight {

/// @addtogroup connectors
/// @{

/// Which of a job's two databases, and for what.
enum class DatabaseUse : std::uint8_t {
  source,
  look_at_destination,  ///< nothing is to be made
  destination,
};

/// Makes connectors by the `type` of a spec. A value: a program adds its own types to a copy of the
/// defaults. Factories may throw Error. Const calls are thread-safe.
class ConnectorRegistry {
 public:
  /// Makes a source for a request of whose spec the source has the registered type.
  using SourceFactory = std::function<std::unique_ptr<Source>(const ConnectorRequest&)>;
  /// As SourceFactory, for the destination.
  using DestinationFactory = std::function<std::unique_ptr<Destination>(const ConnectorRequest&)>;

  /// Registers a type of sources; replaces an earlier one of that type. Not to be called while
  /// another thread makes connectors of this registry.
  void add_source(std::string type, SourceFactory factory);
  /// As add_source().
  void add_destination(std::string type, DestinationFactory factory);

  /// Throws Error(unsupported_connector) for an unknown type.
  std::unique_ptr<Source> make_source(const ConnectorRequest& request) const;
  /// As make_source().
  std::unique_ptr<Destination> make_destination(const ConnectorRequest& request) const;

  /// Opens the database of an SQL source or destination, to look at its tables and to make some.
  /// `watch` is called while a server is waited for, and throws to give up. nullptr for a
  /// destination that is only looked at and is not there yet.
  using SchemaFactory = std::function<std::unique_ptr<SchemaConnection>(
      const ConnectorRequest&, DatabaseUse, std::function<void()> watch)>;
  /// Replaces an earlier one. As add_source().
  void set_schema_factory(SchemaFactory factory);
  /// Throws Error(unsupported_connector) when there is no factory, and as open_schema_connection().
  std::unique_ptr<SchemaConnection> open_schema(const ConnectorRequest& request, DatabaseUse use,
                                                std::function<void()> watch = {}) const;

  /// The registered types, in alphabetical order; for SpecOptions::custom_sources.
  std::vector<std::string> source_types() const;
  /// As source_types(), for SpecOptions::custom_destinations.
  std::vector<std::string> destination_types() const;

 private:
  std::map<std::string, SourceFactory, std::less<>> sources_;
  std::map<std::string, DestinationFactory, std::less<>> destinations_;
  SchemaFactory schemas_;
};

/// What the connectors of a registry share.
struct ConnectorOptions {
  /// Connections to one database of a server at a time, over all jobs of the registry and its
  /// copies; who needs one more waits. 0: one for each worker that an engine has by default, and
  /// two.
  std::size_t connections = 0;
  /// The folder in which the texts of compressed sources and of standard input are laid out while
  /// they are read; the files have no names and go with their readers. Empty: TMPDIR, or /var/tmp.
  std::filesystem::path spool = {};
  /// Asked of each file of a source before it is opened; throws Error to refuse. Thread-safe.
  /// Empty: any file may be read.
  std::function<void(const std::filesystem::path&)> allow_file = {};
};

/// The connectors that this build of Freight has: csv, jsonl, json, inline, null, and sql with the
/// backends that were built in. In the umbrella library Freight::freight.
ConnectorRegistry default_connectors(const ConnectorOptions& options = {});

/// Reads and checks a spec whose source and destination may be of any type that `connectors` holds
/// (SpecOptions::custom_sources and custom_destinations are set by it). Otherwise as
/// parse_job_spec() of two arguments.
SpecResult parse_job_spec(std::string_view json, const ConnectorRegistry& connectors,
                          SpecOptions options = {});

/// @}

}  // namespace freight
