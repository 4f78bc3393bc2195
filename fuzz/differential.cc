// Property: a random world gives the answers that it predicts, in whichever way it is run, and leaks nothing.
//
// The input is a seed for the world and the way (tests/differential). There is nothing to mutate: each input is another
// world, so a run without end only needs time.
#include <fmt/core.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "tests/differential/search.h"

using namespace tenon::differential;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint64_t seed = 0xcbf29ce484222325;
  for (const std::uint8_t byte : std::span(data, size)) seed = (seed ^ byte) * 0x100000001b3;
  const Way& way = all_ways()[seed % all_ways().size()];
  const std::string folder =
      (std::filesystem::temp_directory_path() / fmt::format("tenon_differential_{}", getpid()))
          .string();
  const World world = make_world(seed);
  std::optional<Finding> finding = check_world(world, folder, &way);
  std::filesystem::remove_all(folder);
  if (!finding) return 0;
  fmt::print(stderr, "differential --seed {} --worlds 1 --way {}\n  wanted: {}\n  found:  {}\n",
             seed, way.name, finding->wanted, finding->found);
  std::abort();
}
