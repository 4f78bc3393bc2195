// Calls a component with the engine's own value trees, without tenon, as an independent
// implementation of the Canonical ABI to compare with.
#pragma once

#include <gtest/gtest.h>
#include <tenon_engine.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

// The C header does not declare a name for it (wasmtime 48).
inline constexpr wasmtime_component_valkind_t kEngineFixedList = 23;

inline wasm_name_t engine_name(std::string_view text) {
  wasm_name_t name;
  wasm_name_new(&name, text.size(), text.data());
  return name;
}
inline std::string text_of(const wasm_name_t& name) { return std::string(name.data, name.size); }

// Converts a value without handles. The caller owns the engine's value.
inline wasmtime_component_val_t to_engine(const Value& value, const Type& type) {
  wasmtime_component_val_t made = {};
  const auto payload = [](const ValuePayload& held, const std::optional<Type>& held_type) {
    if (held.get() == nullptr) return static_cast<wasmtime_component_val_t*>(nullptr);
    wasmtime_component_val_t inner = to_engine(*held.get(), *held_type);
    return wasmtime_component_val_new(&inner);
  };
  value.visit([&](const auto& held) {
    using T = std::remove_cvref_t<decltype(held)>;
    auto& of = made.of;
    if constexpr (std::is_same_v<T, bool>) {
      made.kind = WASMTIME_COMPONENT_BOOL;
      of.boolean = held;
    } else if constexpr (std::is_same_v<T, char32_t>) {
      made.kind = WASMTIME_COMPONENT_CHAR;
      of.character = held;
    } else if constexpr (std::is_same_v<T, std::int8_t>) {
      made.kind = WASMTIME_COMPONENT_S8;
      of.s8 = held;
    } else if constexpr (std::is_same_v<T, std::int16_t>) {
      made.kind = WASMTIME_COMPONENT_S16;
      of.s16 = held;
    } else if constexpr (std::is_same_v<T, std::int32_t>) {
      made.kind = WASMTIME_COMPONENT_S32;
      of.s32 = held;
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      made.kind = WASMTIME_COMPONENT_S64;
      of.s64 = held;
    } else if constexpr (std::is_same_v<T, std::uint8_t>) {
      made.kind = WASMTIME_COMPONENT_U8;
      of.u8 = held;
    } else if constexpr (std::is_same_v<T, std::uint16_t>) {
      made.kind = WASMTIME_COMPONENT_U16;
      of.u16 = held;
    } else if constexpr (std::is_same_v<T, std::uint32_t>) {
      made.kind = WASMTIME_COMPONENT_U32;
      of.u32 = held;
    } else if constexpr (std::is_same_v<T, std::uint64_t>) {
      made.kind = WASMTIME_COMPONENT_U64;
      of.u64 = held;
    } else if constexpr (std::is_same_v<T, float>) {
      made.kind = WASMTIME_COMPONENT_F32;
      of.f32 = held;
    } else if constexpr (std::is_same_v<T, double>) {
      made.kind = WASMTIME_COMPONENT_F64;
      of.f64 = held;
    } else if constexpr (std::is_same_v<T, std::string>) {
      made.kind = WASMTIME_COMPONENT_STRING;
      of.string = engine_name(held);
    } else if constexpr (std::is_same_v<T, ValueList>) {
      made.kind = type.length() ? kEngineFixedList : WASMTIME_COMPONENT_LIST;
      wasmtime_component_vallist_new_uninit(&of.list, held.size());
      std::size_t i = 0;
      held.for_each(
          [&](const Value& element) { of.list.data[i++] = to_engine(element, *type.element()); });
    } else if constexpr (std::is_same_v<T, ValueMap>) {
      made.kind = WASMTIME_COMPONENT_MAP;
      wasmtime_component_valmap_new_uninit(&of.map, held.entries.size());
      for (std::size_t i = 0; i < held.entries.size(); ++i) {
        of.map.data[i] = {to_engine(held.entries[i].first, *type.key()),
                          to_engine(held.entries[i].second, *type.element())};
      }
    } else if constexpr (std::is_same_v<T, ValueRecord>) {
      made.kind = WASMTIME_COMPONENT_RECORD;
      const std::vector<TypeField> fields = type.fields();
      wasmtime_component_valrecord_new_uninit(&of.record, fields.size());
      for (std::size_t i = 0; i < fields.size(); ++i) {
        of.record.data[i] = {engine_name(fields[i].label),
                             to_engine(*held.find(fields[i].label), fields[i].type)};
      }
    } else if constexpr (std::is_same_v<T, ValueTuple>) {
      made.kind = WASMTIME_COMPONENT_TUPLE;
      const std::vector<Type> parts = type.elements();
      wasmtime_component_valtuple_new_uninit(&of.tuple, parts.size());
      for (std::size_t i = 0; i < parts.size(); ++i)
        of.tuple.data[i] = to_engine(held.values[i], parts[i]);
    } else if constexpr (std::is_same_v<T, ValueVariant>) {
      made.kind = WASMTIME_COMPONENT_VARIANT;
      of.variant.discriminant = engine_name(held.label);
      for (const TypeCase& one : type.cases())
        if (one.label == held.label) of.variant.val = payload(held.payload, one.type);
    } else if constexpr (std::is_same_v<T, ValueEnum>) {
      made.kind = WASMTIME_COMPONENT_ENUM;
      of.enumeration = engine_name(held.label);
    } else if constexpr (std::is_same_v<T, ValueOption>) {
      made.kind = WASMTIME_COMPONENT_OPTION;
      of.option = payload(held.payload, type.element());
    } else if constexpr (std::is_same_v<T, ValueResult>) {
      made.kind = WASMTIME_COMPONENT_RESULT;
      of.result = {held.is_ok, payload(held.payload, type.cases()[held.is_ok ? 0 : 1].type)};
    } else if constexpr (std::is_same_v<T, ValueFlags>) {
      made.kind = WASMTIME_COMPONENT_FLAGS;
      wasmtime_component_valflags_new_uninit(&of.flags, held.labels.size());
      for (std::size_t i = 0; i < held.labels.size(); ++i)
        of.flags.data[i] = engine_name(held.labels[i]);
    } else {
      static_assert(std::is_same_v<T, ValueHandle>);
      ADD_FAILURE() << "handles are not compared";
    }
  });
  return made;
}

