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
#include "tests/differential/function_code.h"
#include "tests/differential/stream_code.h"
#include "tests/differential/type_text.h"
#include "tests/differential/world.h"

namespace tenon::differential {
namespace {

using types::TypeId;

std::string_view name_of(abi::Encoding encoding) {
  return encoding == abi::Encoding::Utf8    ? "utf8"
         : encoding == abi::Encoding::Utf16 ? "utf16"
                                            : "latin1+utf16";
}

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

constexpr std::string_view kStart = R"(  (global $has-started (mut i32) (i32.const 0))
  (func $begin (global.set $has-started (i32.const 1)))
  (start $begin)
)";

class UnitText final {
 public:
  UnitText(const World& world, std::size_t number)
      : world_(world), unit_(world.units[number]), number_(number) {}

  std::string text() {
    out_ = "(component\n";
    for (const unsigned interface : imports_of(world_, number_)) import_interface(interface);
    for (const unsigned interface : unit_.exports) {
      if (spare_provider_of(world_, number_, interface)) import_spare(interface);
      if (has_bare_imports(world_, number_, interface)) import_bare(interface);
    }
    if (unit_.kind == Unit::Kind::Pass) {
      for (const unsigned i : unit_.exports) pass(i);
      return out_ + ")\n";
    }
    define_memory();
    if (unit_.provides())
      for (const unsigned interface : unit_.exports) define_types(interface);
    for (unsigned i = 0; i < world_.interfaces.size(); ++i) add_resource_functions(i);
    if (unit_.has_start) code_ += kStart;
    for (const unsigned interface : unit_.exports)
      if (!unit_.passes(interface))
        for (const Function& function : world_.interfaces[interface].functions)
          write_function(interface, function);
    out_ += fmt::format(R"({}(core module $code
  (import "m" "memory" (memory 1))
  (import "m" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
{}{})
(core instance $code (instantiate $code (with "m" (instance $m)) (with "x" (instance{}))))
{})",
                        core_functions_, core_imports_, code_, items_, functions_);
    for (const unsigned interface : unit_.exports) {
      unit_.passes(interface) ? pass(interface) : export_interface(interface);
      if (has_bare_exports(world_, number_, interface)) export_bare(interface);
    }
    if (unit_.exports_others)
      out_ +=
          "(export \"lib\" (core module $memory))\n"
          "(type $alone string)\n(export \"alone\" (type $alone))\n";
    return out_ + ")\n";
  }

 private:
  [[nodiscard]] bool is_imported(unsigned interface) const {
    return std::ranges::count(imports_of(world_, number_), interface) != 0;
  }
  [[nodiscard]] const std::vector<unsigned>& resources_of(unsigned interface) const {
    return world_.interfaces[interface].resources;
  }
  // Whether it asks resources of other units for their numbers.
  [[nodiscard]] bool has_get(unsigned interface, unsigned resource) const {
    return unit_.provides() && is_imported(interface) &&
           find_function(world_, Function::Role::Get, resource);
  }
  void add_resource_functions(unsigned interface) {
    for (const unsigned r : resources_of(interface)) {
      if (unit_.has_export(interface) && unit_.provides())
        add_core(fmt::format("new{}", r), fmt::format("canon resource.new $r{}", r),
                 "(param i32) (result i32)");
      else if (is_imported(interface))
        add_core(fmt::format("drop{}", r), fmt::format("canon resource.drop $r{}", r),
                 "(param i32)");
      if (!has_get(interface, r)) continue;
      const Found get = *find_function(world_, Function::Role::Get, r);
      add_core(fmt::format("get{}", r),
               fmt::format("canon lower (func $in{} \"{}\")", interface,
                           world_.interfaces[interface].functions[get.function].name),
               "(param i32) (result i32)");
    }
  }

  // In the order in which the unit lists them, which need not be that of their parts.
  [[nodiscard]] std::vector<TypeId> listed_types(unsigned interface) const {
    const std::set<TypeId> used = used_types(world_, interface);
    std::vector<TypeId> listed(used.begin(), used.end());
    if (unit_.lists_backwards) std::ranges::reverse(listed);
    return listed;
  }

