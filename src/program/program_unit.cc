#include "program/program_unit.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <variant>

#include "packr/metadata.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "tenon/buffer.h"
#include "tenon/detail/host_codec.h"
#include "types/interface_name.h"
#include "types/substitute.h"
#include "types/uses.h"
#include "value/type_graph.h"

namespace tenon::program {

namespace {

// Functions of resources are accepted too.
std::vector<HostFunction> all_functions(const HostParts& parts) {
  std::vector<HostFunction> all = parts.functions;
  for (const HostResourceParts& resource : parts.resources)
    for (const HostFunction& function : resource.functions)
      all.emplace_back(function).consumers = resource.consumers;
  return all;
}

// Packages can import interfaces with any name, such as `host`.
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

// If several globs match an interface, the first by its text wins, independent of the order of
// addition.
bool says_more(const resolve::NamePattern& a, const resolve::NamePattern& b) {
  return a.precision != b.precision ? a.precision > b.precision : a.text < b.text;
}

template <class T>
bool is_for(const T& item, std::string_view consumer) {
  return item.consumers.empty() ||
         std::ranges::find(item.consumers, consumer) != item.consumers.end();
}

// The entry for the consumer with the most specific name that covers the interface; null if there is
// none.
template <class Entries>
const auto* find_entry(const Entries& entries, std::string_view interface, std::string_view name,
                       std::string_view consumer) {
  const typename Entries::value_type* best = nullptr;
  const types::ItemName required = name_of_interface(interface);
  const auto is_better = [&](const auto& entry) {
    if (best == nullptr || entry.item.consumers.empty() != best->item.consumers.empty())
      return best == nullptr || best->item.consumers.empty();
    return says_more(entry.pattern, best->pattern);
  };
  for (const auto& entry : entries) {
    if (entry.item.name != name || !is_for(entry.item, consumer)) continue;
    const bool fits = interface.empty()
                          ? entry.item.interface.empty()
                          : !entry.item.interface.empty() && is_meant(entry.pattern, required);
    if (fits && is_better(entry)) best = &entry;
  }
  return best == nullptr ? nullptr : &best->item;
}

template <class Entries>
auto all_items(const Entries& entries) {
  std::vector<decltype(&entries.front().item)> all;
  for (const auto& entry : entries) all.push_back(&entry.item);
  return all;
}

template <class Entries, class T>
void add_entry(Entries& entries, const T& entry) {
  if (entry.interface.empty()) {
    entries.push_back({{}, entry});
    return;
  }
  auto pattern = resolve::parse_name_pattern(entry.interface);
  if (pattern) entries.push_back({*std::move(pattern), entry});
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
void check(const T& entry, HostNames names,
           std::set<std::tuple<std::string, std::string, std::string>>& known,
           Diagnostics& problems) {
  const std::string shown = shown_name(entry.interface, entry.name);
  const bool is_interface = entry.interface.find('/') != std::string::npos
                                ? resolve::parse_name_pattern(entry.interface).has_value()
                                : entry.interface.empty() || (names == HostNames::OfPackages &&
                                                              is_plain_name(entry.interface));
  if (!is_interface)
    add_problem(problems, shown,
                fmt::format("`{}` is not the name of an interface", entry.interface),
                "write it as in WIT: `acme:log/log`, or `acme:log/log@1.0.0`");
  const Result<types::ItemName> name = types::parse_item_name(entry.name);
  if (!name || !(name->kind == types::NameKind::Label || name->is_resource_function()))
    add_problem(problems, shown, fmt::format("`{}` is not the name of a function", entry.name),
                "write it as in WIT: `write`, or `[method]bucket.get`");
  std::vector<std::string> consumers = entry.consumers;
  if (consumers.empty()) consumers.emplace_back();
  for (const std::string& consumer : consumers)
    if (!known.emplace(entry.interface, entry.name, consumer).second)
      add_problem(problems, shown,
                  consumer.empty() ? std::string("it is provided twice")
                                   : fmt::format("it is provided twice for `{}`", consumer),
                  "remove one of the two");
}

}  // namespace

HostTable::HostTable(const HostParts& parts) {
  for (const HostFunction& function : all_functions(parts)) add_entry(functions_, function);
  for (const HostResourceParts& resource : parts.resources) add_entry(resources_, resource);
}

const HostFunction* HostTable::find_function(std::string_view interface, std::string_view name,
                                             std::string_view consumer) const {
  return find_entry(functions_, interface, name, consumer);
}

const HostFunction* HostTable::find_root_function(std::string_view import,
                                                  std::string_view consumer) const {
  if (const HostFunction* const function = find_function("", import, consumer)) return function;
  const std::size_t dot = import.find_last_of(".#");
  return dot == std::string_view::npos || dot == 0
             ? nullptr
             : find_function(import.substr(0, dot), import.substr(dot + 1), consumer);
}

const HostResourceParts* HostTable::find_resource(std::string_view interface, std::string_view name,
                                                  std::string_view consumer) const {
  return find_entry(resources_, interface, name, consumer);
}

std::vector<const HostFunction*> HostTable::functions() const { return all_items(functions_); }

std::vector<const HostResourceParts*> HostTable::resources() const { return all_items(resources_); }

bool HostTable::has_interface(std::string_view interface, std::string_view consumer) const {
  const types::ItemName required = name_of_interface(interface);
  const auto has = [&](const auto& entry) {
    return !entry.item.interface.empty() && is_for(entry.item, consumer) &&
           is_meant(entry.pattern, required);
  };
  return std::ranges::any_of(functions_, has) || std::ranges::any_of(resources_, has);
}

bool HostTable::has_own(std::string_view consumer) const {
  const auto is_own = [&](const auto& entry) {
    return !entry.item.consumers.empty() && is_for(entry.item, consumer);
  };
  return std::ranges::any_of(functions_, is_own) || std::ranges::any_of(resources_, is_own);
}

Diagnostics check_host_parts(const HostParts& parts, HostNames names) {
  Diagnostics problems;
  std::set<std::tuple<std::string, std::string, std::string>> functions;
  std::set<std::tuple<std::string, std::string, std::string>> resources;
  for (const HostFunction& function : all_functions(parts))
    check(function, names, functions, problems);
  for (const HostResourceParts& resource : parts.resources)
    check(resource, names, resources, problems);
  return problems;
}

namespace {

using types::FunctionId;
using types::InstanceId;
using types::ResourceId;
using types::RootItem;

// "acme:kv/store@1.0.0.bucket": the interface and the name.
std::pair<std::string_view, std::string_view> split_path(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  if (dot == std::string_view::npos) return {{}, path};
  return {path.substr(0, dot), path.substr(dot + 1)};
}

bool is_of_buffers(const HostResourceParts& parts) {
  return parts.host_class == detail::host_class<Buffer>() &&
         parts.interface.starts_with("tenon:buffer/");
}

// The imports that wires give to other units, or to none.
class WiredAway final {
 public:
  explicit WiredAway(std::span<const Wire> wires) {
    for (const Wire& wire : wires) {
      const bool is_decided = wire.target != Wire::Target::Provider || !wire.provider.empty();
      // Errors in a wire are reported later.
      auto pattern = resolve::parse_name_pattern(wire.import);
      if (is_decided && pattern) wires_.push_back({wire, *std::move(pattern)});
    }
  }

