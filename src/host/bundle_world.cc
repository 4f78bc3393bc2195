#include "host/bundle_world.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "host/signature.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/uses.h"

namespace tenon::host {

namespace {

using types::RootItem;

// The name of a type in `item` that native code has no value for; null if there is none.
const char* find_unsupported(const types::Types& types, const types::Item& item) {
  for (const types::TypeId id : types::mentioned_types(types, item)) {
    const auto& kind = types.types[id].kind;
    if (std::holds_alternative<types::Stream>(kind)) return "a stream";
    if (std::holds_alternative<types::Future>(kind)) return "a future";
    const auto* const primitive = std::get_if<types::Primitive>(&kind);
    if (primitive != nullptr && *primitive == types::Primitive::ErrorContext)
      return "an error-context";
  }
  return nullptr;
}

// Native code cannot call guests, so its world can import only types.
Diagnostics check_imports(const BundleWorldRequest& request, const types::ComponentType& type,
                          const types::Types& types) {
  Diagnostics problems;
  for (const RootItem& import : type.imports) {
    if (types::is_types_only(types, import.item) &&
        types::mentioned_resources(types, import.item).empty())
      continue;
    Diagnostic problem =
        make_diagnostic(Code::HostWitMismatch,
                        "the world of host '{}' imports `{}`, but native code cannot call guests",
                        request.host, import.name);
    problem.where.file = request.file;
    problem.hints.push_back(
        fmt::format("write `export {}` if the library provides it", import.name));
    problems.push_back(std::move(problem));
  }
  return problems;
}

class WantedReader final {
 public:
  WantedReader(const types::Types& types, const wit::WitPackage& package)
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

  WantedItems wanted;
  Diagnostics problems;

 private:
  void refuse(const WantedItem& item, std::string message, std::string_view hint) {
    Diagnostic problem = make_diagnostic(Code::HostWitMismatch, "{}", message);
    problem.where = item.where;
    if (problem.where.file.empty()) problem.where.file = package_.file;
    problem.hints.emplace_back(hint);
    problems.push_back(std::move(problem));
  }

  void add_function(const std::string& path, types::FunctionId function, WantedItem made) {
    if (types_.functions[function].is_async)
      refuse(made, fmt::format("`{}` is async, which host bundles do not support", path),
             "declare it as `func`; a call blocks only the thread of its caller");
    if (const char* const unsupported = find_unsupported(types_, function))
      refuse(made,
             fmt::format("`{}` uses {}, which host bundles do not support", path, unsupported),
             "pass a list, or a resource with a function that returns the next part");
    made.signature = hash_signature(types_, function);
    made.function = function;
    wanted.functions.push_back(std::move(made));
  }

  void add(const std::string& interface, const std::string& name, const types::Item& item) {
    WantedItem made{.interface = table_name(interface), .name = name};
    const std::string path = interface.empty() ? name : fmt::format("{}#{}", interface, name);
    if (const Location* const where = package_.find_position(path)) made.where = *where;
    if (const auto* const function = std::get_if<types::FunctionId>(&item)) {
      add_function(path, *function, std::move(made));
    } else if (const auto* const bound = std::get_if<types::TypeBound>(&item)) {
      const auto* const resource = std::get_if<types::ResourceId>(&bound->type);
      // A resource that another interface uses belongs to the interface that declares it.
      if (resource == nullptr || !seen_.insert(*resource).second) return;
      made.resource = *resource;
      wanted.resources.push_back(std::move(made));
    }
  }

  const types::Types& types_;
  const wit::WitPackage& package_;
  std::set<types::ResourceId> seen_;
};

}  // namespace

std::string table_name(std::string_view interface) {
  return std::string(interface.substr(0, interface.find('@')));
}

Result<BundleWorld> read_bundle_world(const wit::WitPackage& package, const types::Types& types,
                                      const BundleWorldRequest& request) {
  BundleWorld made;
  if (!request.world.empty() || !package.types.worlds.empty()) {
    TENON_TRY(const types::NamedWorld* world, wit::find_world(package, request.world));
    made.name = world->name;
    made.type = world->type;
  } else {
    for (const types::NamedInterface& interface : package.types.interfaces) {
      RootItem item;
      item.name = interface.name;
      item.item = interface.instance;
      made.type.exports.push_back(std::move(item));
    }
  }
  Diagnostics problems = check_imports(request, made.type, types);
  WantedReader reader(types, package);
  for (const RootItem& exported : made.type.exports) reader.add(exported);
  std::ranges::move(reader.problems, std::back_inserter(problems));
  if (!problems.empty()) return problems;
  made.wanted = std::move(reader.wanted);
  return made;
}

}  // namespace tenon::host
