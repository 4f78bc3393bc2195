// Writes a chain of components, where unit k imports the interface of unit k - 1 and exports its own.
// tenon and its peers get the same files.
//
// Usage: make_chain COUNT FOLDER [CODE [LIBRARY [SEED]]]     (FOLDER/u0.wasm ...)
// CODE, LIBRARY: bytes of code in each unit but the last, and in a module that all of them have. The
// last has 5000 bytes of code instead of CODE, which depend on SEED.
#include <fmt/core.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "bench/chain_unit.h"
#include "engine/wat.h"

int main(int argc, char** argv) {
  if (argc < 3 || argc > 6) {
    fmt::print(stderr, "usage: make_chain COUNT FOLDER [CODE [LIBRARY [SEED]]]\n");
    return 2;
  }
  const auto number = [&](int i) {
    return argc > i ? static_cast<unsigned>(std::strtoul(argv[i], nullptr, 10)) : 0U;
  };
  const int count = std::atoi(argv[1]);
  const std::filesystem::path folder = argv[2];
  std::filesystem::create_directories(folder);
  for (int k = 0; k < count; ++k) {
    std::vector<std::string> imports;
    if (k > 0) imports.push_back(fmt::format("chain:link/i{}@1.0.0", k - 1));
    tenon::bench::ChainCode code{
        .own = number(3), .library = number(4), .seed = static_cast<unsigned>(k)};
    if (code.own != 0 && k + 1 == count) code = {5000, code.library, 1000 + number(5)};
    const auto wasm = tenon::engine::wat_to_wasm(
        "unit.wat",
        tenon::bench::chain_unit(imports, fmt::format("chain:link/i{}@1.0.0", k), code));
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
