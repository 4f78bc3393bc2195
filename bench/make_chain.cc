// Writes a chain of small components, where unit k imports the interface of unit k - 1 and exports
// its own. tenon and its peers get the same files.
//
// Usage: make_chain COUNT FOLDER     (FOLDER/u0.wasm ...)
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "engine/wat.h"

namespace {

constexpr std::string_view kFirst = R"((component
  (core module $code (func (export "f") (param i32) (result i32) local.get 0))
  (core instance $run (instantiate $code))
  (func $f (param "x" u32) (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "step" (func $f)))
  (export "chain:link/i0@1.0.0" (instance $lib))))";

constexpr std::string_view kNext = R"((component
  (import "chain:link/i{0}@1.0.0" (instance $from
    (export "step" (func (param "x" u32) (result u32)))))
  (core module $code
    (import "from" "step" (func $step (param i32) (result i32)))
    (func (export "f") (param i32) (result i32)
      (i32.add (call $step (local.get 0)) (i32.const {1}))))
  (core func $step (canon lower (func $from "step")))
  (core instance $run (instantiate $code
    (with "from" (instance (export "step" (func $step))))))
  (func $f (param "x" u32) (result u32) (canon lift (core func $run "f")))
  (instance $lib (export "step" (func $f)))
  (export "chain:link/i{1}@1.0.0" (instance $lib))))";

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: make_chain COUNT FOLDER\n");
    return 2;
  }
  const int count = std::atoi(argv[1]);
  const std::filesystem::path folder = argv[2];
  std::filesystem::create_directories(folder);
  for (int k = 0; k < count; ++k) {
    const std::string text =
        k == 0 ? std::string(kFirst) : fmt::format(fmt::runtime(kNext), k - 1, k);
    const auto wasm = tenon::engine::wat_to_wasm("unit.wat", text);
    if (!wasm) {
      fmt::print(stderr, "{}\n", wasm.error().front().message);
      return 1;
    }
    std::ofstream file(folder / fmt::format("u{}.wasm", k), std::ios::binary);
    file.write(reinterpret_cast<const char*>(wasm->data()),
               static_cast<std::streamsize>(wasm->size()));
  }
  return 0;
}
