// How a relay is built.
//
// Two core modules are necessary: a lowered function needs a memory when it is made, and the
// functions that call it can only be made afterwards. The first module has the memory. Its `realloc`
// takes the next free bytes and frees nothing by itself. A call begins with `enter` and ends, in the
// `post-return` of its function, with `leave`: once no call is in progress, all bytes are free again.
#include "compose/relay.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "abi/layout.h"
#include "binary/opcodes.h"
#include "compose/core_code.h"
#include "compose/level.h"
#include "compose/trap_stub.h"
#include "compose/type_encoder.h"

namespace tenon::compose {

namespace {

using abi::CoreSignature;
using abi::CoreType;

// The name of the import that a relay passes on, and of its export if the item is a function.
constexpr std::string_view kRelayedItem = "item";
// The exports of the first module.
constexpr std::string_view kRelayMemory = "memory";
constexpr std::string_view kRelayRealloc = "realloc";
constexpr std::string_view kEnter = "enter";
constexpr std::string_view kLeave = "leave";

// The indices of the function types of the first module. The second module begins with the same types.
constexpr std::uint32_t kReallocFunction = 0;
constexpr std::uint32_t kPlainFunction = 1;

void write_first_types(ByteWriter& types) {
  write_core_signature(types, realloc_signature());
  write_core_signature(types, {});
}

// The globals of the first module: the next free address, and the number of calls in progress.
constexpr std::uint32_t kNext = 0;
constexpr std::uint32_t kCalls = 1;

// The first address that is allocated, so that no address is 0.
constexpr std::int32_t kFirstAddress = 16;
// The largest address after an allocation, so that aligning it does not overflow.
constexpr std::int64_t kLastAddress = 0xffff0000;

// (func $realloc (param $old $old_size $align $size i32) (result i32))
CoreCode write_realloc() {
  constexpr std::uint32_t kOld = 0, kOldSize = 1, kAlign = 2, kSize = 3;  // parameters
  constexpr std::uint32_t kAddress = 4, kEnd = 5, kPages = 6;             // locals
  CoreCode code({CoreType::I32, CoreType::I64, CoreType::I32});
  // A block that shrinks stays where it is.
  code.get(kOldSize).begin_if();
  code.get(kSize).get(kOldSize).op({0x4d}, "i32.le_u").begin_if();
  code.get(kOld).op({0x0f}, "return").end().end();
  // $address = ($next + $align - 1) & -$align
  code.get_global(kNext).get(kAlign).op({0x6a}, "i32.add").i32(1).op({0x6b}, "i32.sub");
  code.i32(0).get(kAlign).op({0x6b}, "i32.sub").op({0x71}, "i32.and").set(kAddress);
  // $end = $address + $size, without overflow
  code.get(kAddress).op({0xad}, "i64.extend_i32_u").get(kSize).op({0xad}, "i64.extend_i32_u");
  code.op({0x7c}, "i64.add").set(kEnd);
  code.get(kEnd).i64(kLastAddress).op({0x56}, "i64.gt_u").begin_if();
  code.op({0x00}, "unreachable").end();
  // $pages = the pages that are missing
  code.get(kEnd).i64(0xffff).op({0x7c}, "i64.add").i64(16).op({0x88}, "i64.shr_u");
  code.op({0xa7}, "i32.wrap_i64").op({0x3f, 0x00}, "memory.size").op({0x6b}, "i32.sub").set(kPages);
  code.get(kPages).i32(0).op({0x4a}, "i32.gt_s").begin_if();
  code.get(kPages).op({0x40, 0x00}, "memory.grow").i32(-1).op({0x46}, "i32.eq").begin_if();
  code.op({0x00}, "unreachable").end().end();
  code.get(kEnd).op({0xa7}, "i32.wrap_i64").set_global(kNext);
  // The contents move along.
  code.get(kOldSize).begin_if();
  code.get(kAddress).get(kOld).get(kOldSize).op({0xfc, 0x0a, 0x00, 0x00}, "memory.copy").end();
  code.get(kAddress);
  return code;
}

// The first module, with the memory.
std::vector<std::uint8_t> write_memory_module() {
  ByteWriter types;
  types.u32(2, "count");
  write_first_types(types);
  ByteWriter functions;
  functions.u32(3, "count");
  for (const std::uint32_t type : {kReallocFunction, kPlainFunction, kPlainFunction})
    functions.u32(type, "type");
  ByteWriter memories;
  memories.u32(1, "count");
  memories.byte(0x00, "no maximum");
  memories.u32(1, "minimum");
  ByteWriter globals;
  globals.u32(2, "count");
  for (const std::int32_t value : {kFirstAddress, 0}) {
    globals.byte(0x7f, "i32");
    globals.byte(0x01, "mutable");
    globals.byte(0x41, "i32.const");
    globals.byte(static_cast<std::uint8_t>(value), "value");
    globals.byte(0x0b, "end");
  }
  ByteWriter exports;
  exports.u32(4, "count");
  write_core_export(exports, kRelayRealloc, CoreSort::Function, 0);
  write_core_export(exports, kEnter, CoreSort::Function, 1);
  write_core_export(exports, kLeave, CoreSort::Function, 2);
  write_core_export(exports, kRelayMemory, CoreSort::Memory, 0);
  ByteWriter code;
  code.u32(3, "count");
  write_realloc().write_to(code);
  CoreCode enter({});
  enter.get_global(kCalls).i32(1).op({0x6a}, "i32.add").set_global(kCalls);
  std::move(enter).write_to(code);
  CoreCode leave({});
  leave.get_global(kCalls).i32(1).op({0x6b}, "i32.sub").set_global(kCalls);
  leave.get_global(kCalls).op({0x45}, "i32.eqz").begin_if();
  leave.i32(kFirstAddress).set_global(kNext).end();
  std::move(leave).write_to(code);

  return write_core_module(
      {{1, types}, {3, functions}, {5, memories}, {6, globals}, {7, exports}, {10, code}}, nullptr);
}

// A parameter that is a borrowed handle.
struct BorrowedParam {
  std::uint32_t drop = 0;    // the function that drops it: its position among those of the module
  std::uint32_t local = 0;   // the local that holds the handle, if the parameters are flat
  std::uint32_t offset = 0;  // otherwise, the offset of the handle in the parameters in memory
};

// A function that the relay passes on: its core types, and the handles that its call has to drop.
struct RelayedFunction {
  std::string debug_name;
  CoreSignature lifted;
  bool has_spilled_params = false;
  bool has_spilled_result = false;
  std::uint32_t result_size = 0;
  std::uint32_t result_align = 1;
  std::vector<BorrowedParam> borrowed = {};

