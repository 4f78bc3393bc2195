// A domain goes through lives. A life is one engine store with one instantiation of the domain's
// code:
//
//   begin_life   opens a store, instantiates the body and runs its start functions
//   run_guest    enters the guest for a call, and notes on this thread that it is running
//   end          destroys the store after a failure, and drops what the guests held elsewhere
//
// A store cannot be used after a trap, so any failure of a guest ends the life, and `make_ready`
// begins the next one if the restart policy allows it. There is no cleanup inside of the store: it
// is destroyed as a whole. No guest runs meanwhile, because nothing must read the memory that is going
// (`destroy`). Outside of the store, three things refer to a life by its number. Resources that the guests
// held are owned by other domains and are dropped there (`release`). Resources that the life made and
// others hold become stale: a drop of one does nothing. And an ExportedFunction looks its function up
// again when the number has changed.
//
// Invariant: a guest is never entered while it runs. A call that arrives at a running domain is
// refused (Reentrance), because the component model does not allow it, or waits if the guest runs on
// another thread; a drop that arrives then is queued, because dropping must not fail, and is
// performed when the guest has returned. A destructor is a call too: it can end its domain, or drop
// more resources, so every loop over resources or pending drops looks its next item up again.
//
// A swap begins the new life before the old one ends (Replacement), so that a failed swap leaves the
// old life untouched. During the swap both lives are valid owners of resources (`replaced_`).
#include "runtime/domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "runtime/channel.h"
#include "runtime/instance_pool.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

// The calls in progress from one call of a domain to the next call of it, for messages:
// "a -> b -> a", or with several compositions "shop:a -> tax:b -> shop:a".
std::string call_path(const Domain& again) {
  std::vector<const Domain*> domains = {&again};
  for (const ActiveCall* call = ActiveCall::innermost(); call != nullptr; call = call->outer()) {
    domains.push_back(&call->domain());
    if (&call->domain() == &again) break;
  }
  const bool is_one_composition = std::ranges::all_of(
      domains, [&](const Domain* domain) { return &domain->shared() == &again.shared(); });
  std::vector<std::string> names;
  for (const Domain* const domain : domains)
    names.push_back(is_one_composition
                        ? domain->name()
                        : fmt::format("{}:{}", domain->shared().composition, domain->name()));
  std::ranges::reverse(names);
  return fmt::format("{}", fmt::join(names, " -> "));
}

// Marks, for a scope, that this thread ends a life.
class Ending final {
 public:
  explicit Ending(const GuestThread*& on) : on_(on) { on_ = &GuestThread::current(); }
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() { on_ = nullptr; }

 private:
  const GuestThread*& on_;
};

// A copy of a failure, or that there was no memory for it.
std::shared_ptr<const CallFailure> keep(const CallFailure& failure) {
  static const CallFailure lost = no_memory();
  try {
    return std::make_shared<const CallFailure>(failure);
  } catch (const std::bad_alloc&) {
    return {std::shared_ptr<const CallFailure>(), &lost};
  }
}

}  // namespace

Domain::Domain(Shared& shared, std::string name) : shared_(shared), name_(std::move(name)) {}

Domain::~Domain() {
  CallFailure gone = no_memory();
  gone.kind = CallFailure::Kind::Ended;
  try {
    gone.message = fmt::format("the domain `{}` is gone", name_);
  } catch (const std::bad_alloc&) {
    // It says so instead.
  }
  ending_on_ = &GuestThread::current();
  life_.ended_by = keep(gone);
  // The domains of a composition end together: those that made the resources may be gone already.
  shared_.resources.hold_drops();
  if (life_.store) life_.store->break_off();
  std::vector<CallPtr> calls = Calls::end_loop(calls_.exchange_loop(nullptr));
  destroy(life_);
  end_calls(std::move(calls), gone);
  end_calls(calls_.take_queued(), gone);
}

void Domain::prepare(DomainParts parts) {
  life_ = Life{.parts = std::move(parts)};
  if (life_.parts.engine->config().interruption == engine::Interruption::Yes)
    shared_.ticker.add(life_.parts.engine);
}

std::optional<call::Bounds> Domain::bounds_of_call(const call::Bounds* caller) const {
  const std::optional<call::TimeLimit>& limit = life_.parts.call_limit;
  if (caller == nullptr && !limit && !shared_.bounds_calls()) return std::nullopt;
  return shared_.make_bounds(caller, limit, name_);
}

