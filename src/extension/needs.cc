#include "extension/needs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "resolve/name_match.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/semver.h"

namespace tenon::extension {

namespace {

// "multiply 1.2.0"
std::string show(const Extension& extension) {
  return fmt::format("{} {}", extension.name, extension.version);
}

// The libraries of all extensions by name. A unit of resolve's index is a position in
// Index::extensions, and an export a position in Extension::libraries.
class LibraryIndex final {
 public:
  explicit LibraryIndex(const Index& index) : index_(index) {
    for (std::uint32_t e = 0; e < index.extensions.size(); ++e) {
      const Extension& extension = index.extensions[e];
      std::vector<types::ItemName>& names = names_.emplace_back();
      for (std::uint32_t k = 0; k < extension.libraries.size(); ++k) {
        names.push_back(read_interface_name(extension.libraries[k]));
        libraries_.add({e, k}, {names.back()});
      }
    }
  }

  [[nodiscard]] const Extension& owner(resolve::UnitExport at) const {
    return index_.extensions[at.unit];
  }
  [[nodiscard]] const types::ItemName& library(resolve::UnitExport at) const {
    return names_[at.unit][at.index];
  }
  // The libraries with the name of the import, in any version, without those of the consumer.
  [[nodiscard]] std::vector<resolve::UnitExport> find_libraries(
      const Extension& consumer, const types::ItemName& import) const {
    return without(consumer, libraries_.find_path(resolve::unversioned_name(import)));
  }
  // Libraries with a name similar to that of the import.
  [[nodiscard]] std::vector<resolve::UnitExport> find_similar(const Extension& consumer,
                                                              const types::ItemName& import) const {
    std::vector<resolve::UnitExport> similar;
    for (const std::string_view near :
         near_misses(resolve::unversioned_name(import), libraries_.all_names())) {
      const auto libraries = without(consumer, libraries_.find_path(std::string(near)));
      if (!libraries.empty()) similar.push_back(libraries.front());
    }
    return similar;
  }

 private:
  [[nodiscard]] std::vector<resolve::UnitExport> without(
      const Extension& consumer, std::span<const resolve::UnitExport> interfaces) const {
    std::vector<resolve::UnitExport> others;
    for (const resolve::UnitExport at : interfaces)
      if (&owner(at) != &consumer) others.push_back(at);
    return others;
  }

  const Index& index_;
  std::vector<std::vector<types::ItemName>> names_;  // [extension][library]
  resolve::ExportIndex libraries_;
};

// The interfaces that extensions export, as libraries or not. Reads their names for the first
// question, because the imports of most stores are all met by libraries or by the program.
class ExportedInterfaces final {
 public:
  explicit ExportedInterfaces(const Index& index) : index_(index) {}

  // Whether an extension other than the consumer exports the interface, in any version.
  [[nodiscard]] bool has_other(const Extension& consumer, const types::ItemName& import) {
    if (!exports_) read_names();
    return std::ranges::any_of(
        exports_->find_path(resolve::unversioned_name(import)),
        [&](resolve::UnitExport at) { return &index_.extensions[at.unit] != &consumer; });
  }

 private:
  void read_names() {
    exports_.emplace();
    for (std::uint32_t e = 0; e < index_.extensions.size(); ++e) {
      const std::vector<std::string>& exports = index_.extensions[e].exports;
      for (std::uint32_t k = 0; k < exports.size(); ++k)
        exports_->add({e, k}, {read_interface_name(exports[k])});
    }
  }

