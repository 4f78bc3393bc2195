// The ways to run a world. Each makes the same calls, and should give the answers that the world itself predicts.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tests/differential/script.h"
#include "tests/differential/world.h"

namespace tenon::differential {

// What comes of a script: its lines, as far as they were reached.
struct Outcome {
  std::vector<std::string> lines = {};
  // The units that the failure at the end is of, or can be of, by its message. Empty: it names none, as that of a remote
  // unit whose domain has ended.
  std::vector<std::string> blamed = {};
  std::string obstacle = {};  // why the world cannot be run in this way; empty: it was

  bool operator==(const Outcome&) const = default;
};

// The line of a call that a way cannot make.
inline constexpr std::string_view kNotCalled = "-";

struct Way {
  std::string_view name;
  // The line of the script is compared unless it is kNotCalled.
  Outcome (*run)(const World& world, const Script& script, const std::string& folder);
  // What failures call a unit; null: they have no names.
  std::string (*name_of)(const World& world, std::size_t unit) = nullptr;
};
// folder: for files. Uses the `wac` that WAC names, if there is one.
[[nodiscard]] std::span<const Way> all_ways();

}  // namespace tenon::differential
