// What the system gives this process and its threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace tenon {

// The number of processors that this process may use, at least 1.
[[nodiscard]] std::size_t count_processors();

// The addresses from `low` to `high` (exclusive) that the stack of a thread can have.
struct StackBounds {
  std::uintptr_t low = 0;
  std::uintptr_t high = 0;
};

// Those of the thread that calls, which may be on another stack, such as a fiber's. Nothing if the
// system does not tell.
[[nodiscard]] std::optional<StackBounds> find_stack_bounds();

}  // namespace tenon