Result<void> Domain::open_life() {
  if (LateBody* const late = life_.parts.late_body.get()) {
    // Other threads wait as they do while a guest runs.
    TENON_TRY_VOID(place_.run([&] {
      const OwnerLock::Released released(*shared_.lock);
      return late->load();
    }));
  }
  return life_.open();
}

Result<void> Domain::begin_life() {
  try {
    return try_life();
  } catch (const std::bad_alloc&) {
    // There may be a store without its instances.
    end(no_memory());
    throw;
  }
}

Result<void> Domain::try_life() {
  Result<void> opened = open_life();
  life_.number = ++last_life_;
  if (!opened) {
    life_.ended_by = keep(make_failure(CallFailure::Kind::Engine, opened.error().front().message));
    note_idle();
    return opened;
  }
  // Ticks reach all engines. A run without bounds continues at a tick that was meant for another.
  if (life_.parts.engine->config().interruption == engine::Interruption::Yes)
    life_.store->ask_at_interruptions([this] {
      return !shared_.is_ending.load(std::memory_order_relaxed) &&
             (!bounds_ || !bounds_->are_reached());
    });
  const Result<void, engine::Failure> started = begin_body();
  if (!started) {
    const CallFailure failure = describe(started.error());
    end(failure);
    return failure_diagnostic(failure);
  }
  life_.ended_by.reset();
  drop_pending();
  return {};
}

Result<void, engine::Failure> Domain::begin_body() {
  TENON_TRY_VOID(run_guest(ActiveCall::innermost_bounds(), [&] { return body().begin(store()); }));
  if (!is_concurrent()) return {};
  return calls_.begin_loop(store());
}

CallFailure Domain::describe(const engine::Failure& failure, Entered entered) {
  std::optional<CallFailure> inner =
      failure.payload ? failures_.take(*failure.payload) : std::nullopt;
  try {
    CallFailure described = life_.parts.describe(failure);
    if (inner) {
      std::ranges::move(described.backtrace, std::back_inserter(inner->backtrace));
      return *std::move(inner);
    }
    life_.add_limits(described, failure.kind, bounds(), name_);
    // A violation of the Canonical ABI before or after the function runs leaves no frame, so the
    // engine reports it as an error. It is the guest's fault nevertheless.
    if (entered == Entered::Yes && failure.kind == engine::FailureKind::Error)
      described.kind = CallFailure::Kind::Trap;
    return described;
  } catch (const std::bad_alloc&) {
    // The failure must end the life, whatever can be said about it.
    return inner ? *std::move(inner) : no_memory();
  }
}

void Domain::add_names(CallFailure& failure, std::string_view unit, std::string_view function) {
  try {
    if (failure.unit.empty()) failure.unit = unit;
    if (failure.function.empty()) failure.function = function;
  } catch (const std::bad_alloc&) {
    // It is reported without them.
  }
}

std::optional<CallFailure> Domain::make_ready() {
  while (true) {
    const State current = state();
    CallResult<void> waited;
    if (current == State::Closed) {
      waited = place_.wait_until([this] { return !is_closed(); });
    } else if (current == State::Entered) {
      if (place_.waits_for_this_thread())
        return make_failure(CallFailure::Kind::Reentrance,
                            fmt::format("a call in progress is re-entered: {}", call_path(*this)));
      waited = place_.wait_until_left();
    } else if (!ActiveCall::can_enter()) {
      return make_failure(CallFailure::Kind::Trap, "calls from domain to domain nest too deep");
    } else if (current == State::Ready) {
      return std::nullopt;
    } else if (current == State::Ending) {
      // A destructor that `end` runs in another domain calls back.
      return ended_failure();
    } else {
      break;
    }
    if (!waited) return std::move(waited).error();
  }
  const bool needs_restart = life_.number != 0 && !calls_of_life().are_counted();
  if (needs_restart && !restarts_.take(life_.parts.restart)) return ended_failure();
  if (begin_life()) return std::nullopt;
  // A deadline is reported as such: the caller's time is over, whichever function used it.
  if (life_.ended_by->kind == CallFailure::Kind::Deadline) return *life_.ended_by;
  return ended_failure();
}

CallFailure Domain::ended_failure() const {
  CallFailure failure = *life_.ended_by;
  failure.kind = CallFailure::Kind::Ended;
  failure.is_wait = false;
  failure.message = fmt::format("the domain `{}` has ended: {}", name_, life_.ended_by->message);
  if (const std::uint32_t max = life_.parts.restart.max; max != 0)
    failure.message += fmt::format("; its {} restart{} used up", max, max == 1 ? " is" : "s are");
  // The backtrace belongs to an earlier call.
  failure.backtrace.clear();
  return failure;
}