  const Index& index_;
  std::optional<resolve::ExportIndex> exports_;
};

bool is_in(std::string_view range, const Version& version) {
  const auto read = parse_version_range(range);
  return read && matches_range(*read, version);
}

// A registry query for a package. range: of `[dependencies]`, where a version alone is short for its
// track; in a query, it is that version.
std::string query_of(std::string_view package, std::string_view range) {
  return fmt::format("{}@{}{}", package, parse_version(range) ? "^" : "", range);
}

bool is_interface(const ExtensionDependency& dependency) {
  return dependency.name.find(':') != dependency.name.npos;
}

// The row of `[dependencies]` for an interface without version or an extension, or null.
const ExtensionDependency* find_row(const Extension& consumer, std::string_view name) {
  const auto row = std::ranges::find(consumer.dependencies, name, &ExtensionDependency::name);
  return row == consumer.dependencies.end() ? nullptr : &*row;
}

const ExtensionDependency* find_row(const Extension& consumer, const types::ItemName& import) {
  return find_row(consumer, resolve::unversioned_name(import));
}

// A library with the name of an import.
struct ProviderCandidate {
  const Extension* provider;
  const types::ItemName* library;
  std::string why_not;  // empty if it meets the import
};

// The reason why a library cannot meet an import of its name; empty if it can.
std::string find_obstacle(const Extension& consumer, const types::ItemName& import,
                          const Extension& provider, const types::ItemName& library) {
  if (!resolve::names_match(import, library)) return "another compatibility track";
  const ExtensionDependency* const rule = find_row(consumer, import);
  if (rule != nullptr && !rule->from.empty() && rule->from != provider.name)
    return fmt::format("`{}` requires it from `{}`", consumer.name, rule->from);
  if (rule != nullptr && library.version && !is_in(rule->range, *library.version))
    return fmt::format("`{}` requires {}", consumer.name, rule->range);
  const ExtensionDependency* const named = find_row(consumer, provider.name);
  if (named != nullptr && !is_in(named->range, version_of(provider)))
    return fmt::format("`{}` requires `{}` {}", consumer.name, provider.name, named->range);
  return {};
}

std::vector<ProviderCandidate> list_candidates(const LibraryIndex& libraries,
                                               const Extension& consumer,
                                               const types::ItemName& import) {
  std::vector<ProviderCandidate> candidates;
  for (const resolve::UnitExport at : libraries.find_libraries(consumer, import)) {
    const Extension& provider = libraries.owner(at);
    const types::ItemName& library = libraries.library(at);
    candidates.push_back({&provider, &library, find_obstacle(consumer, import, provider, library)});
  }
  return candidates;
}

// For each provider, the library that resolve prefers among those that satisfy the import.
std::vector<const ProviderCandidate*> list_best(const types::ItemName& import,
                                                const std::vector<ProviderCandidate>& candidates) {
  std::vector<const ProviderCandidate*> best;
  for (const ProviderCandidate& candidate : candidates) {
    if (!candidate.why_not.empty()) continue;
    if (best.empty() || best.back()->provider != candidate.provider)
      best.push_back(&candidate);
    else if (resolve::compare_matches({&import, candidate.library, resolve::NameMatch::Own},
                                      {&import, best.back()->library, resolve::NameMatch::Own}) > 0)
      best.back() = &candidate;
  }
  return best;
}

// Orders the candidates of two providers.
bool is_better(const Extension& consumer, const ProviderCandidate& a, const ProviderCandidate& b) {
  const bool a_named = find_row(consumer, a.provider->name) != nullptr;
  const bool b_named = find_row(consumer, b.provider->name) != nullptr;
  if (a_named != b_named) return a_named;
  if (a.library->version && b.library->version) {
    const auto by_interface = compare_versions(*a.library->version, *b.library->version);
    if (by_interface != 0) return by_interface > 0;
  }
  const auto by_version = compare_versions(version_of(*a.provider), version_of(*b.provider));
  return by_version != 0 ? by_version > 0 : a.provider->name < b.provider->name;
}

const ProviderCandidate* choose(const Extension& consumer, const types::ItemName& import,
                                const std::vector<ProviderCandidate>& candidates,
                                Preference preference) {
  const std::vector<const ProviderCandidate*> best = list_best(import, candidates);
  if (preference == Preference::Locked)
    for (const ProviderCandidate* const candidate : best)
      for (const ExtensionNeed& need : consumer.needs)
        if (need.interface == import.text && need.from == candidate->provider->name &&
            need.version == candidate->provider->version)
          return candidate;
  const auto first =
      std::ranges::min_element(best, [&](const ProviderCandidate* a, const ProviderCandidate* b) {
        return is_better(consumer, *a, *b);
      });
  return first == best.end() ? nullptr : *first;
}

Diagnostic unmet_problem(const LibraryIndex& libraries, const Extension& consumer,
                         const types::ItemName& import,
                         const std::vector<ProviderCandidate>& candidates) {
  const ExtensionDependency* const rule = find_row(consumer, import);
  Diagnostic problem = make_diagnostic(
      Code::ExtUnmet, "`{}` needs `{}`, which no extension provides", consumer.name, import.text);
  if (rule != nullptr)
    problem.notes.push_back(
        {fmt::format("`{}` requires `{}` {}{}", consumer.name, rule->name, rule->range,
                     rule->from.empty() ? "" : " from `" + rule->from + "`"),
         {},
         {}});
  for (const ProviderCandidate& candidate : candidates)
    problem.notes.push_back({fmt::format("{} provides `{}`: {}", show(*candidate.provider),
                                         candidate.library->text, candidate.why_not),
                             {},
                             {}});
  if (candidates.empty())
    for (const resolve::UnitExport at : libraries.find_similar(consumer, import))
      problem.notes.push_back({fmt::format("similar: `{}`", libraries.library(at).text), {}, {}});
  problem.hints.push_back(fmt::format(
      "search for an extension that provides it, `tenon ext search --interface {}`, and add it, "
      "`tenon ext add SOURCE`",
      resolve::unversioned_name(import)));
  return problem;
}

Diagnostic unmet_extension_problem(const Index& index, const Extension& consumer,
                                   const ExtensionDependency& required) {
  Diagnostic problem = make_diagnostic(Code::ExtUnmet, "`{}` needs the extension `{}` {}",
                                       consumer.name, required.name, required.range);
  std::vector<std::string> names;
  for (const Extension& extension : index.extensions) {
    if (extension.name == required.name)
      problem.notes.push_back({"installed: " + show(extension), {}, {}});
    names.push_back(extension.name);
  }
  if (problem.notes.empty())
    for (const std::string_view near :
         near_misses(required.name, std::span<const std::string>(names)))
      problem.notes.push_back({fmt::format("similar: `{}`", near), {}, {}});
  problem.hints.push_back(
      fmt::format("add it: `tenon ext add '{}'`", query_of(required.name, required.range)));
  return problem;
}

// The words of `tenon ext remove` that remove an extension, and what needs it.
std::string removal_of(const Index& index, const Extension& extension) {
  const bool is_only_version =
      std::ranges::count(index.extensions, extension.name, &Extension::name) == 1;
  return fmt::format("{}{}{}", dependents_of(index, extension).empty() ? "" : "--cascade ",
                     extension.name, is_only_version ? "" : "@" + extension.version);
}

// For imports that another extension exports, but that are not library interfaces.
Diagnostic library_rule_problem(const Extension& consumer, const std::vector<std::string>& imports,
                                const LibraryPolicy& policy) {
  Diagnostic problem = make_diagnostic(
      Code::ExtLibraryRule, "`{}` imports interfaces of other extensions that are not libraries",
      consumer.name);
  for (const std::string& import : imports)
    problem.notes.push_back(
        {fmt::format("`{}` does not match {}", import, fmt::join(policy.globs(), " or ")), {}, {}});
  problem.hints.emplace_back(
      "extensions are linked by library interfaces only: export the functions as an interface "
      "`lib`, or extend `library-interfaces` in the policy of the store");
  return problem;
}

// For imports that are not library interfaces and that nothing exports.
Diagnostic unprovided_problem(const Extension& consumer, const std::string& import,
                              const LibraryPolicy& policy) {
  Diagnostic problem = make_diagnostic(
      Code::ExtUnmet, "`{}` needs `{}`, which neither the program nor an extension provides",
      consumer.name, import);
  problem.notes.push_back({fmt::format("extensions are linked by interfaces that match {}",
                                       fmt::join(policy.globs(), " or ")),
                           {},
                           {}});
  problem.hints.emplace_back(
      "add an extension that exports it as a library, or a host bundle that provides it (`tenon "
      "host list`); or link it explicitly with `tenon run`");
  return problem;
}

// The registry query for an interface: its own package, or the extension that `from` names.
std::string source_of(const Extension& consumer, const types::ItemName& import) {
  const ExtensionDependency* const rule = find_row(consumer, import);
  if (rule != nullptr && !rule->from.empty()) {
    const ExtensionDependency* const named = find_row(consumer, rule->from);
    return query_of(rule->from, named == nullptr ? "*" : named->range);
  }
  const std::string& name = resolve::unversioned_name(import);
  const std::string package = name.substr(0, name.find('/'));
  if (rule != nullptr) return query_of(package, rule->range);
  return import.version ? fmt::format("{}@^{}", package, print_version(*import.version)) : package;
}

bool is_named_met(const Index& index, const ExtensionDependency& required) {
  return std::ranges::any_of(index.extensions, [&](const Extension& extension) {
    return extension.name == required.name && is_in(required.range, version_of(extension));
  });
}

// Chooses the providers for one consumer after the other, and collects what is missing.
class NeedResolver final {
 public:
  // fresh: see NeedExceptions.
  NeedResolver(const Index& index, const LibraryPolicy& policy, Preference preference,
               ExtensionKeys fresh = {})
      : index_(index),
        libraries_(index),
        exported_(index),
        policy_(policy),
        preference_(preference),
        fresh_(std::move(fresh)) {}

