#include "linker/bundle_unit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <variant>

#include "host/library.h"
#include "host/process_env.h"
#include "host/search.h"
#include "host/signature.h"
#include "linker/bundle_config.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/uses.h"
#include "wit/read_wit.h"

namespace tenon::linker {

namespace {

using types::RootItem;

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
  if (manifest.abi == host::BundleAbi::PlainC) refuse("`abi = \"c\"`");
  if (!manifest.functions.empty()) refuse("`[[function]]`");
  return problems;
}

Result<void> check_native(const HostSettings& settings, const UnitRequest& request) {
  if (!settings.forbid_native) return {};
  Diagnostic problem = make_diagnostic(
      Code::HostForbidden, "`{}` is native code, and native code is forbidden", request.name);
  if (request.where) problem.where = *request.where;
  problem.hints.emplace_back(
      "allow it: without `--no-native` and TENON_NO_NATIVE, without `forbid_native()` in a "
      "program");
  return problem;
}

}  // namespace

Result<host::LibraryWishes> wish_library(const HostSettings& settings, const UnitRequest& request,
                                         const host::Manifest& manifest) {
  if (!manifest.library) {
    Diagnostic problem = make_diagnostic(Code::HostLibrary, "host '{}' has no library for {}",
                                         manifest.name, host::platform_name());
    problem.where = manifest.library_where;
    problem.notes.push_back(
        {fmt::format("it has those for {}", fmt::join(manifest.platforms, ", ")), {}, {}});
    problem.hints.emplace_back("build it for this machine, and name it in `[host.lib]`");
    return problem;
  }
  host::LibraryWishes wishes;
  wishes.host = request.name;
  wishes.path = join_path(manifest.folder, manifest.library->path);
  const host::HostEntry* const entry = request.host.get();
  // What a user names by its path may lie anywhere.
  if (entry == nullptr || entry->library.empty()) wishes.root = manifest.folder;
  if (manifest.library->sha256)
    wishes.pins.push_back({*manifest.library->sha256, manifest.library_where});
  if (entry != nullptr && entry->sha256) wishes.pins.push_back({*entry->sha256, entry->pin_where});
  const auto locked = settings.locked.find(request.name);
  if (locked != settings.locked.end()) wishes.pins.push_back(locked->second);
  wishes.trusted = settings.trusted;
  const bool is_pinned = (entry != nullptr && entry->sha256) || locked != settings.locked.end();
  if (!settings.require_pins || is_pinned) return wishes;
  Diagnostic problem = make_diagnostic(
      Code::HostPin, "the library of `{}` is not pinned, and pins are required", request.name);
  problem.where.file = wishes.path;
  if (request.where) problem.where = *request.where;
  const Result<std::string> digest = host::digest_library(wishes);
  problem.hints.push_back(
      digest ? fmt::format("if you mean that file, write `sha256 = \"{}\"` in its entry of a "
                           "hosts.toml; or `tenon plan --lock`, then `--locked`",
                           *digest)
             : "write its `sha256` in its entry of a hosts.toml");
  return problem;
}

namespace {

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
      wanted.functions.push_back(std::move(made));
    } else if (const auto* const bound = std::get_if<types::TypeBound>(&item)) {
      const auto* const resource = std::get_if<types::ResourceId>(&bound->type);
      // One that is used in another interface is made in its own.
      if (resource != nullptr && seen_.insert(*resource).second)
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

Result<host::Manifest> find_manifest_of(const HostSettings& settings, const UnitRequest& request,
                                        const Files& files) {
  const host::HostEntry* const entry = request.host.get();
  if (entry != nullptr && entry->bundle.empty()) return host::make_bundle_manifest(*entry);
  std::vector<std::string> folders;
  if (entry != nullptr) folders = entry->folders;
  folders.insert(folders.end(), settings.folders.begin(), settings.folders.end());
  TENON_TRY(const std::string folder, host::find_bundle(files, request.path, folders));
  return host::read_bundle_manifest(files, folder, version());
}

Result<BundleWit> read_bundle_wit(const host::Manifest& manifest, const Files& files,
                                  types::Types& types) {
  BundleWit made;
  made.path = join_path(manifest.folder, manifest.wit);
  TENON_TRY(const wit::WitPackage package, wit::read_wit(files, made.path, types));
  TENON_TRY(made.type, read_exports(manifest, package));
  Diagnostics problems = check_imports(manifest, made.type, types);
  made.type.imports.clear();
  WantedReader reader(types, package);
  for (const RootItem& exported : made.type.exports) reader.add(exported);
  std::ranges::move(reader.problems, std::back_inserter(problems));
  if (!problems.empty()) return problems;
  made.wanted = std::move(reader.wanted);
  return made;
}

Result<BundleUnit> read_bundle_unit(const HostSettings& settings, const UnitRequest& request,
                                    const Files& files, types::Types& types) {
  TENON_TRY_VOID(check_native(settings, request));
  auto bundle = std::make_shared<Bundle>();
  TENON_TRY(bundle->manifest, find_manifest_of(settings, request, files));
  const host::Manifest& manifest = bundle->manifest;
  TENON_TRY(bundle->library, wish_library(settings, request, manifest));
  if (Diagnostics problems = check_supported(manifest); !problems.empty()) return problems;
  TENON_TRY(bundle->config, make_bundle_config(request, settings, manifest));
  TENON_TRY(BundleWit wit, read_bundle_wit(manifest, files, types));
  bundle->wit = std::move(wit.path);
  bundle->wanted = std::move(wit.wanted);
  BundleUnit made;
  made.unit.type = std::move(wit.type);
  if (!manifest.version.empty()) made.unit.version = manifest.version;
  made.bundle = std::move(bundle);
  return made;
}

Result<BoundLibrary> bind_library(const std::string& host, const host::LibraryWishes& wishes,
                                  const std::string& wit, const host::WantedItems& wanted) {
  BoundLibrary made;
  TENON_TRY(made.library, host::Library::load(wishes));
  if (made.library->module() == nullptr) {
    Diagnostic problem = make_diagnostic(
        Code::HostLibrary, "the library of `{}` does not export `tenon_host_module_v1`", host);
    problem.where.file = wishes.path;
    problem.hints.emplace_back(
        "include <tenon/tenon_host.h> and define it with TENON_HOST_ENTRY; `nm -D` shows what it "
        "exports");
    return problem;
  }
  TENON_TRY(made.table,
            host::ModuleTable::bind(host, wishes.path, wit, *made.library->module(), wanted));
  return made;
}

Result<std::shared_ptr<host::HostInstance>> HostInstances::get(const std::string& unit,
                                                               const Bundle& bundle) {
  if (const auto found = made_.find(unit); found != made_.end()) return found->second;
  TENON_TRY_VOID(host::set_process_env(unit, bundle.manifest, bundle.config));
  TENON_TRY(BoundLibrary bound, bind_library(unit, bundle.library, bundle.wit, bundle.wanted));
  TENON_TRY(auto made, host::HostInstance::create(unit, std::move(bound.library),
                                                  std::move(bound.table), bundle.config));
  made_.emplace(unit, made);
  return made;
}

}  // namespace tenon::linker
