// Builds compositions of small units for tests, from text: a manifest and `.wat` files in a folder
// of their own.
//
//   add("tax", function_unit("", "test:u/tax", "(i32.add (local.get 0) (i32.const 1))"));
//   add("cart", function_unit("test:u/tax", "test:u/cart", "(call $f (local.get 0))"),
//       "isolated = true");
//   const Composition shop = build("cart");
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/temporary_folder.h"

namespace tenon {

// Whether the functions of core_unit and function_unit are `async`: lifted so, and lowered by callers
// that wait for them. The tests run once more that way (`link.async_guests` in cmake/tenon_tests.cmake).
inline bool has_async_guests() { return std::getenv("TENON_ASYNC_GUESTS") != nullptr; }

// A unit with a function `f: func(n: u32) -> u32` in the interface `exported`, implemented by `f`
// of the core instance $i. code: the text that creates $i.
inline std::string core_unit(std::string_view code, std::string_view exported) {
  if (has_async_guests())
    return fmt::format(R"((component
  {}
  (alias core export $i "f" (core func $of-i))
  (core func $return (canon task.return (result u32)))
  (core module $task
    (import "" "f" (func $f (param i32) (result i32)))
    (import "" "return" (func $return (param i32)))
    (func (export "f") (param i32) (call $return (call $f (local.get 0)))))
  (core instance $tasks (instantiate $task
    (with "" (instance (export "f" (func $of-i)) (export "return" (func $return))))))
  (func $out async (param "n" u32) (result u32) (canon lift (core func $tasks "f") async))
  (instance $exported (export "f" (func $out)))
  (export "{}" (instance $exported))))",
                       code, exported);
  return fmt::format(R"((component
  {}
  (func $out (param "n" u32) (result u32) (canon lift (core func $i "f")))
  (instance $exported (export "f" (func $out)))
  (export "{}" (instance $exported))))",
                     code, exported);
}

// A unit with such a function. body, start: core instructions, which can call the `f` of `imported`
// as $f, and the function itself as $self. If imported or start is empty, the unit does not have
// it.
inline std::string function_unit(std::string_view imported, std::string_view exported,
                                 std::string_view body, std::string_view start = {}) {
  const bool imports = !imported.empty();
  const std::string code = fmt::format(
      R"({0}
  (core module $code
    {1}
    (global $state (mut i32) (i32.const 0))
    {2}
    (func $self (export "f") (param i32) (result i32) {3}))
  (core instance $i (instantiate $code {4})))",
      imports ? fmt::format(R"((import "{}" (instance $needs
    (export "f" (func {}(param "n" u32) (result u32)))))
  (core func $f (canon lower (func $needs "f"))))",
                            imported, has_async_guests() ? "async " : "")
              : "",
      imports ? R"((import "needs" "f" (func $f (param i32) (result i32))))" : "",
      start.empty() ? "" : fmt::format("(func $start {}) (start $start)", start), body,
      imports ? R"((with "needs" (instance (export "f" (func $f)))))" : "");
  return core_unit(code, exported);
}

// The end of a unit with a resource: exports the resource `thing` and the functions `make`, with
// `params`, and `count: func() -> u32` in `interface`. The text before it must define $thing, $make
// and a function with the name of `count`.
inline std::string export_thing(std::string_view interface, std::string_view params,
                                std::string_view count) {
  return fmt::format(R"(
  (component $shape
    (import "thing" (type $t (sub resource)))
    (import "make" (func $make {1} (result (own $t))))
    (import "{2}" (func $count (result u32)))
    (export $e "thing" (type $t))
    (export "make" (func $make) (func {1} (result (own $e))))
    (export "{2}" (func $count)))
  (instance $out (instantiate $shape
    (with "thing" (type $thing)) (with "make" (func $make)) (with "{2}" (func ${2}))))
  (export "{0}" (instance $out)))",
                     interface, params, count);
}

// The tests run once more with units that are linked by reference (`link.by_reference` in
// cmake/tenon_tests.cmake).
inline BuildOptions build_options() {
  BuildOptions options;
  if (std::getenv("TENON_LINK_BY_REFERENCE") != nullptr) options.link_form = LinkForm::Reference;
  return options;
}

// Builds the composition; every problem is a failure of the test.
inline Composition built(CompositionBuilder& builder) {
  Result<Composition> made = builder.build(build_options());
  if (!made)
    for (const Diagnostic& problem : made.error())
      ADD_FAILURE() << problem.code << ": " << problem.message;
  return *std::move(made);
}
// The same for a builder that is not needed afterwards, and that is destroyed with its contents.
inline Composition built(CompositionBuilder&& builder) {
  CompositionBuilder taken = std::move(builder);
  return built(taken);
}

class UnitsTest : public testing::Test {
 protected:
  // settings: lines of the unit's table in the manifest.
  void add(std::string_view name, std::string_view text, std::string_view settings = {}) {
    (void)write(name, text);
    manifest_ += fmt::format("[components.{0}]\npath = \"{0}.wat\"\n{1}\n", name, settings);
  }
  // Writes the text of a unit that is not in the manifest, and returns its path.
  std::string write(std::string_view name, std::string_view text) {
    return folder_.write(fmt::format("{}.wat", name), text);
  }
  // Adds tables to the manifest.
  void say(std::string_view lines) { manifest_ += fmt::format("{}\n", lines); }

  void start_over() { manifest_.clear(); }

  CompositionBuilder make_builder(std::string_view root) {
    const std::string wanted = root.empty() ? "" : fmt::format("root = \"{}\"\n", root);
    const std::string file = folder_.write(
        "tenon.toml", "schema = 1\n[project]\nname = \"test\"\n" + wanted + manifest_);
    CompositionBuilder made;
    const Result<void> read = made.read_manifest(file);
    EXPECT_TRUE(read) << read.error().front().message;
    return made;
  }
  Composition build(std::string_view root) { return built(make_builder(root)); }
  // The problems of a composition that cannot be linked or started.
  Diagnostics problems(std::string_view root) {
    const Result<Composition> built = make_builder(root).build(build_options());
    EXPECT_FALSE(built);
    return built ? Diagnostics() : built.error();
  }
  // "code: message" of each.
  static std::vector<std::string> texts(const Diagnostics& problems) {
    std::vector<std::string> all;
    for (const Diagnostic& problem : problems)
      all.push_back(fmt::format("{}: {}", problem.code, problem.message));
    return all;
  }

  using CallResultOfValue = CallResult<std::optional<Value>>;
  static CallResultOfValue call(const Composition& composition, std::string_view interface,
                                std::uint32_t n) {
    return composition.call(interface, "f", std::vector{Value::u32(n)});
  }
  // "7", or "trap: message" and the like.
  static std::string describe_outcome(const CallResultOfValue& result) {
    constexpr std::string_view kKinds[] = {"trap",        "open import", "deadline", "ended",
                                           "reentrance",  "engine",      "bad call", "guest error",
                                           "interrupted", "deadlock"};
    if (result) return *result ? fmt::format("{}", *(*result)->get_if<std::uint32_t>()) : "()";
    const auto kind = static_cast<std::size_t>(result.error().kind);
    return fmt::format("{}: {}", kKinds[kind], result.error().message);
  }

 private:
  TemporaryFolder folder_;
  std::string manifest_;
};

}  // namespace tenon
