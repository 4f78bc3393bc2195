#include "runtime/shared.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace tenon::runtime {

std::uint64_t FailureBox::keep(CallFailure failure) {
  failures_.emplace_back(next_, std::move(failure));
  return next_++;
}

std::optional<CallFailure> FailureBox::take(std::uint64_t number) {
  const auto entry =
      std::ranges::find(failures_, number, [](const auto& kept) { return kept.first; });
  if (entry == failures_.end()) return std::nullopt;
  CallFailure failure = std::move(entry->second);
  failures_.erase(entry);
  return failure;
}

CallFailure make_failure(CallFailure::Kind kind, std::string message) {
  CallFailure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  return failure;
}

CallFailure no_memory() { return make_failure(CallFailure::Kind::Trap, "out of memory"); }

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
