#include "extension/needs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "support/diagnostics.h"
#include "support/names.h"
#include "support/semver.h"

namespace tenon::extension {

namespace {

// "multiply 1.2.0"
std::string show(const Extension& extension) {
  return fmt::format("{} {}", extension.name, extension.version);
}

std::optional<Version> interface_version(std::string_view interface) {
  const std::size_t at = interface.find('@');
  if (at == interface.npos) return std::nullopt;
  const auto version = parse_interface_version(interface.substr(at + 1), std::nullopt);
  return version ? std::optional(*version) : std::nullopt;
}

bool is_in(std::string_view range, const Version& version) {
  const auto read = parse_version_range(range);
  return read && matches_range(*read, version);
}

bool is_interface(const ExtensionDependency& dependency) {
  return dependency.name.find(':') != dependency.name.npos;
}

// The row of `[dependencies]` for an interface, or null.
const ExtensionDependency* find_rule(const Extension& consumer, std::string_view interface) {
  for (const ExtensionDependency& row : consumer.dependencies)
    if (row.name == base_name(interface)) return &row;
  return nullptr;
}

// The row of `[dependencies]` for an extension, or null.
const ExtensionDependency* find_named(const Extension& consumer, std::string_view extension) {
  for (const ExtensionDependency& row : consumer.dependencies)
    if (row.name == extension) return &row;
  return nullptr;
}

// An interface that could meet an import, or a near miss.
struct ProviderCandidate {
  const Extension* provider;
  std::string interface;  // as the provider exports it
  std::string why_not;    // empty if it meets the import
};

ProviderCandidate make_candidate(const Extension& consumer, const std::string& import,
                                 const Extension& provider, const std::string& library) {
  const auto candidate = [&](std::string why_not) {
    return ProviderCandidate{&provider, library, std::move(why_not)};
  };
  if (track_of_interface(library) != track_of_interface(import))
    return candidate("another compatibility track");
  const ExtensionDependency* const rule = find_rule(consumer, import);
  const std::optional<Version> version = interface_version(library);
  if (rule != nullptr && !rule->from.empty() && rule->from != provider.name)
    return candidate(fmt::format("`{}` requires it from `{}`", consumer.name, rule->from));
  if (rule != nullptr && version && !is_in(rule->range, *version))
    return candidate(fmt::format("`{}` requires {}", consumer.name, rule->range));
  const ExtensionDependency* const named = find_named(consumer, provider.name);
  if (named != nullptr && !is_in(named->range, version_of(provider)))
    return candidate(
        fmt::format("`{}` requires `{}` {}", consumer.name, provider.name, named->range));
  return candidate({});
}

// The libraries of all extensions that have the name of the import.
std::vector<ProviderCandidate> list_candidates(const Index& index, const Extension& consumer,
                                               const std::string& import) {
  std::vector<ProviderCandidate> candidates;
  for (const Extension& provider : index.extensions) {
    if (&provider == &consumer) continue;
    for (const std::string& library : provider.libraries)
      if (base_name(library) == base_name(import))
        candidates.push_back(make_candidate(consumer, import, provider, library));
  }
  return candidates;
}

bool is_better(const Extension& consumer, const ProviderCandidate& a, const ProviderCandidate& b) {
  const bool a_named = find_named(consumer, a.provider->name) != nullptr;
  const bool b_named = find_named(consumer, b.provider->name) != nullptr;
  if (a_named != b_named) return a_named;
  const std::optional<Version> a_version = interface_version(a.interface);
  const std::optional<Version> b_version = interface_version(b.interface);
  if (a_version && b_version && compare_versions(*a_version, *b_version) != 0)
    return compare_versions(*a_version, *b_version) > 0;
  if (a.provider->name != b.provider->name) {
    const auto by_version = compare_versions(version_of(*a.provider), version_of(*b.provider));
    return by_version != 0 ? by_version > 0 : a.provider->name < b.provider->name;
  }
  return compare_versions(version_of(*a.provider), version_of(*b.provider)) > 0;
}

const ProviderCandidate* choose(const Extension& consumer, const std::string& import,
                                const std::vector<ProviderCandidate>& candidates,
                                Preference preference) {
  const ProviderCandidate* best = nullptr;
  for (const ProviderCandidate& candidate : candidates) {
    if (!candidate.why_not.empty()) continue;
    if (preference == Preference::Locked)
      for (const ExtensionNeed& need : consumer.needs)
        if (need.interface == import && need.from == candidate.provider->name &&
            need.version == candidate.provider->version)
          return &candidate;
    if (best == nullptr || is_better(consumer, candidate, *best)) best = &candidate;
  }
  return best;
}

Diagnostic unmet_problem(const Index& index, const Extension& consumer, const std::string& import,
                         const std::vector<ProviderCandidate>& candidates) {
  const ExtensionDependency* const rule = find_rule(consumer, import);
  Diagnostic problem = make_diagnostic(
      Code::ExtUnmet, "`{}` needs `{}`, which no extension provides", consumer.name, import);
  if (rule != nullptr)
    problem.notes.push_back(
        {fmt::format("`{}` requires `{}` {}{}", consumer.name, rule->name, rule->range,
                     rule->from.empty() ? "" : " from `" + rule->from + "`"),
         {},
         {}});
  for (const ProviderCandidate& candidate : candidates)
    problem.notes.push_back({fmt::format("{} provides `{}`: {}", show(*candidate.provider),
                                         candidate.interface, candidate.why_not),
                             {},
                             {}});
  std::vector<std::string> known;
  for (const Extension& extension : index.extensions)
    known.insert(known.end(), extension.libraries.begin(), extension.libraries.end());
  if (candidates.empty())
    for (const std::string_view near : near_misses(import, std::span<const std::string>(known)))
      problem.notes.push_back({fmt::format("similar: `{}`", near), {}, {}});
  problem.hints.push_back(fmt::format(
      "search for an extension that provides it, `tenon ext search {}`, and add it, `tenon ext add "
      "SOURCE`",
      base_name(import)));
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
      fmt::format("add it: `tenon ext add '{}@{}'`", required.name, required.range));
  return problem;
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

bool is_exported(const Index& index, const Extension& consumer, std::string_view import) {
  return std::ranges::any_of(index.extensions, [&](const Extension& provider) {
    return &provider != &consumer &&
           std::ranges::any_of(provider.exports, [&](const std::string& exported) {
             return base_name(exported) == base_name(import);
           });
  });
}

// The registry query for an interface: its own package, or the extension that `from` names.
std::string source_of(const Extension& consumer, std::string_view import) {
  const ExtensionDependency* const rule = find_rule(consumer, import);
  if (rule != nullptr && !rule->from.empty()) {
    const ExtensionDependency* const named = find_named(consumer, rule->from);
    return fmt::format("{}@{}", rule->from, named == nullptr ? "*" : named->range);
  }
  const std::string_view name = base_name(import);
  const std::string_view package = name.substr(0, name.find('/'));
  const std::optional<Version> version = interface_version(import);
  if (rule != nullptr) return fmt::format("{}@{}", package, rule->range);
  return version ? fmt::format("{}@^{}", package, print_version(*version)) : std::string(package);
}

bool is_named_met(const Index& index, const ExtensionDependency& required) {
  return std::ranges::any_of(index.extensions, [&](const Extension& extension) {
    return extension.name == required.name && is_in(required.range, version_of(extension));
  });
}

// Chooses the providers for one consumer after the other, and collects what is missing.
class NeedResolver final {
 public:
  NeedResolver(const Index& index, const LibraryPolicy& policy, Preference preference)
      : index_(index), policy_(policy), preference_(preference) {}

