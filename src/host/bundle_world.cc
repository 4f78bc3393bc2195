#include "host/bundle_world.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>
#include <variant>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/try.h"
#include "types/hash_function.h"
#include "types/uses.h"

namespace tenon::host {

namespace {

using types::RootItem;
using types::TypeId;

// Native code has no values for error contexts.
bool uses_error_context(const types::Types& types, const types::Item& item) {
  return std::ranges::any_of(types::mentioned_types(types, item), [&](types::TypeId id) {
    const auto* const primitive = std::get_if<types::Primitive>(&types.types[id].kind);
    return primitive != nullptr && *primitive == types::Primitive::ErrorContext;
  });
}

// Native code cannot call guests, so the world of a bundle that provides exports can import only
// types.
Diagnostics check_imports(const BundleWorldRequest& request, const types::ComponentType& type,
                          const types::Types& types) {
  Diagnostics problems;
  for (const RootItem& import : type.imports) {
    if (types::is_value_types_only(types, import.item)) continue;
    Diagnostic problem =
        make_diagnostic(Code::HostWitMismatch,
                        "the world of host '{}' imports `{}`, but native code cannot call guests",
                        request.host, import.name);
    problem.where.file = request.file;
    problem.hints.push_back(
        fmt::format("write `export {}` if the library provides it", import.name));
    problem.hints.push_back(
        fmt::format("write {} if the library provides the imports of the world instead of its "
                    "exports",
                    request.offers_imports));
    problems.push_back(std::move(problem));
  }
  return problems;
}

// The type of a library that provides the imports of `world`, which is the world of a guest. The
// exports of the world are left out: guests provide them, and native code cannot call guests.
Result<types::ComponentType> export_imports(const BundleWorldRequest& request,
                                            const BundleWorld& world, const types::Types& types) {
  types::ComponentType provided;
  std::set<types::ResourceId> defined;
  for (const RootItem& import : world.type.imports) {
    if (types::is_value_types_only(types, import.item)) {
      provided.imports.push_back(import);
      continue;
    }
    provided.exports.push_back(import);
    for (const types::ResourceId resource : types::mentioned_resources(types, import.item))
      if (defined.insert(resource).second) provided.defined.push_back(resource);
  }
  if (!provided.exports.empty() || request.offers == WorldSide::Auto) return provided;
  Diagnostic problem =
      make_diagnostic(Code::HostWitMismatch,
                      "host '{}' is to provide the imports of its world, but {}", request.host,
                      world.name.empty() ? "its WIT has no world"
                                         : fmt::format("`{}` imports no functions", world.name));
  problem.where.file = request.file;
  problem.hints.push_back(fmt::format("remove {} to provide its exports", request.offers_imports));
  return problem;
}

// The world to propose to a bundle that names none: the first that exports something and imports only
// types, because native code cannot call guests; else the first that only imports, which is the world
// of its guests. Empty if the package has no such world.
std::string_view propose_world(const wit::WitPackage& package, const types::Types& types) {
  const auto needs_functions = [&](const types::NamedWorld& world) {
    return std::ranges::any_of(world.type.imports, [&](const RootItem& import) {
      return !types::is_value_types_only(types, import.item);
    });
  };
  const std::vector<types::NamedWorld>& worlds = package.types.worlds;
  auto match = std::ranges::find_if(worlds, [&](const types::NamedWorld& world) {
    return !world.type.exports.empty() && !needs_functions(world);
  });
  if (match == worlds.end())
    match = std::ranges::find_if(worlds, [&](const types::NamedWorld& world) {
      return world.type.exports.empty() && needs_functions(world);
    });
  return match == worlds.end() ? std::string_view() : std::string_view(match->name);
}

class RequiredItemReader final {
 public:
  RequiredItemReader(const types::Types& types, const wit::WitPackage& package)
      : types_(types), package_(package) {}

  // Adds the functions and resources of an export. Problems go to `problems`.
  void add(const RootItem& item) {
    if (const auto* const instance = std::get_if<types::InstanceId>(&item.item)) {
      for (const types::NamedItem& part : types_.instances[*instance].exports)
        add(item.name, part.name, part.item);
      return;
    }
    add("", item.name, item.item);
  }

  RequiredItems required;
  Diagnostics problems;

 private:
  void refuse(const RequiredItem& item, std::string message, std::string_view hint) {
    Diagnostic problem = make_diagnostic(Code::HostWitMismatch, "{}", message);
    problem.where = item.where;
    if (problem.where.file.empty()) problem.where.file = package_.file;
    problem.hints.emplace_back(hint);
    problems.push_back(std::move(problem));
  }

  void add_function(const std::string& path, types::FunctionId function,
                    RequiredItem required_item) {
    if (uses_error_context(types_, function))
      refuse(required_item,
             fmt::format("`{}` uses an error-context, which host bundles do not support", path),
             "describe errors by a string, a variant or a record");
    required_item.signature = types::hash_function(types_, function);
    required_item.function = function;
    required.functions.push_back(std::move(required_item));
  }

  void add(const std::string& interface, const std::string& name, const types::Item& item) {
    RequiredItem required_item{.interface = table_name(interface), .name = name};
    const std::string path = shown_name(interface, name);
    if (const Location* const where = package_.find_position(path)) required_item.where = *where;
    if (const auto* const function = std::get_if<types::FunctionId>(&item)) {
      add_function(path, *function, std::move(required_item));
    } else if (const auto* const bound = std::get_if<types::TypeBound>(&item)) {
      const auto* const resource = std::get_if<types::ResourceId>(&bound->type);
      // A resource that another interface uses belongs to the interface that declares it.
      if (resource == nullptr || !seen_.insert(*resource).second) return;
      required_item.resource = *resource;
      required.resources.push_back(std::move(required_item));
    }
  }

  const types::Types& types_;
  const wit::WitPackage& package_;
  std::set<types::ResourceId> seen_;
};

}  // namespace

std::string_view side_name(WorldSide side) {
  return side == WorldSide::Imports ? "imports" : "exports";
}

std::string print_world_flags(std::string_view world, WorldSide offers,
                              const WitFeatures& features) {
  std::string text;
  if (!world.empty()) text += fmt::format(" --world {}", world);
  if (offers != WorldSide::Auto) text += fmt::format(" --offers {}", side_name(offers));
  if (features.all)
    text += " --all-features";
  else if (!features.names.empty())
    text += fmt::format(" --features {}", fmt::join(features.names, ","));
  return text;
}

std::string table_name(std::string_view interface) {
  return std::string(interface.substr(0, interface.find('@')));
}

Result<BundleWorld> read_bundle_world(const wit::WitPackage& package, types::Types& types,
                                      const BundleWorldRequest& request) {
  BundleWorld world;
  if (!request.world.empty() || !package.types.worlds.empty()) {
    TENON_TRY(const types::NamedWorld* named,
              wit::find_world(package,
                              {.name = request.world, .proposed = propose_world(package, types)}));
    world.name = named->name;
    world.type = named->type;
  } else {
    world.type = types::export_interfaces(package.types.interfaces, types);
  }
  Diagnostics problems;
  if (request.offers == WorldSide::Imports ||
      (request.offers == WorldSide::Auto && world.type.exports.empty())) {
    TENON_TRY(world.type, export_imports(request, world, types));
  } else {
    problems = check_imports(request, world.type, types);
  }
  RequiredItemReader reader(types, package);
  for (const RootItem& exported : world.type.exports) reader.add(exported);
  std::ranges::move(reader.problems, std::back_inserter(problems));
  if (!problems.empty()) return problems;
  world.required = std::move(reader.required);
  return world;
}

}  // namespace tenon::host
