// `--watch`: keeps what runs up to date with the files that it was made from.
//
// A unit that is not in the domain of the command is swapped while the others go on, together with the
// other units of its domain. For `run` and `ext run`, any other change starts the command anew: the new
// composition is linked and started beside the old one, and takes its place if that succeeds. Whatever
// fails leaves the old units running.
#pragma once

#include <functional>
#include <memory>

#include "cli/session.h"
#include "cli/start.h"
#include "tenon/composition.h"
#include "tenon/result.h"

namespace tenon::cli {

// Runs a command of a composition and returns its exit code.
using RunCommand = std::function<CallResult<int>(Composition&)>;

// Links, starts, runs, and reports how the run ended. With `--watch`, does so again for each change, and
// never returns: the user ends the process.
[[nodiscard]] int run_started(const Session& session, StartFlags flags, const RunCommand& run);

// Swaps the units of a composition whose files change, on a thread of its own.
// Lifetime: the composition must outlive it. Several threads must be allowed to use it.
class UnitWatch final {
 public:
  UnitWatch(const Session& session, Composition& composition);
  // Errors: run-engine.
  [[nodiscard]] Result<void> start();
  UnitWatch(const UnitWatch&) = delete;
  UnitWatch& operator=(const UnitWatch&) = delete;
  // Waits for the end of a swap in progress.
  ~UnitWatch();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace tenon::cli
