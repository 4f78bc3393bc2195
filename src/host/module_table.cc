#include "host/module_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <span>

#include "support/check.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::host {

namespace {

using Key = std::pair<std::string, std::string>;

// "tenon:duckdb/sql#query"
std::string show(const Key& key) { return sanitize_text(shown_name(key.first, key.second)); }

// The functions or the resources of a table by name, and the faults of single entries.
template <class Def>
struct Entries {
  std::map<Key, const Def*> by_name;
  std::vector<std::string> faults;
};

template <class Def>
Entries<Def> read_entries(std::span<const Def> defs, std::string_view what) {
  Entries<Def> entries;
  for (const Def& def : defs) {
    const auto number = &def - defs.data();
    if (def.interface == nullptr || def.name == nullptr) {
      entries.faults.push_back(fmt::format("entry {} of its {} has no name", number, what));
      continue;
    }
    const Key key(def.interface, def.name);
    if constexpr (std::is_same_v<Def, tenon_func_def>)
      if (def.fn == nullptr)
        entries.faults.push_back(fmt::format("its entry `{}` has no function", show(key)));
    if (!entries.by_name.emplace(key, &def).second)
      entries.faults.push_back(fmt::format("duplicate entry `{}`", show(key)));
  }
  return entries;
}

struct Differences {
  std::vector<const RequiredItem*> missing;
  std::vector<Key> extra;
};

template <class Def>
Differences compare(const std::map<Key, const Def*>& entries,
                    const std::vector<RequiredItem>& required) {
  Differences differences;
  std::set<Key> names;
  for (const RequiredItem& item : required) {
    names.emplace(item.interface, item.name);
    if (!entries.contains(Key(item.interface, item.name))) differences.missing.push_back(&item);
  }
  for (const auto& [name, def] : entries)
    if (!names.contains(name)) differences.extra.push_back(name);
  return differences;
}

// An extra entry of the table with a similar name; or empty.
std::string find_similar(const RequiredItem& item, const std::vector<Key>& extra) {
  std::vector<std::string> names;
  for (const Key& key : extra) names.push_back(show(key));
  const auto near =
      near_misses(show(Key(item.interface, item.name)), std::span<const std::string>(names));
  return near.empty() ? std::string() : std::string(near.front());
}

void add_differences(const Differences& differences, std::string_view what, Diagnostic& problem) {
  for (const RequiredItem* const item : differences.missing) {
    const std::string similar = find_similar(*item, differences.extra);
    problem.notes.push_back(
        {fmt::format("its table has no {} `{}`{}", what, show(Key(item->interface, item->name)),
                     similar.empty() ? "" : fmt::format("; it has the similar `{}`", similar)),
         {},
         item->where});
    if (problem.where.file.empty()) problem.where = item->where;
  }
  for (const Key& key : differences.extra)
    problem.notes.push_back(
        {fmt::format("its table has the {} `{}`, which its WIT does not have", what, show(key)),
         {},
         {}});
}

Result<void> check_version(const std::string& host, const std::string& file,
                           const tenon_host_module& module) {
  const bool is_whole =
      module.size >= offsetof(tenon_host_module, nresources) + sizeof(std::size_t);
  if (module.abi_major == TENON_HOST_ABI_MAJOR && is_whole) return {};
  Diagnostic problem = make_diagnostic(
      Code::HostAbiVersion,
      "host '{}' was built for tenon-host ABI {}.{}, but this tenon supports {}.{}", host,
      module.abi_major, module.abi_minor, TENON_HOST_ABI_MAJOR, TENON_HOST_ABI_MINOR);
  problem.where.file = file;
  if (!is_whole)
    problem.notes.push_back(
        {fmt::format("its table has {} bytes, fewer than that version requires", module.size),
         {},
         {}});
  problem.hints.emplace_back(
      "build the bundle with the tenon_host.h of this tenon, or use another "
      "version of the bundle");
  return problem;
}

}  // namespace

