#include "compose/trap_stub.h"

#include <fmt/core.h>

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

// What an instance mentions, by class.
struct StubResources {
  std::vector<types::ResourceId> passed;
  std::span<const types::ResourceId> made;
};

// The instance, and an export for each type that it mentions and has no name for.
types::Instance name_types(const Level& level, const types::Instance& instance) {
  const types::Types& types = *level.context.plan.types;
  const TypeClasses& classes = level.context.classes;
  types::Instance whole = instance;
  std::unordered_set<types::TypeId> named;
  for (const types::NamedItem& item : instance.exports)
    if (const auto* bound = std::get_if<types::TypeBound>(&item.item))
      if (const auto* value = std::get_if<types::TypeId>(&bound->type))
        named.insert(classes.of(*value));
  for (const types::NamedItem& item : instance.exports)
    for (const types::TypeId type : types_to_name(types, classes, item.item))
      if (named.insert(classes.of(type)).second)
        whole.add_export(fmt::format("tenon-t{}", whole.exports.size()), types::TypeBound{type});
  return whole;
}

// The component of one instance type: imports each resource that is passed, and exports at its root
// what the instance has.
class Stub {
 public:
  // wanted: what it stands for.
  Stub(const Level& level, const types::Instance& type, const resolve::CompositionImport& wanted)
      : types_(*level.context.plan.types),
        classes_(level.context.classes),
        type_(name_types(level, type)),
        wanted_(wanted),
        names_(level.context.sections != Sections::Strip ? TrapModule::Names::Yes
                                                         : TrapModule::Names::No),
        out_(level.context.labels),
        places_(out_),
        encoder_(types_, classes_, places_, {&resources_}) {}

  binary::EncodedComponent encode(const StubResources& resources) && {
    import_resources(resources.passed);
    for (const types::ResourceId resource : resources.made)
      add_resource(resource, out_.add_type(binary::ResourceDef{}));
    instantiate_core();
    for (const types::NamedItem* const item : order_exports(types_, classes_, type_))
      write_export(*item);
    return std::move(out_).finish();
  }

 private:
  void import_resources(const std::vector<types::ResourceId>& resources) {
    for (std::size_t position = 0; position < resources.size(); ++position) {
      add_resource(resources[position],
                   out_.import_item({.text = argument_name(position)},
                                    {.kind = binary::ExternDesc::Kind::SubResource}));
    }
  }

  void add_resource(types::ResourceId resource, std::uint32_t index) {
    resources_.resources.emplace(resource,
                                 TypeTable::Named{places_.at({binary::Sort::Type, index}), {}});
  }

  void instantiate_core() {
    TrapModule code;
    for (const types::NamedItem& item : type_.exports)
      if (const auto* function = std::get_if<types::FunctionId>(&item.item))
        code.add(abi::flatten_lifted(types_, types_.functions[*function]), shown_name(item));
    const std::uint32_t module = out_.add_core_module(code.encode(names_));
    binary::CoreInstanceDef instance;
    instance.module = module;
    out_.copy_definition(std::move(instance), {});
    memory_ = out_.alias_core_export(0, binary::Sort::CoreMemory, TrapModule::kMemory);
  }

  // In backtraces.
  [[nodiscard]] std::string shown_name(const types::NamedItem& function) const {
    return std::holds_alternative<types::InstanceId>(wanted_.item)
               ? fmt::format("{}#{}", wanted_.name, function.name)
               : wanted_.name;
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
    const std::uint32_t core =
        out_.alias_core_export(0, binary::Sort::CoreFunc, TrapModule::export_name(lifted_));
    const std::uint32_t realloc =
        out_.alias_core_export(0, binary::Sort::CoreFunc, TrapModule::realloc_name(lifted_));
    ++lifted_;
    // canon ::= 0x00 0x00 f:<core:funcidx> opts:<opts> ft:<typeidx>
    ByteWriter canon;
    canon.byte(0x00, "lift");
    canon.byte(0x00, "lift");
    canon.u32(core, "core func");
    canon.u32(2, "count");
    canon.byte(0x03, "memory");
    canon.u32(memory_, "core memory");
    canon.byte(0x04, "realloc");
    canon.u32(realloc, "core func");
    canon.u32(type, "type");
    const std::uint32_t index = out_.spaces().size(binary::Sort::Func);
    binary::CanonDef def;
    def.span = {0, canon.size()};
    out_.copy_definition(def, canon.data());
    return index;
  }

