#include "freight/connector_registry.hpp"

#include <utility>

#include "freight/error.hpp"

namespace freight {
namespace {

struct SourceType {
  std::string operator()(const CsvSourceSpec&) const { return "csv"; }
  std::string operator()(const JsonlSourceSpec&) const { return "jsonl"; }
  std::string operator()(const JsonSourceSpec&) const { return "json"; }
  std::string operator()(const SqlSourceSpec&) const { return "sql"; }
  std::string operator()(const InlineSourceSpec&) const { return "inline"; }
  std::string operator()(const CustomConnectorSpec& custom) const { return custom.type; }
};

struct DestinationType {
  std::string operator()(const SqlDestinationSpec&) const { return "sql"; }
  std::string operator()(const NullDestinationSpec&) const { return "null"; }
  std::string operator()(const CsvDestinationSpec&) const { return "csv"; }
  std::string operator()(const JsonlDestinationSpec&) const { return "jsonl"; }
  std::string operator()(const CustomConnectorSpec& custom) const { return custom.type; }
};

template <typename Factories>
std::vector<std::string> types_of(const Factories& factories) {
  std::vector<std::string> types;
  types.reserve(factories.size());
  for (const auto& entry : factories) types.push_back(entry.first);
  return types;
}

template <typename Factories>
const auto& factory_of(const Factories& factories, const std::string& type,
                       const std::string& kind) {
  const auto found = factories.find(type);
  if (found != factories.end()) return found->second;
  std::string known;
  for (const auto& name : types_of(factories)) known += (known.empty() ? "" : ", ") + name;
  throw Error(Code::unsupported_connector, "there is no " + kind + " of type '" + type + "'",
              {.hint = "known types: " + known});
}

}  // namespace

void ConnectorRegistry::add_source(std::string type, SourceFactory factory) {
  sources_.insert_or_assign(std::move(type), std::move(factory));
}

void ConnectorRegistry::add_destination(std::string type, DestinationFactory factory) {
  destinations_.insert_or_assign(std::move(type), std::move(factory));
}

std::unique_ptr<Source> ConnectorRegistry::make_source(const ConnectorRequest& request) const {
  return factory_of(sources_, std::visit(SourceType{}, request.spec.source), "source")(request);
}

std::unique_ptr<Destination> ConnectorRegistry::make_destination(
    const ConnectorRequest& request) const {
  const auto type = std::visit(DestinationType{}, request.spec.destination);
  return factory_of(destinations_, type, "destination")(request);
}

void ConnectorRegistry::set_schema_factory(SchemaFactory factory) { schemas_ = std::move(factory); }

std::unique_ptr<SchemaConnection> ConnectorRegistry::open_schema(
    const ConnectorRequest& request, DatabaseUse use, std::function<void()> watch) const {
  if (schemas_) return schemas_(request, use, std::move(watch));
  throw Error(Code::unsupported_connector, "no databases are looked at here",
              {.hint = "give the registry a schema factory"});
}

std::vector<std::string> ConnectorRegistry::source_types() const { return types_of(sources_); }
std::vector<std::string> ConnectorRegistry::destination_types() const {
  return types_of(destinations_);
}

SpecResult parse_job_spec(std::string_view json, const ConnectorRegistry& connectors,
                          SpecOptions options) {
  options.custom_sources = connectors.source_types();
  options.custom_destinations = connectors.destination_types();
  return parse_job_spec(json, options);
}

}  // namespace freight
