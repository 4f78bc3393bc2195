// Two units joined by a direct edge, for tests of what the engine's adapters copy: a caller with functions
// of any types, which passes what is in its memory, and a callee, which keeps what it gets.
//
//   TestedUnits units;
//   units.add({units.t.list(units.t(types::Primitive::U8))});
//   std::optional<JoinedUnits> joined = JoinedUnits::start(units, {.callee = Encoding::Utf16});
//   joined->caller.put(kParams, bytes);   // the flat parameters
//   joined->run(0);
//   joined->callee.get();                 // its memory, with the flat parameters at kParams
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "abi/flat_types.h"
#include "abi/guest.h"
#include "abi/test_reference.h"
#include "abi/test_types.h"
#include "engine/wat.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "types/print_type.h"
#include "types/type.h"

namespace tenon::link {

using abi::CoreType;
using abi::Encoding;
using types::TypeId;
using Bytes = std::vector<std::uint8_t>;

// How functions are called.
enum class Style : std::uint8_t {
  Sync,         // on an engine without concurrency
  Concurrent,   // the same on an engine with it
  AsyncCallee,  // the functions are `async`, and a call of one returns when it has ended
  Async,        // the functions are `async`, and are called as such
};

// How two units are joined.
struct Edge {
  Encoding caller = Encoding::Utf8;
  Encoding callee = Encoding::Utf8;
  LinkForm form = LinkForm::Embedded;
  Style style = Style::Sync;

  [[nodiscard]] bool has_async_functions() const {
    return style == Style::AsyncCallee || style == Style::Async;
  }
  [[nodiscard]] std::string describe() const;
};

inline std::string_view name_of(Encoding encoding) {
  return encoding == Encoding::Utf8    ? "utf8"
         : encoding == Encoding::Utf16 ? "utf16"
                                       : "latin1+utf16";
}

inline std::string_view name_of(Style style) {
  constexpr std::string_view kNames[] = {"sync", "concurrent", "async callee", "async"};
  return kNames[static_cast<std::size_t>(style)];
}

inline std::string Edge::describe() const {
  return fmt::format("{} to {}, {}, {}", name_of(caller), name_of(callee),
                     form == LinkForm::Embedded ? "embedded" : "by reference", name_of(style));
}

inline std::ostream& operator<<(std::ostream& out, const Edge& edge) {
  return out << edge.describe();
}

inline Bytes assemble(std::string_view text) {
  Result<Bytes> wasm = engine::wat_to_wasm("unit.wat", text);
  if (!wasm) ADD_FAILURE() << wasm.error().front().message << "\n" << text;
  return wasm ? *std::move(wasm) : Bytes();
}

// The WAT of types. All but primitives are defined, and exported with the names t0, t1, ... Handles are
// numbers: their layout is the same, and random handles do not exist.
class TypeText final {
 public:
  explicit TypeText(const types::Types& types) : types_(types) {}

  // "u8" or "$t3".
  std::string use(TypeId id) {
    if (const auto known = names_.find(id); known != names_.end()) return known->second;
    const types::Type& type = types_.types[id];
    std::string text =
        std::visit([this](const auto& kind) { return this->text_of(kind); }, type.kind);
    if (text.front() == '(') {
      const std::size_t number = count_++;
      in_component +=
          fmt::format("(type $d{0} {1}) (export $t{0} \"t{0}\" (type $d{0}))\n", number, text);
      in_instance +=
          fmt::format("(type $d{0} {1}) (export \"t{0}\" (type $t{0} (eq $d{0})))\n", number, text);
      text = fmt::format("$t{}", number);
    }
    names_.emplace(id, text);
    return text;
  }
  // The parameters and the result of a function.
  std::string signature(const types::Function& function) {
    std::string text;
    for (const types::Field& param : function.params)
      text += fmt::format(" (param \"{}\" {})", param.label, use(param.type));
    return text + result_of(function);
  }
  std::string result_of(const types::Function& function) {
    return function.result ? fmt::format(" (result {})", use(*function.result)) : "";
  }

  std::string in_component = {};
  std::string in_instance = {};