  static std::string name_text(const std::string& name, const std::string& plain) {
    return name == plain ? fmt::format("\"{}\"", name)
                         : fmt::format("\"{}\" (implements \"{}\")", name, plain);
  }
  [[nodiscard]] std::string export_text(unsigned interface, const std::string& name,
                                        std::string_view identifier,
                                        std::string_view instance) const {
    return fmt::format("(export ${} {} (instance ${}))\n", identifier,
                       name_text(name, exported_interface(world_, number_, interface)), instance);
  }
  // Exports what it imports.
  void pass(unsigned interface) {
    out_ += export_text(interface, export_name(world_, number_, interface),
                        fmt::format("ex{}", interface), fmt::format("in{}", interface));
  }
  void export_bare(unsigned interface) {
    const std::vector<Function>& functions = world_.interfaces[interface].functions;
    for (std::size_t i = 0; i < functions.size(); ++i)
      if (is_plain(world_, functions[i]))
        out_ += fmt::format("(export \"{}\" (func ${}))\n", bare_name(interface, functions[i]),
                            functions_of_[interface][i]);
  }

  // Some functions call a resource by its second name.
  [[nodiscard]] std::string signature(unsigned interface, const Function& function,
                                      const types::Function& type, Names names) const {
    const Interface& made = world_.interfaces[interface];
    const bool is_first = &function == made.functions.data() + 3;  // behind those of the resource
    if (made.has_alias && function.role == Function::Role::Echo && !is_first)
      names.aliased = made.resources.front();
    return TypeText(world_, std::move(names)).signature(type);
  }

  [[nodiscard]] types::Function imported_type(unsigned interface, const Function& function) const {
    types::Function type = function.type;
    type.is_async = is_async_import(world_, number_, interface, function);
    return type;
  }
  [[nodiscard]] types::Function exported_type(unsigned interface, const Function& function) const {
    types::Function type = function.type;
    type.is_async = is_async_export(world_, number_, interface, function);
    return type;
  }

  void import_bare(unsigned interface) {
    for (const Function& function : world_.interfaces[interface].functions)
      if (is_plain(world_, function))
        out_ += fmt::format("(import \"{0}\" (func ${0} {1}))\n", bare_name(interface, function),
                            outer_.signature(imported_type(interface, function)));
  }
  // Imports the second instance of an interface.
  void import_spare(unsigned interface) {
    const std::string name =
        name_text(spare_name(interface), spare_interface(world_, number_, interface));
    out_ += import_text(interface, name, fmt::format("spare{}", interface),
                        [](const Function& function) { return function.type; });
  }

  void import_interface(unsigned interface) {
    const Interface& imported = world_.interfaces[interface];
    out_ += import_text(interface,
                        name_text(import_name(world_, number_, interface),
                                  imported_interface(world_, number_, interface)),
                        fmt::format("in{}", interface), [&](const Function& function) {
                          return imported_type(interface, function);
                        });
    for (const TypeId id : imported.named)
      out_ += fmt::format("(alias export $in{} \"{}\" (type $t{}))\n", interface,
                          type_name(world_, id), id.index);
    for (const unsigned r : imported.resources)
      out_ += fmt::format("(alias export $in{} \"{}\" (type $r{}))\n", interface,
                          resource_name(world_, r), r);
  }

  template <class TypeOf>
  [[nodiscard]] std::string import_text(unsigned interface, const std::string& name,
                                        const std::string& identifier,
                                        const TypeOf& type_of) const {
    const Interface& imported = world_.interfaces[interface];
    const Names names{.type = 'u', .resource = 'v'};
    const TypeText inner(world_, names);
    std::string text = fmt::format("(import {} (instance ${}\n", name, identifier);
    for (const TypeId id : listed_types(interface))
      text += fmt::format("  (export \"{0}\" (type $u{1} (eq $t{1})))\n", type_name(world_, id),
                          id.index);
    for (const unsigned used : used_by(world_, interface))
      for (const unsigned r : resources_of(used))
        text += fmt::format("  (export \"{0}\" (type $v{1} (eq $r{1})))\n",
                            resource_name(world_, r), r);
    for (const unsigned r : imported.resources)
      text += fmt::format("  (export \"{}\" (type $v{} (sub resource)))\n",
                          resource_name(world_, r), r);
    if (imported.has_alias)
      text +=
          fmt::format("  (export \"q{0}\" (type $q{0} (eq $v{0})))\n", imported.resources.front());
    for (const TypeId id : imported.named)
      text += fmt::format("  (type $d{0} {1}) (export \"{2}\" (type $u{0} (eq $d{0})))\n", id.index,
                          inner.define(id), type_name(world_, id));
    for (const Function& function : imported.functions)
      text += fmt::format("  (export \"{}\" (func {}))\n", function.name,
                          signature(interface, function, type_of(function), names));
    return text + "))\n";
  }

