// Exit codes of the command. They follow docker's convention where a guest has codes of its own, so
// that those stay readable; docs/command.md lists them.
#pragma once

#include "tenon/diagnostic.h"

namespace tenon::cli {

enum class ExitCode : int {
  Fine = 0,
  Problems = 1,       // found problems; the guest's `wasi:cli/run` gave err, or a package an error
  Usage = 2,          // a command line that cannot be understood
  Bug = 70,           // an invariant of tenon is broken
  RunDeadline = 124,  // run: it took longer than it may
  RunUsage = 125,     // run: usage, manifest, arguments in WAVE or JSON, or the engine
  RunLink = 126,      // run: units that do not link
  RunNotFound = 127,  // run: a file or function that is not there
  RunTrap = 134,      // run: the guest trapped, or called what nothing provides
};

inline int to_int(ExitCode code) { return static_cast<int>(code); }

// Which of the two readings a verb has: `run` passes the guest's code through and reports its own
// problems above 123; every other verb says fine, problems or usage.
enum class ExitConvention { Tool, Run };

// The code for a failure; its first error decides. REQUIRES: `problems` is not empty.
[[nodiscard]] ExitCode choose_exit_code(ExitConvention convention, const Diagnostics& problems);

}  // namespace tenon::cli
