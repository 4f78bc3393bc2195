// For tests of the C API: objects that delete themselves, and the guests of tests/guests/domains.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/wat.h"
#include "support/files.h"
#include "tenon/tenon_c.h"
#include "tests/support/call_test.h"

namespace tenon::c_api_test {

template <auto Delete>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Delete(object);
  }
};
using Builder = std::unique_ptr<tenon_builder, Deleter<tenon_builder_delete>>;
using BuiltComposition = std::unique_ptr<tenon_composition, Deleter<tenon_composition_delete>>;
using FoundFunction = std::unique_ptr<tenon_function, Deleter<tenon_function_delete>>;
using Arena = std::unique_ptr<tenon_arena, Deleter<tenon_arena_delete>>;
using Problem = std::unique_ptr<tenon_error, Deleter<tenon_error_delete>>;
using Text = std::unique_ptr<char, Deleter<tenon_free>>;

// "CODE: MESSAGE" of the first problem; "" for success.
inline std::string take(tenon_error* error) {
  const Problem problem(error);
  return error == nullptr
             ? ""
             : fmt::format("{}: {}", tenon_error_code(error), tenon_error_message(error));
}

inline Builder make_guests(const std::vector<std::string>& names) {
  Builder builder(tenon_builder_new());
  for (const std::string& name : names)
    tenon_builder_add_component(builder.get(), name.c_str(), domain_guest(name).c_str(), nullptr);
  return builder;
}

inline BuiltComposition build(const Builder& builder) {
  tenon_composition* built = nullptr;
  EXPECT_EQ(take(tenon_builder_build(builder.get(), &built)), "");
  return BuiltComposition(built);
}

inline FoundFunction find(const BuiltComposition& composition, const char* interface,
                          const char* name) {
  tenon_function* found = nullptr;
  EXPECT_EQ(take(tenon_composition_function(composition.get(), interface, name, &found)), "");
  return FoundFunction(found);
}

// The result of a call by text, or the problem.
inline std::string call(const BuiltComposition& composition, const std::string& text) {
  char* result = nullptr;
  if (const std::string problem =
          take(tenon_composition_call(composition.get(), text.c_str(), &result));
      !problem.empty())
    return problem;
  return Text(result).get();
}

inline Bytes assemble(std::string_view text) {
  auto bytes = engine::wat_to_wasm("unit.wat", std::string(text));
  EXPECT_TRUE(bytes);
  return *std::move(bytes);
}

}  // namespace tenon::c_api_test