  void define_memory() {
    out_ += kMemory;
    // Of each resource, the number of those that were dropped, and the destructor.
    for (const unsigned i : unit_.exports)
      for (const unsigned r : resources_of(i)) {
        out_ += fmt::format(
            "  (global $c{0} (export \"c{0}\") (mut i32) (i32.const 0))\n"
            "  (func (export \"d{0}\") (param i32){1} (global.set $c{0} (i32.add (i32.const 1) "
            "(global.get $c{0}))))\n",
            r,
            world_.trapping_resource == r ? " (if (i32.eqz (local.get 0)) (then unreachable))"
                                          : "");
        core_imports_ += fmt::format("  (import \"m\" \"c{0}\" (global $c{0} (mut i32)))\n", r);
      }
    out_ += ")\n(core instance $m (instantiate $memory))\n";
  }

  void define_types(unsigned interface) {
    for (const unsigned r : resources_of(interface))
      out_ += fmt::format("(type $r{0} (resource (rep i32) (dtor (func $m \"d{0}\"))))\n", r);
    for (const TypeId id : world_.interfaces[interface].named)
      out_ += fmt::format("(type $t{} {})\n", id.index, outer_.define(id));
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
    const types::Function type = exported_type(interface, function);
    const bool has_callback = type.is_async && unit_.lifts_with_callback;
    const bool has_post_return = unit_.has_post_return && !has_callback;
    std::string callback = " unreachable";
    if (has_callback) {
      add_core("return-" + name,
               fmt::format("canon task.return{} (memory $m \"memory\") string-encoding={}",
                           outer_.result(function.type), name_of(unit_.encoding)),
               name_all("param", code.result(abi::kMaxFlatParams)));
    }
    std::string body;
    if (unit_.has_start) body = " (if (i32.eqz (global.get $has-started)) (then unreachable))";
    if (has_post_return) body += add_post_return(name, code);
    body += unit_.provides() ? provide(function, code, name, has_callback, callback)
                             : relay(interface, function, code, name, has_callback);
    if (has_callback)
      code_ += fmt::format("  (func (export \"{}-event\") (param i32 i32 i32) (result i32){}{})\n",
                           name, locals(code.count()), callback);
    code_ += fmt::format(
        "  (func (export \"{}\"){}{}{}{})\n", name, name_all("param", code.params()),
        has_callback ? " (result i32)" : name_all("result", code.result(abi::kMaxFlatResults)),
        locals(code.count()), body);
    functions_ += fmt::format(
        "(func ${0} {1} (canon lift (core func $code \"{0}\") {2}{3}{4}))\n", name,
        outer_.signature(type), options(),
        has_callback ? fmt::format(" async (callback (func $code \"{}-event\"))", name) : "",
        has_post_return ? fmt::format(" (post-return (func $code \"{}-post\"))", name) : "");
    if (unit_.has_spares && function.role == Function::Role::Which) {
      code_ +=
          fmt::format("  (func (export \"{}-spare\") (result i32) (i32.const {}))\n", name, kSpare);
      functions_ += fmt::format(
          "(func ${0}-spare (result u32) (canon lift (core func $code \"{0}-spare\")))\n", name);
    }
  }

  // The start of a function that traps if the call before it had no post-return.
  std::string add_post_return(const std::string& name, const FunctionCode& code) {
    code_ += fmt::format(
        "  (global $open-{0} (mut i32) (i32.const 0))\n"
        "  (func (export \"{0}-post\"){1} (global.set $open-{0} (i32.const 0)))\n",
        name, name_all("param", code.result(abi::kMaxFlatResults)));
    return fmt::format(
        " (if (global.get $open-{0}) (then unreachable)) (global.set $open-{0} (i32.const 1))",
        name);
  }