  [[nodiscard]] bool contains(const resolve::Unit& unit, const RootItem& import) const {
    bool is_away = false;
    for (const auto& [wire, pattern] : wires_) {
      if (!is_of(wire, unit) || !is_about(pattern, import)) continue;
      if (wire.provider == kUnitName) return false;
      is_away = true;
    }
    return is_away;
  }

 private:
  struct ParsedWire {
    const Wire& wire;
    resolve::NamePattern pattern;
  };

  static bool is_of(const Wire& wire, const resolve::Unit& unit) {
    return wire.consumer.empty() ? wire.provider != unit.name : wire.consumer == unit.name;
  }
  // A function of a root resource has the provider of the resource.
  static bool is_about(const resolve::NamePattern& pattern, const RootItem& import) {
    const types::ItemName name = name_of_interface(import.name);
    return resolve::matches_name(pattern, name) ||
           (import.implements &&
            resolve::matches_name(pattern, name_of_interface(*import.implements))) ||
           (name.is_resource_function() &&
            resolve::matches_name(pattern, name_of_interface(name.resource)));
  }

  std::vector<ParsedWire> wires_;
};

class HostExports final {
 public:
  HostExports(const HostTable& table, std::span<const Wire> wires, types::Types& types)
      : table_(table), wired_away_(wires), types_(types) {}