  // The type of the imported function as a core function, which gets the address of its result.
  [[nodiscard]] CoreSignature lowered() const {
    CoreSignature signature = lifted;
    if (!has_spilled_result) return signature;
    signature.params.push_back(CoreType::I32);
    signature.results.clear();
    return signature;
  }
};

// The second module, whose functions call the imported ones. It imports everything from "".
class RelayModule final {
 public:
  RelayModule(std::vector<RelayedFunction> functions, std::uint32_t drops)
      : functions_(std::move(functions)), drops_(drops) {}

  [[nodiscard]] static std::string export_name(std::size_t function) {
    return fmt::format("f{}", function);
  }
  [[nodiscard]] static std::string post_return_name(std::size_t function) {
    return fmt::format("p{}", function);
  }
  [[nodiscard]] static std::string lowered_name(std::size_t function) {
    return fmt::format("l{}", function);
  }
  [[nodiscard]] static std::string drop_name(std::size_t drop) { return fmt::format("d{}", drop); }

  [[nodiscard]] std::vector<std::uint8_t> encode(TrapModule::Names names) const {
    const auto count = static_cast<std::uint32_t>(functions_.size());
    ByteWriter types;
    types.u32(3 + 3 * count, "count");
    write_first_types(types);
    write_core_signature(types, {{CoreType::I32}, {}});
    ByteWriter imports;
    imports.u32(4 + drops_ + count, "count");
    import_memory(imports);
    import_function(imports, kRelayRealloc, kReallocFunction);
    import_function(imports, kEnter, kPlainFunction);
    import_function(imports, kLeave, kPlainFunction);
    for (std::uint32_t drop = 0; drop < drops_; ++drop)
      import_function(imports, drop_name(drop), kDropType);
    ByteWriter functions;
    functions.u32(2 * count, "count");
    ByteWriter exports;
    exports.u32(2 * count, "count");
    ByteWriter code;
    code.u32(2 * count, "count");
    ByteWriter debug_names;
    debug_names.u32(count, "count");
    const std::uint32_t first = kFirstDrop + drops_ + count;  // after the imported functions
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::uint32_t type = kDropType + 1 + 3 * i;
      write_core_signature(types, functions_[i].lifted);
      write_core_signature(types, functions_[i].lowered());
      write_core_signature(types, {functions_[i].lifted.results, {}});
      import_function(imports, lowered_name(i), type + 1);
      functions.u32(type, "type of the function");
      functions.u32(type + 2, "type of its post-return");
      write_core_export(exports, export_name(i), CoreSort::Function, first + 2 * i);
      write_core_export(exports, post_return_name(i), CoreSort::Function, first + 2 * i + 1);
      write_function(functions_[i], kFirstDrop + drops_ + i).write_to(code);
      CoreCode post_return({});
      post_return.call(kLeaveFunction);
      std::move(post_return).write_to(code);
      debug_names.u32(first + 2 * i, "index");
      debug_names.name(functions_[i].debug_name, "name");
    }