inline Value from_engine(const wasmtime_component_val_t& value) {
  const auto& of = value.of;
  const auto payload = [](const wasmtime_component_val_t* held) {
    return held == nullptr ? ValuePayload() : ValuePayload(from_engine(*held));
  };
  const auto all = [](const auto& elements) {
    std::vector<Value> values;
    for (std::size_t i = 0; i < elements.size; ++i) values.push_back(from_engine(elements.data[i]));
    return values;
  };
  switch (value.kind) {
    case WASMTIME_COMPONENT_BOOL:
      return Value::boolean(of.boolean);
    case WASMTIME_COMPONENT_S8:
      return Value::s8(of.s8);
    case WASMTIME_COMPONENT_U8:
      return Value::u8(of.u8);
    case WASMTIME_COMPONENT_S16:
      return Value::s16(of.s16);
    case WASMTIME_COMPONENT_U16:
      return Value::u16(of.u16);
    case WASMTIME_COMPONENT_S32:
      return Value::s32(of.s32);
    case WASMTIME_COMPONENT_U32:
      return Value::u32(of.u32);
    case WASMTIME_COMPONENT_S64:
      return Value::s64(of.s64);
    case WASMTIME_COMPONENT_U64:
      return Value::u64(of.u64);
    case WASMTIME_COMPONENT_F32:
      return Value::f32(of.f32);
    case WASMTIME_COMPONENT_F64:
      return Value::f64(of.f64);
    case WASMTIME_COMPONENT_CHAR:
      return Value::character(of.character);
    case WASMTIME_COMPONENT_STRING:
      return Value::string(text_of(of.string));
    case WASMTIME_COMPONENT_LIST:
    case kEngineFixedList:
      return Value::list(all(of.list));
    case WASMTIME_COMPONENT_TUPLE:
      return Value::tuple(all(of.tuple));
    case WASMTIME_COMPONENT_VARIANT:
      return Value::variant(text_of(of.variant.discriminant), payload(of.variant.val));
    case WASMTIME_COMPONENT_ENUM:
      return Value::enumerator(text_of(of.enumeration));
    case WASMTIME_COMPONENT_OPTION:
      return Value::option(payload(of.option));
    case WASMTIME_COMPONENT_RESULT:
      return of.result.is_ok ? Value::ok(payload(of.result.val))
                             : Value::err(payload(of.result.val));
    case WASMTIME_COMPONENT_RECORD: {
      std::vector<std::pair<std::string, Value>> fields;
      for (std::size_t i = 0; i < of.record.size; ++i)
        fields.emplace_back(text_of(of.record.data[i].name), from_engine(of.record.data[i].val));
      return Value::record(std::move(fields));
    }
    case WASMTIME_COMPONENT_MAP: {
      std::vector<std::pair<Value, Value>> entries;
      for (std::size_t i = 0; i < of.map.size; ++i)
        entries.emplace_back(from_engine(of.map.data[i].key), from_engine(of.map.data[i].value));
      return Value::map(std::move(entries));
    }
    case WASMTIME_COMPONENT_FLAGS: {
      std::vector<std::string> labels;
      for (std::size_t i = 0; i < of.flags.size; ++i) labels.push_back(text_of(of.flags.data[i]));
      return Value::flags(std::move(labels));
    }
    default:
      ADD_FAILURE() << "a value of kind " << int{value.kind};
      return Value::tuple({});
  }
}

// The message of an error of the engine, which is deleted; nothing if there is none.
inline std::optional<std::string> take_message(wasmtime_error_t* error) {
  if (error == nullptr) return std::nullopt;
  wasm_name_t message;
  wasmtime_error_message(error, &message);
  std::string text = text_of(message);
  wasm_byte_vec_delete(&message);
  wasmtime_error_delete(error);
  return text;
}

// Whether a component can import the engine's WASI, which has no grants.
enum class HasWasi : std::uint8_t { No, Yes };