  // callback: becomes the code of the callback, if it is called.
  std::string provide(const Function& function, const FunctionCode& code, const std::string& name,
                      bool has_callback, std::string& callback) {
    using Role = Function::Role;
    const std::size_t most = has_callback ? abi::kMaxFlatParams : abi::kMaxFlatResults;
    const std::size_t first = function.answer == Function::Answer::Last ? code.count() - 1 : 0;
    const bool has_address =
        function.fault == Function::Fault::BadAddress && !code.has_flat_result(most);
    const bool has_bad_value = function.fault == Function::Fault::BadValue &&
                               function.type.result && code.can_be_bad(first);
    const bool keeps_borrow = function.fault == Function::Fault::KeptBorrow &&
                              std::ranges::any_of(function.type.params, [&](const auto& param) {
                                return is_foreign_borrow(param.type);
                              });
    const bool has_fault_of_its_own = has_address || has_bad_value || keeps_borrow;
    if (unit_.kind == Unit::Kind::Decoy ||
        (function.fault != Function::Fault::None && !has_fault_of_its_own))
      return " unreachable";
    if (function.role == Role::Which) return " (i32.const 1)";
    if (function.role == Role::Make)
      return fmt::format(" (call $new{} (local.get 0))", function.resource);
    if (function.role == Role::Get) return " (local.get 0)";
    if (function.role == Role::Dropped) return fmt::format(" (global.get $c{})", function.resource);
    std::string body;
    for (std::size_t i = 0; i < code.count(); ++i) {
      if (!is_foreign_borrow(function.type.params[i].type)) continue;
      const unsigned resource =
          as_borrow(world_.types, function.type.params[i].type)->resource.index;
      const std::string handle = code.handle(i);
      if (has_get(world_.resource_owner(resource), resource))
        body += fmt::format(" (local.set $status (call $get{} {}))", resource, handle);
      if (world_.is_of_wasi(resource))
        body += fmt::format(" (local.set $status (i32.const {}))", kWasiNumber);
      if (!keeps_borrow) body += fmt::format(" (call $drop{0} {1})", resource, handle);
      body += code.set_handle(i, "(local.get $status)");
    }
    body += code.store_params();
    if (has_bad_value) body += code.store_bad_value(first);
    const bool suspends = has_callback && unit_.suspends;
    const StreamCopies copies = has_callback ? copy_streams(function, code) : StreamCopies();
    const bool from_memory =
        suspends || has_bad_value || !copies.after.empty() || !code.has_flat_params();
    std::string result;
    if (function.type.result) {
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

  // In its own component, a borrow is the number.
  [[nodiscard]] bool is_foreign_borrow(TypeId type) const {
    const types::Borrow* const borrow = as_borrow(world_.types, type);
    return borrow != nullptr && !unit_.has_export(world_.resource_owner(borrow->resource.index));
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
    const bool can_wait = exported_type(interface, function).is_async;
    const bool is_async =
        imported_type(interface, function).is_async && (unit_.lowers_async || !can_wait);
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
    const bool is_bare = has_bare_imports(world_, number_, interface) && is_plain(world_, function);
    const std::string callee = is_bare ? "$" + bare_name(interface, function)
                                       : fmt::format("$in{} \"{}\"", interface, function.name);
    add_core("call-" + name,
             fmt::format("canon lower (func {}) {}{}", callee, options(), is_async ? " async" : ""),
             name_all("param", params) + name_all("result", results));
    std::string call = fmt::format(" (call $call-{}{})", name, arguments);
    if (is_async && can_wait) {
      add_waiting();
      call = fmt::format(" (call $wait{})", call);
    } else if (is_async) {
      call = fmt::format(" (if (i32.ne{} (i32.const 2)) (then unreachable))", call);
    }
    // The result stays on the stack.
    body += call;
    if (function.role == Function::Role::Which && spare_provider_of(world_, number_, interface))
      body += add_spare_call(interface);
    for (std::size_t i = 0; i < code.count(); ++i)
      if (const types::Borrow* const borrow = as_borrow(world_.types, function.type.params[i].type))
        body += fmt::format(" (call $drop{} {})", borrow->resource.index, code.handle(i));
    const std::size_t most = has_callback ? abi::kMaxFlatParams : abi::kMaxFlatResults;
    if (in_memory)
      body += code.has_flat_result(most) ? code.load_result("$to", 0) : " (local.get $to)";
    return has_callback ? body + fmt::format(" (call $return-{}) (i32.const 0)", name) : body;
  }

  // The answers of both instances as one.
  std::string add_spare_call(unsigned interface) {
    add_core(fmt::format("which{}", interface),
             fmt::format("canon lower (func $spare{} \"which\")", interface), "(result i32)");
    return fmt::format(" (i32.add (i32.mul (i32.const 3)) (call $which{}))", interface);
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
    const Mentioned mentioned = mentioned_by(world_, interface);
    for (const unsigned r : mentioned.resources) {
      types += fmt::format("  (import \"in-r{0}\" (type $v{0} (sub resource)))\n", r);
      arguments += fmt::format(" (with \"in-r{0}\" (type ${1}r{0}))", r,
                               named_by_export(world_.resource_owner(r), interface));
    }
    for (const TypeId id : mentioned.types) {
      types += fmt::format("  (type $d{0} {1}) (import \"in-t{0}\" (type $u{0} (eq $d{0})))\n",
                           id.index, imported.define(id));
      arguments += fmt::format(" (with \"in-t{0}\" (type ${1}t{0}))", id.index,
                               named_by_export(world_.owners.at(id), interface));
    }
    std::string functions;
    std::string function_arguments;
    std::string spare_arguments;
    std::string exports;
    const auto export_resources = [&](unsigned owner) {
      for (const unsigned r : resources_of(owner)) {
        exports +=
            fmt::format("  (export $y{0} \"{1}\" (type $v{0}))\n", r, resource_name(world_, r));
        names.exported_resources.insert(r);
      }
    };
    for (const unsigned used : used_by(world_, interface)) export_resources(used);
    export_resources(interface);
    if (exported.has_alias)
      exports +=
          fmt::format("  (export $q{0} \"q{0}\" (type $y{0}))\n", exported.resources.front());
    for (const TypeId id : listed_types(interface)) {
      exports += unit_.repeats_types && is_alone(world_, id)
                     ? fmt::format("  (type $e{0} {1}) (export $x{0} \"{2}\" (type $e{0}))\n",
                                   id.index, imported.define(id), type_name(world_, id))
                     : fmt::format("  (export $x{0} \"{1}\" (type $u{0}))\n", id.index,
                                   type_name(world_, id));
      names.exported_types.insert(id);
    }
    // Again, with the exported resources.
    for (const TypeId id : exported.named) {
      exports += fmt::format("  (type $e{0} {1}) (export $x{0} \"{2}\" (type $e{0}))\n", id.index,
                             TypeText(world_, names).define(id), type_name(world_, id));
      names.exported_types.insert(id);
    }
    for (std::size_t i = 0; i < exported.functions.size(); ++i) {
      const Function& function = exported.functions[i];
      const types::Function type = exported_type(interface, function);
      functions +=
          fmt::format("  (import \"in-f{0}\" (func $f{0} {1}))\n", i, imported.signature(type));
      exports += fmt::format("  (export \"{}\" (func $f{}) (func {}))\n", function.name, i,
                             signature(interface, function, type, names));
      const bool is_which = function.role == Function::Role::Which;
      const std::string& name = functions_of_[interface][i];
      function_arguments += fmt::format(" (with \"in-f{}\" (func ${}))", i, name);
      spare_arguments +=
          fmt::format(" (with \"in-f{}\" (func ${}{}))", i, name, is_which ? "-spare" : "");
    }
    out_ += fmt::format("(component $shim{}\n{}{}{})\n", interface, types, functions, exports);
    const auto export_as = [&](const std::string& name, std::string_view prefix,
                               const std::string& with) {
      const std::string instance = fmt::format("{}out{}", prefix, interface);
      out_ += fmt::format("(instance ${} (instantiate $shim{}{}{}))\n", instance, interface,
                          arguments, with);
      out_ += export_text(interface, name, fmt::format("{}ex{}", prefix, interface), instance);
    };
    export_as(export_name(world_, number_, interface), "", function_arguments);
    if (unit_.has_spares) export_as(spare_name(interface), "spare-", spare_arguments);
    for (const TypeId id : exported.named)
      out_ += fmt::format("(alias export $ex{} \"{}\" (type $xt{}))\n", interface,
                          type_name(world_, id), id.index);
    for (const unsigned r : exported.resources)
      out_ += fmt::format("(alias export $ex{} \"{}\" (type $xr{}))\n", interface,
                          resource_name(world_, r), r);
  }

  // The prefix of the identifiers of an interface's types: what other exports use has a name by its own export.
  [[nodiscard]] std::string_view named_by_export(unsigned owner, unsigned interface) const {
    return unit_.provides() && owner < interface && unit_.has_export(owner) ? "x" : "";
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
