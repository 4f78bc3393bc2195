// A domain goes through lives. A life is one engine store with one instantiation of the domain's
// code:
//
//   begin_life   opens a store, instantiates the body and runs its start functions
//   run_guest    enters the guest for a call, and notes on this thread that it is running
//   end          destroys the store after a failure, and drops what the guests held elsewhere
//
// A store cannot be used after a trap, so any failure of a guest ends the life, and `make_ready`
// begins the next one if the restart policy allows it. There is no cleanup inside of the store: it
// is destroyed as a whole. Outside of it, three things refer to a life by its number. Resources
// that the guests held are owned by other domains and are dropped there (`release`). Resources that
// the life made and others hold become stale: a drop of one does nothing. And an ExportedFunction
// looks its function up again when the number has changed.
//
// Invariant: a guest is never entered while it runs. A call that arrives at a running domain is
// refused (Reentrance), because the component model does not allow it, or waits if the guest runs on
// another thread; a drop that arrives then is queued, because dropping must not fail, and is
// performed when the guest has returned. A destructor is a call too: it can end its domain, or drop
// more resources, so every loop over resources or pending drops looks its next item up again.
//
// A swap begins the new life before the old one ends (Replacement), so that a failed swap leaves the
// old life untouched. During the swap both lives are valid owners of resources (`replaced_life_`).
#include "runtime/domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <thread>
#include <utility>

#include "runtime/active_call.h"
#include "runtime/domain_turns.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

CallFailure make_failure(CallFailure::Kind kind, std::string message) {
  CallFailure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  return failure;
}

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

}  // namespace

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

Result<void, engine::Failure> ComponentBody::begin(engine::Store& store) {
  if (!*prepared_) return prepared_->error();
  TENON_TRY(engine::Instance instance, (*prepared_)->instantiate(store));
  instance_.emplace(std::move(instance));
  return {};
}

Domain::Domain(Shared& shared, std::string name) : shared_(shared), name_(std::move(name)) {}

Domain::~Domain() {
  const CallFailure gone =
      make_failure(CallFailure::Kind::Ended, fmt::format("the domain `{}` is gone", name_));
  ending_ = true;
  ended_by_ = std::make_unique<const CallFailure>(gone);
  std::vector<std::unique_ptr<CallInProgress>> calls;
  if (store_) calls = end_body();
  if (queue_) std::ranges::move(queue_->calls.take(), std::back_inserter(calls));
  for (auto& call : calls) std::exchange(call, nullptr)->end(gone);
}

void Domain::prepare(DomainParts parts) {
  parts_.emplace(std::move(parts));
  is_fresh_ = parts_->is_fresh;
  if (parts_->engine->config().interruption == engine::Interruption::Yes)
    shared_.ticker.add(parts_->engine);
}

call::Bounds Domain::make_bounds(const call::Bounds* outer,
                                 const std::optional<std::chrono::nanoseconds>& timeout) const {
  call::Bounds bounds;
  if (outer != nullptr) {
    bounds = *outer;
  } else {
    if (const auto& run = shared_.run_limit)
      bounds.deadline = call::Deadline{run->end.value_or(call::Clock::now() + run->length),
                                       "timeout", run->domain};
    if (shared_.interrupts) {
      bounds.interrupts = &*shared_.interrupts;
      bounds.interrupts_before = shared_.interrupts->load(std::memory_order_relaxed);
    }
  }
  if (timeout) {
    const call::Clock::time_point at = call::Clock::now() + *timeout;
    if (!bounds.deadline || at < bounds.deadline->at)
      bounds.deadline = call::Deadline{at, "call-timeout", name_};
  }
  return bounds;
}

std::optional<call::Bounds> Domain::bounds_of_call(const call::Bounds* outer) const {
  if (outer == nullptr && !parts_->call_timeout && !shared_.run_limit && !shared_.interrupts)
    return std::nullopt;
  return make_bounds(outer, parts_->call_timeout);
}