  // Adds the imports of one unit that the program provides.
  void add_imports(const resolve::Unit& unit) {
    const std::vector<RootItem> imports = name_imports(unit);
    types::ResourceReplacement replacement(types_, find_resources(imports, unit));
    for (const RootItem& import : imports) {
      note_missing(import, unit.name);
      if (std::holds_alternative<InstanceId>(import.item)) {
        if (table_.has_interface(import.name, unit.name)) add_instance(import, replacement, unit);
      } else if (table_.find_root_function(import.name, unit.name) != nullptr ||
                 table_.find_resource("", import.name, unit.name) != nullptr) {
        add_root(import, replacement, unit);
      }
    }
  }

  resolve::Unit finish() {
    resolve::Unit unit;
    unit.name = kUnitName;
    unit.kind = UnitKind::HostFunctions;
    for (Export& exported : exports_) {
      RootItem item = std::move(exported.item);
      if (exported.instance) item.item = types_.instances.add(*std::move(exported.instance));
      unit.type.exports.push_back(std::move(item));
      unit.export_consumers.push_back(std::move(exported.consumer));
    }
    for (const auto& [resource, id] : resources_) unit.type.defined.push_back(id);
    std::ranges::sort(unit.type.defined);
    return unit;
  }

  // Returns notes about functions and resources that no unit imports although an import without a
  // provider has a similar name.
  [[nodiscard]] Diagnostics find_unused() const {
    Diagnostics notes;
    for (const HostResourceParts* const resource : table_.resources())
      if (!resources_.contains(resource))
        add_unused(notes, resource->interface, resource->name, missing_resources_);
    for (const HostFunction* const function : table_.functions()) {
      const bool is_used = std::ranges::any_of(provided_, [&](const ProvidedFunction& provided) {
        return provided.function == function;
      });
      if (!is_used && !is_of_unused(*function))
        add_unused(notes, function->interface, function->name, missing_functions_);
    }
    std::ranges::sort(notes, {}, &Diagnostic::message);
    return notes;
  }

  // A function of the program, and the first import that it provides.
  struct ProvidedFunction {
    const HostFunction* function = nullptr;
    std::string name;  // for messages
    FunctionId type;
    std::string unit;
    std::string file;
  };
  [[nodiscard]] const std::vector<ProvidedFunction>& provided() const { return provided_; }

  // The resources of units that the program makes as buffers.
  [[nodiscard]] const types::BufferResources& buffers() const { return buffers_; }

 private:
  struct Export {
    RootItem item;
    std::optional<types::Instance> instance;
    std::string
        consumer;  // the only unit that can import it; empty: those without exports of their own
  };

  // The imports of a unit by the names under which the program provides them: that of the interface for a
  // label that implements it, unless the program provides the label.
  [[nodiscard]] std::vector<RootItem> name_imports(const resolve::Unit& unit) const {
    std::vector<RootItem> imports = unit.type.imports;
    std::erase_if(imports,
                  [&](const RootItem& import) { return wired_away_.contains(unit, import); });
    for (RootItem& import : imports) {
      if (!import.implements || table_.has_interface(import.name, unit.name) ||
          !table_.has_interface(*import.implements, unit.name))
        continue;
      import.name = *import.implements;
      import.implements.reset();
    }
    return imports;
  }

  // Maps the resources in a unit's imports that the program makes to the program's own.
  types::ResourceReplacement::Resources find_resources(const std::vector<RootItem>& imports,
                                                       const resolve::Unit& unit) {
    types::ResourceReplacement::Resources resources;
    for (const RootItem& import : imports) {
      for (const types::Slot& slot : types::resource_slots(types_, import.name, import.item)) {
        const auto [interface, name] = split_path(slot.path);
        const HostResourceParts* const parts = table_.find_resource(interface, name, unit.name);
        if (parts == nullptr) continue;
        const auto [own, is_new] = resources_.try_emplace(parts);
        if (is_new) own->second = types_.resources.add({parts->name});
        resources.try_emplace(slot.resource, own->second);
        if (is_of_buffers(*parts)) buffers_.emplace(slot.resource, own->second);
      }
    }
    return resources;
  }

  void note_missing(const RootItem& import, std::string_view consumer) {
    const auto note = [&](std::string_view interface, const std::string& name,
                          const types::Item& item) {
      if (std::holds_alternative<FunctionId>(item)) {
        if (table_.find_function(interface, name, consumer) == nullptr)
          add_missing(missing_functions_, interface, name);
      } else if (std::holds_alternative<types::TypeBound>(item) &&
                 table_.find_resource(interface, name, consumer) == nullptr) {
        add_missing(missing_resources_, interface, name);
      }
    };
    const auto* instance = std::get_if<InstanceId>(&import.item);
    if (instance == nullptr) return note({}, import.name, import.item);
    for (const types::NamedItem& part : types_.instances[*instance].exports)
      note(import.name, part.name, part.item);
  }