Result<ModuleTable> ModuleTable::bind(const std::string& host, const std::string& file,
                                      const std::string& wit, const tenon_host_module& module,
                                      const RequiredItems& required) {
  TENON_TRY_VOID(check_version(host, file, module));
  const bool has_tables = (module.funcs != nullptr || module.nfuncs == 0) &&
                          (module.resources != nullptr || module.nresources == 0);
  Entries<tenon_func_def> functions;
  Entries<tenon_resource_def> resources;
  if (has_tables) {
    functions = read_entries(std::span(module.funcs, module.nfuncs), "functions");
    resources = read_entries(std::span(module.resources, module.nresources), "resources");
  }
  const Differences of_functions = compare(functions.by_name, required.functions);
  const Differences of_resources = compare(resources.by_name, required.resources);

  Diagnostic problem =
      make_diagnostic(Code::HostWitMismatch, "host '{}' does not implement its WIT", host);
  if (!has_tables)
    problem.notes.push_back({"one of its tables is NULL but has a count above 0", {}, {}});
  if (module.threading > TENON_CONCURRENT)
    problem.notes.push_back({fmt::format("its threading {} is unknown", module.threading), {}, {}});
  for (const auto* const faults : {&functions.faults, &resources.faults})
    for (const std::string& fault : *faults) problem.notes.push_back({fault, {}, {}});
  add_differences(of_functions, "function", problem);
  add_differences(of_resources, "resource", problem);
  for (const RequiredItem& item : required.functions) {
    const auto entry = functions.by_name.find(Key(item.interface, item.name));
    if (entry == functions.by_name.end() || entry->second->signature == 0 ||
        entry->second->signature == item.signature)
      continue;
    problem.notes.push_back(
        {fmt::format(
             "`{}` was built against another WIT: its signature is {:016x}, expected {:016x}",
             show(entry->first), entry->second->signature, item.signature),
         {},
         item.where});
  }
  if (!problem.notes.empty()) {
    problem.notes.push_back({fmt::format("its library is {}", file), {}, {}});
    if (problem.where.file.empty()) problem.where.file = wit;
    problem.hints.emplace_back(
        "if the WIT changed, generate the header again (`tenon bindgen host-cpp` or `host-c`) and "
        "rebuild the library; otherwise use the WIT that the library was built against");
    return problem;
  }
  ModuleTable table;
  table.module_ = &module;
  for (const auto& [key, def] : functions.by_name)
    table.functions_.emplace(key, NativeFunction{def->fn, nullptr});
  for (const auto& [key, def] : resources.by_name)
    table.resources_.emplace(key, NativeResource{def->drop, nullptr});
  return table;
}

ModuleTable ModuleTable::make(const tenon_host_module& module,
                              NativeItems<NativeFunction> functions,
                              NativeItems<NativeResource> resources,
                              std::vector<std::shared_ptr<const void>> keeps) {
  ModuleTable table;
  table.module_ = &module;
  table.functions_ = std::move(functions);
  table.resources_ = std::move(resources);
  table.keeps_ = std::move(keeps);
  return table;
}

void ModuleTable::set_self(void* self) {
  for (auto& [key, function] : functions_)
    if (function.self == nullptr) function.self = self;
  for (auto& [key, resource] : resources_)
    if (resource.self == nullptr) resource.self = self;
}

const NativeFunction& ModuleTable::function(std::string_view interface,
                                            std::string_view name) const {
  const auto item = functions_.find(Key(interface, name));
  TENON_CHECK(item != functions_.end());
  return item->second;
}

const NativeResource& ModuleTable::resource(std::string_view interface,
                                            std::string_view name) const {
  // A Key would need memory.
  const auto item = std::ranges::find_if(resources_, [&](const auto& resource) {
    return resource.first.first == interface && resource.first.second == name;
  });
  TENON_CHECK(item != resources_.end());
  return item->second;
}

}  // namespace tenon::host