  [[nodiscard]] std::vector<ExtensionNeed> meet(const Extension& consumer) {
    std::vector<ExtensionNeed> provided;
    std::vector<std::string> not_libraries;
    for (const std::string& import : consumer.imports) {
      if (policy_.is_host_provided(import)) continue;
      if (policy_.allows(import))
        meet_import(consumer, read_interface_name(import), provided);
      else if (exported_.has_other(consumer, read_interface_name(import)))
        not_libraries.push_back(import);
    }
    for (const ExtensionDependency& required : consumer.dependencies)
      if (!is_interface(required) && !required.is_optional && !is_named_met(index_, required))
        add_missing(consumer, required.name, query_of(required.name, required.range),
                    unmet_extension_problem(index_, consumer, required));
    if (!not_libraries.empty()) {
      problems_.push_back(library_rule_problem(consumer, not_libraries, policy_));
      if (!fresh_.contains(key_of(consumer)))
        problems_.back().hints.push_back(
            fmt::format("or remove it: `tenon ext remove {}`", removal_of(index_, consumer)));
    }
    return provided;
  }

  [[nodiscard]] Diagnostics take_problems() { return std::exchange(problems_, {}); }
  [[nodiscard]] std::vector<MissingNeed> take_missing() { return std::move(missing_); }