 private:
  std::string part(std::optional<TypeId> id) { return id ? " " + use(*id) : ""; }
  static std::string labels(const std::vector<std::string>& labels) {
    return fmt::format("\"{}\"", fmt::join(labels, "\" \""));
  }
  static std::string text_of(types::Primitive kind) {
    return std::string(types::print_primitive(kind));
  }
  std::string text_of(const types::List& list) {
    const std::string element = use(list.element);
    return list.length ? fmt::format("(list {} {})", element, *list.length)
                       : fmt::format("(list {})", element);
  }
  std::string text_of(const types::Map& map) {
    const std::string key = use(map.key);
    return fmt::format("(map {} {})", key, use(map.value));
  }
  std::string text_of(const types::Tuple& tuple) {
    std::string text = "(tuple";
    for (const TypeId type : tuple.types) text += part(type);
    return text + ")";
  }
  std::string text_of(const types::Record& record) {
    std::string text = "(record";
    for (const types::Field& field : record.fields)
      text += fmt::format(" (field \"{}\" {})", field.label, use(field.type));
    return text + ")";
  }
  std::string text_of(const types::Variant& variant) {
    std::string text = "(variant";
    for (const types::Case& one : variant.cases)
      text += fmt::format(" (case \"{}\"{})", one.label, part(one.type));
    return text + ")";
  }
  std::string text_of(const types::Option& option) {
    return fmt::format("(option{})", part(option.type));
  }
  std::string text_of(const types::ResultType& result) {
    const std::string ok = part(result.ok);
    const std::string error = result.error ? fmt::format(" (error{})", part(result.error)) : "";
    return fmt::format("(result{}{})", ok, error);
  }
  static std::string text_of(const types::Enum& plain) {
    return fmt::format("(enum {})", labels(plain.labels));
  }
  static std::string text_of(const types::Flags& flags) {
    return fmt::format("(flags {})", labels(flags.labels));
  }
  static std::string text_of(const types::Own& /*handle*/) { return "u32"; }
  static std::string text_of(const types::Borrow& /*handle*/) { return "u32"; }
  template <class Other>
  static std::string text_of(const Other& /*other*/) {
    ADD_FAILURE() << "a type without a text";
    return "u8";
  }

  const types::Types& types_;
  std::unordered_map<TypeId, std::string> names_;
  std::size_t count_ = 0;
};

// Places in the memory of both units, with eight bytes for each value. The parameters are flat or their
// address, with the address for the result behind them in the caller. The result is flat or its address.
inline constexpr std::uint32_t kParams = 64;
inline constexpr std::uint32_t kResult = kParams + 8 * 17;
inline constexpr std::uint32_t kFree = kResult + 8 * 16;
inline constexpr std::uint32_t kMemorySize = 2 * 65536;

// How the `realloc` of a unit answers.
enum class Realloc : std::uint32_t {
  Allocates,
  Grows,    // each allocation grows the memory, while it is small
  Answers,  // it returns a number
  Traps,
};

// The memory of a unit. `load` replaces a part of its contents, and frees what is behind the part that
// begins at 0. `dump` returns the first bytes; by default, all that are in use. After it, `realloc`
// allocates. The modules of both have different names, or failures could not tell them apart.
inline constexpr std::string_view kMemory = R"(
    (memory (export "memory") 2)
    (global $free (mut i32) (i32.const 1024))
    (global $mode (mut i32) (i32.const 0))
    (global $answer (mut i32) (i32.const 0))
    (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32)
        (result i32)
      (local $at i32)
      (if (i32.eq (global.get $mode) (i32.const 3)) (then unreachable))
      (if (i32.eq (global.get $mode) (i32.const 2)) (then (return (global.get $answer))))
      (if (i32.eq (global.get $mode) (i32.const 1))
        (then (global.set $free (i32.shl (memory.grow (i32.const 1)) (i32.const 16)))))
      (local.set $at (i32.and (i32.add (global.get $free) (i32.sub (local.get $align) (i32.const 1)))
                              (i32.sub (i32.const 0) (local.get $align))))
      (global.set $free (i32.add (local.get $at) (local.get $size)))
      (if (i32.gt_u (global.get $free) (i32.shl (memory.size) (i32.const 16)))
        (then (drop (memory.grow (i32.sub
          (i32.add (i32.shr_u (global.get $free) (i32.const 16)) (i32.const 1)) (memory.size))))))
      (memory.copy (local.get $at) (local.get $old)
        (select (local.get $old_size) (local.get $size) (i32.lt_u (local.get $old_size) (local.get $size))))
      (local.get $at))
    (func (export "load") (param $at i32) (param $bytes i32) (param $size i32) (param $mode i32)
        (param $answer i32)
      (memory.copy (local.get $at) (local.get $bytes) (local.get $size))
      (if (i32.eqz (local.get $at)) (then (global.set $free (local.get $size))))
      (global.set $mode (local.get $mode))
      (if (i32.and (i32.eq (local.get $mode) (i32.const 1)) (i32.gt_u (memory.size) (i32.const 64)))
        (then (global.set $mode (i32.const 0))))
      (global.set $answer (local.get $answer)))
    (func (export "dump") (param $size i32) (result i32)
      (global.set $mode (i32.const 0))
      (i32.store (i32.const 8) (i32.const 0))
      (i32.store (i32.const 12) (select (local.get $size) (global.get $free) (local.get $size)))
      (i32.const 8)))";

