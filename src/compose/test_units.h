// Small components, made with the writer, for tests of compose.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "binary/write_component.h"
#include "compose/trap_stub.h"

namespace tenon::compose {

inline constexpr std::string_view kStore = "t:kv/store@1.0.0";
inline constexpr std::string_view kLink = "t:chain/link@1.0.0";

// Writes one component. Functions are lifted from core functions that trap.
class TestUnit {
 public:
  binary::ComponentWriter out;

  // Lifts a function; `signature` is its core signature.
  std::uint32_t lift(const binary::FuncDef& function, const abi::CoreSignature& signature) {
    const std::uint32_t type = out.add_type(function);
    TrapModule module;
    module.add(signature, {});
    const std::string name = TrapModule::export_name(0);
    const std::uint32_t core = out.spaces().size(binary::Sort::CoreInstance);
    binary::CoreInstanceDef instance;
    instance.module = out.add_core_module(module.encode(TrapModule::Names::No));
    out.copy_definition(std::move(instance), {});
    const std::uint32_t func = out.alias_core_export(core, binary::Sort::CoreFunc, name);
    // canon ::= 0x00 0x00 f:<core:funcidx> opts:<opts> ft:<typeidx>
    ByteWriter canon;
    canon.byte(0x00, "lift");
    canon.byte(0x00, "lift");
    canon.u32(func, "core func");
    canon.u32(0, "count");
    canon.u32(type, "type");
    const std::uint32_t index = out.spaces().size(binary::Sort::Func);
    binary::CanonDef def;
    def.span = {0, canon.size()};
    out.copy_definition(def, canon.data());
    return index;
  }
  std::vector<std::uint8_t> finish() { return std::move(out).finish().bytes; }
};

// interface store { resource bucket; open: func() -> bucket; }
inline std::uint32_t import_store(binary::ComponentWriter& out) {
  using Kind = binary::ExternDesc::Kind;
  binary::TypeWriter store(binary::TypeWriter::Kind::Instance);
  const std::uint32_t bucket = store.export_item({.text = "bucket"}, {.kind = Kind::SubResource});
  const std::uint32_t own = store.add_type(binary::OwnDef{bucket});
  binary::FuncDef open;
  open.result = own;
  store.export_item({.text = "open"}, {.kind = Kind::Func, .index = store.add_type(open)});
  const std::uint32_t type = out.add_type(store);
  return out.import_item({.text = kStore}, {.kind = Kind::Instance, .index = type});
}

// Exports `store` with a bucket of its own.
inline std::vector<std::uint8_t> store_unit() {
  TestUnit unit;
  const std::uint32_t bucket = unit.out.add_type(binary::ResourceDef{});
  binary::FuncDef open;
  open.result = unit.out.add_type(binary::OwnDef{bucket});
  const std::uint32_t func = unit.lift(open, {{}, {abi::CoreType::I32}});
  const std::uint32_t instance =
      unit.out.add_instance({{{.text = "bucket"}, {binary::Sort::Type, bucket}},
                             {{.text = "open"}, {binary::Sort::Func, func}}});
  unit.out.export_item({.text = kStore}, {binary::Sort::Instance, instance});
  return unit.finish();
}

// interface link { use store.{bucket}; enum mood { good, bad } pass: func(b: bucket, m: mood) ->
// bucket; }
//
// The first of a chain: imports store, exports link.
inline std::vector<std::uint8_t> first_unit() {
  TestUnit unit;
  const std::uint32_t store = import_store(unit.out);
  const std::uint32_t bucket = unit.out.alias_export(store, binary::Sort::Type, "bucket");
  const std::uint32_t mood = unit.out.add_type(binary::EnumDef{{"good", "bad"}});
  const std::uint32_t own = unit.out.add_type(binary::OwnDef{bucket});
  binary::FuncDef pass;
  pass.params = {{"b", own}, {"m", mood}};
  pass.result = own;
  const std::uint32_t func =
      unit.lift(pass, {{abi::CoreType::I32, abi::CoreType::I32}, {abi::CoreType::I32}});
  const std::uint32_t instance =
      unit.out.add_instance({{{.text = "bucket"}, {binary::Sort::Type, bucket}},
                             {{.text = "mood"}, {binary::Sort::Type, mood}},
                             {{.text = "pass"}, {binary::Sort::Func, func}}});
  unit.out.export_item({.text = kLink}, {binary::Sort::Instance, instance});
  return unit.finish();
}

// The others of the chain: imports store and link, exports the link that it imports. Another `salt`
// gives another binary.
inline std::vector<std::uint8_t> relay_unit(std::uint8_t salt = 0) {
  using Kind = binary::ExternDesc::Kind;
  TestUnit unit;
  const std::uint32_t store = import_store(unit.out);
  const std::uint32_t outer = unit.out.alias_export(store, binary::Sort::Type, "bucket");
  binary::TypeWriter link(binary::TypeWriter::Kind::Instance);
  const std::uint32_t used = link.alias_outer(binary::Sort::Type, 1, outer);
  const std::uint32_t bucket =
      link.export_item({.text = "bucket"}, {.kind = Kind::TypeEq, .index = used});
  const std::uint32_t moods = link.add_type(binary::EnumDef{{"good", "bad"}});
  const std::uint32_t mood =
      link.export_item({.text = "mood"}, {.kind = Kind::TypeEq, .index = moods});
  const std::uint32_t own = link.add_type(binary::OwnDef{bucket});
  binary::FuncDef pass;
  pass.params = {{"b", own}, {"m", mood}};
  pass.result = own;
  link.export_item({.text = "pass"}, {.kind = Kind::Func, .index = link.add_type(pass)});
  const std::uint32_t type = unit.out.add_type(link);
  const std::uint32_t instance =
      unit.out.import_item({.text = kLink}, {.kind = Kind::Instance, .index = type});
  unit.out.export_item({.text = kLink}, {binary::Sort::Instance, instance});
  const std::vector<std::uint8_t> contents{salt};
  unit.out.add_custom_section("salt", contents);
  return unit.finish();
}

// Root items: exports the type `mood` and the function `ask: func() -> mood`.
inline std::vector<std::uint8_t> asked_unit() {
  TestUnit unit;
  const std::uint32_t moods = unit.out.add_type(binary::EnumDef{{"good", "bad"}});
  const std::uint32_t mood = unit.out.export_item({.text = "mood"}, {binary::Sort::Type, moods});
  binary::FuncDef ask;
  ask.result = mood;
  unit.out.export_item({.text = "ask"},
                       {binary::Sort::Func, unit.lift(ask, {{}, {abi::CoreType::I32}})});
  return unit.finish();
}

// Imports the exports of `asked_unit`, and exports them again.
inline std::vector<std::uint8_t> asking_unit() {
  using Kind = binary::ExternDesc::Kind;
  TestUnit unit;
  const std::uint32_t moods = unit.out.add_type(binary::EnumDef{{"good", "bad"}});
  const std::uint32_t mood =
      unit.out.import_item({.text = "mood"}, {.kind = Kind::TypeEq, .index = moods});
  binary::FuncDef ask;
  ask.result = mood;
  const std::uint32_t func =
      unit.out.import_item({.text = "ask"}, {.kind = Kind::Func, .index = unit.out.add_type(ask)});
  unit.out.export_item({.text = "mood"}, {binary::Sort::Type, mood});
  unit.out.export_item({.text = "ask"}, {binary::Sort::Func, func});
  return unit.finish();
}

}  // namespace tenon::compose