    return write_core_module({{1, types}, {2, imports}, {3, functions}, {7, exports}, {10, code}},
                             names == TrapModule::Names::Yes ? &debug_names : nullptr);
  }

 private:
  static constexpr std::uint32_t kDropType = 2;
  // Imported functions, in the order of their indices.
  static constexpr std::uint32_t kReallocIndex = 0;
  static constexpr std::uint32_t kEnterFunction = 1;
  static constexpr std::uint32_t kLeaveFunction = 2;
  static constexpr std::uint32_t kFirstDrop = 3;

  static void import_memory(ByteWriter& imports) {
    imports.name("", "module");
    imports.name(kRelayMemory, "name");
    imports.byte(0x02, "memory");
    imports.byte(0x00, "no maximum");
    imports.u32(1, "minimum");
  }
  static void import_function(ByteWriter& imports, std::string_view name, std::uint32_t type) {
    imports.name("", "module");
    imports.name(name, "name");
    imports.byte(0x00, "func");
    imports.u32(type, "type");
  }

  static CoreCode write_function(const RelayedFunction& function, std::uint32_t lowered) {
    const auto params = static_cast<std::uint32_t>(function.lifted.params.size());
    const std::uint32_t result = params;  // a local
    CoreCode code(function.lifted.results);
    code.call(kEnterFunction);
    if (function.has_spilled_result) {
      code.i32(0).i32(0).i32(static_cast<std::int32_t>(function.result_align));
      code.i32(static_cast<std::int32_t>(function.result_size)).call(kReallocIndex).set(result);
    }
    for (std::uint32_t param = 0; param < params; ++param) code.get(param);
    if (function.has_spilled_result) code.get(result);
    code.call(lowered);
    const bool has_result = !function.lifted.results.empty();
    if (has_result && !function.has_spilled_result) code.set(result);
    for (const BorrowedParam& borrowed : function.borrowed) {
      if (function.has_spilled_params)
        code.get(0).load_i32(borrowed.offset);
      else
        code.get(borrowed.local);
      code.call(kFirstDrop + borrowed.drop);
    }
    if (has_result) code.get(result);
    return code;
  }

  std::vector<RelayedFunction> functions_;
  std::uint32_t drops_;  // the number of imported functions that drop handles
};

// The component of one relay.
class Relay final {
 public:
  Relay(Level& level, std::string_view name, const types::Item& item,
        const std::vector<std::string>& hidden)
      : level_(level),
        types_(*level.context.plan.types),
        classes_(level.context.classes),
        name_(name),
        item_(item),
        hidden_(hidden),
        out_(level.context.labels),
        places_(out_),
        encoder_(types_, classes_, places_, {&named_}) {}