engine::Instance& Domain::instance() {
  return static_cast<ComponentBody&>(*parts_->body).instance();
}

Result<void> Domain::load_body() {
  // Other threads wait as they do while a guest runs.
  entered_by_ = &GuestThread::current();
  const Result<void> loaded = [this] {
    const OwnerLock::Released released(*shared_.lock);
    return parts_->late_body->load();
  }();
  entered_by_ = nullptr;
  if (waiting_threads_ != 0) shared_.scheduler.note_turn();
  TENON_TRY_VOID(loaded);
  TENON_TRY(parts_->body, parts_->late_body->make());
  parts_->late_body.reset();
  return {};
}

Result<void> Domain::begin_life() {
  const auto open = [this]() -> Result<engine::Store> {
    if (parts_->late_body != nullptr) TENON_TRY_VOID(load_body());
    return parts_->grants
               ? engine::Store::open(*parts_->engine, *parts_->grants, parts_->store_limits())
               : engine::Store::open_bare(*parts_->engine, parts_->store_limits());
  };
  Result<engine::Store> store = open();
  life_ = ++last_life_;
  has_served_ = false;
  if (!store) {
    ended_by_ = std::make_unique<const CallFailure>(
        make_failure(CallFailure::Kind::Engine, store.error().front().message));
    return std::move(store).error();
  }
  store_.emplace(*std::move(store));
  // Ticks reach all engines. A run without bounds continues at a tick that was meant for another.
  if (parts_->engine->config().interruption == engine::Interruption::Yes)
    store_->ask_at_interruptions([this] {
      return !shared_.is_ending.load(std::memory_order_relaxed) &&
             (!bounds_ || !bounds_->are_reached());
    });
  const Result<void, engine::Failure> started = begin_body();
  if (!started) {
    const CallFailure failure = describe(started.error());
    end(failure);
    return failure_diagnostic(failure);
  }
  ended_by_.reset();
  drop_pending();
  return {};
}

Result<void, engine::Failure> Domain::begin_body() {
  const call::Bounds* const bounds = ActiveCall::innermost_bounds();
  const auto begin = [&]() -> Result<void, engine::Failure> {
    TENON_TRY_VOID(run_guest(bounds, [&] { return parts_->body->begin(*store_); }));
    if (!is_concurrent()) return {};
    loop_ = std::make_unique<Loop>(*this);
    return loop_->begin(*store_);
  };
  if (!is_concurrent() || !Scheduler::is_in_turn()) return begin();
  // The engine cannot begin a loop within a turn of another one on the same thread.
  std::optional<Result<void, engine::Failure>> begun;
  std::thread([&] { begun.emplace(begin()); }).join();
  return *std::move(begun);
}

bool Domain::is_alone() const {
  for (const ActiveCall* call = ActiveCall::innermost(); call != nullptr; call = call->outer())
    if (&call->domain().shared_ != &shared_) return false;
  return true;
}

CallResult<void> Domain::wait_until_left() {
  GuestThread& self = GuestThread::current();
  for (const Domain* domain = this; domain != nullptr && domain->is_entered();
       domain = domain->entered_by_->waits_for)
    if (domain->entered_by_ == &self)
      return make_failure(CallFailure::Kind::Reentrance,
                          fmt::format("a call in progress is re-entered: {}", call_path(*this)));
  const Domain* const outer = std::exchange(self.waits_for, this);
  ++waiting_threads_;
  CallResult<void> waited = shared_.scheduler.wait_until(
      [&] { return !is_entered(); }, ActiveCall::innermost_bounds(), Scheduler::OnIdle::Wait);
  --waiting_threads_;
  self.waits_for = outer;
  return waited;
}

