// The text of a unit: its imports, its core code, and its exports.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "abi/layout.h"
#include "support/check.h"
#include "tests/differential/function_code.h"
#include "tests/differential/stream_code.h"
#include "tests/differential/world.h"
#include "types/print_type.h"

namespace tenon::differential {
namespace {

using types::TypeId;

std::string_view name_of(abi::Encoding encoding) {
  return encoding == abi::Encoding::Utf8    ? "utf8"
         : encoding == abi::Encoding::Utf16 ? "utf16"
                                            : "latin1+utf16";
}

// The identifiers of types in a scope: `$t12`, and `$x12` for those that were exported there.
struct Names {
  char type = 't';
  char resource = 'r';
  std::set<TypeId> exported_types = {};
  std::set<unsigned> exported_resources = {};

  [[nodiscard]] std::string of(TypeId id) const {
    return fmt::format("${}{}", exported_types.contains(id) ? 'x' : type, id.index);
  }
  [[nodiscard]] std::string of(unsigned id) const {
    return fmt::format("${}{}", exported_resources.contains(id) ? 'y' : resource, id);
  }
};

// Writes types in a scope.
class TypeText final {
 public:
  TypeText(const World& world, Names names) : world_(world), names_(std::move(names)) {}

  [[nodiscard]] std::string use(TypeId id) const {
    return world_.owners.contains(id) ? names_.of(id) : define(id);
  }
  [[nodiscard]] std::string define(TypeId id) const {
    return std::visit([this](const auto& kind) { return text_of(kind); },
                      world_.types.types[id].kind);
  }
  [[nodiscard]] std::string signature(const types::Function& function) const {
    std::string text = function.is_async ? "async" : "";
    for (const types::Field& param : function.params)
      text += fmt::format(" (param \"{}\" {})", param.label, use(param.type));
    return text + result(function);
  }
  [[nodiscard]] std::string result(const types::Function& function) const {
    return function.result ? fmt::format(" (result {})", use(*function.result)) : "";
  }

 private:
  [[nodiscard]] std::string part(std::optional<TypeId> id) const {
    return id ? " " + use(*id) : "";
  }
  static std::string labels(const std::vector<std::string>& labels) {
    return fmt::format("\"{}\"", fmt::join(labels, "\" \""));
  }
  [[nodiscard]] std::string text_of(types::Primitive kind) const {
    return std::string(types::print_primitive(kind));
  }
  [[nodiscard]] std::string text_of(const types::List& list) const {
    return fmt::format("(list {}{})", use(list.element),
                       list.length ? fmt::format(" {}", *list.length) : "");
  }
  [[nodiscard]] std::string text_of(const types::Map& map) const {
    return fmt::format("(map {} {})", use(map.key), use(map.value));
  }
  [[nodiscard]] std::string text_of(const types::Tuple& tuple) const {
    std::string text = "(tuple";
    for (const TypeId type : tuple.types) text += part(type);
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Record& record) const {
    std::string text = "(record";
    for (const types::Field& field : record.fields)
      text += fmt::format(" (field \"{}\" {})", field.label, use(field.type));
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Variant& variant) const {
    std::string text = "(variant";
    for (const types::Case& one : variant.cases)
      text += fmt::format(" (case \"{}\"{})", one.label, part(one.type));
    return text + ")";
  }
  [[nodiscard]] std::string text_of(const types::Option& option) const {
    return fmt::format("(option{})", part(option.type));
  }
  [[nodiscard]] std::string text_of(const types::ResultType& result) const {
    const std::string error = result.error ? fmt::format(" (error{})", part(result.error)) : "";
    return fmt::format("(result{}{})", part(result.ok), error);
  }
  [[nodiscard]] std::string text_of(const types::Enum& plain) const {
    return fmt::format("(enum {})", labels(plain.labels));
  }
  [[nodiscard]] std::string text_of(const types::Flags& flags) const {
    return fmt::format("(flags {})", labels(flags.labels));
  }
  [[nodiscard]] std::string text_of(const types::Own& own) const {
    return fmt::format("(own {})", names_.of(own.resource.index));
  }
  [[nodiscard]] std::string text_of(const types::Borrow& borrow) const {
    return fmt::format("(borrow {})", names_.of(borrow.resource.index));
  }
  [[nodiscard]] std::string text_of(const types::Stream& stream) const {
    return fmt::format("(stream{})", part(stream.type));
  }
  [[nodiscard]] std::string text_of(const types::Future& future) const {
    return fmt::format("(future{})", part(future.type));
  }
  template <class Other>
  std::string text_of(const Other& /*other*/) const {
    TENON_CHECK(false);
    return {};
  }