// A component without other imports, running. A call after a failure fails.
class EngineInstance final {
 public:
  EngineInstance(wasm_engine_t* engine, std::span<const std::uint8_t> component, HasWasi has_wasi) {
    store_ = wasmtime_store_new(engine, nullptr, nullptr);
    linker_ = wasmtime_component_linker_new(engine);
    if (has_wasi == HasWasi::Yes) {
      failure = take_message(tnengine_linker_add_wasi(linker_));
      if (!failure)
        failure = take_message(tnengine_context_set_wasi(context(), tnengine_wasi_new()));
    }
    if (!failure)
      failure =
          take_message(wasmtime_component_new(engine, component.data(), component.size(), &code_));
    if (!failure)
      failure = take_message(
          wasmtime_component_linker_instantiate(linker_, context(), code_, &instance_));
  }
  EngineInstance(const EngineInstance&) = delete;
  EngineInstance& operator=(const EngineInstance&) = delete;
  ~EngineInstance() {
    wasmtime_component_linker_delete(linker_);
    wasmtime_store_delete(store_);
    if (code_ != nullptr) wasmtime_component_delete(code_);
  }

  // interface: empty: it is a bare function. Nothing if the function has no result, or after a failure.
  std::optional<Value> call(std::string_view interface, std::string_view name,
                            std::span<const Value> arguments, std::span<const Type> params,
                            bool has_result) {
    std::optional<Value> answer;
    if (failure) return answer;
    const std::optional<wasmtime_component_func_t> function = find(interface, name);
    if (!function) {
      failure = "the engine does not find " + std::string(name);
      return answer;
    }
    std::vector<wasmtime_component_val_t> given;
    for (std::size_t i = 0; i < arguments.size(); ++i)
      given.push_back(to_engine(arguments[i], params[i]));
    wasmtime_component_val_t result = {};
    failure = take_message(wasmtime_component_func_call(&*function, context(), given.data(),
                                                        given.size(), &result, has_result ? 1 : 0));
    if (!failure && has_result) answer = from_engine(result);
    wasmtime_component_val_delete(&result);
    for (wasmtime_component_val_t& one : given) wasmtime_component_val_delete(&one);
    return answer;
  }

  std::optional<std::string> failure = {};  // the first one

 private:
  [[nodiscard]] wasmtime_context_t* context() const { return wasmtime_store_context(store_); }
  [[nodiscard]] std::optional<wasmtime_component_func_t> find(std::string_view interface,
                                                              std::string_view name) const {
    wasmtime_component_func_t function = {};
    const auto find_index = [&](std::string_view text, wasmtime_component_export_index_t* in) {
      return wasmtime_component_instance_get_export_index(&instance_, context(), in, text.data(),
                                                          text.size());
    };
    wasmtime_component_export_index_t* outer = nullptr;
    if (!interface.empty()) {
      outer = find_index(interface, nullptr);
      if (outer == nullptr) return std::nullopt;
    }
    wasmtime_component_export_index_t* const inner = find_index(name, outer);
    const bool is_found = inner != nullptr && wasmtime_component_instance_get_func(
                                                  &instance_, context(), inner, &function);
    if (inner != nullptr) wasmtime_component_export_index_delete(inner);
    if (outer != nullptr) wasmtime_component_export_index_delete(outer);
    return is_found ? std::optional(function) : std::nullopt;
  }

  wasmtime_store_t* store_ = nullptr;
  wasmtime_component_linker_t* linker_ = nullptr;
  wasmtime_component_t* code_ = nullptr;
  wasmtime_component_instance_t instance_ = {};
};

// Runs components whose only imports are those of WASI.
class EngineCaller final {
 public:
  EngineCaller() {
    wasm_config_t* config = wasm_config_new();
    tnengine_config_language_set(config, false);
    EXPECT_EQ(tnengine_new(config, &engine_), nullptr);
  }
  EngineCaller(const EngineCaller&) = delete;
  EngineCaller& operator=(const EngineCaller&) = delete;
  ~EngineCaller() { wasm_engine_delete(engine_); }

  [[nodiscard]] EngineInstance start(std::span<const std::uint8_t> component,
                                     HasWasi has_wasi = HasWasi::No) const {
    return EngineInstance(engine_, component, has_wasi);
  }

  // Returns one result for each tuple of arguments, called in one store; fewer if a call fails.
  [[nodiscard]] std::vector<Value> call(std::span<const std::uint8_t> component,
                                        std::string_view interface, std::string_view name,
                                        const std::vector<std::vector<Value>>& calls,
                                        const std::vector<TypeField>& params) const {
    std::vector<Type> types;
    for (const TypeField& param : params) types.push_back(param.type);
    EngineInstance instance = start(component);
    std::vector<Value> results;
    for (const std::vector<Value>& arguments : calls) {
      std::optional<Value> result = instance.call(interface, name, arguments, types, true);
      if (!result) break;
      results.push_back(*std::move(result));
    }
    if (instance.failure) ADD_FAILURE() << *instance.failure;
    return results;
  }

 private:
  wasm_engine_t* engine_ = nullptr;
};

}  // namespace tenon
