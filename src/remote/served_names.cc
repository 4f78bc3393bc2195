#include "remote/served_names.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "remote/extension.h"
#include "remote/nats_connection.h"
#include "remote/remote_function.h"
#include "remote/server.h"
#include "resolve/name_match.h"
#include "support/names.h"
#include "support/semver.h"
#include "types/interface_name.h"

namespace tenon::remote {

namespace {

// The name of a versioned interface; nothing for other instances.
std::optional<types::ItemName> read_interface(const std::string& instance) {
  Result<types::ItemName> name = types::parse_item_name(instance);
  if (!name || !name->version) return std::nullopt;
  return *std::move(name);
}

// The path of an interface with its track; empty if the instance is something else.
std::string key_of_interface(const std::string& instance) {
  const Result<types::ItemName> name = types::parse_item_name(instance);
  return name && resolve::is_interface(*name) ? resolve::track_key(*name) : std::string();
}

// The instance of a subject, which matches the releases of the track.
std::string pattern_of(const std::string& instance) {
  const auto name = read_interface(instance);
  if (!name || !name->version->prerelease.empty() || !name->version->build.empty() ||
      name->is_canonical || name->track.starts_with("0.0."))
    return instance;
  const bool is_zero = name->version->major == 0;
  return fmt::format("{}@{}{}", name->path, name->track, is_zero ? ".*" : ".*.*");
}

std::string subject_of(std::string_view prefix, const ServedNames::Name& name) {
  return nats_subject(prefix, nullptr, name.first, name.second);
}

}  // namespace

ServedNames::ServedNames(std::span<ServedFunction> functions) {
  for (ServedFunction& function : functions) {
    const std::string on_wire = function_on_wire(function.function);
    by_name_.emplace(Name(function.instance, on_wire), &function);
    if (const std::string key = key_of_interface(function.implements); !key.empty())
      by_implemented_[{key, on_wire}].push_back(&function);
    const auto name = read_interface(function.instance);
    if (!name) continue;
    ServedFunction*& newest = by_track_[{resolve::track_key(*name), on_wire}];
    if (newest == nullptr ||
        compare_versions(*name->version, *read_interface(newest->instance)->version) > 0)
      newest = &function;
  }
}

bool ServedNames::is_world(const std::string& instance) const {
  return std::ranges::find(worlds_, instance) != worlds_.end();
}

ServedNames::Found ServedNames::find(const std::string& instance,
                                     const std::string& function) const {
  Found found;
  if (const auto exact = by_name_.find({instance, function}); exact != by_name_.end()) {
    found = {exact->second, true};
  } else if (is_world(instance)) {
    return find({}, function);
  } else if (const auto name = read_interface(instance)) {
    const auto same_track = by_track_.find({resolve::track_key(*name), function});
    if (same_track != by_track_.end()) found = {same_track->second, false};
  }
  if (!by_implemented_.empty()) find_labelled(instance, function, found);
  return found;
}

void ServedNames::find_labelled(const std::string& instance, const std::string& function,
                                Found& found) const {
  const std::string key = key_of_interface(instance);
  const auto labelled = by_implemented_.find({key, function});
  if (key.empty() || labelled == by_implemented_.end()) return;
  found.labelled = labelled->second;
  if (found.function != nullptr) return;
  // The same version, if there is one.
  std::ranges::stable_partition(
      found.labelled, [&](const ServedFunction* each) { return is_version(*each, instance); });
  found.function = found.labelled.front();
  found.is_exact = is_version(*found.function, instance);
  found.must_choose = found.labelled.size() > 1;
}

bool ServedNames::is_version(const ServedFunction& function, const std::string& instance) {
  return function.instance == instance || function.implements == instance;
}

std::string ServedNames::explain_choice(const Found& found, const std::string& instance) {
  std::vector<std::string> labels;
  for (const ServedFunction* const function : found.labelled) labels.push_back(function->instance);
  return fmt::format(
      "`{}` is served here as `{}`, and the call names none of them: add a wire whose export is "
      "one, "
      "such as `--wire IMPORT=REMOTE:{}`",
      instance, fmt::join(labels, "` and `"), labels.front());
}

std::string ServedNames::explain_unknown(const std::string& instance,
                                         const std::string& function) const {
  std::set<std::string> instances;
  std::vector<std::string> functions;
  for (const auto& [name, served] : by_name_) {
    instances.insert(name.first);
    if (name.first == instance) functions.push_back(name.second);
  }
  if (!functions.empty())
    return fmt::format("`{}` has no function `{}`; {}", instance, function,
                       suggest_name(function, std::move(functions), "functions"));
  // Other versions of the same interface.
  const std::string base = instance.substr(0, instance.find('@'));
  std::string versions;
  for (const std::string& served : instances)
    if (served.substr(0, served.find('@')) == base)
      versions += fmt::format("{}`{}`", versions.empty() ? "" : ", ", served);
  return versions.empty() ? fmt::format("`{}` is not served here", instance)
                          : fmt::format("`{}` is not served here, but {} is", instance, versions);
}

std::vector<std::string> ServedNames::subjects(std::string_view prefix, bool has_tracks) const {
  std::set<std::string> subjects;
  for (const auto& [name, function] : by_name_) {
    const auto add = [&](const std::string& instance) {
      subjects.insert(
          subject_of(prefix, {has_tracks ? pattern_of(instance) : instance, name.second}));
    };
    add(name.first);
    if (!function->implements.empty()) add(function->implements);
    if (!name.first.empty()) continue;
    for (const std::string& world : worlds_)
      subjects.insert(subject_of(prefix, {world, name.second}));
  }
  return {subjects.begin(), subjects.end()};
}

std::optional<ServedNames::Name> ServedNames::read_subject(std::string_view subject) const {
  const std::string protocol = nats_subject({}, nullptr, {}, {}) + ".";
  if (!subject.starts_with(protocol)) return std::nullopt;
  const std::string_view rest = subject.substr(protocol.size());
  if (rest == fmt::format("{}.{}", kHandlesInstance, kRenewFunction))
    return Name(kHandlesInstance, kRenewFunction);
  // Versions and names of methods have dots, so the served names say where the instance ends.
  for (const auto& [name, served] : by_name_) {
    const std::string& function = name.second;
    if (rest == function && name.first.empty()) return name;
    if (rest.size() <= function.size() + 1 || !rest.ends_with("." + function)) continue;
    Name named(rest.substr(0, rest.size() - function.size() - 1), function);
    if (find(named.first, named.second).function != nullptr) return named;
  }
  return std::nullopt;
}

}  // namespace tenon::remote