CallFailure Domain::describe(const engine::Failure& failure, Entered entered) {
  CallFailure described = parts_->describe(failure);
  add_limits(described, failure.kind);
  // A violation of the Canonical ABI before or after the function runs leaves no frame, so the
  // engine reports it as an error. It is the guest's fault nevertheless.
  if (entered == Entered::Yes && failure.kind == engine::FailureKind::Error)
    described.kind = CallFailure::Kind::Trap;
  std::optional<CallFailure> inner =
      failure.payload ? shared_.failures.take(*failure.payload) : std::nullopt;
  if (!inner) return described;
  std::ranges::move(described.backtrace, std::back_inserter(inner->backtrace));
  return *std::move(inner);
}

void Domain::add_limits(CallFailure& described, engine::FailureKind kind) const {
  const engine::StoreLimits limits = parts_->store_limits();
  described.domain = name_;
  switch (kind) {
    case engine::FailureKind::Interrupted:
      if (bounds_ && bounds_->was_interrupted()) {
        described.kind = CallFailure::Kind::Interrupted;
        described.message = "the call was interrupted";
      } else if (bounds_ && bounds_->deadline) {
        described.domain = bounds_->deadline->domain;
        described.limits.emplace_back(bounds_->deadline->key);
      }
      break;
    case engine::FailureKind::OutOfFuel:
      described.limits.emplace_back("fuel");
      break;
    case engine::FailureKind::Trap:
      // Many guests trap by themselves when they cannot allocate memory.
      if (limits.memory_bytes && described.kind == CallFailure::Kind::Trap)
        described.limits.emplace_back("memory");
      break;
    case engine::FailureKind::Error:
      if (limits.memory_bytes) described.limits.emplace_back("memory");
      if (limits.table_elements) described.limits.emplace_back("tables");
      if (limits.instances) described.limits.emplace_back("instances");
      break;
    case engine::FailureKind::Exit:
    case engine::FailureKind::Panic:
      break;
  }
  if (described.limits.empty()) described.domain.clear();
}

Domain::Drained::Drained(Domain& domain, const call::Bounds& bounds) : domain_(domain) {
  if (domain.ending_ || domain.entered_by_ == &GuestThread::current()) {
    result_ = make_failure(CallFailure::Kind::Reentrance,
                           fmt::format("a call of `{}` is in progress", domain.name_));
    return;
  }
  domain.drained_by_ = &GuestThread::current();
  result_ = domain.shared_.scheduler.wait_until(
      [&domain] { return !domain.is_running() && (!domain.loop_ || domain.calls().empty()); },
      &bounds);
}

Domain::Drained::~Drained() {
  if (domain_.drained_by_ != &GuestThread::current()) return;
  domain_.drained_by_ = nullptr;
  if (domain_.queue_) domain_.queue_->wake();
  domain_.shared_.scheduler.note_turn();
}

std::optional<CallFailure> Domain::make_ready() {
  if (is_ready()) return std::nullopt;
  if (is_closed()) {
    ++waiting_threads_;
    CallResult<void> opened = shared_.scheduler.wait_until(
        [this] { return !is_closed(); }, ActiveCall::innermost_bounds(), Scheduler::OnIdle::Wait);
    --waiting_threads_;
    if (!opened) return std::move(opened).error();
    return make_ready();
  }
  if (is_entered()) {
    if (CallResult<void> left = wait_until_left(); !left) return std::move(left).error();
    // It can be closed, or entered again.
    return make_ready();
  }
  if (!ActiveCall::has_room())
    return make_failure(CallFailure::Kind::Trap, "calls from domain to domain nest too deep");
  // A destructor that `end` runs in another domain calls back.
  if (ending_) return ended_failure();
  if (life_ == 0 || is_fresh_) {
    if (begin_life()) return std::nullopt;
    return start_failure();
  }
  const auto now = std::chrono::steady_clock::now();
  if (const auto window = parts_->restart.window)
    std::erase_if(restarts_, [&](auto at) { return now - at > *window; });
  if (restarts_.size() < parts_->restart.max) {
    restarts_.push_back(now);
    ++restart_count_;
    if (begin_life()) return std::nullopt;
    return start_failure();
  }
  return ended_failure();
}

