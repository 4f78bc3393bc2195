// Looking at host bundles: those that a link would find, and what one is.
#include "tenon/host_bundle.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <variant>

#include "host/bundle_files.h"
#include "host/bundle_unit.h"
#include "host/bundle_world.h"
#include "host/host_offers.h"
#include "host/hosts_file.h"
#include "host/library.h"
#include "host/search.h"
#include "link/request.h"
#include "support/check.h"
#include "support/files.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "types/print_type.h"

namespace tenon {

namespace {

using host::BundleRequest;

Result<host::HostSettings> read_settings(const HostSearch& search, const Files& files) {
  host::HostSettings made;
  made.folders = search.folders;
  made.trusted = search.trusted;
  made.forbid_native = search.forbid_native;
  Diagnostics problems;
  for (const std::string& config : search.configs) {
    Result<host::HostsFile> read = host::read_hosts_file(files, config, search.variables);
    if (!read) {
      problems.insert(problems.end(), read.error().begin(), read.error().end());
      continue;
    }
    host::add_offers(*std::move(read), made);
  }
  if (!problems.empty()) return problems;
  return made;
}

BundleRequest request_of(std::string_view bundle, const host::HostSettings& settings) {
  for (const auto& offer : settings.offers)
    if (offer->name == bundle) return host::take_offer(offer);
  BundleRequest request;
  request.name = bundle;
  request.path = bundle;
  return request;
}

void add_functions(const types::Types& types, const types::RootItem& exported, HostBundle& made) {
  const auto add = [&](const types::TypeNames& names, const std::string& prefix,
                       const std::string& name, const types::Item& item) {
    if (const auto* const function = std::get_if<types::FunctionId>(&item)) {
      std::string type = types::print_function(types, names, "", *function);
      if (type.ends_with(';')) type.pop_back();
      made.functions.push_back({.name = prefix + name, .type = std::move(type)});
    } else if (const auto* const bound = std::get_if<types::TypeBound>(&item)) {
      if (std::holds_alternative<types::ResourceId>(bound->type))
        made.resources.push_back(prefix + name);
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

void add_manifest(const host::Manifest& manifest, HostBundle& made) {
  made.name = manifest.name;
  made.version = manifest.version;
  made.description = manifest.description;
  made.license = manifest.license;
  made.file = manifest.file;
  for (const auto& [platform, library] : manifest.platforms) made.platforms.push_back(platform);
  for (const host::ConfigKey& key : manifest.config)
    made.config.push_back({key.name, std::string(host::kind_name(key.kind)), key.default_value,
                           key.is_required, key.help});
  for (const auto& [name, value] : manifest.env) made.env.push_back(name);
}

// What was read of a bundle, and what it is held against.
struct LookedAt {
  HostBundle shown;
  BundleRequest request;
  host::Bundle bundle;
};

Result<LookedAt> look_at(std::string_view bundle, const host::HostSettings& settings,
                         const Files& files) {
  LookedAt made;
  made.request = request_of(bundle, settings);
  TENON_TRY(host::Manifest manifest, host::find_manifest_of(settings, made.request, files));
  // As a link would call it.
  if (made.request.entry == nullptr) made.request.name = manifest.name;
  types::Types types;
  TENON_TRY(host::ReadBundle read, host::read_bundle(std::move(manifest), files, types));
  made.bundle = std::move(read.bundle);
  add_manifest(made.bundle.manifest, made.shown);
  made.shown.wit = made.bundle.wit;
  for (const types::RootItem& exported : read.type.exports) {
    made.shown.exports.push_back(exported.name);
    add_functions(types, exported, made.shown);
  }
  if (!made.bundle.manifest.library) return made;
  const host::LibraryWishes wishes =
      host::place_wishes(settings, made.request, made.bundle.manifest);
  made.shown.library = wishes.path;
  // One that is found by loading it alone is not looked for here. What is wrong with a file is said
  // by who loads it.
  if (wishes.place == host::LibraryPlace::System && !host::find_system_library(wishes.path))
    return made;
  if (const auto digests = host::digest_library(wishes)) made.shown.digest = digests->sha256;
  return made;
}

// "tenon:sqlite/sql#[method]connection.query"
std::string full_name(const tenon_func_def& def) {
  const std::string_view interface = def.interface;
  return interface.empty() ? def.name : fmt::format("{}#{}", interface, def.name);
}

std::string_view threading_name(std::uint32_t threading) {
  if (threading == TENON_CONCURRENT) return "any";
  return threading == TENON_SERIAL_INSTANCE ? "instance" : "library";
}

// A folder with bundles, as `find_bundle` goes through them.
void list_folder(const Files& files, const std::string& folder, std::vector<HostPlace>& places) {
  for (const std::string& path : host::list_bundles(files, folder)) {
    HostPlace place;
    place.name = path.substr(path.rfind('/') + 1);
    place.bundle = path;
    place.source = folder;
    const auto manifest = host::read_bundle_manifest(files, path, version());
    if (manifest) {
      place.version = manifest->version;
      place.description = manifest->description;
    } else {
      place.problems = manifest.error();
    }
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
    if (manifest) {
      if (!manifest->folder.empty()) place.bundle = manifest->folder;
      place.version = manifest->version;
      place.description = manifest->description;
    } else {
      place.problems = manifest.error();
    }
    places.push_back(std::move(place));
    for (const std::string& folder : offer->folders)
      if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
  }
  const std::size_t first_found = places.size();
  for (const std::string& folder : search.folders)
    if (std::ranges::find(folders, folder) == folders.end()) folders.push_back(folder);
  for (const std::string& folder : folders) list_folder(files, folder, places);
  std::map<std::string, std::string> known;
  for (std::size_t i = first_found; i < places.size(); ++i) {
    const auto [place, is_new] = known.emplace(places[i].name, places[i].source);
    if (!is_new) places[i].shadowed_by = place->second;
  }
  return places;
}

Result<HostBundle> inspect_host_bundle(std::string_view bundle, const HostSearch& search) {
  const RealFiles files;
  TENON_TRY(const host::HostSettings settings, read_settings(search, files));
  TENON_TRY(LookedAt looked, look_at(bundle, settings, files));
  return std::move(looked.shown);
}

Result<HostBundle> check_host_bundle(std::string_view bundle, const HostSearch& search) {
  const RealFiles files;
  TENON_TRY(const host::HostSettings settings, read_settings(search, files));
  TENON_TRY(LookedAt looked, look_at(bundle, settings, files));
  TENON_TRY_VOID(host::check_native(settings, looked.request));
  TENON_TRY(looked.bundle.library,
            host::wish_library(settings, looked.request, looked.bundle.manifest));
  TENON_TRY(const host::BoundLibrary bound, host::bind_library(looked.request.name, looked.bundle));
  const tenon_host_module& module = bound.table.module();
  HostBundle made = std::move(looked.shown);
  made.threading = threading_name(module.threading);
  const bool has_table = bound.library->module() == &module;
  made.abi = has_table ? fmt::format("tenon-1 ({}.{})", module.abi_major, module.abi_minor) : "c";
  if (!has_table) return made;
  for (HostBundleFunction& function : made.functions) {
    const auto def =
        std::find_if(module.funcs, module.funcs + module.nfuncs,
                     [&](const tenon_func_def& one) { return function.name == full_name(one); });
    TENON_CHECK(def != module.funcs + module.nfuncs);
    function.may_block = (def->flags & TENON_MAY_BLOCK) != 0;
    function.is_pure = (def->flags & TENON_PURE) != 0;
  }
  return made;
}

Result<HostPackage> pack_host_bundle(std::string_view bundle, const std::vector<std::string>& added,
                                     const HostSearch& search) {
  const RealFiles files;
  TENON_TRY(const host::HostSettings settings, read_settings(search, files));
  TENON_TRY(LookedAt looked, look_at(bundle, settings, files));
  HostPackage made;
  TENON_TRY(made.files, host::read_package_files(looked.bundle.manifest, {added, search.trusted}));
  made.left_out = host::list_left_out(looked.bundle.manifest, made.files);
  made.bundle = std::move(looked.shown);
  return made;
}

}  // namespace tenon
