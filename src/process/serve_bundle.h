// What the process of a host bundle does: it loads the library, and makes the calls that its parent sends.
#pragma once

namespace tenon::process {

// Whether a process with these arguments was started by `Child::start`.
[[nodiscard]] bool is_bundle_process(int argc, const char* const* argv);

// Returns when the parent has closed its socket, after the bundle has ended, or if it cannot start, which it tells
// its parent. Returns the exit code.
[[nodiscard]] int run_bundle_process();

}  // namespace tenon::process
