#include "linker/bundle_unit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "host/bundle_world.h"
#include "host/library.h"
#include "host/process_env.h"
#include "host/search.h"
#include "linker/bundle_config.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "wit/read_wit.h"

namespace tenon::linker {

namespace {

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
  TENON_TRY(host::BundleWorld world, host::read_bundle_world(package, types,
                                                             {.host = manifest.name,
                                                              .world = manifest.world.value_or(""),
                                                              .file = manifest.file}));
  made.type = std::move(world.type);
  made.type.imports.clear();
  made.wanted = std::move(world.wanted);
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