// Lifts both, from the core instance $i.
inline constexpr std::string_view kLiftMemory = R"(
  (func (export "load") (param "at" u32) (param "bytes" (list u8)) (param "mode" u32) (param "answer" u32)
    (canon lift (core func $i "load") (memory $i "memory") (realloc (func $i "realloc"))))
  (func (export "dump") (param "size" u32) (result (list u8))
    (canon lift (core func $i "dump") (memory $i "memory"))))";

// An unused type that needs an engine with concurrency.
inline std::string_view need(const Edge& edge) {
  return edge.style == Style::Sync ? "" : "(type (stream u8))";
}

inline std::string options(std::string_view instance, Encoding encoding) {
  return fmt::format(R"((memory {0} "memory") (realloc (func {0} "realloc")) string-encoding={1})",
                     instance, name_of(encoding));
}

inline std::string_view name_of(CoreType type) {
  switch (type) {
    case CoreType::I32:
      return "i32";
    case CoreType::I64:
      return "i64";
    case CoreType::F32:
      return "f32";
    case CoreType::F64:
      return "f64";
  }
  return {};
}

inline std::string name_all(std::string_view keyword, const std::vector<CoreType>& types) {
  std::string text;
  for (const CoreType type : types) text += fmt::format(" ({} {})", keyword, name_of(type));
  return text;
}

// A function that the caller calls in the callee.
struct TestedFunction {
  types::Function type;
  TypeId all_params = {};  // a tuple
  abi::FlatTypes params = {};
  abi::FlatTypes result = {};  // none if there is no result

  // Whether values are flat, and not at an address.
  [[nodiscard]] bool caller_has_flat_params(const Edge& edge) const {
    return params.fits(edge.style == Style::Async ? 4 : abi::kMaxFlatParams);
  }
  [[nodiscard]] bool callee_has_flat_params() const { return params.fits(); }
  [[nodiscard]] bool caller_has_flat_result(const Edge& edge) const {
    return result.fits(edge.style == Style::Async ? 0 : abi::kMaxFlatResults);
  }
  // An async callee passes its result to a function.
  [[nodiscard]] bool callee_has_flat_result(const Edge& edge) const {
    return result.fits(edge.has_async_functions() ? abi::kMaxFlatParams : abi::kMaxFlatResults);
  }
};

// The types of flat values, or of their address.
inline std::vector<CoreType> core_types(const abi::FlatTypes& flat, bool is_flat) {
  if (!is_flat) return {CoreType::I32};
  return {flat.types().begin(), flat.types().end()};
}

// Loads values from places of eight bytes each.
inline std::string load_all(const std::vector<CoreType>& types, std::uint32_t at) {
  std::string text;
  for (std::size_t i = 0; i < types.size(); ++i)
    text += fmt::format(" ({}.load (i32.const {}))", name_of(types[i]), at + 8 * i);
  return text;
}

// The text of a caller and a callee of functions `f0`, `f1`, ...
class TestedUnits final {
 public:
  abi::TestTypes t;
  std::vector<TestedFunction> functions = {};

  // Returns its number.
  std::uint32_t add(const std::vector<TypeId>& params, std::optional<TypeId> result = {}) {
    TestedFunction function{.type = abi::TestTypes::function(params, result),
                            .all_params = t.tuple(params)};
    abi::Flattener flattener(t.types);
    function.params = flattener.flatten(function.all_params);
    if (result) function.result = flattener.flatten(*result);
    functions.push_back(std::move(function));
    return static_cast<std::uint32_t>(functions.size() - 1);
  }

