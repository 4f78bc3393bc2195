// Writes guests as text that return their arguments, for a function of any type without handles:
//
//   test:abi/echo    f: func(p0: T0, p1: T1, ..) -> tuple<T0, T1, ..>; the guest stores flat params
//                    in memory itself, with its own implementation of the Canonical ABI
//   test:abi/relay   the same, by calling an imported test:abi/echo
//
// Their `realloc` never returns an address twice in a call, does not clear memory, and grows the
// memory one page at a time. `post-return` overwrites all memory that was allocated.
#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "abi/test_reference.h"
#include "types/type.h"

namespace tenon {

enum class EchoPart : std::uint8_t { Echo, Relay };

class EchoText final {
 public:
  // encoding: "utf8", "utf16", "latin1+utf16".
  EchoText(const types::Types& types, const std::vector<types::TypeId>& params,
           std::string_view encoding)
      : reference_(types), params_(params), encoding_(encoding) {
    for (const types::TypeId param : params_) flatten(param, flat_);
    for (const types::TypeId param : params_) record_.emplace_back(param);
  }

  std::string write(EchoPart part) {
    const bool is_relay = part == EchoPart::Relay;
    const std::string imported =
        is_relay ? fmt::format("(import \"test:abi/echo\" (instance $echo {}))", imports()) : "";
    const std::string given = is_relay ? "(with \"test:abi/echo\" (instance $echo))" : "";
    return fmt::format(R"((component
  {0}
  (component $inner
    {0}
{1}
    {2}
{3})
  (instance $i (instantiate $inner {4}))
  (export "test:abi/{5}" (instance $i)))
)",
                       imported, kLibc, is_relay ? relay_code() : echo_code(), exports(), given,
                       is_relay ? "relay" : "echo");
  }

 private:
  using K = abi::ReferenceType::Kind;
  using TypeId = types::TypeId;

  static constexpr std::string_view kLibc = R"(    (core module $libc_code
      (memory (export "memory") 1)
      (global $top (mut i32) (i32.const 16))
      (func (export "reset")
        (memory.fill (i32.const 16) (i32.const 0xee)
          (i32.sub (global.get $top) (i32.const 16)))
        (global.set $top (i32.const 16)))
      (func (export "realloc") (param $old i32) (param $old_size i32) (param $align i32)
          (param $size i32) (result i32)
        (local $at i32)
        (local.set $at (i32.and
          (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
          (i32.sub (i32.const 0) (local.get $align))))
        (global.set $top (i32.add (local.get $at) (local.get $size)))
        (loop $grow
          (if (i32.gt_u (global.get $top) (i32.mul (memory.size) (i32.const 65536)))
            (then
              (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable))
              (br $grow))))
        (memory.fill (local.get $at) (i32.const 0xa5) (local.get $size))
        (memory.copy (local.get $at) (local.get $old)
          (select (local.get $old_size) (local.get $size)
            (i32.lt_u (local.get $old_size) (local.get $size))))
        (local.get $at)))
    (core instance $libc (instantiate $libc_code))
    (alias core export $libc "memory" (core memory $memory))
    (alias core export $libc "realloc" (core func $realloc)))";

  enum class Core : std::uint8_t { I32, I64, F32, F64 };

  static std::string_view text(Core core) {
    constexpr std::string_view kTexts[] = {"i32", "i64", "f32", "f64"};
    return kTexts[static_cast<std::size_t>(core)];
  }
  static Core join(Core a, Core b) {
    if (a == b) return a;
    const auto is_short = [](Core core) { return core == Core::I32 || core == Core::F32; };
    return is_short(a) && is_short(b) ? Core::I32 : Core::I64;
  }
  static Core core_of(types::Primitive kind) {
    using enum types::Primitive;
    if (kind == F32) return Core::F32;
    if (kind == F64) return Core::F64;
    return kind == S64 || kind == U64 ? Core::I64 : Core::I32;
  }

  void flatten(TypeId id, std::vector<Core>& flat) const {
    const abi::ReferenceType type = abi::reference_type(reference_.types(), id);
    switch (type.kind) {
      case K::Primitive:
        flat.push_back(core_of(type.primitive));
        if (type.primitive == types::Primitive::String) flat.push_back(Core::I32);
        break;
      case K::List:
        flat.insert(flat.end(), 2, Core::I32);
        break;
      case K::FixedList:
        for (std::uint32_t i = 0; i < type.count; ++i) flatten(*type.parts[0], flat);
        break;
      case K::Record:
        for (const auto& part : type.parts) flatten(*part, flat);
        break;
      case K::Variant: {
        std::vector<Core> joined;
        for (const auto& part : type.parts) {
          std::vector<Core> payload;
          if (part) flatten(*part, payload);
          for (std::size_t i = 0; i < payload.size(); ++i) {
            if (i < joined.size())
              joined[i] = join(joined[i], payload[i]);
            else
              joined.push_back(payload[i]);
          }
        }
        flat.push_back(Core::I32);
        flat.insert(flat.end(), joined.begin(), joined.end());
        break;
      }
      case K::Flags:
      case K::Own:
      case K::Borrow:
        flat.push_back(Core::I32);
        break;
    }
  }

  // The flat param `at`, converted to the core type that the type has there.
  [[nodiscard]] std::string get(std::size_t at, Core wanted) const {
    const Core held = flat_[at];
    std::string value = fmt::format("(local.get {})", at);
    if (held == Core::I64 && (wanted == Core::I32 || wanted == Core::F32))
      value = fmt::format("(i32.wrap_i64 {})", value);
    if (held != wanted && wanted == Core::F32)
      value = fmt::format("(f32.reinterpret_i32 {})", value);
    if (held != wanted && wanted == Core::F64)
      value = fmt::format("(f64.reinterpret_i64 {})", value);
    return value;
  }
  [[nodiscard]] std::string put(std::size_t at, Core core, std::uint32_t size,
                                std::uint32_t offset) const {
    const char* const narrow = size == 1 ? "8" : size == 2 ? "16" : "";
    return fmt::format("({}.store{} offset={} (local.get $r) {})", text(core), narrow, offset,
                       get(at, core));
  }

  // Instructions that store the flat values from `at` on as a value of the type; advances `at`.
  std::string store(TypeId id, std::uint32_t offset, std::size_t& at) const {
    const abi::ReferenceType type = abi::reference_type(reference_.types(), id);
    const std::uint32_t size = reference_.size(id).size;
    std::string code;
    switch (type.kind) {
      case K::Primitive:
        if (type.primitive != types::Primitive::String)
          return put(at++, core_of(type.primitive), size, offset);
        [[fallthrough]];
      case K::List:
        code = put(at, Core::I32, 4, offset) + put(at + 1, Core::I32, 4, offset + 4);
        at += 2;
        return code;
      case K::FixedList:
        for (std::uint32_t i = 0; i < type.count; ++i)
          code += store(*type.parts[0], offset + i * (size / type.count), at);
        return code;
      case K::Record:
        for (std::size_t i = 0; i < type.parts.size(); ++i)
          code += store(*type.parts[i], offset + reference_.field_at(type.parts, i), at);
        return code;
      case K::Variant: {
        const std::size_t discriminant = at;
        code = put(at, Core::I32, abi::Reference::discriminant_size(type), offset);
        for (std::size_t i = 0; i < type.parts.size(); ++i) {
          if (!type.parts[i]) continue;
          std::size_t payload = discriminant + 1;
          code +=
              fmt::format("(if (i32.eq {} (i32.const {})) (then {}))", get(discriminant, Core::I32),
                          i, store(*type.parts[i], offset + reference_.payload_at(type), payload));
        }
        at += reference_.flat_count(id);
        return code;
      }
      case K::Flags:
      case K::Own:
      case K::Borrow:
        return put(at++, Core::I32, size, offset);
    }
    return code;
  }

  [[nodiscard]] bool is_spilled() const { return flat_.size() > 16; }
  // Of the one flat value of the result: itself, or its address.
  [[nodiscard]] Core result() const { return flat_.size() == 1 ? flat_[0] : Core::I32; }
  [[nodiscard]] std::string core_params() const {
    if (is_spilled()) return "(param i32)";
    std::string list = "(param";
    for (const Core core : flat_) list += fmt::format(" {}", text(core));
    return list + ")";
  }
  [[nodiscard]] std::string allocate() const {
    const abi::SizeAndAlign all = reference_.record_size(record_);
    return fmt::format(
        "(local.set $r (call $realloc (i32.const 0) (i32.const 0) (i32.const {}) (i32.const {})))",
        all.align, all.size);
  }

  // The core module with `f` and its post-return.
  [[nodiscard]] std::string module(std::string_view imports, std::string_view body,
                                   std::string_view given) const {
    return fmt::format(R"((core module $code
      (import "libc" "memory" (memory 1))
      (import "libc" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
      (import "libc" "reset" (func $reset))
      {0}
      (func (export "after") (param {1}) (call $reset))
      (func (export "f") {2} (result {1}) (local $r i32)
        {3}))
    (core instance $i (instantiate $code (with "libc" (instance $libc)) {4})))",
                       imports, text(result()), core_params(), body, given);
  }
  [[nodiscard]] std::string echo_code() const {
    if (is_spilled() || flat_.size() == 1) return module("", "(local.get 0)", "");
    std::string body = allocate();
    std::size_t at = 0;
    for (std::size_t i = 0; i < params_.size(); ++i)
      body += "\n        " + store(params_[i], reference_.field_at(record_, i), at);
    return module("", body + "\n        (local.get $r)", "");
  }
  [[nodiscard]] std::string relay_code() const {
    std::string arguments;
    const std::size_t count = is_spilled() ? 1 : flat_.size();
    for (std::size_t i = 0; i < count; ++i) arguments += fmt::format("(local.get {}) ", i);
    const bool is_flat = flat_.size() == 1;
    const std::string body = is_flat ? fmt::format("(call $f {})", arguments)
                                     : fmt::format("{} (call $f {} (local.get $r)) (local.get $r)",
                                                   allocate(), arguments);
    return fmt::format("(core func $f (canon lower (func $echo \"f\") {}))\n    ", options()) +
           module(fmt::format("(import \"echo\" \"f\" (func $f {} {}))", core_params(),
                              is_flat ? fmt::format("(result {})", text(result())) : "(param i32)"),
                  body, "(with \"echo\" (instance (export \"f\" (func $f))))");
  }
  [[nodiscard]] std::string options() const {
    return fmt::format("(memory $memory) (realloc $realloc) string-encoding={}", encoding_);
  }

  // The text for a use of a type. Types that need a name are defined in `definitions`.
  // imports: the definitions belong to an imported instance.
  std::string name_type(TypeId id, bool imports, std::string& definitions) {
    const auto name = [&](TypeId part) { return name_type(part, imports, definitions); };
    const auto define = [&](const std::string& definition) {
      const std::string made = fmt::format("t{}", next_name_++);
      definitions += fmt::format("(type ${}' {}) ", made, definition);
      definitions += imports ? fmt::format("(export \"{0}\" (type ${0} (eq ${0}')))\n", made)
                             : fmt::format("(export ${0} \"{0}\" (type ${0}'))\n", made);
      return "$" + made;
    };
    const auto labels = [](std::string_view kind, const std::vector<std::string>& all) {
      std::string list = fmt::format("({}", kind);
      for (const std::string& label : all) list += fmt::format(" \"{}\"", label);
      return list + ")";
    };
    return std::visit(
        [&](const auto& kind) -> std::string {
          using Kind = std::remove_cvref_t<decltype(kind)>;
          if constexpr (std::is_same_v<Kind, types::Primitive>) {
            constexpr std::string_view kNames[] = {"bool", "s8",   "u8",    "s16", "u16",
                                                   "s32",  "u32",  "s64",   "u64", "f32",
                                                   "f64",  "char", "string"};
            return std::string(kNames[static_cast<std::size_t>(kind)]);
          } else if constexpr (std::is_same_v<Kind, types::Record>) {
            std::string list = "(record";
            for (const types::Field& field : kind.fields)
              list += fmt::format(" (field \"{}\" {})", field.label, name(field.type));
            return define(list + ")");
          } else if constexpr (std::is_same_v<Kind, types::Variant>) {
            std::string list = "(variant";
            for (const types::Case& one : kind.cases)
              list += fmt::format(" (case \"{}\" {})", one.label, one.type ? name(*one.type) : "");
            return define(list + ")");
          } else if constexpr (std::is_same_v<Kind, types::Flags>) {
            return define(labels("flags", kind.labels));
          } else if constexpr (std::is_same_v<Kind, types::Enum>) {
            return define(labels("enum", kind.labels));
          } else if constexpr (std::is_same_v<Kind, types::List>) {
            const std::string length = kind.length ? fmt::format(" {}", *kind.length) : "";
            return fmt::format("(list {}{})", name(kind.element), length);
          } else if constexpr (std::is_same_v<Kind, types::Map>) {
            const std::string key = name(kind.key);
            return fmt::format("(map {} {})", key, name(kind.value));
          } else if constexpr (std::is_same_v<Kind, types::Tuple>) {
            std::string list = "(tuple";
            for (const TypeId part : kind.types) list += fmt::format(" {}", name(part));
            return list + ")";
          } else if constexpr (std::is_same_v<Kind, types::Option>) {
            return fmt::format("(option {})", name(kind.type));
          } else if constexpr (std::is_same_v<Kind, types::ResultType>) {
            std::string made = kind.ok ? "(result " + name(*kind.ok) : "(result";
            if (kind.error) made += fmt::format(" (error {})", name(*kind.error));
            return made + ")";
          } else {
            return "unsupported";
          }
        },
        reference_.types().types[id].kind);
  }

  // The type of `f`, with its definitions.
  std::string function_type(bool imports, std::string& definitions) {
    std::string params;
    std::string parts;
    for (std::size_t i = 0; i < params_.size(); ++i) {
      const std::string name = name_type(params_[i], imports, definitions);
      params += fmt::format("(param \"p{}\" {}) ", i, name);
      parts += " " + name;
    }
    return fmt::format("{}(result (tuple{}))", params, parts);
  }
  std::string imports() {
    std::string definitions;
    const std::string type = function_type(true, definitions);
    return fmt::format("\n{}(export \"f\" (func {}))", definitions, type);
  }
  std::string exports() {
    std::string definitions;
    const std::string type = function_type(false, definitions);
    return fmt::format(R"({}(func (export "f") {}
      (canon lift (core func $i "f") {} (post-return (core func $i "after")))))",
                       definitions, type, options());
  }

  abi::Reference reference_;
  std::vector<TypeId> params_;
  std::vector<std::optional<TypeId>> record_;  // the result as a tuple of the params
  std::string encoding_;
  std::vector<Core> flat_;  // the flat types of the params
  std::uint32_t next_name_ = 0;
};

}  // namespace tenon
