// Compositions of the C API for the tests of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "tenon/tenon_c.h"
#include "tests/memory/small_units.h"
#include "tests/support/c_api.h"

namespace tenon::c_api_test {

using memory_test::kConsumer;
using memory_test::kProvider;

inline constexpr const char* kLib = "demo:domains/lib";

inline void add_unit(const Builder& builder, const char* name, const char* text) {
  const Bytes bytes = assemble(text);
  tenon_builder_add_component_bytes(builder.get(), name, bytes.data(), bytes.size(), nullptr);
}

inline Builder make_pair() {
  Builder builder(tenon_builder_new());
  add_unit(builder, "app", kConsumer);
  add_unit(builder, "lib", kProvider);
  return builder;
}

// A composition whose domains start again each time that they have ended.
inline BuiltComposition build_again(const Builder& builder) {
  tenon_builder_restart(builder.get(), nullptr, UINT32_MAX, 0);
  return build(builder);
}

// Functions of the program in the place of `lib`.
inline void add_library(const Builder& builder) {
  static int object = 0;
  const auto add = [&](const char* name, tenon_fn function) {
    tenon_builder_add_function(builder.get(), kLib, name, function, nullptr, nullptr);
  };
  for (const char* name : {"echo", "echo-bytes", "echo-points", "echo-named", "calls", "grow",
                           "check-text", "check-trouble", "check-reason", "alive", "consume"})
    add(name,
        [](void*, tenon_call*, const tenon_value* args, std::size_t,
           tenon_value* result) -> std::int32_t {
          *result = args[0];
          return 0;
        });
  add("echo-mixed",
      [](void*, tenon_call* call, const tenon_value* args, std::size_t count,
         tenon_value* result) -> std::int32_t {
        auto* const items = static_cast<tenon_value*>(
            tenon_host()->alloc(call, count * sizeof(tenon_value), alignof(tenon_value)));
        if (items == nullptr) return 1;
        std::memcpy(items, args, count * sizeof(tenon_value));
        *result = tenon_value_items(TENON_TUPLE, items, count);
        return 0;
      });
  add("add",
      [](void*, tenon_call*, const tenon_value* args, std::size_t,
         tenon_value* result) -> std::int32_t {
        *result = tenon_value_u32(static_cast<std::uint32_t>(args[0].of.u + args[1].of.u));
        return 0;
      });
  for (const char* name : {"boom", "spin"})
    add(name, [](void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
      return tenon_host()->trap(call, "it went off %d times, which is a long message", 2);
    });
  // The object is a number.
  for (const char* name : {"[constructor]counter", "make-bad"})
    add(name,
        [](void*, tenon_call*, const tenon_value*, std::size_t,
           tenon_value* result) -> std::int32_t {
          *result = tenon_value_own(&object);
          return 0;
        });
  for (const char* name : {"[method]counter.next", "[method]counter.peek"})
    add(name,
        [](void*, tenon_call*, const tenon_value*, std::size_t,
           tenon_value* result) -> std::int32_t {
          *result = tenon_value_u32(7);
          return 0;
        });
  add("[static]counter.merge",
      [](void*, tenon_call*, const tenon_value*, std::size_t, tenon_value* result) -> std::int32_t {
        *result = tenon_value_own(&object);
        return 0;
      });
  tenon_builder_add_resource(builder.get(), kLib, "counter", nullptr, nullptr, nullptr);
}

}  // namespace tenon::c_api_test
