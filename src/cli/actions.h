// Verbs whose first word says what to do: `tenon pack types`, `tenon host list`.
#pragma once

#include <span>
#include <string_view>

#include "cli/session.h"

namespace tenon::cli {

struct Action {
  std::string_view name;
  std::string_view help;  // one line
  int (*run)(Session& session, Words words);
};

struct ActionVerb {
  std::string_view name;         // "pack"
  std::string_view description;  // the first line of its help
  std::span<const Action> actions;
  std::string_view examples;  // lines of two spaces and a command
};

// Runs the action that the first word names, or says which there are.
[[nodiscard]] int run_action(const ActionVerb& verb, Session& session, Words words);

}  // namespace tenon::cli
