#include "linker/bundle_unit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "host/bundle_world.h"
#include "host/library.h"
#include "host/search.h"
#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/terminal_text.h"
#include "support/try.h"
#include "tenon/inspect.h"
#include "wit/read_wit.h"

namespace tenon::linker {

namespace {

using host::ConfigKey;
using host::ConfigKind;

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
  if (manifest.abi == host::BundleAbi::PlainC) refuse("`abi = \"c\"`");
  if (!manifest.functions.empty()) refuse("`[[function]]`");
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

}  // namespace

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
  TENON_TRY(host::BundleWorld world, host::read_bundle_world(package, types,
                                                             {.host = manifest.name,
                                                              .world = manifest.world.value_or(""),
                                                              .file = manifest.file}));
  made.unit.type = std::move(world.type);
  made.unit.type.imports.clear();
  bundle->wanted = std::move(world.wanted);
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
  const host::Manifest& manifest = bundle.manifest;
  const std::string path = join_path(manifest.folder, manifest.library->path);
  TENON_TRY(auto library, host::Library::load({.host = unit,
                                               .path = path,
                                               .root = manifest.folder,
                                               .sha256 = manifest.library->sha256,
                                               .pin_where = manifest.library_where}));
  if (library->module() == nullptr) {
    Diagnostic problem = make_diagnostic(
        Code::HostLibrary, "the library of `{}` does not export `tenon_host_module_v1`", unit);
    problem.where.file = path;
    problem.hints.emplace_back(
        "include <tenon/tenon_host.h> and define it with TENON_HOST_ENTRY; `nm -D` shows what it "
        "exports");
    return problem;
  }
  TENON_TRY(host::ModuleTable table,
            host::ModuleTable::bind(unit, path, bundle.wit, *library->module(), bundle.wanted));
  TENON_TRY(auto made,
            host::HostInstance::create(unit, std::move(library), std::move(table), bundle.config));
  made_.emplace(unit, made);
  return made;
}

}  // namespace tenon::linker