  const types::Types& types_;
  const TypeClasses& classes_;
  types::Instance type_;
  const resolve::CompositionImport& wanted_;
  TrapModule::Names names_;
  binary::ComponentWriter out_;
  Places places_;
  TypeTable resources_;
  TypeEncoder encoder_;
  std::size_t lifted_ = 0;  // functions so far, in the order of the instance's exports
  std::uint32_t memory_ = 0;
};

bool has_nested_instance(const types::Types& types, const types::Item& item) {
  const auto* instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return false;
  const std::vector<types::NamedItem>& exports = types.instances[*instance].exports;
  return std::any_of(exports.begin(), exports.end(), [](const types::NamedItem& inner) {
    return std::holds_alternative<types::InstanceId>(inner.item);
  });
}

StubResources resources_of(const Level& level, const types::Item& item,
                           std::span<const types::ResourceId> made) {
  StubResources found{.passed = mentioned_classes(level, item), .made = made};
  std::erase_if(found.passed, [made](types::ResourceId resource) {
    return std::find(made.begin(), made.end(), resource) != made.end();
  });
  return found;
}

PlaceId write_stub(Level& level, std::uint32_t import, const types::Instance& type,
                   const StubResources& resources) {
  std::vector<std::string> names;
  names.reserve(resources.passed.size());
  std::vector<binary::InstantiateArg> args;
  for (const types::ResourceId resource : resources.passed) {
    names.push_back(argument_name(names.size()));
    args.push_back({names.back(), level.resource(resource)});
  }
  const resolve::CompositionImport& wanted = level.context.plan.imports[import];
  const std::string text = fmt::format("trap {}", wanted.name);
  const std::string_view label = level.context.debug_name(text);
  const std::uint32_t component =
      level.out.add_component(Stub(level, type, wanted).encode(resources), label);
  level.stubs.push_back({import, component});
  return level.places.at({binary::Sort::Instance, level.out.instantiate(component, args, label)});
}

}  // namespace

std::vector<types::ResourceId> mentioned_classes(const Level& level, const types::Item& item) {
  std::vector<types::ResourceId> classes;
  for (const types::ResourceId resource :
       types::mentioned_resources(*level.context.plan.types, item)) {
    const types::ResourceId one = level.context.classes.of(resource);
    if (std::find(classes.begin(), classes.end(), one) == classes.end()) classes.push_back(one);
  }
  return classes;
}

PlaceId write_trap_stub(Level& level, std::uint32_t import,
                        std::span<const types::ResourceId> made) {
  const types::Types& types = *level.context.plan.types;
  const resolve::CompositionImport& wanted = level.context.plan.imports[import];
  if (has_nested_instance(types, wanted.item))
    level.problems.push_back(make_diagnostic(
        Code::ComposeNotOneDomain,
        "the import `{}` has instances within its instance, and no stub can be made of it",
        wanted.name));
  const StubResources resources = resources_of(level, wanted.item, made);
  if (const auto* instance = std::get_if<types::InstanceId>(&wanted.item))
    return write_stub(level, import, types.instances[*instance], resources);
  // By another name: that of a function of a resource is valid beside the resource only.
  constexpr std::string_view kItem = "item";
  types::Instance alone;
  alone.add_export(std::string(kItem), wanted.item);
  const PlaceId stub = write_stub(level, import, alone, resources);
  return level.places.inside(stub,
                             std::holds_alternative<types::FunctionId>(wanted.item)
                                 ? binary::Sort::Func
                                 : binary::Sort::Type,
                             kItem);
}

}  // namespace tenon::compose