// A deadline is reported as such: the caller's time is over, whichever function used it.
CallFailure Domain::start_failure() const {
  return ended_by_->kind == CallFailure::Kind::Deadline ? *ended_by_ : ended_failure();
}

CallFailure Domain::ended_failure() const {
  CallFailure failure = *ended_by_;
  failure.kind = CallFailure::Kind::Ended;
  failure.is_wait = false;
  failure.message = fmt::format("the domain `{}` has ended: {}", name_, ended_by_->message);
  if (const std::uint32_t max = parts_->restart.max; max != 0)
    failure.message += fmt::format("; its {} restart{} used up", max, max == 1 ? " is" : "s are");
  // The backtrace belongs to an earlier call.
  failure.backtrace.clear();
  return failure;
}

void Domain::end(const CallFailure& failure) {
  ending_ = true;
  ended_here_ = &GuestThread::current();
  ended_by_ = std::make_unique<const CallFailure>(failure);
  late_by_.reset();
  std::vector<std::unique_ptr<CallInProgress>> calls = end_body();
  forget_drops(life_);
  release(life_);
  ending_ = false;
  // A caller can call again at once, and begin the next life.
  for (auto& call : calls) std::exchange(call, nullptr)->end(failure);
  // Calls may have waited for the end of a life that was for another one.
  if (!is_fresh_) return;
  if (queue_) queue_->wake();
  if (waiting_threads_ != 0) shared_.scheduler.note_turn();
}

void Domain::end_served() {
  end(make_failure(CallFailure::Kind::Ended,
                   fmt::format("`{}` has served the call that it was made for", name_)));
}

Result<void> Domain::start() {
  Result<void> begun = begin_life();
  if (begun && is_fresh_) end_served();
  return begun;
}

std::vector<std::unique_ptr<CallInProgress>> Domain::end_body() {
  std::vector<std::unique_ptr<CallInProgress>> calls;
  if (loop_) calls = loop_->calls.take();
  serves_call_ = false;
  loop_.reset();
  parts_->body->end();
  store_.reset();
  return calls;
}

void Domain::release(std::uint64_t life) {
  const Holder guest{Holder::Who::Guest, this, life};
  for (const ResourceTable::Token token : shared_.resources.held_by(*this, life)) {
    // A destructor may have dropped it in the meantime, and another resource may have its token.
    const HeldResource* const held = shared_.resources.find(token);
    if (held == nullptr || held->holder != guest) continue;
    // A failing destructor ends its own domain. There is no caller to report it to.
    (void)shared_.resources.drop(token);
  }
}

Domain::Replacement::Replacement(Domain& domain, DomainParts parts, Begin begin)
    : domain_(domain),
      parts_(std::exchange(domain.parts_, std::nullopt)),
      store_(std::exchange(domain.store_, std::nullopt)),
      loop_(std::move(domain.loop_)),
      ended_by_(std::move(domain.ended_by_)),
      life_(domain.life_) {
  domain.replaced_life_ = store_ ? life_ : 0;
  domain.prepare(std::move(parts));
  if (begin == Begin::Yes) result_ = domain.start();
}

std::uint64_t Domain::Replacement::commit() {
  is_committed_ = true;
  domain_.replaced_life_ = 0;
  std::vector<std::unique_ptr<CallInProgress>> calls;
  if (loop_) calls = loop_->calls.take();
  loop_.reset();
  if (store_) parts_->body->end();
  store_.reset();
  domain_.forget_drops(life_);
  domain_.restarts_.clear();
  const CallFailure replaced =
      make_failure(CallFailure::Kind::Ended, fmt::format("`{}` was replaced", domain_.name_));
  for (auto& call : calls) std::exchange(call, nullptr)->end(replaced);
  return life_;
}

