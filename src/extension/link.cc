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

#include "extension/needs.h"
#include "extension/policy.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/glob.h"
#include "support/semver.h"
#include "support/sha256.h"
#include "support/try.h"

namespace tenon::extension {

namespace {

class UnitNames final {
 public:
  explicit UnitNames(const std::vector<const Extension*>& closure) {
    std::map<std::string_view, int> counts;
    for (const Extension* const one : closure) ++counts[one->name];
    for (const Extension* const one : closure)
      if (counts[one->name] == 1) take(one, one->name);
    for (const Extension* const one : closure)
      if (counts[one->name] > 1) take(one, one->name + '-' + track_of(version_of(*one)));
  }

  // Null: it is not in the closure.
  [[nodiscard]] const std::string* find(const Extension* one) const {
    const auto found = names_.find(one);
    return found == names_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const std::string& of(const Extension& one) const { return names_.at(&one); }

 private:
  void take(const Extension* one, std::string name) {
    // A track has dots, and of prereleases more.
    std::ranges::replace_if(
        name, [](char c) { return !((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')); }, '-');
    // "low-2" may be another extension.
    while (!taken_.insert(name).second) name += "-also";
    names_.emplace(one, std::move(name));
  }

  std::map<const Extension*, std::string> names_;
  std::set<std::string> taken_;
};

bool is_optional(const Extension& one, std::string_view import) {
  return std::ranges::any_of(one.dependencies, [&](const ExtensionDependency& row) {
    return row.is_optional && base_name(import) == row.name;
  });
}

bool is_granted(const Extension& one, std::string_view interface) {
  constexpr std::string_view kHost = "host=";
  return std::ranges::any_of(one.grants, [&](std::string_view grant) {
    return grant.starts_with(kHost) && matches_glob(grant.substr(kHost.size()), interface);
  });
}

// Whether nothing but the host can provide an import, and a grant is missing for that.
bool is_withheld(const Extension& one, std::string_view import, const ExtensionOptions& options) {
  const std::string_view name = base_name(import);
  return !is_wasi_interface(import) &&
         std::ranges::find(one.needs, import, &ExtensionNeed::interface) == one.needs.end() &&
         std::ranges::any_of(options.guarded,
                             [&](const std::string& glob) { return matches_glob(glob, name); }) &&
         !is_granted(one, name);
}

// Who provides what, as the store says; what nobody provides traps when it is called.
void add_wires(const Index& index, const Extension& one, const UnitNames& names,
               const ExtensionOptions& options, CompositionBuilder& builder) {
  const auto is_of_host = [&builder](std::string_view import) {
    LibraryPolicy policy({});
    policy.set_host_interfaces(builder.host_interfaces());
    return policy.is_of_host(import);
  };
  for (const std::string& import : one.imports) {
    const auto need = std::ranges::find(one.needs, import, &ExtensionNeed::interface);
    const std::string* const provider =
        need == one.needs.end() ? nullptr : names.find(index.find(need->from, need->version));
    Wire wire{.consumer = names.of(one), .import = import};
    if (provider != nullptr) {
      wire.provider = *provider;
      wire.export_name = need->exported;
      wire.lazy = need->is_lazy;
    } else if (is_optional(one, import) &&
               (!is_of_host(import) || is_withheld(one, import, options))) {
      wire.target = Wire::Target::Trap;
    } else {
      continue;
    }
    builder.wire(std::move(wire));
  }
}

Result<void> add_extension(const Index& index, const Extension& one, const UnitNames& names,
                           const ExtensionOptions& options, const AddComponent& add_component,
                           CompositionBuilder& builder) {
  const std::string& unit = names.of(one);
  TENON_TRY_VOID(add_component(builder, unit, one));
  add_wires(index, one, names, options, builder);
  for (const std::string& grant : one.grants)
    TENON_TRY_VOID(apply_grant(grant, one.name, options, builder.grants(unit)));
  return {};
}

constexpr std::string_view kPrivate = "$CACHE";

// Stores may have extensions of one name: each has folders of its own.
std::string private_folder(std::string_view extension, const ExtensionOptions& options) {
  if (options.private_dir.empty()) return {};
  std::error_code failed;
  const std::string store = std::filesystem::weakly_canonical(options.folder, failed).string();
  const std::string key = sha256_hex(as_bytes(store));
  return fmt::format("{}/{}/{}", options.private_dir, key.substr(0, 16), extension);
}

// "$PROJECT/data" with what `$PROJECT` is.
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
        make_diagnostic(Code::ConfigValue, "`{}` of `{}` is nothing here", name, grant);
    problem.hints.emplace_back("name a folder");
    return problem;
  }
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "`{}` of `{}` is not known", name, grant);
  problem.hints.emplace_back("known are `$PROJECT`, `$CACHE` and `$HOME`");
  return problem;
}

Diagnostic tell_folder(std::string_view extension, const std::string& folder, std::string_view what,
                       const std::error_code& failed) {
  Diagnostic problem = make_diagnostic(Code::WriteFile, "the folder of `{}` cannot be {}: {}",
                                       extension, what, failed.message());
  problem.where.file = folder;
  problem.hints.push_back(
      fmt::format("take `$CACHE` back: `tenon ext revoke {} GRANT`", extension));
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
  if (kind == "env" && !what.empty()) {
    grant_variables(what, options.variables, grants);
    return {};
  }
  if (kind == "host" && what.find(':') != what.npos && what.find('@') == what.npos) return {};
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "`{}` is no grant", grant);
  problem.hints.emplace_back(
      "write `fs=ro:DIR`, `fs=rw:DIR::GUEST`, `net=HOST:PORT`, `env=NAME` or "
      "`host=NS:PKG/INTERFACE`");
  return problem;
}

Diagnostics find_ungranted(const Index& index, const Extension& root,
                           const ExtensionOptions& options) {
  Diagnostics problems;
  for (const Extension* const one : closure_of(index, root))
    for (const std::string& import : one->imports) {
      if (!is_withheld(*one, import, options) || is_optional(*one, import)) continue;
      Diagnostic problem = make_diagnostic(
          Code::ExtUnmet, "`{}` needs `{}` of the host, and is not granted it", one->name, import);
      problem.hints.push_back(fmt::format("if you trust it with that: `tenon ext grant {} host={}`",
                                          one->name, base_name(import)));
      problems.push_back(std::move(problem));
    }
  return problems;
}

Result<void> make_private_folders(const Index& index, const Extension& root,
                                  const ExtensionOptions& options) {
  for (const Extension* const one : closure_of(index, root))
    for (const std::string& grant : one->grants) {
      const std::string folder = private_folder(one->name, options);
      if (grant.find(kPrivate) == grant.npos || folder.empty()) continue;
      std::error_code failed;
      const std::filesystem::path of_store = std::filesystem::path(folder).parent_path();
      std::filesystem::create_directories(of_store.parent_path(), failed);
      for (const std::string& path : {of_store.string(), folder})
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
          return tell_folder(one->name, path, "made",
                             std::error_code(errno, std::generic_category()));
    }
  return {};
}

Result<void> remove_private_folder(std::string_view extension, const ExtensionOptions& options) {
  const std::string folder = private_folder(extension, options);
  if (folder.empty()) return {};
  std::error_code failed;
  std::filesystem::remove_all(folder, failed);
  if (failed) return tell_folder(extension, folder, "removed", failed);
  return {};
}

Result<CompositionBuilder> make_builder(const Index& index, const Extension& root,
                                        const ExtensionOptions& options,
                                        const AddComponent& add_component) {
  const std::vector<const Extension*> closure = closure_of(index, root);
  // An index that was made by hand may have circles.
  if (std::ranges::find(closure, &root) == closure.end()) return find_cycles(index);
  const UnitNames names(closure);
  CompositionBuilder builder;
  if (options.add_host) options.add_host(builder);
  for (const Extension* const one : closure) {
    TENON_TRY_VOID(add_extension(index, *one, names, options, add_component, builder));
    // Who runs the root narrows its limits.
    (one == &root ? builder.limits() : builder.limits(names.of(*one))) = one->limits;
    // Of a provider, what the policy lets others link to; the root's exports are its users'.
    if (one == &root) continue;
    for (const std::string& library : one->libraries) builder.expose(names.of(*one), library);
  }
  builder.isolate_all();
  builder.set_root(names.of(root));
  return builder;
}

}  // namespace tenon::extension
