// Looks for a world that does not give the same answers in all ways, and makes it smaller.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "tests/differential/ways.h"
#include "tests/differential/world.h"

namespace tenon::differential {

// What a way gave that it should not have given.
struct Finding {
  const Way* way = nullptr;
  std::string wanted = {};
  std::string found = {};
  std::optional<Call> call = {};  // absent: it is not about a call
};

struct WayCount {
  unsigned runs = 0;
  unsigned obstacles = 0;
  std::map<std::string, unsigned> reasons = {};
};
using Counts = std::map<std::string, WayCount, std::less<>>;

// Runs a world in all ways, or in one. counts: is added to, if it is not null.
[[nodiscard]] std::optional<Finding> check_world(const World& world, const std::string& folder,
                                                 const Way* only = nullptr,
                                                 Counts* counts = nullptr);

// A smaller world, in which the way of the finding still gives something wrong. The finding becomes that of this world.
[[nodiscard]] World shrink(World world, Finding& finding, const std::string& folder);

// Writes the units of a world as files. Returns a command that makes the call of the finding, or links the units.
[[nodiscard]] std::string write_case(const World& world, const Finding& finding,
                                     const std::string& folder);

}  // namespace tenon::differential
