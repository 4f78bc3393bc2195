#include "extension/needs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "support/diagnostics.h"
#include "support/near_miss.h"
#include "support/semver.h"
#include "support/version_range.h"

namespace tenon::extension {

namespace {

// "multiply 1.2.0"
std::string show(const Extension& one) { return fmt::format("{} {}", one.name, one.version); }

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

bool is_interface(const ExtensionDependency& wanted) {
  return wanted.name.find(':') != wanted.name.npos;
}

// The row of `[dependencies]` that speaks of an interface.
const ExtensionDependency* find_rule(const Extension& consumer, std::string_view interface) {
  for (const ExtensionDependency& one : consumer.dependencies)
    if (one.name == base_name(interface)) return &one;
  return nullptr;
}

// The row that speaks of an extension by its name.
const ExtensionDependency* find_named(const Extension& consumer, std::string_view extension) {
  for (const ExtensionDependency& one : consumer.dependencies)
    if (one.name == extension) return &one;
  return nullptr;
}

// What an extension offers in the place of an import, or why it does not do.
struct Offer {
  const Extension* provider;
  std::string interface;  // of it
  std::string why_not;    // empty: it does
};

Offer weigh(const Extension& consumer, const std::string& import, const Extension& provider,
            const std::string& library) {
  const auto refuse = [&](std::string why) { return Offer{&provider, library, std::move(why)}; };
  if (track_of_interface(library) != track_of_interface(import))
    return refuse("another compatibility track");
  const ExtensionDependency* const rule = find_rule(consumer, import);
  const std::optional<Version> version = interface_version(library);
  if (rule != nullptr && !rule->from.empty() && rule->from != provider.name)
    return refuse(fmt::format("`from` of {} is {}", consumer.name, rule->from));
  if (rule != nullptr && version && !is_in(rule->range, *version))
    return refuse(fmt::format("{} wants {}", consumer.name, rule->range));
  const ExtensionDependency* const named = find_named(consumer, provider.name);
  if (named != nullptr && !is_in(named->range, version_of(provider)))
    return refuse(fmt::format("{} wants {} {}", consumer.name, provider.name, named->range));
  return refuse({});
}

// Every extension that has something of that name.
std::vector<Offer> weigh_all(const Index& index, const Extension& consumer,
                             const std::string& import) {
  std::vector<Offer> offers;
  for (const Extension& provider : index.extensions) {
    if (&provider == &consumer) continue;
    for (const std::string& library : provider.libraries)
      if (base_name(library) == base_name(import))
        offers.push_back(weigh(consumer, import, provider, library));
  }
  return offers;
}

bool is_better(const Extension& consumer, const Offer& a, const Offer& b) {
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

const Offer* choose(const Extension& consumer, const std::string& import,
                    const std::vector<Offer>& offers, Preference preference) {
  const Offer* best = nullptr;
  for (const Offer& offer : offers) {
    if (!offer.why_not.empty()) continue;
    if (preference == Preference::Locked)
      for (const ExtensionNeed& need : consumer.needs)
        if (need.interface == import && need.from == offer.provider->name &&
            need.version == offer.provider->version)
          return &offer;
    if (best == nullptr || is_better(consumer, offer, *best)) best = &offer;
  }
  return best;
}

Diagnostic tell_unmet(const Index& index, const Extension& consumer, const std::string& import,
                      const std::vector<Offer>& offers) {
  const ExtensionDependency* const rule = find_rule(consumer, import);
  Diagnostic problem = make_diagnostic(Code::ExtUnmet, "`{}` needs `{}`, and no extension has it",
                                       consumer.name, import);
  if (rule != nullptr)
    problem.notes.push_back({fmt::format("{} wants {} {}{}", consumer.name, rule->name, rule->range,
                                         rule->from.empty() ? "" : " from " + rule->from),
                             {},
                             {}});
  for (const Offer& offer : offers)
    problem.notes.push_back(
        {fmt::format("{} has {}: {}", show(*offer.provider), offer.interface, offer.why_not),
         {},
         {}});
  std::vector<std::string> known;
  for (const Extension& one : index.extensions)
    known.insert(known.end(), one.libraries.begin(), one.libraries.end());
  if (offers.empty())
    for (const std::string_view near : near_misses(import, std::span<const std::string>(known)))
      problem.notes.push_back({fmt::format("there is `{}`", near), {}, {}});
  problem.hints.push_back(fmt::format(
      "add one that exports it: `tenon ext add SOURCE`; `tenon ext search {}` looks for it",
      base_name(import)));
  return problem;
}

Diagnostic tell_named(const Index& index, const Extension& consumer,
                      const ExtensionDependency& wanted) {
  Diagnostic problem = make_diagnostic(Code::ExtUnmet, "`{}` needs the extension `{}` {}",
                                       consumer.name, wanted.name, wanted.range);
  std::vector<std::string> names;
  for (const Extension& one : index.extensions) {
    if (one.name == wanted.name) problem.notes.push_back({"there is " + show(one), {}, {}});
    names.push_back(one.name);
  }
  if (problem.notes.empty())
    for (const std::string_view near :
         near_misses(wanted.name, std::span<const std::string>(names)))
      problem.notes.push_back({fmt::format("there is `{}`", near), {}, {}});
  problem.hints.push_back(
      fmt::format("add it: `tenon ext add '{}@{}'`", wanted.name, wanted.range));
  return problem;
}

// What another extension exports, and none may be linked by.
Diagnostic tell_rule(const Extension& consumer, const std::vector<std::string>& imports,
                     const LibraryPolicy& policy) {
  Diagnostic problem = make_diagnostic(
      Code::ExtLibraryRule, "`{}` imports from other extensions what is no library", consumer.name);
  for (const std::string& import : imports)
    problem.notes.push_back(
        {fmt::format("`{}` matches none of {}", import, fmt::join(policy.globs(), ", ")), {}, {}});
  problem.hints.emplace_back(
      "extensions link by library interfaces alone: let the provider export the functions as an "
      "interface `lib`; or the owner of the store widens `library-interfaces` of its policy");
  return problem;
}

// What is no library, and nobody else's either.
Diagnostic tell_foreign(const Extension& consumer, const std::string& import,
                        const LibraryPolicy& policy) {
  Diagnostic problem = make_diagnostic(
      Code::ExtUnmet, "`{}` needs `{}`, and neither the program nor an extension has it",
      consumer.name, import);
  problem.notes.push_back(
      {fmt::format("extensions link by interfaces that match {}", fmt::join(policy.globs(), ", ")),
       {},
       {}});
  problem.hints.emplace_back(
      "add what exports it as a library, or a host bundle that provides it: `tenon host list`; or "
      "link it by hand: `tenon run`");
  return problem;
}

bool is_exported(const Index& index, const Extension& consumer, std::string_view import) {
  return std::ranges::any_of(index.extensions, [&](const Extension& one) {
    return &one != &consumer && std::ranges::any_of(one.exports, [&](const std::string& exported) {
      return base_name(exported) == base_name(import);
    });
  });
}

// Where an interface would come from: a package of its name, or the extension that `from` names.
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

bool is_named_met(const Index& index, const ExtensionDependency& wanted) {
  return std::ranges::any_of(index.extensions, [&](const Extension& one) {
    return one.name == wanted.name && is_in(wanted.range, version_of(one));
  });
}

class Meeting final {
 public:
  Meeting(const Index& index, const LibraryPolicy& policy, Preference preference)
      : index_(index), policy_(policy), preference_(preference) {}

  [[nodiscard]] std::vector<ExtensionNeed> meet(const Extension& consumer) {
    std::vector<ExtensionNeed> met;
    std::vector<std::string> against_rule;
    for (const std::string& import : consumer.imports) {
      if (policy_.is_of_host(import)) continue;
      if (policy_.allows(import))
        meet_import(consumer, import, met);
      else if (is_exported(index_, consumer, import))
        against_rule.push_back(import);
    }
    for (const ExtensionDependency& wanted : consumer.dependencies)
      if (!is_interface(wanted) && !wanted.is_optional && !is_named_met(index_, wanted))
        miss(consumer, wanted.name, fmt::format("{}@{}", wanted.name, wanted.range),
             tell_named(index_, consumer, wanted));
    if (!against_rule.empty()) problems_.push_back(tell_rule(consumer, against_rule, policy_));
    return met;
  }

  [[nodiscard]] Diagnostics take_problems() { return std::move(problems_); }
  [[nodiscard]] std::vector<Missing> take_missing() { return std::move(missing_); }

 private:
  void meet_import(const Extension& consumer, const std::string& import,
                   std::vector<ExtensionNeed>& met) {
    const std::vector<Offer> offers = weigh_all(index_, consumer, import);
    const Offer* const chosen = choose(consumer, import, offers, preference_);
    const ExtensionDependency* const rule = find_rule(consumer, import);
    if (chosen != nullptr)
      met.push_back({import, chosen->interface, chosen->provider->name, chosen->provider->version,
                     rule != nullptr && rule->is_lazy});
    else if (rule == nullptr || !rule->is_optional)
      miss(consumer, import, source_of(consumer, import),
           tell_unmet(index_, consumer, import, offers));
  }
  void miss(const Extension& consumer, const std::string& wanted, std::string source,
            Diagnostic problem) {
    missing_.push_back({consumer.name, wanted, std::move(source), problems_.size()});
    problems_.push_back(std::move(problem));
  }

  const Index& index_;
  const LibraryPolicy& policy_;
  Preference preference_;
  Diagnostics problems_;
  std::vector<Missing> missing_;
};

}  // namespace

Diagnostics meet_needs(Index& index, const LibraryPolicy& policy, Preference preference,
                       std::vector<Missing>* missing) {
  Meeting meeting(index, policy, preference);
  for (Extension& consumer : index.extensions) consumer.needs = meeting.meet(consumer);
  if (missing != nullptr) *missing = meeting.take_missing();
  return meeting.take_problems();
}

Diagnostics find_foreign(const Index& index, const Extension& consumer,
                         const LibraryPolicy& policy) {
  Diagnostics problems;
  for (const std::string& import : consumer.imports) {
    const ExtensionDependency* const rule = find_rule(consumer, import);
    if (policy.is_of_host(import) || policy.allows(import) ||
        is_exported(index, consumer, import) || (rule != nullptr && rule->is_optional))
      continue;
    problems.push_back(tell_foreign(consumer, import, policy));
  }
  return problems;
}

std::vector<User> users_of(const Index& index, const Extension& provider) {
  std::vector<User> users;
  for (const Extension& consumer : index.extensions)
    for (const ExtensionNeed& need : consumer.needs)
      if (need.from == provider.name && need.version == provider.version)
        users.push_back({&consumer, need.interface});
  return users;
}

}  // namespace tenon::extension
