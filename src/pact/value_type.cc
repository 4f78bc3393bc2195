#include "pact/value_type.h"

#include <memory>
#include <utility>

#include "packr/metadata.h"
#include "pact/package.h"
#include "support/try.h"
#include "value/type_graph.h"

namespace tenon::pact {

Result<packr::ValueType> read_value_type(Source source) {
  TENON_TRY(const std::unique_ptr<const Model> model, Model::open_value_type(std::move(source)));
  TENON_TRY(packr::PackageType type, describe_value_type(*model));
  // Metadata has types only in functions.
  packr::PackageTypes package;
  package.exports.push_back({"", "value", {{"value", std::move(type)}}, {}});
  types::Types types;
  packr::Metadata metadata = packr::make_metadata(package, types);
  const types::TypeId id = types.functions[metadata.exports.front().type].params.front().type;
  value::TypeGraph graph{std::move(types), {.types = metadata.names, .resources = {}}};
  return packr::ValueType{
      value::make_type(std::make_shared<const value::TypeGraph>(std::move(graph)), id),
      std::move(metadata.names)};
}

}  // namespace tenon::pact