  // The types that the relay imports besides the relayed item, and the names of these imports.
  [[nodiscard]] const std::vector<types::Item>& arguments() const { return arguments_; }
  static std::string argument_name(std::size_t position) { return fmt::format("t{}", position); }

  binary::EncodedComponent encode() {
    import_types();
    list_functions();
    import_item();
    instantiate_memory();
    instantiate_functions();
    write_exports();
    return std::move(out_).finish();
  }

 private:
  struct Function {
    std::string name;
    types::FunctionId type;
  };

  // Resources, then the value types that the item mentions and does not name.
  void import_types() {
    for (const types::ResourceId resource : mentioned_classes(level_, item_)) {
      const std::uint32_t index = out_.import_item({.text = argument_name(arguments_.size())},
                                                   {.kind = binary::ExternDesc::Kind::SubResource});
      named_.resources.emplace(resource,
                               TypeTable::Named{places_.at({binary::Sort::Type, index}), {}});
      resource_indices_.emplace(resource, index);
      arguments_.emplace_back(types::TypeBound{resource});
    }
    for (const types::TypeId type : types_to_name(types_, classes_, item_)) {
      const types::Item bound = types::TypeBound{type};
      const binary::ExternDesc desc = encoder_.bound(bound);
      encoder_.note(bound, out_.import_item({.text = argument_name(arguments_.size())}, desc));
      arguments_.push_back(bound);
    }
  }

  void list_functions() {
    const auto add = [this](std::string_view name, types::FunctionId type) {
      positions_.emplace(name, functions_.size());
      functions_.push_back({std::string(name), type});
    };
    if (const auto* function = std::get_if<types::FunctionId>(&item_))
      add(kRelayedItem, *function);
    else if (const auto* instance = std::get_if<types::InstanceId>(&item_))
      for (const types::NamedItem& part : types_.instances[*instance].exports)
        if (const auto* of_instance = std::get_if<types::FunctionId>(&part.item))
          if (!std::ranges::binary_search(hidden_, part.name)) add(part.name, *of_instance);
  }

  void import_item() {
    const std::uint32_t index = out_.import_item({.text = kRelayedItem}, encoder_.bound(item_));
    for (const Function& function : functions_)
      imported_.push_back(std::holds_alternative<types::FunctionId>(item_)
                              ? index
                              : out_.alias_export(index, binary::Sort::Func, function.name));
  }

  void instantiate_memory() {
    instantiate_core(out_.add_core_module(write_memory_module()), {});
    memory_ = out_.alias_core_export(0, binary::Sort::CoreMemory, kRelayMemory);
    realloc_ = out_.alias_core_export(0, binary::Sort::CoreFunc, kRelayRealloc);
  }

  std::uint32_t instantiate_core(std::uint32_t module,
                                 std::vector<binary::InstantiateArg> arguments) {
    const std::uint32_t index = out_.spaces().size(binary::Sort::CoreInstance);
    binary::CoreInstanceDef instance;
    instance.module = module;
    instance.args = std::move(arguments);
    out_.copy_definition(std::move(instance), {});
    return index;
  }

