#include "compose/trap_stub.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "compose/bag.h"
#include "compose/level.h"
#include "compose/trap_module.h"
#include "support/diagnostics.h"
#include "types/uses.h"

namespace tenon::compose {

namespace {

// Of a resource, by its position among those that the stub needs.
std::string argument_name(std::size_t position) { return fmt::format("r{}", position); }

// The component of one instance type: imports each resource that is mentioned, and exports at its
// root what the instance has.
class Stub {
 public:
  Stub(const Level& level, const types::Instance& type)
      : types_(level.context.plan.types),
        classes_(level.context.classes),
        type_(type),
        out_(level.context.labels),
        places_(out_),
        encoder_(types_, classes_, places_, {&imported_}) {}

  binary::EncodedComponent encode(const std::vector<types::ResourceId>& resources) && {
    import_resources(resources);
    instantiate_core();
    name_types();
    for (const types::NamedItem& item : type_.exports) write_export(item);
    return std::move(out_).finish();
  }

 private:
  void import_resources(const std::vector<types::ResourceId>& resources) {
    for (std::size_t position = 0; position < resources.size(); ++position) {
      const std::uint32_t index = out_.import_item({.text = argument_name(position)},
                                                   {.kind = binary::ExternDesc::Kind::SubResource});
      imported_.resources.emplace(resources[position],
                                  TypeTable::Named{places_.at({binary::Sort::Type, index}), {}});
    }
  }

  void instantiate_core() {
    for (const types::NamedItem& item : type_.exports)
      if (const auto* function = std::get_if<types::FunctionId>(&item.item))
        (void)module_.function(flatten_lifted(types_, types_.functions[*function]));
    const std::uint32_t module = out_.add_core_module(module_.encode());
    binary::CoreInstanceDef instance;
    instance.module = module;
    out_.copy_definition(std::move(instance), {});
    memory_ = out_.alias_core_export(0, binary::Sort::CoreMemory, TrapModule::kMemory);
    realloc_ = out_.alias_core_export(0, binary::Sort::CoreFunc, TrapModule::kRealloc);
  }

  // Types that the functions mention and that the instance has no name for.
  void name_types() {
    std::unordered_set<types::TypeId> named;
    std::size_t count = 0;
    for (const types::NamedItem& item : type_.exports)
      if (const auto* bound = std::get_if<types::TypeBound>(&item.item))
        if (const auto* value = std::get_if<types::TypeId>(&bound->type))
          named.insert(classes_.of(*value));
    for (const types::NamedItem& item : type_.exports) {
      if (!std::holds_alternative<types::FunctionId>(item.item)) continue;
      for (const types::TypeId type : types_to_name(types_, classes_, item.item))
        if (named.insert(classes_.of(type)).second)
          export_type(fmt::format("tenon-t{}", count++), types::TypeBound{type});
    }
  }

  void write_export(const types::NamedItem& item) {
    if (const auto* function = std::get_if<types::FunctionId>(&item.item))
      out_.export_item({.text = item.name}, {binary::Sort::Func, lift(*function)});
    else if (std::holds_alternative<types::TypeBound>(item.item))
      export_type(item.name, item.item);
  }

  void export_type(std::string_view name, const types::Item& item) {
    const std::uint32_t index = encoder_.bound(item).index;
    encoder_.note(item, out_.export_item({.text = name}, {binary::Sort::Type, index}));
  }

  std::uint32_t lift(types::FunctionId function) {
    const std::uint32_t type = encoder_.bound(function).index;
    const std::uint32_t core = out_.alias_core_export(
        0, binary::Sort::CoreFunc,
        module_.function(flatten_lifted(types_, types_.functions[function])));
    // canon ::= 0x00 0x00 f:<core:funcidx> opts:<opts> ft:<typeidx>
    ByteWriter canon;
    canon.byte(0x00, "lift");
    canon.byte(0x00, "lift");
    canon.u32(core, "core func");
    canon.u32(2, "count");
    canon.byte(0x03, "memory");
    canon.u32(memory_, "core memory");
    canon.byte(0x04, "realloc");
    canon.u32(realloc_, "core func");
    canon.u32(type, "type");
    const std::uint32_t index = out_.spaces().size(binary::Sort::Func);
    binary::CanonDef def;
    def.span = {0, canon.size()};
    out_.copy_definition(def, canon.data());
    return index;
  }

  const types::Types& types_;
  const TypeClasses& classes_;
  const types::Instance& type_;
  binary::ComponentWriter out_;
  Places places_;
  TypeTable imported_;
  TypeEncoder encoder_;
  TrapModule module_;
  std::uint32_t memory_ = 0;
  std::uint32_t realloc_ = 0;
};

bool has_nested_instance(const types::Types& types, const types::Item& item) {
  const auto* instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return false;
  const std::vector<types::NamedItem>& exports = types.instances[*instance].exports;
  return std::any_of(exports.begin(), exports.end(), [](const types::NamedItem& inner) {
    return std::holds_alternative<types::InstanceId>(inner.item);
  });
}

PlaceId write_stub(Level& level, const types::Instance& type,
                   const std::vector<types::ResourceId>& resources, std::string_view name) {
  std::vector<std::string> names;
  names.reserve(resources.size());
  std::vector<binary::InstantiateArg> args;
  for (const types::ResourceId resource : resources) {
    names.push_back(argument_name(names.size()));
    args.push_back({names.back(), level.resource(resource)});
  }
  const std::string text = fmt::format("trap {}", name);
  const std::string_view label = level.context.debug_name(text);
  const std::uint32_t component =
      level.out.add_component(Stub(level, type).encode(resources), label);
  return level.places.at({binary::Sort::Instance, level.out.instantiate(component, args, label)});
}

}  // namespace

PlaceId write_trap_stub(Level& level, const resolve::CompositionImport& import) {
  const types::Types& types = level.context.plan.types;
  if (has_nested_instance(types, import.item))
    level.problems.push_back(make_diagnostic(
        Code::ComposeNotOneDomain,
        "the import `{}` has instances within its instance, and no stub can be made of it",
        import.name));
  std::vector<types::ResourceId> resources;
  for (const types::ResourceId resource : types::mentioned_resources(types, import.item)) {
    const types::ResourceId one = level.context.classes.of(resource);
    if (std::find(resources.begin(), resources.end(), one) == resources.end())
      resources.push_back(one);
  }
  if (const auto* instance = std::get_if<types::InstanceId>(&import.item))
    return write_stub(level, types.instances[*instance], resources, import.name);
  types::Instance alone;
  alone.add_export(import.name, import.item);
  const PlaceId stub = write_stub(level, alone, resources, import.name);
  return level.places.inside(stub,
                             std::holds_alternative<types::FunctionId>(import.item)
                                 ? binary::Sort::Func
                                 : binary::Sort::Type,
                             import.name);
}

}  // namespace tenon::compose
