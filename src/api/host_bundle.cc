// Inspects host bundles: lists those that a link would find, and describes one.
#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "host/bundle_files.h"
#include "host/bundle_unit.h"
#include "host/bundle_world.h"
#include "host/host_offers.h"
#include "host/hosts_file.h"
#include "host/library.h"
#include "host/manifest.h"
#include "link/request.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/names.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/print_type.h"

namespace tenon {

namespace {

using host::BundleRequest;

Result<host::HostSettings> read_settings(const HostSearch& search, const Files& files) {
  host::HostSettings settings;
  settings.folders = search.folders;
  settings.trusted = search.trusted;
  settings.forbid_native = search.forbid_native;
  Diagnostics problems;
  for (const std::string& config : search.configs) {
    Result<host::HostsFile> read = host::read_hosts_file(files, config, search.variables);
    if (!read) {
      problems.insert(problems.end(), read.error().begin(), read.error().end());
      continue;
    }
    host::add_offers(*std::move(read), settings);
  }
  if (!problems.empty()) return problems;
  return settings;
}

BundleRequest request_of(std::string_view bundle, const host::HostSettings& settings) {
  for (const auto& offer : settings.offers)
    if (offer->name == bundle) return host::take_offer(offer);
  BundleRequest request;
  request.name = bundle;
  request.path = bundle;
  return request;
}

void add_functions(const types::Types& types, const types::RootItem& exported, HostBundle& bundle) {
  const auto add = [&](const types::TypeNames& names, const std::string& prefix,
                       const std::string& name, const types::Item& item) {
    if (const auto* const function = std::get_if<types::FunctionId>(&item)) {
      std::string type = types::print_function(types, names, "", *function);
      if (type.ends_with(';')) type.pop_back();
      bundle.functions.push_back({.name = prefix + name, .type = std::move(type)});
    } else if (const auto* const bound = std::get_if<types::TypeBound>(&item)) {
      if (std::holds_alternative<types::ResourceId>(bound->type))
        bundle.resources.push_back(prefix + name);
    }
  };
  if (const auto* const instance = std::get_if<types::InstanceId>(&exported.item)) {
    const types::TypeNames names = types::names_of_instance(types, *instance);
    const std::string prefix = host::table_name(exported.name) + "#";
    for (const types::NamedItem& part : types.instances[*instance].exports)
      add(names, prefix, part.name, part.item);
    return;
  }
  add({}, "", exported.name, exported.item);
}

void add_manifest(const host::Manifest& manifest, HostBundle& bundle) {
  bundle.name = manifest.name;
  bundle.version = manifest.version;
  bundle.description = manifest.description;
  bundle.license = manifest.license;
  bundle.file = manifest.file;
  for (const auto& [platform, library] : manifest.platforms) bundle.platforms.push_back(platform);
  for (const host::ConfigKey& key : manifest.config)
    bundle.config.push_back({key.name, std::string(host::kind_name(key.kind)), key.default_value,
                             key.is_required, key.help});
  for (const auto& [name, value] : manifest.env) bundle.env.push_back(name);
}

// A bundle that was read, and the request for it.
struct InspectedBundle {
  HostBundle shown;
  BundleRequest request;
  host::Bundle bundle;
  std::vector<std::string> description;  // the files that describe it
};

Result<InspectedBundle> inspect_bundle(std::string_view bundle, const host::HostSettings& settings,
                                       const Files& files) {
  InspectedBundle inspected;
  inspected.request = request_of(bundle, settings);
  TENON_TRY(host::Manifest manifest, host::find_manifest_of(settings, inspected.request, files));
  // The default name of the instance, as in a link.
  if (inspected.request.entry == nullptr) inspected.request.name = manifest.name;
  types::Types types;
  TENON_TRY(host::ReadBundle read, host::read_bundle(std::move(manifest), files, types));
  inspected.description = host::list_description(read);
  inspected.bundle = std::move(read.bundle);
  inspected.shown.notes = place_problems(std::move(read.notes), inspected.bundle.manifest.file);
  add_manifest(inspected.bundle.manifest, inspected.shown);
  inspected.shown.wit = inspected.bundle.wit;
  for (const types::RootItem& exported : read.type.exports) {
    inspected.shown.exports.push_back(exported.name);
    add_functions(types, exported, inspected.shown);
  }
  if (!inspected.bundle.manifest.library) return inspected;
  const host::LibraryRequest library =
      host::describe_library(settings, inspected.request, inspected.bundle.manifest);
  inspected.shown.library = library.path;
  // A library that only loading can find is not searched for here. Problems of its file are
  // reported when it is loaded.
  if (library.place == host::LibraryPlace::System && !host::find_system_library(library.path))
    return inspected;
  if (const auto digests = host::digest_library(library)) inspected.shown.digest = digests->sha256;
  return inspected;
}

std::string_view threading_name(std::uint32_t threading) {
  if (threading == TENON_CONCURRENT) return "any";
  return threading == TENON_SERIAL_INSTANCE ? "instance" : "library";
}

void describe(HostPlace& place, const Result<host::Manifest>& manifest) {
  if (manifest) {
    place.version = manifest->version;
    place.description = manifest->description;
  } else {
    place.problems = manifest.error();
  }
}

// Adds the bundles of a search folder to `places`.
void list_folder(const Files& files, const std::string& folder, std::vector<HostPlace>& places) {
  for (const std::string& path : host::list_bundles(files, folder)) {
    HostPlace place;
    place.name = path.substr(path.rfind('/') + 1);
    place.bundle = path;
    place.source = folder;
    const auto manifest = host::read_bundle_manifest(files, path, version());
    describe(place, manifest);
    places.push_back(std::move(place));
  }
}

}  // namespace

Result<std::vector<HostPlace>> list_host_bundles(const HostSearch& search) {
  const RealFiles files;
  TENON_TRY(const host::HostSettings settings, read_settings(search, files));
  std::vector<HostPlace> places;
  std::vector<std::string> folders;
  for (const auto& offer : settings.offers) {
    HostPlace place;
    place.name = offer->name;
    place.bundle = offer->bundle.empty() ? offer->library : offer->bundle;
    place.source = offer->file;
    const auto manifest = host::find_manifest_of(settings, host::take_offer(offer), files);
    if (manifest && !manifest->folder.empty()) place.bundle = manifest->folder;
    describe(place, manifest);
    places.push_back(std::move(place));
    for (const std::string& folder : offer->folders)
      if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
  }
  const std::size_t first_place = places.size();
  for (const std::string& folder : search.folders)
    if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
  for (const std::string& folder : folders) list_folder(files, folder, places);
  std::map<std::string, std::string> known;
  for (std::size_t i = first_place; i < places.size(); ++i) {
    const auto [place, is_new] = known.emplace(places[i].name, places[i].source);
    if (!is_new) places[i].shadowed_by = place->second;
  }
  return places;
}

Result<HostBundle> inspect_host_bundle(std::string_view bundle, const HostSearch& search) {
  const RealFiles files;
  TENON_TRY(const host::HostSettings settings, read_settings(search, files));
  TENON_TRY(InspectedBundle inspected, inspect_bundle(bundle, settings, files));
  return std::move(inspected.shown);
}

Result<HostBundle> check_host_bundle(std::string_view bundle, const HostSearch& search) {
  const RealFiles files;
  TENON_TRY(const host::HostSettings settings, read_settings(search, files));
  TENON_TRY(InspectedBundle inspected, inspect_bundle(bundle, settings, files));
  TENON_TRY_VOID(host::check_native(settings, inspected.request));
  TENON_TRY(inspected.bundle.library,
            host::request_library(settings, inspected.request, inspected.bundle.manifest));
  if (inspected.bundle.library.module == nullptr)
    inspected.bundle.library.described_by = std::move(inspected.description);
  TENON_TRY(const host::BoundLibrary bound,
            host::bind_library(inspected.request.name, inspected.bundle));
  const tenon_host_module& module = bound.table.module();
  HostBundle shown = std::move(inspected.shown);
  shown.threading = threading_name(module.threading);
  const bool has_table = bound.library->module() == &module;
  shown.abi = has_table ? fmt::format("tenon-1 ({}.{})", module.abi_major, module.abi_minor) : "c";
  if (!has_table) return shown;
  for (HostBundleFunction& function : shown.functions) {
    const auto def =
        std::find_if(module.funcs, module.funcs + module.nfuncs, [&](const tenon_func_def& other) {
          return function.name == shown_name(other.interface, other.name);
        });
    TENON_CHECK(def != module.funcs + module.nfuncs);
    function.may_block = (def->flags & TENON_MAY_BLOCK) != 0;
    function.is_pure = (def->flags & TENON_PURE) != 0;
  }
  return shown;
}

Result<HostPackage> pack_host_bundle(std::string_view bundle, const std::vector<std::string>& added,
                                     const HostSearch& search) {
  const RealFiles files;
  TENON_TRY(const host::HostSettings settings, read_settings(search, files));
  TENON_TRY(InspectedBundle inspected, inspect_bundle(bundle, settings, files));
  HostPackage package;
  TENON_TRY(package.files,
            host::read_package_files(inspected.bundle.manifest, {added, search.trusted}));
  package.left_out = host::list_left_out(inspected.bundle.manifest, package.files);
  package.bundle = std::move(inspected.shown);
  return package;
}

}  // namespace tenon
