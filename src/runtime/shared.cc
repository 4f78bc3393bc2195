#include "runtime/shared.h"

#include <new>
#include <optional>

namespace tenon::runtime {

namespace {

// Is short, so that it needs no memory.
constexpr std::string_view kNoMemory = "out of memory";

}  // namespace

CallFailure make_failure(CallFailure::Kind kind, std::string_view message) noexcept {
  CallFailure failure;
  failure.kind = kind;
  try {
    failure.message = message;
  } catch (const std::bad_alloc&) {
    failure.message = kNoMemory;
  }
  return failure;
}

CallFailure no_memory() noexcept { return make_failure(CallFailure::Kind::Trap, kNoMemory); }

call::Bounds Shared::make_bounds(const call::Bounds* caller,
                                 const std::optional<call::TimeLimit>& limit,
                                 const std::string& domain) const {
  call::Bounds bounds;
  if (caller != nullptr)
    bounds = *caller;
  else if (run_limit)
    bounds.deadline =
        call::Deadline{run_limit->end.value_or(call::Clock::now() + run_limit->length), "timeout",
                       run_limit->domain};
  bounds.add_interrupts(interrupts);
  if (limit) {
    const call::Clock::time_point at = call::Clock::now() + limit->length;
    if (!bounds.deadline || at < bounds.deadline->at)
      bounds.deadline = call::Deadline{at, limit->key, domain};
  }
  return bounds;
}

}  // namespace tenon::runtime
