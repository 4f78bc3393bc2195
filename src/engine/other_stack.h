// Native stacks besides that of the thread, for calls that nest too deep for it.
//
//   const bool has_run = run_on_new_stack([&](std::uintptr_t low, std::uintptr_t high) { ... });
//
// A stack is memory that the system provides when it is touched, with a guard page below. A thread
// keeps the last ones for its next deep calls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace tenon::engine {

inline constexpr std::size_t kNewStackBytes = std::size_t{8} << 20;

// Runs `body` on a new stack, passes it the lowest address and the end of the stack, and returns true
// when `body` has returned. Returns false, without running it, if there is no memory for a stack.
// Exceptions of `body` pass through.
[[nodiscard]] bool run_on_new_stack(
    const std::function<void(std::uintptr_t low, std::uintptr_t high)>& body);

// Runs `body` on the stack on which the innermost `run_on_new_stack` was called. A guest runs on the stack
// on which it was entered: the engine would not notice an overflow of another one.
// REQUIRES: the caller is on the new stack itself, not on that of a guest of a concurrent engine.
void run_on_outer_stack(const std::function<void()>& body);

}  // namespace tenon::engine
