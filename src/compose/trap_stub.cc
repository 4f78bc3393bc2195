// How a stub is built.
//
// The core module has three functions for each one of the stub: the lifted function, its realloc,
// and one that only traps and carries the name. The first two call the third through a table. A
// direct call could be inlined by the engine, and the frame with the name would be missing from the
// backtrace. The memory has no pages, since nothing is ever read or written.
#include "compose/trap_stub.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <string>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "binary/opcodes.h"
#include "compose/core_code.h"
#include "compose/level.h"
#include "compose/type_encoder.h"
#include "support/byte_writer.h"
#include "support/diagnostics.h"
#include "types/uses.h"

namespace tenon::compose {

namespace {

using abi::CoreSignature;
using abi::CoreType;

constexpr std::array<std::uint8_t, 3> kUnreachable = {0x00, 0x00, 0x0b};
constexpr std::array<std::uint8_t, 3> kAtZero = {0x41, 0x00, 0x0b};  // i32.const 0, end
constexpr std::array<std::uint8_t, 3> kNoPages = {0x01, 0x00, 0x00};

// The indices of the three core functions for one function of the stub.
struct Positions {
  explicit Positions(std::size_t position)
      : lifted(static_cast<std::uint32_t>(3 * position)), realloc(lifted + 1), trap(lifted + 2) {}

  std::uint32_t lifted;
  std::uint32_t realloc;
  std::uint32_t trap;
};

// Type indices: `func()`, the type of realloc, and then the types of lifted functions.
constexpr std::uint8_t kTrapType = 0;
constexpr std::uint32_t kReallocType = 1;
constexpr std::uint32_t kFirstType = 2;

// Calls the function at `position` of the table.
void write_call(ByteWriter& code, std::uint32_t position) {
  CoreCode body({});
  body.i32(static_cast<std::int32_t>(position));
  body.op({0x11, kTrapType, 0x00}, "call_indirect, type, table");
  body.op({0x00}, "unreachable");
  std::move(body).write_to(code);
}

}  // namespace

void TrapModule::add(abi::CoreSignature signature, std::string debug_name) {
  functions_.push_back({std::move(signature), std::move(debug_name)});
}

std::string TrapModule::export_name(std::size_t position) { return fmt::format("f{}", position); }

std::string TrapModule::realloc_name(std::size_t position) { return fmt::format("r{}", position); }

std::vector<std::uint8_t> TrapModule::encode(Names names) const {
  const auto count = static_cast<std::uint32_t>(functions_.size());
  ByteWriter types;
  ByteWriter functions;
  ByteWriter exports;
  ByteWriter elements;
  ByteWriter code;
  ByteWriter debug_names;
  types.u32(kFirstType + count, "count");
  write_core_signature(types, {});
  write_core_signature(types, realloc_signature());
  functions.u32(3 * count, "count");
  exports.u32(2 * count + 1, "count");
  elements.u32(1, "count");
  elements.byte(0x00, "active, table 0");
  elements.raw(kAtZero, "offset");
  elements.u32(count, "count");
  code.u32(3 * count, "count");
  debug_names.u32(count, "count");
  ByteWriter trap;
  trap.raw(kUnreachable, "no locals, unreachable, end");
  for (std::uint32_t i = 0; i < count; ++i) {
    const Positions at(i);
    write_core_signature(types, functions_[i].signature);
    functions.u32(kFirstType + i, "type of the lifted function");
    functions.u32(kReallocType, "type of its realloc");
    functions.u32(kTrapType, "type of the function that traps");
    write_core_export(exports, export_name(i), CoreSort::Function, at.lifted);
    write_core_export(exports, realloc_name(i), CoreSort::Function, at.realloc);
    elements.u32(at.trap, "func");
    write_call(code, i);
    write_call(code, i);
    code.block(trap, "size");
    debug_names.u32(at.trap, "index");
    debug_names.name(functions_[i].debug_name, "name");
  }
  write_core_export(exports, kMemory, CoreSort::Memory, 0);
  ByteWriter tables;
  tables.u32(1, "count");
  tables.byte(0x70, "funcref");
  tables.byte(0x00, "no maximum");
  tables.u32(count, "minimum");
  ByteWriter memories;
  memories.raw(kNoPages, "one memory without pages");

  return write_core_module({{1, types},
                            {3, functions},
                            {4, tables},
                            {5, memories},
                            {7, exports},
                            {9, elements},
                            {10, code}},
                           names == Names::Yes ? &debug_names : nullptr);
}

namespace {

// The name of an imported resource, by its position among those that the stub imports.
std::string argument_name(std::size_t position) { return fmt::format("r{}", position); }

// The resources that a stub mentions, by class: imported ones, and those that it makes itself.
struct StubResources {
  std::vector<types::ResourceId> passed;
  std::span<const types::ResourceId> defined;
};

// The instance type with an export added for each type that it mentions without naming it.
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

// Writes the component of one stub: imports the resources that are passed to it, and exports the
// items of the instance type.
class Stub {
 public:
  // stubbed: the import that the stub replaces.
  Stub(const Level& level, const types::Instance& type, const resolve::CompositionImport& stubbed)
      : types_(*level.context.plan.types),
        classes_(level.context.classes),
        type_(name_types(level, type)),
        stubbed_(stubbed),
        names_(level.context.sections != Sections::Strip ? TrapModule::Names::Yes
                                                         : TrapModule::Names::No),
        out_(level.context.labels),
        places_(out_),
        encoder_(types_, classes_, places_, {&resources_}) {}

