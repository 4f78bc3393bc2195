#include "runtime/call_list.h"

#include <new>
#include <utility>

#include "runtime/shared.h"

namespace tenon::runtime {

CallFailure CallInProgress::explained(const CallFailure& failure) const noexcept {
  try {
    CallFailure copy = failure;
    explain(copy);
    return copy;
  } catch (const std::bad_alloc&) {
    return no_memory();
  }
}

void end_calls(std::vector<CallPtr> calls, const CallFailure& failure) {
  for (CallPtr& call : calls) std::exchange(call, nullptr)->end(failure);
}

void CallList::add(CallPtr added) {
  CallInProgress& call = *added;
  const call::Bounds* const bounds = call.bounds();
  std::set<AtDeadline> deadline;  // 0 or 1
  if (bounds != nullptr && bounds->deadline)
    deadline.emplace(call.deadline_ = bounds->deadline->at, &call);
  call.place_ = all_.size();
  all_.push_back(std::move(added));
  // From here on, no memory is needed.
  deadlines_.merge(deadline);
  if (bounds == nullptr) return;
  call.had_bounds_ = true;
  ++bounded_;
}

CallPtr CallList::remove(CallInProgress& call) {
  if (call.place_ >= all_.size() || all_[call.place_].get() != &call) return nullptr;
  all_.back()->place_ = call.place_;
  std::swap(all_[call.place_], all_.back());
  CallPtr removed = std::move(all_.back());
  all_.pop_back();
  if (!call.had_bounds_) return removed;
  --bounded_;
  deadlines_.erase({call.deadline_, &call});
  return removed;
}

std::vector<CallPtr> CallList::take() {
  deadlines_.clear();
  bounded_ = 0;
  return std::exchange(all_, {});
}

const call::Bounds* CallList::first_bounds() const {
  if (bounded_ == 0) return nullptr;
  // Calls that nobody waits for have none any more.
  for (const auto& [deadline, call] : deadlines_)
    if (const call::Bounds* const bounds = call->bounds()) return bounds;
  for (const CallPtr& call : all_)
    if (const call::Bounds* const bounds = call->bounds()) return bounds;
  return nullptr;
}

std::optional<call::Clock::time_point> CallList::end_late_waits(std::uint64_t interrupts) {
  if (std::exchange(interrupts_, interrupts) != interrupts)
    // The end of a wait can change the list.
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (const call::Bounds* const bounds = all_[i]->bounds())
        if (bounds->was_interrupted()) all_[i]->end_wait();
  const auto now = call::Clock::now();
  auto next = deadlines_.begin();
  while (next != deadlines_.end() && next->first <= now) {
    const AtDeadline late = *next;
    if (late.second->bounds() != nullptr) late.second->end_wait();
    next = deadlines_.upper_bound(late);
  }
  if (next == deadlines_.end()) return std::nullopt;
  return next->first;
}

}  // namespace tenon::runtime
