#include "extension/link.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "extension/needs.h"
#include "support/diagnostics.h"
#include "support/glob.h"
#include "support/semver.h"
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

// Who provides what, as the store says; what nobody provides traps when it is called.
void add_wires(const Index& index, const Extension& one, const UnitNames& names,
               CompositionBuilder& builder) {
  for (const std::string& import : one.imports) {
    const auto need = std::ranges::find(one.needs, import, &ExtensionNeed::interface);
    const bool is_optional = std::ranges::any_of(one.dependencies, [&](const auto& row) {
      return row.is_optional && import.substr(0, import.find('@')) == row.name;
    });
    const std::string* const provider =
        need == one.needs.end() ? nullptr : names.find(index.find(need->from, need->version));
    Wire wire{.consumer = names.of(one), .import = import};
    if (provider != nullptr) {
      wire.provider = *provider;
      wire.export_name = need->exported;
      wire.lazy = need->is_lazy;
    } else if (is_optional) {
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
  add_wires(index, one, names, builder);
  builder.limits(unit) = one.limits;
  for (const std::string& grant : one.grants)
    TENON_TRY_VOID(apply_grant(grant, options, builder.grants(unit)));
  return {};
}

// "$PROJECT/data" with the value of PROJECT.
std::string expand(std::string text, const HostVariables& variables) {
  for (const char* const name : {"PROJECT", "CACHE", "HOME"}) {
    const std::string mark = fmt::format("${}", name);
    const auto value = variables.find(name);
    const std::size_t at = text.find(mark);
    if (at != text.npos && value != variables.end()) text.replace(at, mark.size(), value->second);
  }
  return text;
}

void grant_variables(const std::string& pattern, const HostVariables& variables, Grants& grants) {
  for (const auto& [name, value] : variables)
    if (matches_glob(pattern, name)) grants.env.emplace_back(name, value);
}

}  // namespace

Result<void> apply_grant(const std::string& grant, const ExtensionOptions& options,
                         Grants& grants) {
  const std::size_t mark = grant.find('=');
  const std::string kind = grant.substr(0, mark);
  const std::string what = mark == grant.npos ? "" : grant.substr(mark + 1);
  if (kind == "fs" && !what.empty()) {
    TENON_TRY(Grants::Directory directory,
              Grants::parse_directory(expand(what, options.variables)));
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
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "`{}` is no grant", grant);
  problem.hints.emplace_back(
      "write `fs=ro:DIR`, `fs=rw:DIR::GUEST`, `net=HOST:PORT` or `env=NAME`");
  return problem;
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
    // Of a provider, what the policy lets others link to; the root's exports are its users'.
    if (one == &root) continue;
    for (const std::string& library : one->libraries) builder.expose(names.of(*one), library);
  }
  builder.isolate_all();
  builder.set_root(names.of(root));
  return builder;
}

}  // namespace tenon::extension