  // With and without the version, because the program can use either form.
  static void add_missing(std::vector<std::string>& missing, std::string_view interface,
                          std::string_view name) {
    missing.push_back(shown_name(interface, name));
    if (const std::size_t version = interface.find('@'); version != std::string_view::npos)
      missing.push_back(shown_name(interface.substr(0, version), name));
  }

  static void add_unused(Diagnostics& notes, std::string_view interface, std::string_view name,
                         const std::vector<std::string>& missing) {
    const std::string shown = shown_name(interface, name);
    std::string hint = did_you_mean(near_function_names(shown, missing));
    // A program can provide more than its units import.
    if (hint.empty()) return;
    Diagnostic note = make_diagnostic(Code::NoteUnusedHostFunction,
                                      "no unit imports `{}`, which the program provides", shown);
    note.hints.push_back(std::move(hint));
    notes.push_back(std::move(note));
  }

  // Whether it belongs to a resource that no unit imports; the note is then about the resource.
  [[nodiscard]] bool is_of_unused(const HostFunction& function) const {
    return std::ranges::any_of(table_.resources(), [&](const HostResourceParts* resource) {
      return !resources_.contains(resource) && resource->interface == function.interface &&
             std::ranges::any_of(resource->functions, [&](const HostFunction& other) {
               return other.name == function.name;
             });
    });
  }

  // Returns the export for an import; the first import decides its name and type.
  Export& find_export(const RootItem& import, const resolve::Unit& unit) {
    const std::string consumer = table_.has_own(unit.name) ? unit.name : std::string();
    const auto known = std::ranges::find_if(exports_, [&](const Export& exported) {
      return exported.item.name == import.name && exported.consumer == consumer;
    });
    if (known != exports_.end()) return *known;
    Export& added = exports_.emplace_back();
    added.consumer = consumer;
    added.item = import;
    added.item.span = {};
    return added;
  }

  void add_instance(const RootItem& import, types::ResourceReplacement& replacement,
                    const resolve::Unit& unit) {
    const InstanceId required = std::get<InstanceId>(replacement.apply(import.item));
    Export& exported = find_export(import, unit);
    if (!exported.instance) exported.instance.emplace();
    // Functions do not add resources.
    for (const types::NamedItem& part : types_.instances[required].exports) {
      if (exported.instance->find_export(part.name) != nullptr) continue;
      if (const auto* function = std::get_if<FunctionId>(&part.item)) {
        const HostFunction* const provided =
            table_.find_function(import.name, part.name, unit.name);
        if (provided == nullptr) continue;
        provided_.push_back(
            {provided, shown_name(import.name, part.name), *function, unit.name, unit.file});
      } else if (!std::holds_alternative<types::TypeBound>(part.item)) {
        continue;
      }
      exported.instance->add_export(part.name, part.item);
    }
  }

  void add_root(const RootItem& import, types::ResourceReplacement& replacement,
                const resolve::Unit& unit) {
    RootItem required = import;
    required.item = replacement.apply(import.item);
    (void)find_export(required, unit);
    if (const auto* function = std::get_if<FunctionId>(&required.item))
      provided_.push_back({table_.find_root_function(import.name, unit.name), import.name,
                           *function, unit.name, unit.file});
  }

  const HostTable& table_;
  const WiredAway wired_away_;
  types::Types& types_;
  std::vector<Export> exports_;
  std::map<const HostResourceParts*, ResourceId> resources_;
  types::BufferResources buffers_;
  std::vector<ProvidedFunction> provided_;
  // Imports of units that the program does not provide.
  std::vector<std::string> missing_functions_;
  std::vector<std::string> missing_resources_;
};

struct ClassFinder {
  const HostTable& table;
  const resolve::Unit& unit;
  const types::Types& types;

