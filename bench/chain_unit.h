// The text of small components that form chains: each has the function `step` in the interface that it exports, and
// calls that of every interface that it imports.
#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tenon::bench {

// Functions of about `bytes` bytes of code together, which nobody calls. seed: others for each number.
inline std::string code_text(std::size_t bytes, unsigned seed) {
  constexpr std::size_t kBytes = 64;  // of one function
  std::string text;
  unsigned number = 2 * seed + 1;
  const auto next = [&number] { return (number = number * 1664525 + 1013904223) >> 4; };
  for (std::size_t i = 0; i < bytes / kBytes; ++i) {
    std::string value = "(local.get 0)";
    for (int step = 0; step < 4; ++step)
      value = fmt::format(
          "(i32.xor (i32.mul {} (i32.const {})) (i32.load (i32.and {} (i32.const 1023))))", value,
          next(), step % 2 == 0 ? "(local.get 0)" : "(local.get 1)");
    text += fmt::format("\n    (func (param i32 i32) (result i32) {})", value);
  }
  return text.empty() ? text : "\n    (memory 1)" + text;
}

// The code of a unit, in bytes: of its own, and of a module `library` that is the same in all units.
struct ChainCode {
  std::size_t own = 0;
  std::size_t library = 0;
  unsigned seed = 0;  // of its own code
};

// imports, exported: names of interfaces, such as "chain:link/i0@1.0.0".
inline std::string chain_unit(std::span<const std::string> imports, std::string_view exported,
                              const ChainCode& code = {}) {
  std::string imported;
  std::string core_imports;
  std::string lowered;
  std::string instances;
  std::string result = "(local.get 0)";
  for (std::size_t i = 0; i < imports.size(); ++i) {
    imported += fmt::format(R"(
  (import "{0}" (instance $from{1} (export "step" (func (param "x" u32) (result u32))))))",
                            imports[i], i);
    core_imports += fmt::format(R"(
    (import "from" "{0}" (func $step{0} (param i32) (result i32))))",
                                i);
    lowered += fmt::format(R"(
  (core func $step{0} (canon lower (func $from{0} "step"))))",
                           i);
    instances += fmt::format(R"( (export "{0}" (func $step{0})))", i);
    result = fmt::format("(i32.add (call $step{} {}) (i32.const {}))", i, result, i + 1);
  }
  std::string library;
  if (code.library != 0)
    library = fmt::format(R"(
  (core module $library{})
  (core instance (instantiate $library)))",
                          code_text(code.library, 0));
  return fmt::format(R"((component{}{}
  (core module $code{}{}
    (func (export "f") (param i32) (result i32) {})){}
  (core instance $run (instantiate $code (with "from" (instance{}))))
  (func $f (param "x" u32) (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "step" (func $f)))
  (export "{}" (instance $lib))))",
                     imported, library, core_imports, code_text(code.own, code.seed), result,
                     lowered, instances, exported);
}

}  // namespace tenon::bench
