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
  const std::uint64_t last = life_.number;
  try {
    Result<void> begun = try_life();
    count_restart(last);
    return begun;
  } catch (const std::bad_alloc&) {
    count_restart(last);
    if (life_.number != last) {
      // There may be a store without its instances.
      end(no_memory());
    } else {
      // Its guest has not run, so the next call begins it.
      life_.end();
      note_idle();
    }
    throw;
  }
}

void Domain::count_restart(std::uint64_t last) {
  if (last != 0 && life_.number != last && !calls_of_life().are_counted())
    restarts_.add(life_.parts.restart);
}

Result<void> Domain::try_life() {
  Result<void> opened = open_life();
  if (!opened) {
    life_.number = ++last_life_;
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
  TENON_TRY_VOID(run_guest(ActiveCall::innermost_bounds(), [&] {
    const std::uint64_t last = std::exchange(life_.number, ++last_life_);
    Result<void, engine::Failure> begun = body().begin(store());
    if (!begun && begun.error().kind == engine::FailureKind::NotEntered) life_.number = last;
    return begun;
  }));
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
  const std::uint64_t last = life_.number;
  const bool needs_restart = last != 0 && !calls_of_life().are_counted();
  if (needs_restart && !restarts_.allows(life_.parts.restart)) return ended_failure();
  if (begin_life()) return std::nullopt;
  // A deadline is reported as such: the caller's time is over, whichever function used it. So is a lack of what is
  // needed to enter the guest.
  if (life_.number == last || life_.ended_by->kind == CallFailure::Kind::Deadline)
    return *life_.ended_by;
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
  shared_.resources.clear(life.drops);
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

void Domain::put_back() {
  const State now = state();
  if ((now == State::Ready || now == State::Asleep) && !calls_.has_queued()) note_idle();
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

CallResult<void> Domain::drop(ResourceTable::Token token) {
  const std::uint64_t life = shared_.resources.find(token)->life;
  if (replaced_ != nullptr && replaced_->store && life == replaced_->number) {
    shared_.resources.push(replaced_->drops, token);
  } else if (!is_alive() || life != life_.number) {
    (void)shared_.resources.take(token);
  } else if (place_.is_entered() || !ActiveCall::can_enter()) {
    shared_.resources.push(life_.drops, token);
  } else {
    CallResult<bool> result = drop_now(token);
    if (!result || *result) drop_pending();
    if (!result) return std::move(result).error();
  }
  return {};
}

void Domain::end_after(engine::FailureKind kind, const CallFailure& failure) {
  if (kind != engine::FailureKind::NotEntered || calls_of_life().are_counted()) end(failure);
}

CallResult<bool> Domain::drop_now(ResourceTable::Token token) {
  HeldResource& held = *shared_.resources.find(token);
  held.holder = {Holder::Who::Waiting};
  const engine::GuestResource resource = held.resource;
  const ResourceKind& kind = *held.kind;
  const std::uint64_t life = life_.number;
  const auto drop = [&]() -> Result<bool, engine::Failure> {
    if (calls_.has_loop()) return calls_.loop().drop_resource(store(), resource);
    TENON_TRY_VOID(engine::drop_resource(store(), resource));
    return true;
  };
  const Result<bool, engine::Failure> result = [&]() -> Result<bool, engine::Failure> {
    try {
      return run_guest(ActiveCall::innermost_bounds(), drop);
    } catch (const std::bad_alloc&) {
      return engine::Failure{.kind = engine::FailureKind::NotEntered, .message = "out of memory"};
    }
  }();
  CallResult<bool> outcome = result ? CallResult<bool>(*result) : describe(result.error());
  if (!result) {
    add_names(outcome.error(), kind.unit, {});
    end_after(result.error().kind, outcome.error());
  }
  // If no thread, stack or memory is available, it is dropped later. A caller that was waiting can have
  // begun another life.
  if ((!outcome || !*outcome) && is_alive() && life_.number == life)
    shared_.resources.push(life_.drops, token);
  else
    (void)shared_.resources.take(token);
  return outcome;
}

void Domain::drop_pending() {
  while (is_alive() && !life_.drops.is_empty()) {
    CallResult<bool> result = drop_now(shared_.resources.pop(life_.drops));
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