  [[nodiscard]] std::string callee(const Edge& edge) const {
    TypeText types(t.types);
    Parts parts;
    for (std::size_t i = 0; i < functions.size(); ++i) write_callee(edge, i, types, parts);
    return fmt::format(R"((component {0}
(component $c
{1}  (core module $memory_of_callee {2})
  (core instance $i (instantiate $memory_of_callee))
{3}  (core module $code
    (import "memory" "memory" (memory 1))
{4}{5})
  (core instance $code (instantiate $code (with "memory" (instance $i))
    (with "return" (instance{6}))))
{7}{8})
(instance $o (instantiate $c))
(export "test:edge/functions" (instance $o))
(instance $memory (export "load" (func $o "load")) (export "dump" (func $o "dump")))
(export "test:edge/memory" (instance $memory))))",
                       need(edge), types.in_component, kMemory, parts.core_functions,
                       parts.core_imports, parts.code, parts.items, parts.functions, kLiftMemory);
  }

  [[nodiscard]] std::string caller(const Edge& edge) const {
    TypeText types(t.types);
    Parts parts;
    std::string names;
    for (std::size_t i = 0; i < functions.size(); ++i) {
      write_caller(edge, i, types, parts);
      names += fmt::format(" $g{}", i);
    }
    std::string_view async = "";
    std::string_view done = "";
    if (edge.has_async_functions()) {
      async = "async";
      done = "(call $return)";
      parts.core_functions += "(core func $return (canon task.return))\n";
      parts.core_imports += "  (import \"x\" \"return\" (func $return))\n";
      parts.items += " (export \"return\" (func $return))";
    }
    return fmt::format(R"((component {0}
(import "test:edge/functions" (instance $x
{1}{2}))
(core module $memory_of_caller {3})
(core instance $i (instantiate $memory_of_caller))
{4}(core module $calls
  (import "memory" "memory" (memory 1))
{5}{6}  (table funcref (elem{7}))
  (func (export "run") (param i32) (call_indirect (local.get 0)) {8}))
(core instance $calls (instantiate $calls (with "memory" (instance $i)) (with "x" (instance{9}))))
(func (export "run") {10} (param "function" u32) (canon lift (core func $calls "run") {10}))
{11}))",
                       need(edge), types.in_instance, parts.functions, kMemory,
                       parts.core_functions, parts.core_imports, parts.code, names, done,
                       parts.items, async, kLiftMemory);
  }

 private:
  // The text that the functions need in each part of a component.
  struct Parts {
    std::string functions;       // component functions, defined or imported
    std::string core_functions;  // defined by `canon`
    std::string items;           // these as arguments for an import of a core module
    std::string core_imports;    // the imports
    std::string code;
  };

  void write_callee(const Edge& edge, std::size_t number, TypeText& types, Parts& parts) const {
    const TestedFunction& function = functions[number];
    const std::vector<CoreType> params =
        core_types(function.params, function.callee_has_flat_params());
    const std::vector<CoreType> results =
        core_types(function.result, function.callee_has_flat_result(edge));
    const std::string signature = types.signature(function.type);  // defines its types in order
    std::string body;
    for (std::size_t i = 0; i < params.size(); ++i)
      body += fmt::format(" ({}.store (i32.const {}) (local.get {}))", name_of(params[i]),
                          kParams + 8 * i, i);
    const std::string result = load_all(results, kResult);
    if (edge.has_async_functions()) {
      parts.core_functions += fmt::format(
          "  (core func $return{} (canon task.return {} (memory $i \"memory\") "
          "string-encoding={}))\n",
          number, types.result_of(function.type), name_of(edge.callee));
      parts.items += fmt::format(" (export \"f{0}\" (func $return{0}))", number);
      parts.core_imports += fmt::format("    (import \"return\" \"f{0}\" (func $return{0}{1}))\n",
                                        number, name_all("param", results));
      body += fmt::format(" (call $return{}{})", number, result);
    } else {
      body += result;
    }
    parts.code +=
        fmt::format("    (func (export \"f{}\"){}{}{})\n", number, name_all("param", params),
                    edge.has_async_functions() ? "" : name_all("result", results), body);
    const std::string_view async = edge.has_async_functions() ? "async" : "";
    parts.functions += fmt::format(
        "  (func (export \"f{0}\") {1}{2} (canon lift (core func $code \"f{0}\") {1} {3}))\n",
        number, async, signature, options("$i", edge.callee));
  }

  void write_caller(const Edge& edge, std::size_t number, TypeText& types, Parts& parts) const {
    const TestedFunction& function = functions[number];
    std::vector<CoreType> params =
        core_types(function.params, function.caller_has_flat_params(edge));
    std::vector<CoreType> results;
    if (function.caller_has_flat_result(edge))
      results = core_types(function.result, true);
    else
      params.push_back(CoreType::I32);
    std::string call = fmt::format("(call $f{}{})", number, load_all(params, kParams));
    if (!results.empty())
      call = fmt::format("({}.store (i32.const {}) {})", name_of(results[0]), kResult, call);
    // The status of a call that has ended.
    const bool is_async = edge.style == Style::Async;
    if (is_async) {
      results = {CoreType::I32};
      call = fmt::format("(if (i32.ne {} (i32.const 2)) (then unreachable))", call);
    }
    parts.functions +=
        fmt::format("  (export \"f{}\" (func {}{}))\n", number,
                    edge.has_async_functions() ? "async" : "", types.signature(function.type));
    parts.core_functions +=
        fmt::format("(core func $f{0} (canon lower (func $x \"f{0}\") {1} {2}))\n", number,
                    is_async ? "async" : "", options("$i", edge.caller));
    parts.items += fmt::format(" (export \"f{0}\" (func $f{0}))", number);
    parts.core_imports += fmt::format("  (import \"x\" \"f{0}\" (func $f{0}{1}{2}))\n", number,
                                      name_all("param", params), name_all("result", results));
    parts.code += fmt::format("  (func $g{} {})\n", number, call);
  }
};