  const World& world_;
  Names names_;
};

constexpr std::size_t kMaxAsyncParams = 4;
constexpr std::string_view kMemory = R"((core module $memory
  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 1024))
  (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
                            (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (if (i32.gt_u (global.get $free) (i32.shl (memory.size) (i32.const 16)))
      (then (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1)
        (i32.sub (i32.shr_u (global.get $free) (i32.const 16)) (memory.size))))) (then unreachable))))
    (memory.copy (local.get $at) (local.get $old)
      (select (local.get $old_size) (local.get $size) (i32.lt_u (local.get $old_size) (local.get $size))))
    (local.get $at))
)";

class UnitText final {
 public:
  UnitText(const World& world, std::size_t number)
      : world_(world), unit_(world.units[number]), number_(number) {}

  std::string text() {
    out_ = "(component\n";
    for (const unsigned interface : imports_of(world_, number_)) import_interface(interface);
    if (unit_.kind == Unit::Kind::Pass) {
      for (const unsigned i : unit_.exports) out_ += export_text(i, fmt::format("$in{}", i));
      return out_ + ")\n";
    }
    define_memory();
    if (unit_.provides())
      for (const unsigned interface : unit_.exports) define_types(interface);
    for (unsigned i = 0; i < world_.interfaces.size(); ++i) {
      if (unit_.has_export(i) && unit_.provides())
        add_core("new", i, fmt::format("canon resource.new $r{}", i), "(param i32) (result i32)");
      else if (is_imported(i))
        add_core("drop", i, fmt::format("canon resource.drop $r{}", i), "(param i32)");
      if (is_imported(i) && unit_.provides() && world_.interfaces[i].has_resource) {
        add_core("get", i, fmt::format("canon lower (func $in{0} \"[method]r{0}.get\")", i),
                 "(param i32) (result i32)");
      }
    }
    for (const unsigned interface : unit_.exports)
      for (const Function& function : world_.interfaces[interface].functions)
        write_function(interface, function);
    out_ += fmt::format(R"({}(core module $code
  (import "m" "memory" (memory 1))
  (import "m" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
{}{})
(core instance $code (instantiate $code (with "m" (instance $m)) (with "x" (instance{}))))
{})",
                        core_functions_, core_imports_, code_, items_, functions_);
    for (const unsigned interface : unit_.exports) export_interface(interface);
    return out_ + ")\n";
  }

 private:
  [[nodiscard]] bool is_imported(unsigned interface) const {
    return std::ranges::count(imports_of(world_, number_), interface) != 0;
  }
  [[nodiscard]] bool has_resource(unsigned interface) const {
    return world_.interfaces[interface].has_resource;
  }

  // In the order in which the unit lists them, which need not be that of their parts.
  [[nodiscard]] std::vector<TypeId> listed_types(unsigned interface) const {
    const std::set<TypeId> used = used_types(interface);
    std::vector<TypeId> listed(used.begin(), used.end());
    if (unit_.lists_backwards) std::ranges::reverse(listed);
    return listed;
  }

  // The types of other interfaces that an interface mentions.
  [[nodiscard]] std::set<TypeId> used_types(unsigned interface) const {
    std::set<TypeId> used;
    const auto visit = [&](TypeId id) {
      const auto owner = world_.owners.find(id);
      const bool is_foreign = owner != world_.owners.end() && owner->second != interface;
      if (is_foreign) used.insert(id);
      return !is_foreign;
    };
    for (const TypeId id : world_.interfaces[interface].named) visit_types(world_.types, id, visit);
    for (const Function& function : world_.interfaces[interface].functions) {
      for (const types::Field& param : function.type.params)
        visit_types(world_.types, param.type, visit);
      if (function.type.result) visit_types(world_.types, *function.type.result, visit);
    }
    return used;
  }

  static std::string name_text(const std::string& name, const std::string& plain) {
    return name == plain ? fmt::format("\"{}\"", name)
                         : fmt::format("\"{}\" (implements \"{}\")", name, plain);
  }
  [[nodiscard]] std::string export_text(unsigned interface, std::string_view instance) const {
    return fmt::format("(export $ex{} {} (instance {}))\n", interface,
                       name_text(export_name(world_, number_, interface),
                                 exported_interface(world_, number_, interface)),
                       instance);
  }

  void import_interface(unsigned interface) {
    const Interface& imported = world_.interfaces[interface];
    const TypeText inner(world_, {.type = 'u', .resource = 'v'});
    out_ += fmt::format("(import \"{}\" (instance $in{}\n", import_name(world_, number_, interface),
                        interface);
    for (const TypeId id : listed_types(interface))
      out_ += fmt::format("  (export \"t{0}\" (type $u{0} (eq $t{0})))\n", id.index);
    for (const unsigned used : used_by(world_, interface))
      if (has_resource(used))
        out_ += fmt::format("  (export \"r{0}\" (type $v{0} (eq $r{0})))\n", used);
    if (imported.has_resource)
      out_ += fmt::format("  (export \"r{0}\" (type $v{0} (sub resource)))\n", interface);
    if (imported.has_alias)
      out_ += fmt::format("  (export \"q{0}\" (type (eq $v{0})))\n", interface);
    for (const TypeId id : imported.named)
      out_ += fmt::format("  (type $d{0} {1}) (export \"t{0}\" (type $u{0} (eq $d{0})))\n",
                          id.index, inner.define(id));
    for (const Function& function : imported.functions)
      out_ += fmt::format("  (export \"{}\" (func {}))\n", function.name,
                          inner.signature(function.type));
    out_ += "))\n";
    for (const TypeId id : imported.named)
      out_ += fmt::format("(alias export $in{1} \"t{0}\" (type $t{0}))\n", id.index, interface);
    if (imported.has_resource)
      out_ += fmt::format("(alias export $in{0} \"r{0}\" (type $r{0}))\n", interface);
  }

  void define_memory() {
    out_ += kMemory;
    for (const unsigned i : unit_.exports)
      out_ += fmt::format(
          "  (global $c{0} (export \"c{0}\") (mut i32) (i32.const 0))\n"
          "  (func (export \"d{0}\") (param i32) (global.set $c{0} (i32.add (i32.const 1) "
          "(global.get $c{0}))))\n",
          i);
    out_ += ")\n(core instance $m (instantiate $memory))\n";
    for (const unsigned i : unit_.exports)
      core_imports_ += fmt::format("  (import \"m\" \"c{0}\" (global $c{0} (mut i32)))\n", i);
  }

  void define_types(unsigned interface) {
    if (has_resource(interface))
      out_ +=
          fmt::format("(type $r{0} (resource (rep i32) (dtor (func $m \"d{0}\"))))\n", interface);
    for (const TypeId id : world_.interfaces[interface].named)
      out_ += fmt::format("(type $t{} {})\n", id.index, outer_.define(id));
  }

  void add_core(std::string_view name, unsigned interface, std::string_view canon,
                std::string_view type) {
    if (has_resource(interface)) add_core(fmt::format("{}{}", name, interface), canon, type);
  }
  // A core function for the code.
  void add_core(const std::string& name, std::string_view canon, std::string_view type) {
    core_functions_ += fmt::format("(core func ${} ({}))\n", name, canon);
    items_ += fmt::format(" (export \"{0}\" (func ${0}))", name);
    core_imports_ += fmt::format("  (import \"x\" \"{0}\" (func ${0} {1}))\n", name, type);
  }

  [[nodiscard]] std::string options() const {
    return fmt::format("(memory $m \"memory\") (realloc (func $m \"realloc\")) string-encoding={}",
                       name_of(unit_.encoding));
  }

  void write_function(unsigned interface, const Function& function) {
    const std::string name = fmt::format("g{}-{}", interface, count_++);
    functions_of_[interface].push_back(name);
    const FunctionCode code(world_, function);
    const bool has_callback = function.type.is_async && unit_.lifts_with_callback;
    std::string callback = " unreachable";
    if (has_callback) {
      add_core("return-" + name,
               fmt::format("canon task.return{} (memory $m \"memory\") string-encoding={}",
                           outer_.result(function.type), name_of(unit_.encoding)),
               name_all("param", code.result(abi::kMaxFlatParams)));
    }
    const std::string body = unit_.provides()
                                 ? provide(interface, function, code, name, has_callback, callback)
                                 : relay(interface, function, code, name, has_callback);
    if (has_callback)
      code_ += fmt::format("  (func (export \"{}-event\") (param i32 i32 i32) (result i32){}{})\n",
                           name, locals(code.count()), callback);
    code_ += fmt::format(
        "  (func (export \"{}\"){}{}{}{})\n", name, name_all("param", code.params()),
        has_callback ? " (result i32)" : name_all("result", code.result(abi::kMaxFlatResults)),
        locals(code.count()), body);
    functions_ += fmt::format(
        "(func ${0} {1} (canon lift (core func $code \"{0}\") {2}{3}))\n", name,
        outer_.signature(function.type), options(),
        has_callback ? fmt::format(" async (callback (func $code \"{}-event\"))", name) : "");
  }

  // callback: becomes the code of the callback, if it is called.
  std::string provide(unsigned interface, const Function& function, const FunctionCode& code,
                      const std::string& name, bool has_callback, std::string& callback) {
    using Role = Function::Role;
    const std::size_t most = has_callback ? abi::kMaxFlatParams : abi::kMaxFlatResults;
    const bool has_address =
        function.fault == Function::Fault::BadAddress && !code.has_flat_result(most);
    if (unit_.kind == Unit::Kind::Decoy ||
        (function.fault != Function::Fault::None && !has_address))
      return " unreachable";
    if (function.role == Role::Make) return fmt::format(" (call $new{} (local.get 0))", interface);
    if (function.role == Role::Get) return " (local.get 0)";
    if (function.role == Role::Dropped) return fmt::format(" (global.get $c{})", interface);
    std::string body;
    for (std::size_t i = 0; i < code.count(); ++i) {
      const types::Borrow* const borrow = as_borrow(world_.types, function.type.params[i].type);
      // In its own component, a borrow is the number.
      if (borrow == nullptr || unit_.has_export(borrow->resource.index)) continue;
      const std::string handle = code.handle(i);
      body += fmt::format(" (local.set $status (call $get{0} {1})) (call $drop{0} {1})",
                          borrow->resource.index, handle) +
              code.set_handle(i, "(local.get $status)");
    }
    body += code.store_params();
    const bool suspends = has_callback && unit_.suspends;
    const StreamCopies copies = has_callback ? copy_streams(function, code) : StreamCopies();
    const bool from_memory = suspends || !copies.after.empty() || !code.has_flat_params();
    std::string result;
    if (function.type.result) {
      const std::size_t first = function.answer == Function::Answer::Last ? code.count() - 1 : 0;
      if (code.has_flat_result(most) && from_memory) {
        result = code.load_result("$at", code.part(first).offset);
      } else if (code.has_flat_result(most)) {
        const std::size_t begin = code.part(first).flat_offset;
        for (std::size_t i = 0; i < code.result(most).size(); ++i)
          result += fmt::format(" (local.get {})", begin + i);
      } else if (has_address) {
        result = " (i32.const 0xfffffff0)";
      } else {
        result = fmt::format(" (i32.add (local.get $at) (i32.const {}))", code.part(first).offset);
      }
    }
    if (!has_callback) return body + result;
    const std::string end = fmt::format("{} (call $return-{}{}){} (i32.const 0)", copies.before,
                                        name, result, copies.after);
    if (!suspends) return body + end;
    add_context();
    callback = " (local.set $at (call $get-context))" + end;
    return body + " (call $set-context (local.get $at)) (i32.const 1)";
  }

  // Makes new streams for those among the parameters at $at, and writes to them after the answer.
  struct StreamCopies {
    std::string before = {};
    std::string after = {};
  };
  StreamCopies copy_streams(const Function& function, const FunctionCode& code) {
    StreamCopies copies;
    for (std::size_t i = 0; unit_.copies_streams && i < code.count(); ++i) {
      const TypeId type = function.type.params[i].type;
      if (!is_stream(world_.types, type)) continue;
      add_copying(type);
      const std::uint32_t at = code.part(i).offset;
      copies.before += fmt::format(
          " (local.set $pair (call $new-{0}))"
          " (local.set $in{1} (i32.load offset={2} (local.get $at)))"
          " (local.set $out{1} (i32.wrap_i64 (i64.shr_u (local.get $pair) (i64.const 32))))"
          " (i32.store offset={2} (local.get $at) (i32.wrap_i64 (local.get $pair)))",
          type.index, i, at);
      copies.after +=
          fmt::format(" (call $copy-{0} (local.get $in{1}) (local.get $out{1}))", type.index, i);
    }
    return copies;
  }

  void add_copying(TypeId type) {
    if (!copied_.insert(type).second) return;
    const bool is_one = is_future(world_.types, type);
    const std::string_view kind = is_one ? "future" : "stream";
    const std::string name = fmt::format("$s{}", type.index);
    core_functions_ += fmt::format("(type {} {})\n", name, outer_.define(type));
    const auto add = [&](std::string_view action, std::string_view options, std::string_view core) {
      add_core(fmt::format("{}-{}", action, type.index),
               fmt::format("canon {}.{} {}{}", kind, action, name, options), core);
    };
    const std::string memory =
        fmt::format(" (memory $m \"memory\") string-encoding={}", name_of(unit_.encoding));
    const std::string_view operation =
        is_one ? "(param i32 i32) (result i32)" : "(param i32 i32 i32) (result i32)";
    add("new", "", "(result i64)");
    add("read", " " + options(), operation);
    add("write", memory, operation);
    add("drop-readable", "", "(param i32)");
    add("drop-writable", "", "(param i32)");
    code_ += copy_function(world_, type);
  }

  // The locals of a function, beside its parameters.
  static std::string locals(std::size_t params) {
    std::string text = " (local $at i32) (local $to i32) (local $status i32) (local $pair i64)";
    for (std::size_t i = 0; i < params; ++i)
      text += fmt::format(" (local $in{0} i32) (local $out{0} i32)", i);
    return text;
  }

  // What a task keeps while it is suspended.
  void add_context() {
    if (std::exchange(has_context_, true)) return;
    add_core("get-context", "canon context.get i32 0", "(result i32)");
    add_core("set-context", "canon context.set i32 0", "(param i32)");
  }

  std::string relay(unsigned interface, const Function& function, const FunctionCode& code,
                    const std::string& name, bool has_callback) {
    const bool is_async = function.type.is_async && unit_.lowers_async;
    std::string body;
    std::string arguments = code.all_params();
    std::vector<abi::CoreType> params = code.params();
    if (is_async && params.size() > kMaxAsyncParams) {
      body += code.store_params();
      arguments = " (local.get $at)";
      params = {abi::CoreType::I32};
    }
    const bool in_memory =
        function.type.result && (is_async || !code.has_flat_result(abi::kMaxFlatResults));
    if (in_memory) {
      body += code.allocate_result("$to");
      arguments += " (local.get $to)";
      params.push_back(abi::CoreType::I32);
    }
    const std::vector<abi::CoreType> results = is_async    ? std::vector{abi::CoreType::I32}
                                               : in_memory ? std::vector<abi::CoreType>()
                                                           : code.result(abi::kMaxFlatResults);
    add_core("call-" + name,
             fmt::format("canon lower (func $in{} \"{}\") {}{}", interface, function.name,
                         options(), is_async ? " async" : ""),
             name_all("param", params) + name_all("result", results));
    std::string call = fmt::format(" (call $call-{}{})", name, arguments);
    if (is_async) {
      add_waiting();
      call = fmt::format(" (call $wait{})", call);
    }
    // The result stays on the stack.
    body += call;
    for (std::size_t i = 0; i < code.count(); ++i)
      if (const types::Borrow* const borrow = as_borrow(world_.types, function.type.params[i].type))
        body += fmt::format(" (call $drop{} {})", borrow->resource.index, code.handle(i));
    const std::size_t most = has_callback ? abi::kMaxFlatParams : abi::kMaxFlatResults;
    if (in_memory)
      body += code.has_flat_result(most) ? code.load_result("$to", 0) : " (local.get $to)";
    return has_callback ? body + fmt::format(" (call $return-{}) (i32.const 0)", name) : body;
  }

  // Waits for a call, by its status.
  void add_waiting() {
    if (std::exchange(has_waiting_, true)) return;
    add_core("set-new", "canon waitable-set.new", "(result i32)");
    add_core("set-drop", "canon waitable-set.drop", "(param i32)");
    add_core("set-wait", "canon waitable-set.wait (memory $m \"memory\")",
             "(param i32 i32) (result i32)");
    add_core("join", "canon waitable.join", "(param i32 i32)");
    add_core("subtask-drop", "canon subtask.drop", "(param i32)");
    code_ += R"(  (func $wait (param $status i32) (local $task i32) (local $set i32)
    (if (i32.eq (local.get $status) (i32.const 2)) (then return))
    (local.set $task (i32.shr_u (local.get $status) (i32.const 4)))
    (local.set $set (call $set-new))
    (call $join (local.get $task) (local.get $set))
    (loop $again
      (if (i32.ne (call $set-wait (local.get $set) (i32.const 16)) (i32.const 1)) (then unreachable))
      (br_if $again (i32.ne (i32.load (i32.const 20)) (i32.const 2))))
    (call $join (local.get $task) (i32.const 0))
    (call $subtask-drop (local.get $task))
    (call $set-drop (local.get $set)))
)";
  }

  // A component imports the functions and exports them with the names of the types: methods must be beside their
  // resource. Bindings generators do the same.
  void export_interface(unsigned interface) {
    const Interface& exported = world_.interfaces[interface];
    const TypeText imported(world_, {.type = 'u', .resource = 'v'});
    Names names{.type = 'u', .resource = 'v'};
    std::string types;
    std::string arguments;
    std::set<TypeId> all_types;
    std::set<unsigned> resources;
    find_all(interface, all_types, resources);
    for (const unsigned i : resources) {
      types += fmt::format("  (import \"in-r{0}\" (type $v{0} (sub resource)))\n", i);
      arguments +=
          fmt::format(" (with \"in-r{0}\" (type ${1}r{0}))", i, named_by_export(i, interface));
    }
    for (const TypeId id : all_types) {
      types += fmt::format("  (type $d{0} {1}) (import \"in-t{0}\" (type $u{0} (eq $d{0})))\n",
                           id.index, imported.define(id));
      arguments += fmt::format(" (with \"in-t{0}\" (type ${1}t{0}))", id.index,
                               named_by_export(world_.owners.at(id), interface));
    }
    std::string exports;
    const auto export_resource = [&](unsigned i) {
      exports += fmt::format("  (export $y{0} \"r{0}\" (type $v{0}))\n", i);
      names.exported_resources.insert(i);
    };
    for (const unsigned used : used_by(world_, interface))
      if (has_resource(used)) export_resource(used);
    if (exported.has_resource) export_resource(interface);
    if (exported.has_alias) exports += fmt::format("  (export \"q{0}\" (type $y{0}))\n", interface);
    for (const TypeId id : listed_types(interface)) {
      exports += unit_.repeats_types && is_alone(id)
                     ? fmt::format("  (type $e{0} {1}) (export $x{0} \"t{0}\" (type $e{0}))\n",
                                   id.index, imported.define(id))
                     : fmt::format("  (export $x{0} \"t{0}\" (type $u{0}))\n", id.index);
      names.exported_types.insert(id);
    }
    // Again, with the exported resources.
    for (const TypeId id : exported.named) {
      exports += fmt::format("  (type $e{0} {1}) (export $x{0} \"t{0}\" (type $e{0}))\n", id.index,
                             TypeText(world_, names).define(id));
      names.exported_types.insert(id);
    }
    const TypeText outside(world_, names);
    std::string functions;
    for (std::size_t i = 0; i < exported.functions.size(); ++i) {
      const Function& function = exported.functions[i];
      functions += fmt::format("  (import \"in-f{0}\" (func $f{0} {1}))\n", i,
                               imported.signature(function.type));
      exports += fmt::format("  (export \"{}\" (func $f{}) (func {}))\n", function.name, i,
                             outside.signature(function.type));
      arguments += fmt::format(" (with \"in-f{}\" (func ${}))", i, functions_of_[interface][i]);
    }
    out_ += fmt::format(
        "(component $shim{0}\n{1}{2}{3})\n(instance $out{0} (instantiate $shim{0}{4}))\n",
        interface, types, functions, exports, arguments);
    out_ += export_text(interface, fmt::format("$out{}", interface));
    for (const TypeId id : exported.named)
      out_ += fmt::format("(alias export $ex{1} \"t{0}\" (type $xt{0}))\n", id.index, interface);
    if (exported.has_resource)
      out_ += fmt::format("(alias export $ex{0} \"r{0}\" (type $xr{0}))\n", interface);
  }

  // The prefix of the identifiers of an interface's types: what other exports use has a name by its own export.
  [[nodiscard]] std::string_view named_by_export(unsigned owner, unsigned interface) const {
    return unit_.provides() && owner < interface && unit_.has_export(owner) ? "x" : "";
  }

  // Whether a type has no parts that have a name.
  [[nodiscard]] bool is_alone(TypeId type) const {
    std::size_t names = 0;
    visit_types(world_.types, type, [&](TypeId id) {
      names += world_.owners.contains(id) ? 1 : 0;
      return true;
    });
    return names == 1 && !has_handles(world_.types, type);
  }

  // The types with names and the resources that the functions of an interface have, directly or not.
  void find_all(unsigned interface, std::set<TypeId>& found, std::set<unsigned>& resources) const {
    const auto visit = [&](TypeId id) {
      const types::Type& type = world_.types.types[id];
      if (const auto* const own = std::get_if<types::Own>(&type.kind))
        resources.insert(own->resource.index);
      if (const auto* const borrow = std::get_if<types::Borrow>(&type.kind))
        resources.insert(borrow->resource.index);
      if (world_.owners.contains(id)) found.insert(id);
      return true;
    };
    if (has_resource(interface)) resources.insert(interface);
    for (const unsigned used : used_by(world_, interface))
      if (has_resource(used)) resources.insert(used);
    for (const TypeId id : world_.interfaces[interface].named) visit_types(world_.types, id, visit);
    for (const Function& function : world_.interfaces[interface].functions) {
      for (const types::Field& param : function.type.params)
        visit_types(world_.types, param.type, visit);
      if (function.type.result) visit_types(world_.types, *function.type.result, visit);
    }
  }

  const World& world_;
  const Unit& unit_;
  std::size_t number_;
  TypeText outer_{world_, {}};
  std::string out_;
  std::string core_functions_;
  std::string items_;
  std::string core_imports_;
  std::string code_;
  std::string functions_;
  std::map<unsigned, std::vector<std::string>> functions_of_;
  std::size_t count_ = 0;
  bool has_waiting_ = false;
  bool has_context_ = false;
  std::set<TypeId> copied_;
};

}  // namespace

std::string unit_text(const World& world, std::size_t unit) { return UnitText(world, unit).text(); }

}  // namespace tenon::differential
