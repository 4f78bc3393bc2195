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
// refused (Reentrance), because the component model does not allow it; a drop that arrives then is
// queued, because dropping must not fail, and is performed when the guest has returned. A
// destructor is a call too: it can end its domain, or drop more resources, so every loop over
// resources or pending drops looks its next item up again.
//
// A swap begins the new life before the old one ends, so that a failed swap leaves the old life
// untouched. During the swap both lives are valid owners of resources (`replaced_life_`).
#include "runtime/domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <deque>
#include <iterator>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>

#include "runtime/active_call.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

CallFailure make_failure(CallFailure::Kind kind, std::string message) {
  CallFailure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  return failure;
}

// Two hundred times as long as a hand-over between threads. To read the coarse clock costs 5 ns, a
// precise clock 25, and that of the processor's time 200. So a domain is noticed by the first, and
// measured by the last.
constexpr std::chrono::nanoseconds kLongRun = std::chrono::milliseconds(10);
// So many short runs one after the other end the time in which a domain computes.
constexpr unsigned kShortRuns = 16;

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
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
  Result<engine::Instance, engine::Failure> instance = linker_->instantiate(store, *code_);
  if (!instance) return std::move(instance).error();
  instance_.emplace(*std::move(instance));
  return {};
}

// Takes the turns of a domain.
class Domain::Turns : public TurnTaker {
 public:
  using TurnTaker::begin_turn;

  explicit Turns(Domain& domain) : TurnTaker(domain.shared_.scheduler), domain_(domain) {
    set_pooled(domain.computes_);
  }

  [[nodiscard]] const GuestThread* turned_by() const override { return domain_.entered_by_; }

  std::optional<call::Clock::time_point> end_late_waits() override {
    std::optional<call::Clock::time_point> first;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const call::Bounds* const own = calls[i]->bounds();
      if (own == nullptr) continue;
      if (own->are_reached())
        calls[i]->end_wait();
      else if (own->deadline && (!first || own->deadline->at < *first))
        first = own->deadline->at;
    }
    return first;
  }

  std::vector<CallInProgress*> calls;

 protected:
  [[nodiscard]] Domain& domain() { return domain_; }

 private:
  Domain& domain_;
};

// The event loop of one life of a concurrent domain.
class Domain::Loop final : public Turns {
 public:
  using Turns::Turns;

  [[nodiscard]] Result<void, engine::Failure> begin(engine::Store& store) {
    TENON_TRY(engine::EventLoop begun, engine::EventLoop::begin(store, [this] { wake(); }));
    loop.emplace(std::move(begun));
    return {};
  }

  // The bounds of a turn: those of the call in progress whose deadline is the first.
  [[nodiscard]] const call::Bounds* bounds() const {
    const call::Bounds* first = nullptr;
    for (const CallInProgress* const call : calls) {
      const call::Bounds* const next = call->bounds();
      if (next == nullptr) continue;
      const bool is_earlier = first == nullptr || !first->deadline ||
                              (next->deadline && next->deadline->at < first->deadline->at);
      if (is_earlier) first = next;
    }
    return first;
  }

  void turn() override { domain().turn(); }
  [[nodiscard]] bool is_idle() override {
    // Its guests wait for other domains, for the program or for bundles. The engine would take these
    // waits for something that can happen at any time.
    if (!domain().has_wasi()) return true;
    const Scheduler::Turn in_turn;
    const auto idle = domain().run_guest(bounds(), std::nullopt, [&] { return loop->is_idle(); });
    if (idle) return *idle;
    domain().end_after_turn(idle.error());
    return false;
  }

  std::unordered_map<const call::FunctionShape*, std::unique_ptr<engine::ResultReader>> readers;
  std::optional<engine::EventLoop> loop;
};

// The calls that wait until a domain without async code is free. One turn is one call.
class Domain::Queue final : public Turns {
 public:
  using Turns::Turns;

  void add(QueuedCall& call) {
    waiting_.push_back(&call);
    calls.push_back(&call.in_progress());
    wake();
  }

  void turn() override {
    begin_turn();
    if (waiting_.empty()) return;
    QueuedCall& call = *waiting_.front();
    waiting_.pop_front();
    {
      const RunLength length(domain());
      std::erase(calls, &call.in_progress());
      call.run();
    }
    if (!waiting_.empty()) wake();
    domain().shared_.scheduler.note_turn();
  }
  [[nodiscard]] bool is_idle() override { return true; }

 private:
  std::deque<QueuedCall*> waiting_;
};

Domain::Domain(Shared& shared, std::string name) : shared_(shared), name_(std::move(name)) {}

Domain::~Domain() {
  std::vector<CallInProgress*> calls;
  if (store_) calls = end_body();
  if (queue_) std::ranges::move(queue_->calls, std::back_inserter(calls));
  const CallFailure gone =
      make_failure(CallFailure::Kind::Ended, fmt::format("the domain `{}` is gone", name_));
  for (CallInProgress* const call : calls) call->end(gone);
}