// The two units, running.
struct JoinedUnits {
  // The memory of one of them.
  struct Memory {
    using Load = void(std::uint32_t, std::span<const std::uint8_t>, std::uint32_t, std::uint32_t);

    Memory(const Composition& all, std::string_view interface)
        : load(*all.function<Load>(interface, "load")),
          dump(*all.function<Bytes(std::uint32_t)>(interface, "dump")) {}

    // answer: for Realloc::Answers.
    void put(std::uint32_t at, std::span<const std::uint8_t> bytes,
             Realloc mode = Realloc::Allocates, std::uint32_t answer = 0) const {
      EXPECT_TRUE(load(at, bytes, static_cast<std::uint32_t>(mode), answer));
    }
    // size: 0 for all that is in use.
    [[nodiscard]] Bytes get(std::uint32_t size = 0) const {
      CallResult<Bytes> bytes = dump(size);
      EXPECT_TRUE(bytes);
      return bytes ? *std::move(bytes) : Bytes();
    }

    TypedFunction<Load> load;
    TypedFunction<Bytes(std::uint32_t)> dump;
  };

  explicit JoinedUnits(Composition all)
      : composition(std::move(all)),
        caller(composition, ""),
        callee(composition, "test:edge/memory"),
        run(*composition.function<void(std::uint32_t)>("", "run")) {}

  // After a trap, the next call starts both anew. Every problem is a failure of the test.
  static std::optional<JoinedUnits> start(const TestedUnits& units, const Edge& edge) {
    CompositionBuilder builder;
    builder.add_component("caller", assemble(units.caller(edge)));
    builder.add_component("callee", assemble(units.callee(edge)));
    builder.set_root("caller");
    builder.export_item("callee", "test:edge/memory");
    builder.restart_all({.max = UINT32_MAX});
    Result<Composition> composition = builder.build({.cache_dir = {}, .link_form = edge.form});
    if (!composition) {
      ADD_FAILURE() << composition.error().front().message;
      return std::nullopt;
    }
    for (const PlanEdge& planned : composition->plan().edges)
      EXPECT_EQ(planned.kind, EdgeKind::Direct);
    return JoinedUnits(*std::move(composition));
  }

  Composition composition;
  Memory caller;
  Memory callee;
  TypedFunction<void(std::uint32_t)> run;  // calls a function, by its number
};

}  // namespace tenon::link