 private:
  void meet_import(const Extension& consumer, const types::ItemName& import,
                   std::vector<ExtensionNeed>& provided) {
    const std::vector<ProviderCandidate> candidates = list_candidates(libraries_, consumer, import);
    const ProviderCandidate* const chosen = choose(consumer, import, candidates, preference_);
    const ExtensionDependency* const rule = find_row(consumer, import);
    if (chosen != nullptr)
      provided.push_back({import.text, chosen->library->text, chosen->provider->name,
                          chosen->provider->version, rule != nullptr && rule->is_lazy});
    else if (rule == nullptr || !rule->is_optional)
      add_missing(consumer, import.text, source_of(consumer, import),
                  unmet_problem(libraries_, consumer, import, candidates));
  }
  void add_missing(const Extension& consumer, const std::string& required, std::string source,
                   Diagnostic problem) {
    missing_.push_back({consumer.name, required, std::move(source), problems_.size()});
    problems_.push_back(std::move(problem));
  }

  const Index& index_;
  const LibraryIndex libraries_;
  ExportedInterfaces exported_;
  const LibraryPolicy& policy_;
  Preference preference_;
  ExtensionKeys fresh_;
  Diagnostics problems_;
  std::vector<MissingNeed> missing_;
};

}  // namespace

std::pair<std::string, std::string> key_of(const Extension& extension) {
  return {extension.name, extension.version};
}

Diagnostics meet_needs(Index& index, const LibraryPolicy& policy, Preference preference,
                       std::vector<MissingNeed>* missing, const NeedExceptions& exceptions) {
  NeedResolver resolver(index, policy, preference, exceptions.fresh);
  for (Extension& consumer : index.extensions)
    if (!exceptions.unchanged.contains(key_of(consumer))) consumer.needs = resolver.meet(consumer);
  if (missing != nullptr) *missing = resolver.take_missing();
  return resolver.take_problems();
}

ExtensionKeys find_broken(Index index, const LibraryPolicy& policy) {
  ExtensionKeys broken;
  NeedResolver resolver(index, policy, Preference::Locked);
  for (Extension& consumer : index.extensions) {
    consumer.needs = resolver.meet(consumer);
    if (!resolver.take_problems().empty()) broken.insert(key_of(consumer));
  }
  broken.merge(find_members_of_cycles(index));
  return broken;
}

Diagnostics meet_closure(Index& index, const Extension& root, const LibraryPolicy& policy) {
  NeedResolver resolver(index, policy, Preference::Locked);
  std::set<const Extension*> seen;
  // An import that is met again can need an extension that was not in the closure.
  for (bool is_done = false; !is_done;) {
    is_done = true;
    const std::vector<const Extension*> ordered = closure_of(index, root);
    const std::set<const Extension*> closure(ordered.begin(), ordered.end());
    for (Extension& consumer : index.extensions) {
      if (!closure.contains(&consumer) || !seen.insert(&consumer).second) continue;
      consumer.needs = resolver.meet(consumer);
      is_done = false;
    }
  }
  return resolver.take_problems();
}

Diagnostics find_unprovided(const Index& index, const std::vector<const Extension*>& consumers,
                            const LibraryPolicy& policy) {
  ExportedInterfaces exported(index);
  Diagnostics problems;
  for (const Extension* const consumer : consumers)
    for (const std::string& import : consumer->imports) {
      if (policy.is_host_provided(import) || policy.allows(import)) continue;
      const types::ItemName name = read_interface_name(import);
      const ExtensionDependency* const rule = find_row(*consumer, name);
      if ((rule != nullptr && rule->is_optional) || exported.has_other(*consumer, name)) continue;
      problems.push_back(unprovided_problem(*consumer, import, policy));
    }
  return problems;
}

std::vector<Dependent> dependents_of(const Index& index, const Extension& provider) {
  std::vector<Dependent> dependents;
  for (const Extension& consumer : index.extensions)
    for (const ExtensionNeed& need : consumer.needs)
      if (need.from == provider.name && need.version == provider.version)
        dependents.push_back({&consumer, need.interface});
  return dependents;
}

}  // namespace tenon::extension