  binary::EncodedComponent encode(const StubResources& resources) && {
    import_resources(resources.passed);
    for (const types::ResourceId resource : resources.defined)
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

  // The name of a function in backtraces.
  [[nodiscard]] std::string shown_name(const types::NamedItem& function) const {
    return std::holds_alternative<types::InstanceId>(stubbed_.item)
               ? fmt::format("{}#{}", stubbed_.name, function.name)
               : stubbed_.name;
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
    // canon ::= 0x00 0x00 f:<core:funcidx> opts:<opts> ft:<typeidx> (Binary.md, "Canonical
    // Definitions")
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
  const resolve::CompositionImport& stubbed_;
  TrapModule::Names names_;
  binary::ComponentWriter out_;
  Places places_;
  TypeTable resources_;
  TypeEncoder encoder_;
  std::size_t lifted_ = 0;  // number of functions so far, in the order of the instance's exports
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
                           std::span<const types::ResourceId> defined) {
  StubResources resources{.passed = mentioned_classes(level, item), .defined = defined};
  std::erase_if(resources.passed, [defined](types::ResourceId resource) {
    return std::find(defined.begin(), defined.end(), resource) != defined.end();
  });
  return resources;
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
  const resolve::CompositionImport& stubbed = level.context.plan.imports[import];
  const std::string text = fmt::format("trap {}", stubbed.name);
  const std::string_view label = level.context.debug_name(text);
  const std::uint32_t component =
      level.out.add_component(Stub(level, type, stubbed).encode(resources), label);
  level.stubs.push_back({import, component});
  return level.places.at({binary::Sort::Instance, level.out.instantiate(component, args, label)});
}

}  // namespace

std::vector<types::ResourceId> mentioned_classes(const Level& level, const types::Item& item) {
  std::vector<types::ResourceId> classes;
  for (const types::ResourceId resource :
       types::mentioned_resources(*level.context.plan.types, item)) {
    const types::ResourceId representative = level.context.classes.of(resource);
    if (std::ranges::find(classes, representative) == classes.end())
      classes.push_back(representative);
  }
  return classes;
}

PlaceId write_trap_stub(Level& level, std::uint32_t import,
                        std::span<const types::ResourceId> defined) {
  const types::Types& types = *level.context.plan.types;
  const resolve::CompositionImport& stubbed = level.context.plan.imports[import];
  if (has_nested_instance(types, stubbed.item))
    level.problems.push_back(make_diagnostic(
        Code::ComposeNotOneDomain,
        "the import `{}` has nested instances, so no stub can be made for it", stubbed.name));
  const StubResources resources = resources_of(level, stubbed.item, defined);
  if (const auto* instance = std::get_if<types::InstanceId>(&stubbed.item))
    return write_stub(level, import, types.instances[*instance], resources);
  // Exported under a name of its own: a name such as `[method]r.f` is only valid beside `r`.
  constexpr std::string_view kItem = "item";
  types::Instance alone;
  alone.add_export(std::string(kItem), stubbed.item);
  const PlaceId stub = write_stub(level, import, alone, resources);
  return level.places.inside(stub,
                             std::holds_alternative<types::FunctionId>(stubbed.item)
                                 ? binary::Sort::Func
                                 : binary::Sort::Type,
                             kItem);
}

}  // namespace tenon::compose
