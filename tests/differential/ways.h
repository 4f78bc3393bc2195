// The ways to run a world. Each makes the same calls, and should give the answers that the world itself predicts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/value.h"
#include "tests/differential/world.h"
#include "value/type_graph.h"

namespace tenon::differential {

// A call of an export of the root. The arguments have a handle wherever the type has one; it becomes a new resource
// with the next number.
struct Call {
  unsigned interface = 0;
  std::size_t function = 0;
  std::vector<Value> arguments = {};
};

// What is to be done with a world, and what comes of it: a line for each call, for the resources that were dropped
// after all of them, and for the end.
struct Script {
  value::TypeGraphPtr graph;
  std::vector<Call> calls = {};
  std::vector<std::string> answers = {};
};
[[nodiscard]] Script make_script(const World& world);

struct Outcome {
  std::vector<std::string> lines = {};
  std::string obstacle = {};  // why the world cannot be run in this way; empty: it was

  bool operator==(const Outcome&) const = default;
};

struct Way {
  std::string_view name;
  // The line of the script is compared unless it is of a function that the way cannot call: "-".
  Outcome (*run)(const World& world, const Script& script, const std::string& folder);
};
// folder: for files. Uses the `wac` that WAC names, if there is one.
[[nodiscard]] std::span<const Way> all_ways();

// The text of a call for the command line, which has no handles.
[[nodiscard]] std::string call_text(const World& world, const Call& call);

}  // namespace tenon::differential
