// The text of small components that form chains: each has the function `step` in the interface that it exports, and
// calls that of every interface that it imports.
#pragma once

#include <fmt/core.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace tenon::bench {

// imports, exported: names of interfaces, such as "chain:link/i0@1.0.0".
inline std::string chain_unit(std::span<const std::string> imports, std::string_view exported) {
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
  return fmt::format(R"((component{}
  (core module $code{}
    (func (export "f") (param i32) (result i32) {})){}
  (core instance $run (instantiate $code (with "from" (instance{}))))
  (func $f (param "x" u32) (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "step" (func $f)))
  (export "{}" (instance $lib))))",
                     imported, core_imports, result, lowered, instances, exported);
}

}  // namespace tenon::bench
