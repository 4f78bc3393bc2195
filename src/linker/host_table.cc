#include "linker/host_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "linker/exports.h"
#include "support/diagnostics.h"
#include "types/interface_name.h"

namespace tenon::linker {

namespace {

// Functions of resources are functions.
std::vector<HostFunction> all_functions(const HostParts& parts) {
  std::vector<HostFunction> all = parts.functions;
  for (const HostResourceParts& resource : parts.resources)
    all.insert(all.end(), resource.functions.begin(), resource.functions.end());
  return all;
}

// Packages import interfaces of any name: `host`.
types::ItemName name_of_interface(std::string_view interface) {
  if (Result<types::ItemName> name = types::parse_item_name(interface)) return *std::move(name);
  types::ItemName any;
  any.text = interface;
  return any;
}

bool is_meant(const resolve::NamePattern& pattern, const types::ItemName& interface) {
  return interface.kind == types::NameKind::Interface ? resolve::matches_name(pattern, interface)
                                                      : pattern.text == interface.text;
}

// Of globs that mean one interface the first by its text, in whatever order they were added.
bool says_more(const resolve::NamePattern& a, const resolve::NamePattern& b) {
  return a.precision != b.precision ? a.precision > b.precision : a.text < b.text;
}

// The one of these that says most of an interface.
template <class Entries>
const auto* find_entry(const Entries& entries, std::string_view interface, std::string_view name) {
  const typename Entries::value_type* found = nullptr;
  const types::ItemName wanted = name_of_interface(interface);
  for (const auto& entry : entries) {
    if (entry.given.name != name) continue;
    const bool fits = interface.empty()
                          ? entry.given.interface.empty()
                          : !entry.given.interface.empty() && is_meant(entry.pattern, wanted);
    if (fits && (found == nullptr || says_more(entry.pattern, found->pattern))) found = &entry;
  }
  return found == nullptr ? nullptr : &found->given;
}

template <class Entries>
auto all_given(const Entries& entries) {
  std::vector<decltype(&entries.front().given)> all;
  for (const auto& entry : entries) all.push_back(&entry.given);
  return all;
}

template <class Entries, class T>
void add_entry(Entries& entries, const T& given) {
  if (given.interface.empty()) {
    entries.push_back({{}, given});
    return;
  }
  auto pattern = resolve::parse_name_pattern(given.interface);
  if (pattern) entries.push_back({*std::move(pattern), given});
}

void add_problem(Diagnostics& problems, const std::string& shown, std::string_view why,
                 std::string_view hint) {
  Diagnostic problem =
      make_diagnostic(Code::ConfigValue, "`{}` cannot be provided: {}", shown, why);
  problem.hints.emplace_back(hint);
  problems.push_back(std::move(problem));
}

// "host", "my_host", "a.b"
bool is_plain_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  });
}

template <class T>
void check(const T& given, HostNames names, std::set<std::pair<std::string, std::string>>& known,
           Diagnostics& problems) {
  const std::string shown = shown_name(given.interface, given.name);
  const bool is_interface = given.interface.find('/') != std::string::npos
                                ? resolve::parse_name_pattern(given.interface).has_value()
                                : given.interface.empty() || (names == HostNames::OfPackages &&
                                                              is_plain_name(given.interface));
  if (!is_interface)
    add_problem(problems, shown,
                fmt::format("`{}` is not the name of an interface", given.interface),
                "write it as in WIT: `acme:log/log`, or `acme:log/log@1.0.0`");
  const Result<types::ItemName> name = types::parse_item_name(given.name);
  if (!name || !(name->kind == types::NameKind::Label || name->is_resource_function()))
    add_problem(problems, shown, fmt::format("`{}` is not the name of a function", given.name),
                "write it as in WIT: `write`, or `[method]bucket.get`");
  if (!known.emplace(given.interface, given.name).second)
    add_problem(problems, shown, "it is provided twice", "remove one of the two");
}

}  // namespace

HostTable::HostTable(const HostParts& parts) {
  for (const HostFunction& function : all_functions(parts)) add_entry(functions_, function);
  for (const HostResourceParts& resource : parts.resources) add_entry(resources_, resource);
}

const HostFunction* HostTable::find_function(std::string_view interface,
                                             std::string_view name) const {
  return find_entry(functions_, interface, name);
}

const HostFunction* HostTable::find_root_function(std::string_view import) const {
  if (const HostFunction* const function = find_function("", import)) return function;
  const std::size_t dot = import.find_last_of(".#");
  return dot == std::string_view::npos || dot == 0
             ? nullptr
             : find_function(import.substr(0, dot), import.substr(dot + 1));
}

const HostResourceParts* HostTable::find_resource(std::string_view interface,
                                                  std::string_view name) const {
  return find_entry(resources_, interface, name);
}

std::vector<const HostFunction*> HostTable::functions() const { return all_given(functions_); }

std::vector<const HostResourceParts*> HostTable::resources() const { return all_given(resources_); }

bool HostTable::has_interface(std::string_view interface) const {
  const types::ItemName wanted = name_of_interface(interface);
  const auto has = [&](const auto& entry) {
    return !entry.given.interface.empty() && is_meant(entry.pattern, wanted);
  };
  return std::ranges::any_of(functions_, has) || std::ranges::any_of(resources_, has);
}

Diagnostics check_host_parts(const HostParts& parts, HostNames names) {
  Diagnostics problems;
  std::set<std::pair<std::string, std::string>> functions;
  std::set<std::pair<std::string, std::string>> resources;
  for (const HostFunction& function : all_functions(parts))
    check(function, names, functions, problems);
  for (const HostResourceParts& resource : parts.resources)
    check(resource, names, resources, problems);
  return problems;
}

}  // namespace tenon::linker