void Domain::prepare(DomainParts parts) {
  parts_.emplace(std::move(parts));
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

Result<void> Domain::begin_life() {
  Result<engine::Store> store =
      parts_->grants ? engine::Store::open(*parts_->engine, *parts_->grants, parts_->store_limits())
                     : engine::Store::open_bare(*parts_->engine, parts_->store_limits());
  life_ = ++last_life_;
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

engine::EventLoop& Domain::loop() { return *loop_->loop; }

engine::ResultReader& Domain::keep(const call::FunctionShape* shape,
                                   std::unique_ptr<engine::ResultReader> reader) {
  return *loop_->readers.try_emplace(shape, std::move(reader)).first->second;
}

void Domain::add_call(CallInProgress& call) { loop_->calls.push_back(&call); }

void Domain::remove_call(CallInProgress& call) {
  if (loop_) std::erase(loop_->calls, &call);
}

void Domain::turn() {
  if (!loop_) return;
  loop_->begin_turn();
  const Scheduler::Turn in_turn;
  const Result<void, engine::Failure> turned = [&] {
    const RunLength length(*this);
    return run_guest(loop_->bounds(), std::nullopt, [&] { return loop().turn(); });
  }();
  if (turned)
    finish_drops();
  else
    end_after_turn(turned.error());
  shared_.scheduler.note_turn();
}

Domain::RunLength::RunLength(Domain& domain)
    : domain_(domain),
      is_precise_(domain.may_compute_ || domain.computes_),
      began_(read_clock(is_precise_ ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC_COARSE)) {}

Domain::RunLength::~RunLength() {
  if (is_precise_)
    domain_.note_length(read_clock(CLOCK_THREAD_CPUTIME_ID) - began_);
  else if (read_clock(CLOCK_MONOTONIC_COARSE) - began_ >= kLongRun)
    domain_.may_compute_ = true;
}

void Domain::note_length(std::chrono::nanoseconds length) {
  may_compute_ = false;
  if (owns_thread_) return;
  if (length >= kLongRun) {
    short_runs_ = 0;
    if (!computes_ && shared_.scheduler.pool().size() != 0) set_computes(true);
  } else if (computes_ && ++short_runs_ == kShortRuns) {
    set_computes(false);
  }
}

void Domain::queue_call(QueuedCall& call) {
  if (!queue_) queue_ = std::make_unique<Queue>(*this);
  queue_->add(call);
}

void Domain::set_computes(bool computes) {
  short_runs_ = 0;
  computes_ = computes;
  if (computes) shared_.lock->share(shared_.composition);
  if (loop_) loop_->set_pooled(computes);
  if (queue_) queue_->set_pooled(computes);
}

void Domain::own_thread() {
  Pool& pool = shared_.scheduler.pool();
  pool.set_size(pool.size() + 1);
  owns_thread_ = true;
  set_computes(true);
}

void Domain::give_up_thread() {
  owns_thread_ = false;
  set_computes(false);
}

std::span<CallInProgress* const> Domain::calls() const {
  if (loop_) return loop_->calls;
  if (queue_) return queue_->calls;
  return {};
}

void Domain::end_program_waits(const CallFailure& failure) {
  const std::span now = calls();
  for (CallInProgress* const call : std::vector(now.begin(), now.end()))
    call->end_wait_with(failure);
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

void Domain::end_after_turn(const engine::Failure& turned) {
  if (turned.kind == engine::FailureKind::Exit)
    for (CallInProgress* const call : loop_->calls) call->note_exit(turned.exit_code);
  CallFailure failure = describe(turned, Entered::Yes);
  // With several calls in progress, it is unknown whose task it was.
  if (loop_->calls.size() == 1) loop_->calls.front()->explain(failure);
  end(failure);
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

std::optional<CallFailure> Domain::make_ready() {
  if (is_ready()) return std::nullopt;
  if (is_entered()) {
    if (CallResult<void> left = wait_until_left(); !left) return std::move(left).error();
    if (is_ready()) return std::nullopt;
  }
  if (!ActiveCall::has_room())
    return make_failure(CallFailure::Kind::Trap, "calls from domain to domain nest too deep");
  // A destructor that `end` runs in another domain calls back.
  if (ending_) return ended_failure();
  if (life_ == 0) {
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
  ended_by_ = std::make_unique<const CallFailure>(failure);
  const std::vector<CallInProgress*> calls = end_body();
  forget_drops(life_);
  release(life_);
  ending_ = false;
  // A caller can call again at once, and begin the next life.
  for (CallInProgress* const call : calls) call->end(failure);
}

std::vector<CallInProgress*> Domain::end_body() {
  std::vector<CallInProgress*> calls;
  if (loop_) calls.swap(loop_->calls);
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
    (void)drop_resource(shared_.resources.take(token));
  }
}

Result<std::uint64_t> Domain::swap(DomainParts parts) {
  std::optional<DomainParts> old_parts = std::exchange(parts_, std::nullopt);
  std::optional<engine::Store> old_store = std::exchange(store_, std::nullopt);
  std::unique_ptr<Loop> old_loop = std::move(loop_);
  std::unique_ptr<const CallFailure> old_end = std::move(ended_by_);
  const std::uint64_t old_life = life_;
  replaced_life_ = old_store ? old_life : 0;
  prepare(std::move(parts));
  Result<void> started = begin_life();
  replaced_life_ = 0;
  if (started) {
    std::vector<CallInProgress*> old_calls;
    if (old_loop) old_calls.swap(old_loop->calls);
    old_loop.reset();
    if (old_store) old_parts->body->end();
    forget_drops(old_life);
    restarts_.clear();
    const CallFailure replaced =
        make_failure(CallFailure::Kind::Ended, fmt::format("`{}` was replaced", name_));
    for (CallInProgress* const call : old_calls) call->end(replaced);
    return old_life;
  }
  loop_ = std::move(old_loop);
  parts_ = std::move(old_parts);
  store_ = std::move(old_store);
  ended_by_ = std::move(old_end);
  life_ = old_life;
  drop_pending();
  return std::move(started).error();
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
      run_guest(ActiveCall::innermost_bounds(), std::nullopt,
                [&] { return instance().run_command(*store_, interface); });
  if (ended) {
    drop_pending();
    return *ended;
  }
  CallFailure failure = describe(ended.error());
  end(failure);
  return failure;
}

namespace {

// The result of `run`: ok or err.
struct CommandResult final : engine::LoopResult {
  bool has_succeeded = false;
};

class CommandReader final : public engine::ResultReader {
 public:
  Result<std::unique_ptr<engine::LoopResult>, engine::CallError> read(
      engine::GuestSide& /*callee*/, std::span<const engine::FlatValue> result) override {
    auto read = std::make_unique<CommandResult>();
    read->has_succeeded = result[0].u32() == 0;
    return std::unique_ptr<engine::LoopResult>(std::move(read));
  }
};

class CommandCall final : public engine::LoopCall, public CallInProgress {
 public:
  CommandCall(const std::optional<call::Bounds>& bounds, std::string name)
      : bounds_(bounds), name_(std::move(name)) {}

  [[nodiscard]] bool has_ended() const { return has_succeeded_ || failure_; }
  // REQUIRES: `has_ended`
  [[nodiscard]] CallResult<bool> take_outcome() {
    if (failure_) return *std::move(failure_);
    return *has_succeeded_;
  }

  [[nodiscard]] const call::Bounds* bounds() const override {
    return bounds_ ? &*bounds_ : nullptr;
  }
  void note_exit(int code) override { exit_code_ = code; }
  [[nodiscard]] std::optional<int> exit_code() const { return exit_code_; }
  void end(const CallFailure& failure) override { failure_ = failure; }
  void explain(CallFailure& failure) const override {
    if (failure.function.empty()) failure.function = name_;
  }

  Result<void, engine::CallError> lower(engine::GuestSide& /*callee*/,
                                        std::span<engine::FlatValue> /*params*/) override {
    return {};
  }
  void finish(std::unique_ptr<engine::LoopResult> result) override {
    has_succeeded_ = static_cast<const CommandResult&>(*result).has_succeeded;
  }
  void fail(engine::Failure failure) override {
    failure_ = make_failure(CallFailure::Kind::Engine, std::move(failure.message));
  }
  void drop() override {}  // followed by `end`

 private:
  const std::optional<call::Bounds>& bounds_;
  std::string name_;
  std::optional<bool> has_succeeded_;
  std::optional<int> exit_code_;
  std::optional<CallFailure> failure_;
};

}  // namespace

CallResult<engine::CommandEnd> Domain::run_command_on_loop(std::string_view interface) {
  using engine::CommandEnd;
  const std::array<std::string_view, 2> path = {interface, "run"};
  Result<engine::LoopFunction, engine::Failure> function =
      engine::LoopFunction::make(instance(), path, {.params = 0, .results = 1},
                                 keep(nullptr, std::make_unique<CommandReader>()));
  if (!function) return describe(function.error());
  std::optional<call::Bounds> bounds;
  if (ActiveCall::innermost_bounds() != nullptr || shared_.run_limit || shared_.interrupts)
    bounds = make_bounds(ActiveCall::innermost_bounds(), std::nullopt);
  CommandCall call(bounds, fmt::format("{}#run", interface));
  add_call(call);
  loop().call(*function, call);
  CallResult<void> waited =
      shared_.scheduler.wait_until([&] { return call.has_ended(); }, call.bounds());
  // The end of the domain ends the call, also if it ends because the wait does.
  if (!waited && !call.has_ended() && is_entered()) (void)wait_until_left();
  if (!waited && !call.has_ended()) end(waited.error());
  remove_call(call);
  if (const std::optional<int> exit_code = call.exit_code())
    return CommandEnd{CommandEnd::How::Exited, *exit_code};
  TENON_TRY(const bool has_succeeded, call.take_outcome());
  return CommandEnd{CommandEnd::How::Returned, has_succeeded ? 0 : 1};
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
