#include "host/bundle_unit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <ranges>
#include <utility>

#include "host/bundle_world.h"
#include "host/c_library.h"
#include "host/library.h"
#include "host/manifest.h"
#include "resolve/name_pattern.h"
#include "support/diagnostics.h"
#include "support/safe_path.h"
#include "support/semver.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/interface_name.h"
#include "wit/read_wit.h"

namespace tenon::host {

Result<void> check_native(const HostSettings& settings, const BundleRequest& request) {
  const bool is_of_program = request.entry != nullptr && request.entry->linked;
  if (!settings.forbid_native || is_of_program) return {};
  Diagnostic problem = make_diagnostic(
      Code::HostForbidden, "`{}` is a host bundle, and native code is forbidden", request.name);
  if (request.where) problem.where = *request.where;
  problem.hints.emplace_back(
      "allow it, without TENON_NO_NATIVE in the environment and without",
      HintWays{.program = "`forbid_native()`", .command = "--no-native", .manifest = {}});
  return problem;
}

LibraryRequest describe_library(const HostSettings& settings, const BundleRequest& request,
                                const Manifest& manifest) {
  const HostEntry* const entry = request.entry.get();
  LibraryRequest library;
  library.host = request.name;
  library.place = manifest.library->place;
  library.path = library.place == LibraryPlace::System
                     ? manifest.library->path
                     : join_path(manifest.folder, manifest.library->path);
  // A library that the user names by a path can be anywhere.
  if (entry == nullptr || entry->library.empty()) library.root = manifest.folder;
  const auto pin_needed = [&](const auto& needed, const Location& where) {
    for (const auto& [name, digest] : needed) library.needed_pins[name].push_back({digest, where});
  };
  if (manifest.library->sha256)
    library.pins.push_back({*manifest.library->sha256, manifest.library_where});
  pin_needed(manifest.library->needed, manifest.library_where);
  if (entry != nullptr) {
    if (entry->sha256) library.pins.push_back({*entry->sha256, entry->pin_where});
    pin_needed(entry->needed, entry->pin_where);
  }
  const auto locked = settings.locked.find(request.name);
  if (locked != settings.locked.end()) {
    library.pins.push_back(locked->second.pin);
    pin_needed(locked->second.needed, locked->second.pin.where);
  }
  library.require_needed_pins = settings.require_pins;
  library.trusted = settings.trusted;
  return library;
}

Result<LibraryRequest> request_library(const HostSettings& settings, const BundleRequest& request,
                                       const Manifest& manifest) {
  const HostEntry* const entry = request.entry.get();
  if (entry != nullptr && entry->linked)
    return LibraryRequest{
        .host = request.name, .path = "<the program>", .module = entry->linked->module};
  if (!manifest.library) {
    Diagnostic problem = make_diagnostic(Code::HostLibrary, "host '{}' has no library for {}",
                                         manifest.name, platform_name());
    problem.where = manifest.library_where;
    problem.notes.push_back({fmt::format("it has libraries for {}",
                                         fmt::join(std::views::keys(manifest.platforms), ", ")),
                             {},
                             {}});
    problem.hints.emplace_back("build the library for this machine, and list it in `[host.lib]`");
    return problem;
  }
  LibraryRequest library = describe_library(settings, request, manifest);
  const bool is_pinned =
      (entry != nullptr && entry->sha256) || settings.locked.contains(request.name);
  if (!settings.require_pins || is_pinned) return library;
  Diagnostic problem = make_diagnostic(
      Code::HostPin, "the library of `{}` is not pinned, and pins are required", request.name);
  problem.where.file = library.path;
  if (request.where) problem.where = *request.where;
  const Result<LibraryDigests> digests = digest_library(library);
  problem.hints.push_back(
      digests ? fmt::format("if you mean that file, write `sha256 = \"{}\"` in its entry of a "
                            "hosts.toml",
                            digests->sha256)
              : "write its `sha256` in its entry of a hosts.toml");
  if (digests) problem.hints.push_back(hint_at_lock());
  return problem;
}

Result<Manifest> find_manifest_of(const HostSettings& settings, const BundleRequest& request,
                                  const Files& files) {
  const HostEntry* const entry = request.entry.get();
  if (entry != nullptr && entry->linked && entry->bundle.empty()) {
    TENON_TRY(Manifest manifest,
              parse_bundle_manifest(entry->linked->manifest,
                                    fmt::format("<host.toml of {}>", entry->name), version()));
    manifest.wit_text = entry->linked->wit;
    return manifest;
  }
  if (entry != nullptr && entry->bundle.empty()) return make_bundle_manifest(*entry);
  std::vector<std::string> folders;
  if (entry != nullptr) folders = entry->folders;
  folders.insert(folders.end(), settings.folders.begin(), settings.folders.end());
  TENON_TRY(const std::string folder, find_bundle(files, request.path, folders));
  return read_bundle_manifest(files, folder, version());
}

namespace {

// WIT of a bundle stays in it, as its library does. What a hosts.toml names by its path may lie
// anywhere.
Result<void> check_wit_place(const Manifest& manifest, const std::vector<std::string>& wit_files) {
  if (manifest.takes_any_config) return {};
  const std::string root = real_path(manifest.folder.empty() ? "." : manifest.folder);
  for (const std::string& file : wit_files) {
    const std::string real = real_path(file);
    if (root.empty() || real.empty() || is_in_folder(real, root)) continue;
    Diagnostic problem =
        make_diagnostic(Code::ReadFile, "`{}` leads to `{}`, outside the bundle", file, real);
    problem.where.file = file;
    problem.hints.emplace_back("put the file itself into the bundle instead of a link");
    return problem;
  }
  return {};
}

}  // namespace

Result<ReadBundle> read_bundle(Manifest manifest, const Files& files, types::Types& types) {
  ReadBundle read;
  Bundle& bundle = read.bundle;
  bundle.wit = manifest.wit_text ? fmt::format("<WIT of {}>", manifest.name)
                                 : join_path(manifest.folder, manifest.wit);
  if (!manifest.wit_text) {
    TENON_TRY(read.wit_files, wit::find_wit_files(files, bundle.wit));
    TENON_TRY_VOID(check_wit_place(manifest, read.wit_files));
  }
  const wit::WitOptions options = {
      .world = manifest.world.value_or(""),
      .features = manifest.features,
      .set_by = manifest.takes_any_config ? wit::SetBy::HostEntry : wit::SetBy::HostToml};
  TENON_TRY(const wit::WitPackage package,
            manifest.wit_text ? wit::read_wit_text(bundle.wit, *manifest.wit_text, options, types)
                              : wit::read_wit(files, bundle.wit, NamedBy::File, options, types));
  // Without a host.toml, an entry of a hosts.toml describes the bundle.
  const std::string_view offers_imports = manifest.takes_any_config
                                              ? "`offers = \"imports\"` in the entry of the host"
                                              : "`offers = \"imports\"` in `[host]`";
  TENON_TRY(BundleWorld world, read_bundle_world(package, types,
                                                 {.host = manifest.name,
                                                  .world = options.world,
                                                  .offers = manifest.offers,
                                                  .file = manifest.file,
                                                  .offers_imports = offers_imports}));
  read.notes = wit::make_notes(package, package.types.find_world(world.name));
  read.type = std::move(world.type);
  read.type.imports.clear();
  bundle.required = std::move(world.required);
  if (manifest.abi != BundleAbi::Table)
    bundle.c_plan = plan_c_library(
        manifest, bundle.required, types,
        bundle.wit + print_world_flags(options.world, manifest.offers, options.features));
  if (manifest.abi == BundleAbi::PlainC && !*bundle.c_plan) return bundle.c_plan->error();
  bundle.manifest = std::move(manifest);
  return read;
}

std::vector<std::string> list_description(const ReadBundle& read) {
  std::vector<std::string> files = read.wit_files;
  if (!read.bundle.manifest.takes_any_config) files.push_back(read.bundle.manifest.file);
  return files;
}

namespace {

// The process of a bundle; null: this one. Errors: host-config.
Result<std::shared_ptr<const BundleProcess>> find_process(const HostSettings& settings,
                                                          const BundleRequest& request) {
  std::optional<HostProcess> process;
  if (request.entry != nullptr) process = request.entry->process;
  const auto set = settings.processes.find(request.name);
  if (set != settings.processes.end()) process = set->second;
  if (!process) return std::shared_ptr<const BundleProcess>();
  if (process->descriptors.value_or(kLeastDescriptors) < kLeastDescriptors) {
    Diagnostic problem = make_diagnostic(
        Code::HostConfig, "`{}` cannot run in a process with {} descriptors: it needs at least {}",
        request.name, *process->descriptors, kLeastDescriptors);
    problem.where.unit = request.name;
    return problem;
  }
  if (request.entry == nullptr || !request.entry->linked)
    return std::make_shared<const BundleProcess>(BundleProcess{*process, settings.process_program});
  Diagnostic problem = make_diagnostic(
      Code::HostConfig,
      "`{}` cannot run in a process of its own: its code is linked into the program", request.name);
  problem.where.unit = request.name;
  problem.hints.emplace_back("add the bundle with a library: `add_host_bundle`");
  return problem;
}

}  // namespace

Result<BundleUnit> read_bundle_unit(const HostSettings& settings, const BundleRequest& request,
                                    const Files& files, types::Types& types) {
  TENON_TRY_VOID(check_native(settings, request));
  TENON_TRY(Manifest manifest, find_manifest_of(settings, request, files));
  TENON_TRY(LibraryRequest library, request_library(settings, request, manifest));
  TENON_TRY(tenon_config config, make_bundle_config(request, settings, manifest));
  TENON_TRY(ReadBundle read, read_bundle(std::move(manifest), files, types));
  if (library.module == nullptr) library.described_by = list_description(read);
  read.bundle.library = std::move(library);
  read.bundle.config = std::move(config);
  TENON_TRY(read.bundle.process, find_process(settings, request));
  BundleUnit bundle_unit;
  bundle_unit.unit.type = std::move(read.type);
  if (!read.bundle.manifest.version.empty())
    bundle_unit.unit.version = read.bundle.manifest.version;
  if (read.bundle.process != nullptr)
    bundle_unit.unit.process =
        std::shared_ptr<const HostProcess>(read.bundle.process, &read.bundle.process->settings);
  bundle_unit.notes = std::move(read.notes);
  bundle_unit.bundle = std::make_shared<const Bundle>(std::move(read.bundle));
  return bundle_unit;
}

std::set<std::string> interfaces_of_bundle(const HostSettings& settings,
                                           const BundleRequest& request, const Files& files) {
  if (!check_native(settings, request)) return {};
  Result<Manifest> manifest = find_manifest_of(settings, request, files);
  if (!manifest) return {};
  types::Types types;
  const Result<ReadBundle> read = read_bundle(*std::move(manifest), files, types);
  if (!read) return {};
  std::set<std::string> interfaces;
  for (const types::RootItem& exported : read->type.exports) {
    const auto name = types::parse_item_name(exported.name);
    if (!name || name->kind != types::NameKind::Interface) continue;
    const auto is_named = [&](const auto& item) {
      const auto pattern = resolve::parse_name_pattern(item.first);
      return pattern && resolve::matches_name(*pattern, *name);
    };
    // Interfaces that hosts.toml leaves out are not offered.
    if (request.entry != nullptr && !request.entry->interfaces.empty() &&
        std::ranges::none_of(request.entry->interfaces, is_named))
      continue;
    interfaces.insert(name->version
                          ? fmt::format("{}@^{}", name->path, print_version(*name->version))
                          : name->path);
  }
  return interfaces;
}

Result<BoundLibrary> bind_library(const std::string& unit, const Bundle& bundle) {
  BoundLibrary bound;
  TENON_TRY(bound.library, Library::load(bundle.library));
  const Library& library = *bound.library;
  if (library.module() != nullptr && bundle.manifest.abi != BundleAbi::PlainC) {
    TENON_TRY(bound.table, ModuleTable::bind(unit, library.path(), bundle.wit, *library.module(),
                                             bundle.required));
    return bound;
  }
  if (bundle.c_plan && *bundle.c_plan) {
    TENON_TRY(bound.table, bind_c_library({.host = unit, .wit = bundle.wit}, library,
                                          **bundle.c_plan, bundle.manifest));
    return bound;
  }
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

Result<std::shared_ptr<HostInstance>> HostInstances::get(const std::string& unit,
                                                         const Bundle& bundle) {
  if (const auto known = instances_.find(unit); known != instances_.end()) return known->second;
  TENON_TRY(BoundLibrary bound, bind_library(unit, bundle));
  TENON_TRY(auto instance, HostInstance::create(unit, std::move(bound.library),
                                                std::move(bound.table), bundle.config));
  instances_.emplace(unit, instance);
  return instance;
}

}  // namespace tenon::host