  void instantiate_functions() {
    std::vector<std::string> names;
    std::vector<std::uint32_t> core;
    std::vector<RelayedFunction> relayed;
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      names.push_back(RelayModule::lowered_name(i));
      core.push_back(add_canon(0x01, imported_[i], {{0x03, memory_}, {0x04, realloc_}}));
      relayed.push_back(describe(functions_[i]));
    }
    for (std::size_t drop = 0; drop < dropped_.size(); ++drop) {
      names.push_back(RelayModule::drop_name(drop));
      core.push_back(add_drop(resource_indices_.at(dropped_[drop])));
    }
    for (const std::string_view name : {kEnter, kLeave}) {
      names.emplace_back(name);
      core.push_back(out_.alias_core_export(0, binary::Sort::CoreFunc, name));
    }
    std::vector<binary::InlineExport> imports{
        {{.text = kRelayMemory}, {binary::Sort::CoreMemory, memory_}},
        {{.text = kRelayRealloc}, {binary::Sort::CoreFunc, realloc_}}};
    for (std::size_t i = 0; i < names.size(); ++i)
      imports.push_back({{.text = names[i]}, {binary::Sort::CoreFunc, core[i]}});
    const std::uint32_t bundle = out_.spaces().size(binary::Sort::CoreInstance);
    binary::CoreInstanceDef instance;
    instance.exports = std::move(imports);
    out_.copy_definition(std::move(instance), {});
    const RelayModule module(std::move(relayed), static_cast<std::uint32_t>(dropped_.size()));
    const std::uint32_t index = out_.add_core_module(
        module.encode(level_.context.sections != Sections::Strip ? TrapModule::Names::Yes
                                                                 : TrapModule::Names::No));
    core_ = instantiate_core(index, {{"", {binary::Sort::CoreInstance, bundle}}});
  }

  RelayedFunction describe(const Function& function) {
    const types::Function& type = types_.functions[function.type];
    RelayedFunction relayed{.debug_name = std::holds_alternative<types::FunctionId>(item_)
                                              ? std::string(name_)
                                              : fmt::format("{}#{}", name_, function.name),
                            .lifted = abi::flatten_lifted(types_, type)};
    const Result<abi::FunctionLayout> layout = abi::lay_out_function(types_, type);
    if (!layout) {
      level_.problems.insert(level_.problems.end(), layout.error().begin(), layout.error().end());
      return relayed;
    }
    relayed.has_spilled_params = layout->has_spilled_params();
    relayed.has_spilled_result = layout->has_spilled_result();
    if (layout->result) {
      relayed.result_size = layout->layouts[*layout->result].size;
      relayed.result_align = layout->layouts[*layout->result].align;
    }
    const std::vector<abi::LayoutPart>& parts = layout->layouts[layout->params].parts;
    for (std::size_t param = 0; param < type.params.size(); ++param) {
      const auto* borrow = std::get_if<types::Borrow>(&types_.types[type.params[param].type].kind);
      if (borrow == nullptr) continue;
      relayed.borrowed.push_back({.drop = drop_of(classes_.of(borrow->resource)),
                                  .local = parts[param].flat_offset,
                                  .offset = parts[param].offset});
    }
    return relayed;
  }

  std::uint32_t drop_of(types::ResourceId resource) {
    for (std::size_t drop = 0; drop < dropped_.size(); ++drop)
      if (dropped_[drop] == resource) return static_cast<std::uint32_t>(drop);
    dropped_.push_back(resource);
    return static_cast<std::uint32_t>(dropped_.size() - 1);
  }

  struct CanonOption {
    std::uint8_t kind = 0;
    std::uint32_t index = 0;
  };

  // canon ::= 0x01 0x00 f:<funcidx> opts:<opts> (Binary.md, "Canonical Definitions")
  std::uint32_t add_canon(std::uint8_t opcode, std::uint32_t function,
                          const std::vector<CanonOption>& options,
                          std::optional<std::uint32_t> type = {}) {
    ByteWriter canon;
    canon.byte(opcode, "canon");
    canon.byte(0x00, "canon");
    canon.u32(function, "func");
    canon.count(options.size(), "count");
    for (const CanonOption& option : options) {
      canon.byte(option.kind, "option");
      canon.u32(option.index, "index");
    }
    if (type) canon.u32(*type, "type");
    return copy_canon(canon, type ? binary::Sort::Func : binary::Sort::CoreFunc, opcode);
  }
  // canon ::= 0x03 rt:<typeidx>
  std::uint32_t add_drop(std::uint32_t resource) {
    ByteWriter canon;
    canon.byte(0x03, "resource.drop");
    canon.u32(resource, "type");
    return copy_canon(canon, binary::Sort::CoreFunc, 0x03);
  }
  std::uint32_t copy_canon(const ByteWriter& canon, binary::Sort sort, std::uint8_t opcode) {
    const std::uint32_t index = out_.spaces().size(sort);
    binary::CanonDef def;
    def.opcode = opcode;
    def.span = {0, canon.size()};
    out_.copy_definition(def, canon.data());
    return index;
  }

