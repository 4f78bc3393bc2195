// What the verbs that start a composition share: `run`, `call` and `shell`.
#pragma once

#include <string>
#include <vector>

#include "cli/call_trace.h"
#include "cli/grant_flags.h"
#include "cli/limit_flags.h"
#include "cli/link_request.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace CLI {
class App;
}

namespace tenon::cli {

struct StartFlags {
  std::string target;  // FILE or DIR; empty: the manifest here
  LinkRequest request;
  GrantFlags grants;
  LimitFlags limits;
  TraceFlags traces;
  bool no_cache = false;
  std::vector<std::string> guest_args;
};

// Adds the target as the first argument, and the flags.
void add_start_flags(CLI::App& app, StartFlags& flags);

// Links and starts what the flags name; the target is the root. trace: gets the phases of the link
// and the calls, and outlives the composition.
// Errors: those of make_builder, apply_grant_flags, apply_limit_flags and
// CompositionBuilder::build.
[[nodiscard]] Result<Composition> start(const StartFlags& flags, CallTrace& trace);

}  // namespace tenon::cli