void Domain::end(const CallFailure& failure) {
  if (life_.store) life_.store->break_off();
  end_life(failure);
}

void Domain::end_life(const CallFailure& failure) {
  std::vector<CallPtr> calls;
  {
    const Ending ending(ending_on_);
    life_.ended_by = keep(failure);
    calls = Calls::end_loop(calls_.exchange_loop(nullptr));
    destroy(life_);
    failures_.clear();
    release(life_.number);
  }
  end_calls(std::move(calls), failure);
  // Calls may have waited for the end of a life that was for others.
  if (!calls_of_life().are_counted()) return;
  calls_.note_room();
  note_idle();
}

void Domain::destroy(Life& life) {
  shared_.resources.hold_drops();
  shared_.channels->withdraw(*this, life.number);
  life.end();
  shared_.channels->close_futures(*this, life.number);
  shared_.resources.resume_drops();
}

void Domain::note_idle() {
  if (pool_ == nullptr || !calls_.all().empty()) return;
  if (life_.store)
    pool_->note_waiting(in_pool_);
  else
    pool_->note_end(in_pool_);
}

void Domain::end_served() {
  end_life(make_failure(CallFailure::Kind::Ended,
                        fmt::format("`{}` has served the calls that it was made for", name_)));
}

Result<void> Domain::start() {
  Result<void> begun = begin_life();
  if (begun && calls_of_life().are_counted()) end_served();
  return begun;
}

void Domain::release(std::uint64_t life) {
  const Holder guest{Holder::Who::Guest, this, life};
  ResourceTable::Token token = 0;
  // A failing destructor ends its own domain. There is no caller to report it to.
  while (shared_.resources.find_held(guest, token)) (void)shared_.resources.drop(token);
}

CallResult<void> Domain::drop(const HeldResource& held) {
  const PendingDrop dropped{held.resource, held.kind};
  const bool is_replaced =
      replaced_ != nullptr && replaced_->store && held.life == replaced_->number;
  if (is_replaced) {
    replaced_->drops.push_back(dropped);
    return {};
  }
  if (!is_alive() || held.life != life_.number) return {};
  if (place_.is_entered() || !ActiveCall::can_enter()) {
    life_.drops.push_back(dropped);
    return {};
  }
  CallResult<bool> result = drop_now(dropped);
  if (!result || *result) drop_pending();
  if (!result) return std::move(result).error();
  return {};
}

void Domain::end_after(engine::FailureKind kind, const CallFailure& failure) {
  if (kind != engine::FailureKind::NotEntered || calls_of_life().are_counted()) end(failure);
}

CallResult<bool> Domain::drop_now(const PendingDrop& dropped) {
  const auto drop = [&]() -> Result<bool, engine::Failure> {
    if (calls_.has_loop()) return calls_.loop().drop_resource(store(), dropped.resource);
    TENON_TRY_VOID(engine::drop_resource(store(), dropped.resource));
    return true;
  };
  const Result<bool, engine::Failure> result = run_guest(ActiveCall::innermost_bounds(), drop);
  if (result) {
    if (!*result) life_.drops.push_back(dropped);
    return *result;
  }
  const std::uint64_t life = life_.number;
  CallFailure failure = describe(result.error());
  add_names(failure, dropped.kind->unit, {});
  end_after(result.error().kind, failure);
  // If no thread or stack is available, it is dropped later. A caller that was waiting can have begun
  // another life.
  if (is_alive() && life_.number == life) life_.drops.push_back(dropped);
  return failure;
}

void Domain::drop_pending() {
  while (is_alive() && !life_.drops.empty()) {
    const PendingDrop next = life_.drops.front();
    life_.drops.erase(life_.drops.begin());
    CallResult<bool> result = drop_now(next);
    if (result && *result) continue;
    if (!result) shared_.program.keep_drop_failure(std::move(result).error());
    break;
  }
}

CallResult<void> Domain::run(BodyCall& call, std::string_view unit, std::string_view name,
                             const call::Bounds* bounds) {
  if (!is_ready()) {
    if (auto failure = make_ready()) {
      failure->function = name;
      return *std::move(failure);
    }
  }
  const Result<void, engine::Failure> called = run_guest(bounds, [&] { return call.run(store()); });
  if (called) return {};
  CallFailure failure = describe(called.error());
  add_names(failure, unit, name);
  end_after(called.error().kind, failure);
  return failure;
}

}  // namespace tenon::runtime
