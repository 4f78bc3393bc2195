#include "runtime/replacement.h"

#include <fmt/core.h>

#include <utility>

#include "runtime/scheduler.h"

namespace tenon::runtime {

Drained::Drained(Domain& domain, const call::Bounds& bounds) {
  if (domain.state() == Domain::State::Ending || domain.place().is_entered_here()) {
    result_ = make_failure(CallFailure::Kind::Reentrance,
                           fmt::format("a call of `{}` is in progress", domain.name()));
    return;
  }
  closed_.emplace(domain);
  const auto is_idle = [&domain] {
    const Domain::State state = domain.state();
    const bool is_free = state == Domain::State::Ready || state == Domain::State::Asleep;
    return is_free && (!domain.calls().has_loop() || domain.calls().all().empty());
  };
  result_ = domain.shared().scheduler.wait_until(is_idle, &bounds);
}

Drained::Closed::~Closed() {
  domain_.place().open();
  domain_.calls().wake_queue();
  domain_.shared().scheduler.note_turn();
}

Replacement::Replacement(Domain& domain)
    : domain_(domain),
      replaced_failure_(
          make_failure(CallFailure::Kind::Ended, fmt::format("`{}` was replaced", domain.name()))),
      kept_failure_(make_failure(CallFailure::Kind::Ended,
                                 fmt::format("`{}` was not replaced", domain.name()))),
      replaced_(std::exchange(domain.life_, {})),
      loop_(domain.calls_.exchange_loop(nullptr)) {
  domain.replaced_ = &replaced_;
}

// The other constructor has made the object, so the destructor undoes what fails here.
Replacement::Replacement(Domain& domain, DomainParts parts, Begin begin) : Replacement(domain) {
  domain.prepare(std::move(parts));
  if (begin == Begin::Yes) result_ = domain.start();
}

std::uint64_t Replacement::commit() {
  is_committed_ = true;
  domain_.replaced_ = nullptr;
  std::vector<CallPtr> calls = Calls::end_loop(std::move(loop_));
  domain_.destroy(replaced_);
  domain_.failures_.clear();
  domain_.restarts_.forget();
  end_calls(std::move(calls), replaced_failure_);
  domain_.note_idle();
  return replaced_.number;
}

Replacement::~Replacement() {
  if (is_committed_) return;
  if (domain_.is_alive()) domain_.end(kept_failure_);
  domain_.replaced_ = nullptr;
  domain_.life_ = std::move(replaced_);
  (void)domain_.calls_.exchange_loop(std::move(loop_));
  domain_.drop_pending();
  domain_.note_idle();
}

}  // namespace tenon::runtime