Domain::Replacement::~Replacement() {
  if (is_committed_) return;
  if (domain_.is_alive())
    domain_.end(make_failure(CallFailure::Kind::Ended,
                             fmt::format("`{}` was not replaced", domain_.name_)));
  domain_.replaced_life_ = 0;
  domain_.loop_ = std::move(loop_);
  // A turn that was due meanwhile was passed over.
  if (domain_.loop_) domain_.loop_->wake();
  domain_.parts_ = std::move(parts_);
  domain_.is_fresh_ = domain_.parts_->is_fresh;
  domain_.store_ = std::move(store_);
  domain_.ended_by_ = std::move(ended_by_);
  domain_.life_ = life_;
  domain_.drop_pending();
}

CallResult<void> Domain::drop(const engine::GuestResource& resource, std::uint64_t life) {
  const bool is_current = is_alive() && life == life_;
  const bool is_replaced = replaced_life_ != 0 && life == replaced_life_;
  if (!is_current && !is_replaced) return {};
  if (is_replaced || is_entered() || !ActiveCall::has_room()) {
    pending_drops_.push_back({resource, life});
    return {};
  }
  CallResult<void> dropped = drop_now(resource);
  drop_pending();
  return dropped;
}

CallResult<void> Domain::drop_now(const engine::GuestResource& resource) {
  const auto drop = [&] {
    return loop_ ? loop().drop_resource(*store_, resource)
                 : engine::drop_resource(*store_, resource);
  };
  std::optional<Scheduler::Turn> in_turn;
  if (loop_) in_turn.emplace();
  const Result<void, engine::Failure> dropped = run_guest(ActiveCall::innermost_bounds(), drop);
  if (dropped) return {};
  CallFailure failure = describe(dropped.error());
  end(failure);
  return failure;
}

void Domain::drop_pending() {
  while (is_alive()) {
    const auto next = std::ranges::find(pending_drops_, life_, &PendingDrop::life);
    if (next == pending_drops_.end()) return;
    const engine::GuestResource resource = next->resource;
    pending_drops_.erase(next);
    // If it failed, the life has ended, and so does the loop.
    CallResult<void> dropped = drop_now(resource);
    if (!dropped) shared_.program.keep_drop_failure(std::move(dropped).error());
  }
}

void Domain::forget_drops(std::uint64_t life) {
  std::erase_if(pending_drops_, [&](const PendingDrop& drop) { return drop.life == life; });
}

CallResult<engine::CommandEnd> Domain::run_command(std::string_view interface) {
  if (auto failure = make_ready()) return *std::move(failure);
  if (loop_) return run_command_on_loop(interface);
  Result<engine::CommandEnd, engine::Failure> ended =
      run_guest(ActiveCall::innermost_bounds(), std::nullopt, [&] {
        // A command can run for as long as the composition exists.
        std::optional<Unlocked> unlocked;
        if (shared_.lock->is_shared() && !computes_ && is_alone()) unlocked.emplace(*shared_.lock);
        return instance().run_command(*store_, interface);
      });
  if (ended) {
    finish_call();
    return *ended;
  }
  CallFailure failure = describe(ended.error());
  end(failure);
  return failure;
}

CallResult<void> Domain::run(BodyCall& call, std::string_view unit, std::string_view name,
                             const call::Bounds* bounds) {
  if (!is_ready()) {
    if (auto failure = make_ready()) {
      failure->function = name;
      return *std::move(failure);
    }
  }
  const Result<void, engine::Failure> called = run_guest(bounds, [&] { return call.run(*store_); });
  if (called) return {};
  CallFailure failure = describe(called.error());
  if (failure.unit.empty()) failure.unit = unit;
  if (failure.function.empty()) failure.function = name;
  end(failure);
  return failure;
}

}  // namespace tenon::runtime
