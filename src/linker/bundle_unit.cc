#include "linker/bundle_unit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "host/c_library.h"
#include "host/library.h"
#include "host/search.h"
#include "host/signature.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/uses.h"
#include "wit/read_wit.h"

namespace tenon::linker {

namespace {

using host::ConfigKey;
using host::ConfigKind;
using types::RootItem;

template <class T>
bool is_number(std::string_view text) {
  T number = {};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool is_value(ConfigKind kind, const std::string& text) {
  switch (kind) {
    case ConfigKind::Text:
    case ConfigKind::Path:
      return text.find('\0') == std::string::npos;
    case ConfigKind::Integer:
      return is_number<std::int64_t>(text);
    case ConfigKind::Float:
      return is_number<double>(text);
    case ConfigKind::Flag:
      return text == "true" || text == "false";
  }
  return false;
}

// What the manifest of a bundle may ask for, and nothing does yet.
Diagnostics check_supported(const host::Manifest& manifest) {
  Diagnostics problems;
  const auto refuse = [&](std::string_view what) {
    Diagnostic problem =
        make_diagnostic(Code::HostLibrary, "host '{}' has {}, which this tenon does not support",
                        manifest.name, what);
    problem.where = manifest.library_where;
    problem.hints.emplace_back(
        "export `tenon_host_module_v1` from a library that needs none of it");
    problems.push_back(std::move(problem));
  };
  if (!manifest.env.empty()) refuse("`[host.env]`");
  return problems;
}

Diagnostic config_problem(const UnitRequest& request, std::string message) {
  Diagnostic problem = make_diagnostic(Code::HostConfig, "{}", message);
  if (request.where) problem.where = *request.where;
  problem.where.unit = request.name;
  return problem;
}

std::string list_keys(const host::Manifest& manifest) {
  std::string text;
  for (const ConfigKey& key : manifest.config)
    text +=
        fmt::format("{}`{}` ({})", text.empty() ? "" : ", ", key.name, host::kind_name(key.kind));
  return text.empty() ? "it takes none" : text;
}

Result<tenon_config> make_config(const UnitRequest& request, const HostConfig& given,
                                 const host::Manifest& manifest) {
  Diagnostics problems;
  tenon_config made;
  for (const auto& [name, text] : given) {
    const auto key = std::ranges::find(manifest.config, name, &ConfigKey::name);
    if (key == manifest.config.end()) {
      Diagnostic problem = config_problem(request, fmt::format("`{}` has no configuration `{}`",
                                                               request.name, sanitize_text(name)));
      std::vector<std::string> names;
      for (const ConfigKey& one : manifest.config) names.push_back(one.name);
      problem.notes.push_back({fmt::format("known keys: {}", list_keys(manifest)), {}, {}});
      problem.hints.push_back(suggest_name(name, std::move(names), "keys"));
      problems.push_back(std::move(problem));
    } else if (!is_value(key->kind, text)) {
      Diagnostic problem = config_problem(
          request, fmt::format("`{}` of `{}` is to be of type {}, and is `{}`", name, request.name,
                               host::kind_name(key->kind), sanitize_text(text)));
      problem.hints.push_back(fmt::format("write `{} = {}`", name, host::example_of(key->kind)));
      problems.push_back(std::move(problem));
    }
    made.values.emplace(name, text);
  }
  for (const ConfigKey& key : manifest.config) {
    if (made.values.contains(key.name)) continue;
    if (key.default_value) {
      made.values.emplace(key.name, *key.default_value);
    } else if (key.is_required) {
      Diagnostic problem = config_problem(
          request, fmt::format("`{}` needs the configuration `{}`", request.name, key.name));
      if (!key.help.empty())
        problem.notes.push_back(
            {fmt::format("`{}`: {}", key.name, sanitize_text(key.help)), {}, {}});
      problem.hints.push_back(
          fmt::format("give it: `{} = {}`", key.name, host::example_of(key.kind)));
      problems.push_back(std::move(problem));
    }
  }
  if (!problems.empty()) return problems;
  return made;
}

// What the bundle provides: the exports of its world; without one, every interface.
Result<types::ComponentType> read_exports(const host::Manifest& manifest,
                                          const wit::WitPackage& package) {
  types::ComponentType type;
  if (manifest.world || !package.types.worlds.empty()) {
    TENON_TRY(const types::NamedWorld* world,
              wit::find_world(package, manifest.world.value_or("")));
    type = world->type;
    return type;
  }
  for (const types::NamedInterface& interface : package.types.interfaces) {
    RootItem item;
    item.name = interface.name;
    item.item = interface.instance;
    type.exports.push_back(std::move(item));
  }
  return type;
}

// Native code calls nobody: what its world imports are types, or cannot be.
Diagnostics check_imports(const host::Manifest& manifest, const types::ComponentType& type,
                          const types::Types& types) {
  Diagnostics problems;
  for (const RootItem& import : type.imports) {
    if (types::is_types_only(types, import.item) &&
        types::mentioned_resources(types, import.item).empty())
      continue;
    Diagnostic problem =
        make_diagnostic(Code::HostWitMismatch,
                        "the world of host '{}' imports `{}`: native code cannot call guests",
                        manifest.name, import.name);
    problem.where.file = manifest.file;
    problem.hints.push_back(
        fmt::format("export `{}`, if that is what the library provides", import.name));
    problems.push_back(std::move(problem));
  }
  return problems;
}

class WantedReader final {
 public:
  WantedReader(const types::Types& types, const wit::WitPackage& package)
      : types_(types), package_(package) {}

  // Errors: of functions that native code cannot have.
  void add(const RootItem& item) {
    if (const auto* const instance = std::get_if<types::InstanceId>(&item.item)) {
      for (const types::NamedItem& part : types_.instances[*instance].exports)
        add(item.name, part.name, part.item);
      return;
    }
    add("", item.name, item.item);
  }

  host::WantedItems wanted;
  Diagnostics problems;

 private:
  void add(const std::string& interface, const std::string& name, const types::Item& item) {
    host::WantedItem made{.interface = table_name(interface), .name = name};
    const std::string path = interface.empty() ? name : fmt::format("{}#{}", interface, name);
    if (const Location* const where = package_.find_position(path)) made.where = *where;
    if (const auto* const function = std::get_if<types::FunctionId>(&item)) {
      if (types_.functions[*function].is_async) {
        Diagnostic problem = make_diagnostic(
            Code::HostWitMismatch, "`{}` is async, and functions of host bundles are not", path);
        problem.where = made.where;
        problem.hints.emplace_back("declare it as `func`: it blocks its caller's thread alone");
        problems.push_back(std::move(problem));
      }
      made.signature = host::hash_signature(types_, *function);
      made.function = *function;
      wanted.functions.push_back(std::move(made));
    } else if (const auto* const bound = std::get_if<types::TypeBound>(&item)) {
      const auto* const resource = std::get_if<types::ResourceId>(&bound->type);
      // One that is used in another interface is made in its own.
      if (resource != nullptr) made.resource = *resource;
      if (resource != nullptr && seen_.insert(*resource).second)
        wanted.resources.push_back(std::move(made));
    }
  }

  const types::Types& types_;
  const wit::WitPackage& package_;
  std::set<types::ResourceId> seen_;
};

// By its table, or as plain C.
Result<host::ModuleTable> bind_library(const std::string& unit, const Bundle& bundle,
                                       const host::Library& library) {
  const bool is_plain = bundle.manifest.abi == host::BundleAbi::PlainC;
  if (library.module() != nullptr && !is_plain)
    return host::ModuleTable::bind(unit, library.path(), bundle.wit, *library.module(),
                                   bundle.wanted);
  if (bundle.c_plan && *bundle.c_plan)
    return host::bind_c_library({.host = unit, .wit = bundle.wit}, library, **bundle.c_plan,
                                bundle.manifest);
  Diagnostic problem = make_diagnostic(
      Code::HostLibrary, "the library of `{}` does not export `tenon_host_module_v1`", unit);
  problem.where.file = library.path();
  problem.hints.emplace_back(
      "include <tenon/tenon_host.h> and define it with TENON_HOST_ENTRY; `nm -D` shows what it "
      "exports");
  Diagnostics problems{std::move(problem)};
  if (bundle.c_plan) std::ranges::copy(bundle.c_plan->error(), std::back_inserter(problems));
  return problems;
}

}  // namespace

std::string table_name(std::string_view interface) {
  return std::string(interface.substr(0, interface.find('@')));
}

Result<host::Manifest> find_manifest_of(const Request& all, const UnitRequest& request,
                                        const Files& files) {
  TENON_TRY(const std::string folder, host::find_bundle(files, request.path, all.host_folders));
  return host::read_bundle_manifest(files, folder, version());
}

Result<BundleUnit> read_bundle_unit(const Request& all, const UnitRequest& request,
                                    const Files& files, types::Types& types) {
  auto bundle = std::make_shared<Bundle>();
  TENON_TRY(bundle->manifest, find_manifest_of(all, request, files));
  const host::Manifest& manifest = bundle->manifest;
  if (!manifest.library) {
    Diagnostic problem = make_diagnostic(Code::HostLibrary, "host '{}' has no library for {}",
                                         manifest.name, host::platform_name());
    problem.where = manifest.library_where;
    problem.notes.push_back(
        {fmt::format("it has those for {}", fmt::join(manifest.platforms, ", ")), {}, {}});
    problem.hints.emplace_back("build it for this machine, and name it in `[host.lib]`");
    return problem;
  }
  if (Diagnostics problems = check_supported(manifest); !problems.empty()) return problems;
  const auto given = all.host_config.find(request.name);
  TENON_TRY(bundle->config,
            make_config(request, given == all.host_config.end() ? HostConfig() : given->second,
                        manifest));
  bundle->wit = join_path(manifest.folder, manifest.wit);
  TENON_TRY(const wit::WitPackage package, wit::read_wit(files, bundle->wit, types));
  BundleUnit made;
  TENON_TRY(made.unit.type, read_exports(manifest, package));
  Diagnostics problems = check_imports(manifest, made.unit.type, types);
  made.unit.type.imports.clear();
  WantedReader reader(types, package);
  for (const RootItem& exported : made.unit.type.exports) reader.add(exported);
  std::ranges::move(reader.problems, std::back_inserter(problems));
  if (!problems.empty()) return problems;
  bundle->wanted = std::move(reader.wanted);
  if (manifest.abi != host::BundleAbi::Table)
    bundle->c_plan = host::plan_c_library(manifest, bundle->wanted, types, bundle->wit);
  if (manifest.abi == host::BundleAbi::PlainC && !*bundle->c_plan) return bundle->c_plan->error();
  if (!manifest.version.empty()) made.unit.version = manifest.version;
  made.bundle = std::move(bundle);
  return made;
}

Diagnostics check_host_config(const Request& request) {
  Diagnostics problems;
  std::vector<std::string> hosts;
  for (const UnitRequest& unit : request.units)
    if (unit.kind == UnitKind::HostBundle) hosts.push_back(unit.name);
  for (const auto& [name, config] : request.host_config) {
    if (std::ranges::find(hosts, name) != hosts.end()) continue;
    Diagnostic problem = make_diagnostic(Code::HostConfig, "`{}.{}` configures no host bundle",
                                         sanitize_text(name), sanitize_text(config.begin()->first));
    problem.where.item = fmt::format("{}.{}", name, config.begin()->first);
    if (hosts.empty())
      problem.hints.emplace_back("add the bundle: `--host-bundle DIR`, or `add_host_bundle`");
    else
      problem.hints.push_back(suggest_name(name, hosts, "host bundles"));
    problems.push_back(std::move(problem));
  }
  return problems;
}

Result<std::shared_ptr<host::HostInstance>> HostInstances::get(const std::string& unit,
                                                               const Bundle& bundle) {
  if (const auto found = made_.find(unit); found != made_.end()) return found->second;
  const host::LibraryFile& file = *bundle.manifest.library;
  const std::string& folder = bundle.manifest.folder;
  const std::string path =
      file.place == host::LibraryPlace::System ? file.path : join_path(folder, file.path);
  TENON_TRY(auto library, host::Library::load({.host = unit,
                                               .path = path,
                                               .place = file.place,
                                               .root = folder,
                                               .sha256 = file.sha256,
                                               .pin_where = bundle.manifest.library_where}));
  TENON_TRY(host::ModuleTable table, bind_library(unit, bundle, *library));
  TENON_TRY(auto made,
            host::HostInstance::create(unit, std::move(library), std::move(table), bundle.config));
  made_.emplace(unit, made);
  return made;
}

}  // namespace tenon::linker