  void write_exports() {
    std::vector<types::NamedItem> alone;
    std::vector<const types::NamedItem*> items;
    if (const auto* instance = std::get_if<types::InstanceId>(&item_)) {
      items = order_exports(types_, classes_, types_.instances[*instance]);
    } else {
      alone.push_back({std::string(kRelayedItem), item_});
      items.push_back(&alone.front());
    }
    for (const types::NamedItem* const item : items) {
      if (const auto* function = std::get_if<types::FunctionId>(&item->item)) {
        if (const auto position = positions_.find(item->name); position != positions_.end())
          out_.export_item({.text = item->name},
                           {binary::Sort::Func, lift(position->second, *function)});
      } else if (std::holds_alternative<types::TypeBound>(item->item)) {
        const std::uint32_t index = encoder_.bound(item->item).index;
        encoder_.note(item->item,
                      out_.export_item({.text = item->name}, {binary::Sort::Type, index}));
      }
    }
  }

  std::uint32_t lift(std::size_t position, types::FunctionId function) {
    const std::uint32_t type = encoder_.bound(function).index;
    const std::uint32_t core =
        out_.alias_core_export(core_, binary::Sort::CoreFunc, RelayModule::export_name(position));
    const std::uint32_t post_return = out_.alias_core_export(
        core_, binary::Sort::CoreFunc, RelayModule::post_return_name(position));
    return add_canon(0x00, core, {{0x03, memory_}, {0x04, realloc_}, {0x05, post_return}}, type);
  }

  Level& level_;
  const types::Types& types_;
  const TypeClasses& classes_;
  std::string_view name_;
  const types::Item& item_;
  const std::vector<std::string>& hidden_;
  binary::ComponentWriter out_;
  Places places_;
  TypeTable named_;
  TypeEncoder encoder_;
  std::vector<types::Item> arguments_;
  std::unordered_map<types::ResourceId, std::uint32_t> resource_indices_;  // by class
  std::vector<Function> functions_;
  std::unordered_map<std::string, std::size_t> positions_;  // in functions_, by name
  std::vector<std::uint32_t> imported_;                     // by function, its index
  std::vector<types::ResourceId> dropped_;  // classes of the resources of borrowed parameters
  std::uint32_t memory_ = 0;
  std::uint32_t realloc_ = 0;
  std::uint32_t core_ = 0;  // the instance of the second module
};

}  // namespace

PlaceId write_relay(Level& level, PlaceId target, std::string_view name, const types::Item& item,
                    const std::vector<std::string>& hidden) {
  Relay relay(level, name, item, hidden);
  const std::string text = fmt::format("relay {}", name);
  const std::string_view label = level.context.debug_name(text);
  const std::uint32_t component = level.out.add_component(relay.encode(), label);
  std::vector<std::string> names;
  std::vector<binary::SortIndex> passed;
  for (const types::Item& argument : relay.arguments()) {
    names.push_back(Relay::argument_name(names.size()));
    const auto& type = std::get<types::TypeBound>(argument).type;
    const auto* resource = std::get_if<types::ResourceId>(&type);
    passed.push_back(
        resource != nullptr
            ? level.resource(*resource)
            : binary::SortIndex{
                  binary::Sort::Type,
                  level.encoder({&level.defined}).type_index(std::get<types::TypeId>(type))});
  }
  std::vector<binary::InstantiateArg> args;
  for (std::size_t i = 0; i < names.size(); ++i) args.push_back({names[i], passed[i]});
  args.push_back({kRelayedItem, level.places.item(target)});
  const PlaceId instance =
      level.places.at({binary::Sort::Instance, level.out.instantiate(component, args, label)});
  if (std::holds_alternative<types::InstanceId>(item)) return instance;
  return level.places.inside(instance, binary::Sort::Func, kRelayedItem);
}

}  // namespace tenon::compose
