#include "extension/link.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/sha256.h"
#include "extension/needs.h"
#include "extension/policy.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/names.h"
#include "support/semver.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

// The unit name of each extension in a closure.
class UnitNames final {
 public:
  explicit UnitNames(const std::vector<const Extension*>& closure) {
    std::map<std::string_view, int> counts;
    for (const Extension* const extension : closure) ++counts[extension->name];
    for (const Extension* const extension : closure)
      if (counts[extension->name] == 1) add(extension, extension->name);
    for (const Extension* const extension : closure)
      if (counts[extension->name] > 1)
        add(extension, extension->name + '-' + track_of(version_of(*extension)));
  }

  // Null if the extension is not in the closure.
  [[nodiscard]] const std::string* find(const Extension* extension) const {
    const auto name = names_.find(extension);
    return name == names_.end() ? nullptr : &name->second;
  }
  [[nodiscard]] const std::string& of(const Extension& extension) const {
    return names_.at(&extension);
  }

 private:
  void add(const Extension* extension, std::string name) {
    // The track of a prerelease has more than letters and digits.
    std::ranges::replace_if(
        name, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); }, '-');
    // "low-2" can also be the name of another extension.
    while (!taken_.insert(name).second) name += "-also";
    names_.emplace(extension, std::move(name));
  }

  std::map<const Extension*, std::string> names_;
  std::set<std::string> taken_;
};

bool is_optional(const Extension& extension, std::string_view import) {
  return std::ranges::any_of(extension.dependencies, [&](const ExtensionDependency& row) {
    return row.is_optional && base_name(import) == row.name;
  });
}

bool is_granted(const Extension& extension, std::string_view interface) {
  constexpr std::string_view kHost = "host=";
  return std::ranges::any_of(extension.grants, [&](std::string_view grant) {
    return grant.starts_with(kHost) && matches_glob(grant.substr(kHost.size()), interface);
  });
}

// True if only the host can provide an import, the interface is guarded, and a grant for it is
// missing.
bool is_withheld(const Extension& extension, std::string_view import,
                 const ExtensionOptions& options) {
  const std::string_view name = base_name(import);
  return !is_wasi_interface(import) &&
         std::ranges::find(extension.needs, import, &ExtensionNeed::interface) ==
             extension.needs.end() &&
         std::ranges::any_of(options.guarded,
                             [&](const std::string& glob) { return matches_glob(glob, name); }) &&
         !is_granted(extension, name);
}

// Wires each import to the provider in the index. An optional import without a provider becomes a
// trap, which fails when it is called. Whether the engine has an interface of WASI is known later.
void add_wires(const Index& index, const Extension& extension, const UnitNames& names,
               const ExtensionOptions& options, CompositionBuilder& builder) {
  const auto is_host_provided = [&builder](std::string_view import) {
    LibraryPolicy policy({});
    policy.set_host_interfaces(builder.host_interfaces());
    return policy.is_host_provided(import);
  };
  for (const std::string& import : extension.imports) {
    const auto need = std::ranges::find(extension.needs, import, &ExtensionNeed::interface);
    const std::string* const provider =
        need == extension.needs.end() ? nullptr : names.find(index.find(need->from, need->version));
    Wire wire{.consumer = names.of(extension), .import = import};
    if (provider != nullptr) {
      wire.provider = *provider;
      wire.export_name = need->exported;
      wire.lazy = need->is_lazy;
    } else if (is_optional(extension, import) && is_wasi_interface(import)) {
      wire.optional = true;
    } else if (is_optional(extension, import) &&
               (!is_host_provided(import) || is_withheld(extension, import, options))) {
      // Without it, failures of calls would name the other wire, which no user has written.
      builder.wire({.consumer = wire.consumer, .import = import, .optional = true});
      wire.target = Wire::Target::Trap;
    } else {
      continue;
    }
    builder.wire(std::move(wire));
  }
}

Result<void> add_extension(const Index& index, const Extension& extension,
                           UnitOptions::Reading reading, const UnitNames& names,
                           const ExtensionOptions& options, const AddComponent& add_component,
                           CompositionBuilder& builder) {
  const std::string& unit = names.of(extension);
  TENON_TRY_VOID(add_component(builder, unit, extension, reading));
  add_wires(index, extension, names, options, builder);
  for (const std::string& grant : extension.grants)
    TENON_TRY_VOID(apply_grant(grant, extension.name, options, builder.grants(unit)));
  return {};
}

constexpr std::string_view kPrivate = "$CACHE";

// The folder that `$CACHE` stands for. Different stores can have extensions of the same name, so a
// hash of the store's path is part of it.
std::string private_folder(std::string_view extension, const ExtensionOptions& options) {
  if (options.private_dir.empty()) return {};
  std::error_code failed;
  const std::string store = std::filesystem::weakly_canonical(options.folder, failed).string();
  const std::string key = engine::sha256_hex(as_bytes(store));
  return fmt::format("{}/{}/{}", options.private_dir, key.substr(0, 16), extension);
}

// Replaces the variable in a path such as "$PROJECT/data".
Result<std::string> expand(const std::string& grant, std::string text, std::string_view extension,
                           const ExtensionOptions& options) {
  const std::size_t at = text.find('$');
  if (at == text.npos) return text;
  const auto home = options.variables.find("HOME");
  const std::pair<std::string_view, std::string> values[] = {
      {"$PROJECT", options.project_dir},
      {kPrivate, private_folder(extension, options)},
      {"$HOME", home == options.variables.end() ? std::string() : home->second}};
  const std::string_view name =
      std::string_view(text).substr(at, text.find_first_of("/:", at) - at);
  for (const auto& [known, value] : values) {
    if (name != known) continue;
    if (!value.empty()) return text.replace(at, name.size(), value);
    Diagnostic problem =
        make_diagnostic(Code::ConfigValue, "`{}` in `{}` has no value here", name, grant);
    problem.hints.emplace_back("write the folder itself");
    return problem;
  }
  Diagnostic problem =
      make_diagnostic(Code::ConfigValue, "unknown variable `{}` in `{}`", name, grant);
  problem.hints.emplace_back("known variables: `$PROJECT`, `$CACHE`, `$HOME`");
  return problem;
}