  [[nodiscard]] std::vector<ExtensionNeed> meet(const Extension& consumer) {
    std::vector<ExtensionNeed> met;
    std::vector<std::string> not_libraries;
    for (const std::string& import : consumer.imports) {
      if (policy_.is_host_provided(import)) continue;
      if (policy_.allows(import))
        meet_import(consumer, import, met);
      else if (is_exported(index_, consumer, import))
        not_libraries.push_back(import);
    }
    for (const ExtensionDependency& required : consumer.dependencies)
      if (!is_interface(required) && !required.is_optional && !is_named_met(index_, required))
        add_missing(consumer, required.name, fmt::format("{}@{}", required.name, required.range),
                    unmet_extension_problem(index_, consumer, required));
    if (!not_libraries.empty())
      problems_.push_back(library_rule_problem(consumer, not_libraries, policy_));
    return met;
  }

  [[nodiscard]] Diagnostics take_problems() { return std::move(problems_); }
  [[nodiscard]] std::vector<MissingNeed> take_missing() { return std::move(missing_); }

 private:
  void meet_import(const Extension& consumer, const std::string& import,
                   std::vector<ExtensionNeed>& met) {
    const std::vector<ProviderCandidate> candidates = list_candidates(index_, consumer, import);
    const ProviderCandidate* const chosen = choose(consumer, import, candidates, preference_);
    const ExtensionDependency* const rule = find_rule(consumer, import);
    if (chosen != nullptr)
      met.push_back({import, chosen->interface, chosen->provider->name, chosen->provider->version,
                     rule != nullptr && rule->is_lazy});
    else if (rule == nullptr || !rule->is_optional)
      add_missing(consumer, import, source_of(consumer, import),
                  unmet_problem(index_, consumer, import, candidates));
  }
  void add_missing(const Extension& consumer, const std::string& required, std::string source,
                   Diagnostic problem) {
    missing_.push_back({consumer.name, required, std::move(source), problems_.size()});
    problems_.push_back(std::move(problem));
  }

  const Index& index_;
  const LibraryPolicy& policy_;
  Preference preference_;
  Diagnostics problems_;
  std::vector<MissingNeed> missing_;
};

}  // namespace

Diagnostics meet_needs(Index& index, const LibraryPolicy& policy, Preference preference,
                       std::vector<MissingNeed>* missing) {
  NeedResolver resolver(index, policy, preference);
  for (Extension& consumer : index.extensions) consumer.needs = resolver.meet(consumer);
  if (missing != nullptr) *missing = resolver.take_missing();
  return resolver.take_problems();
}

Diagnostics find_unprovided(const Index& index, const Extension& consumer,
                            const LibraryPolicy& policy) {
  Diagnostics problems;
  for (const std::string& import : consumer.imports) {
    const ExtensionDependency* const rule = find_rule(consumer, import);
    if (policy.is_host_provided(import) || policy.allows(import) ||
        is_exported(index, consumer, import) || (rule != nullptr && rule->is_optional))
      continue;
    problems.push_back(unprovided_problem(consumer, import, policy));
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