  static const void* find(const void* context, const Type& handle) {
    const auto& self = *static_cast<const ClassFinder*>(context);
    const auto resource = types::handled_resource(self.types, value::id_of(handle));
    return resource ? find_host_class(self.table, self.unit, self.types, *resource) : nullptr;
  }
};

// Reports every function of the program whose C++ signature does not match the WIT of its import.
Diagnostics check_signatures(const std::vector<HostExports::ProvidedFunction>& provided,
                             const HostTable& table, const resolve::Unit& unit,
                             const types::Types& types) {
  Diagnostics problems;
  const ClassFinder classes{table, unit, types};
  types::TypeNames names;
  for (const RootItem& item : unit.type.exports)
    if (const auto* instance = std::get_if<InstanceId>(&item.item)) {
      types::TypeNames own = types::names_of_instance(types, *instance);
      names.types.merge(own.types);
      names.resources.merge(own.resources);
    }
  const auto graph =
      std::make_shared<const value::TypeGraph>(value::TypeGraph{types, std::move(names)});
  for (const HostExports::ProvidedFunction& import : provided) {
    if (import.function->raw != nullptr) {
      const auto described = packr::describe_function(types, {}, "", import.name, import.type);
      if (described) continue;
      Diagnostic problem = make_diagnostic(
          Code::TypeSignature,
          "`{}` of the program takes encoded values, but {}: it is imported by `{}`", import.name,
          described.error().front().message, import.unit);
      problem.hints.emplace_back("use a function with C++ types, or one that takes `Value`s");
      problem.where.file = import.file;
      problem.where.unit = import.unit;
      problems.push_back(std::move(problem));
      continue;
    }
    if (import.function->signature == nullptr) continue;
    for (Diagnostic& problem : import.function->check(value::make_function_type(graph, import.type),
                                                      &ClassFinder::find, &classes)) {
      problem.message = fmt::format("`{}` of the program does not match `{}`: {}", import.name,
                                    import.unit, problem.message);
      problem.where.file = import.file;
      problem.where.unit = import.unit;
      problems.push_back(std::move(problem));
    }
  }
  return problems;
}

}  // namespace

const void* find_host_class(const HostTable& table, const resolve::Unit& unit,
                            const types::Types& types, ResourceId resource) {
  for (std::size_t e = 0; e < unit.type.exports.size(); ++e) {
    const RootItem& item = unit.type.exports[e];
    for (const types::Slot& slot : types::resource_slots(types, item.name, item.item)) {
      if (slot.resource != resource) continue;
      const auto [interface, name] = split_path(slot.path);
      if (const HostResourceParts* const parts =
              table.find_resource(interface, name, unit.export_consumers[e]))
        return parts->host_class;
    }
  }
  return nullptr;
}

// The units that functions and resources are for must exist.
static void check_consumers(const HostParts& parts, std::span<const resolve::Unit> units,
                            Diagnostics& problems) {
  std::vector<std::string> names;
  for (const resolve::Unit& unit : units) names.push_back(unit.name);
  const auto check_each = [&](const auto& entries) {
    for (const auto& entry : entries)
      for (const std::string& consumer : entry.consumers)
        if (std::ranges::find(names, consumer) == names.end())
          add_problem(problems, shown_name(entry.interface, entry.name),
                      fmt::format("it is for `{}`, and there is no such unit", consumer),
                      suggest_name(consumer, names, "units"));
  };
  check_each(parts.functions);
  check_each(parts.resources);
}

Result<HostUnit> make_host_unit(const HostParts& parts, std::span<const resolve::Unit> units,
                                std::span<const Wire> wires, types::Types& types) {
  const bool has_packages = std::ranges::any_of(
      units, [](const resolve::Unit& unit) { return resolve::has_packr_types(unit.kind); });
  Diagnostics problems =
      check_host_parts(parts, has_packages ? HostNames::OfPackages : HostNames::OfComponents);
  check_consumers(parts, units, problems);
  if (!problems.empty()) return problems;
  const HostTable table(parts);
  HostExports exports(table, wires, types);
  // Sorted by name, because the first import decides the type of a function, independent of the
  // order of units.
  std::vector<const resolve::Unit*> sorted;
  for (const resolve::Unit& unit : units) sorted.push_back(&unit);
  std::ranges::stable_sort(sorted, {}, &resolve::Unit::name);
  for (const resolve::Unit* const unit : sorted) exports.add_imports(*unit);
  HostUnit host_unit = {exports.finish(), exports.find_unused(), exports.buffers()};
  problems = check_signatures(exports.provided(), table, host_unit.unit, types);
  if (problems.empty()) return host_unit;
  std::ranges::move(host_unit.notes, std::back_inserter(problems));
  return problems;
}

}  // namespace tenon::program