Diagnostic folder_problem(std::string_view extension, const std::string& folder,
                          std::string_view verb, const std::error_code& failed) {
  Diagnostic problem = make_diagnostic(Code::WriteFile, "cannot {} the private folder of `{}`: {}",
                                       verb, extension, failed.message());
  problem.where.file = folder;
  problem.hints.push_back(
      fmt::format("to run it without that folder: `tenon ext revoke {} GRANT`", extension));
  return problem;
}

void grant_variables(const std::string& pattern, const HostVariables& variables, Grants& grants) {
  for (const auto& [name, value] : variables)
    if (matches_glob(pattern, name)) grants.env.emplace_back(name, value);
}

}  // namespace

Result<void> apply_grant(const std::string& grant, std::string_view extension,
                         const ExtensionOptions& options, Grants& grants) {
  const std::size_t mark = grant.find('=');
  const std::string kind = grant.substr(0, mark);
  const std::string what = mark == grant.npos ? "" : grant.substr(mark + 1);
  if (kind == "fs" && !what.empty()) {
    TENON_TRY(const std::string expanded, expand(grant, what, extension, options));
    TENON_TRY(Grants::Directory directory, Grants::parse_directory(expanded));
    grants.dirs.push_back(std::move(directory));
    return {};
  }
  if (kind == "net" && !what.empty()) {
    TENON_TRY_VOID(Grants::check_network(what));
    grants.net.push_back(what);
    return {};
  }
  if (kind == "http" && !what.empty()) {
    TENON_TRY_VOID(Grants::check_http(what));
    grants.http.push_back(what);
    return {};
  }
  if (kind == "env" && !what.empty()) {
    grant_variables(what, options.variables, grants);
    return {};
  }
  if (kind == "host" && what.find(':') != what.npos && what.find('@') == what.npos) return {};
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "`{}` is not a grant", grant);
  problem.hints.emplace_back(
      "expected `fs=ro:DIR`, `fs=rw:DIR::GUEST`, `net=HOST:PORT`, `http=HOST`, `env=NAME` "
      "or `host=NS:PKG/INTERFACE`");
  return problem;
}

Diagnostics find_ungranted(const Index& index, const Extension& root,
                           const ExtensionOptions& options) {
  Diagnostics problems;
  for (const Extension* const extension : closure_of(index, root))
    for (const std::string& import : extension->imports) {
      if (!is_withheld(*extension, import, options) || is_optional(*extension, import)) continue;
      Diagnostic problem =
          make_diagnostic(Code::ExtUnmet, "`{}` needs `{}` from the host, which is not granted",
                          extension->name, import);
      problem.hints.push_back(fmt::format("if you trust it: `tenon ext grant {} host={}`",
                                          extension->name, base_name(import)));
      problems.push_back(std::move(problem));
    }
  return problems;
}

Result<void> make_private_folders(const Index& index, const Extension& root,
                                  const ExtensionOptions& options) {
  for (const Extension* const extension : closure_of(index, root))
    for (const std::string& grant : extension->grants) {
      const std::string folder = private_folder(extension->name, options);
      if (grant.find(kPrivate) == grant.npos || folder.empty()) continue;
      std::error_code failed;
      const std::filesystem::path of_store = std::filesystem::path(folder).parent_path();
      std::filesystem::create_directories(of_store.parent_path(), failed);
      for (const std::string& path : {of_store.string(), folder})
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
          return folder_problem(extension->name, path, "create",
                                std::error_code(errno, std::generic_category()));
    }
  return {};
}

Result<void> remove_private_folder(std::string_view extension, const ExtensionOptions& options) {
  const std::string folder = private_folder(extension, options);
  if (folder.empty()) return {};
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (failed) return folder_problem(extension, folder, "remove", failed);
  return {};
}

Result<CompositionBuilder> make_builder(const Index& index, const Extension& root,
                                        const ExtensionOptions& options,
                                        const AddComponent& add_component) {
  const std::vector<const Extension*> closure = closure_of(index, root);
  // Only an index that tenon did not write can have cycles.
  if (std::ranges::find(closure, &root) == closure.end()) return find_cycles(index);
  const UnitNames names(closure);
  CompositionBuilder builder;
  if (options.add_host) options.add_host(builder);
  const std::set<const Extension*> eager = eager_closure_of(index, root);
  for (const Extension* const extension : closure) {
    const auto reading =
        eager.contains(extension) ? UnitOptions::Reading::AtLink : UnitOptions::Reading::WhenNeeded;
    TENON_TRY_VOID(
        add_extension(index, *extension, reading, names, options, add_component, builder));
    // The limits of the root are the default ones of the builder, which the caller can narrow.
    (extension == &root ? builder.limits() : builder.limits(names.of(*extension))) =
        extension->limits;
    // A provider exposes its libraries only. The exports of the root are those of the composition.
    if (extension == &root) continue;
    for (const std::string& library : extension->libraries)
      builder.expose(names.of(*extension), library);
  }
  builder.isolate_all();
  builder.set_root(names.of(root));
  return builder;
}

}  // namespace tenon::extension
