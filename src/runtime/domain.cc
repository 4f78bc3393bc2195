#include "runtime/domain.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <utility>

#include "runtime/active_call.h"
#include "runtime/component_body.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

CallFailure make_failure(CallFailure::Kind kind, std::string message) {
  CallFailure failure;
  failure.kind = kind;
  failure.message = std::move(message);
  return failure;
}

// "a -> b -> a", "shop:a -> tax:b -> shop:a"
std::string call_path(const Domain& again) {
  std::vector<const Domain*> domains = {&again};
  for (const ActiveCall* call = ActiveCall::innermost(); call != nullptr; call = call->outer()) {
    domains.push_back(&call->domain());
    if (&call->domain() == &again) break;
  }
  const bool is_one = std::ranges::all_of(
      domains, [&](const Domain* one) { return &one->shared() == &again.shared(); });
  std::vector<std::string> names;
  for (const Domain* const one : domains)
    names.push_back(is_one ? one->name()
                           : fmt::format("{}:{}", one->shared().composition, one->name()));
  std::ranges::reverse(names);
  return fmt::format("{}", fmt::join(names, " -> "));
}

}  // namespace

std::uint64_t FailureBox::keep(CallFailure failure) {
  kept_.emplace_back(next_, std::move(failure));
  return next_++;
}

std::optional<CallFailure> FailureBox::take(std::uint64_t number) {
  const auto found = std::ranges::find(kept_, number, [](const auto& kept) { return kept.first; });
  if (found == kept_.end()) return std::nullopt;
  CallFailure failure = std::move(found->second);
  kept_.erase(found);
  return failure;
}

Domain::Domain(Shared& shared, std::string name) : shared_(shared), name_(std::move(name)) {}

Domain::~Domain() {
  if (store_) parts_->body->end();
}

void Domain::prepare(DomainParts parts) {
  parts_.emplace(std::move(parts));
  if (parts_->engine->config().interruption == engine::Interruption::Yes)
    shared_.ticker.add(parts_->engine);
}

void Domain::set_bounds(const call::Bounds* outer,
                        const std::optional<std::chrono::nanoseconds>& timeout) {
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
  bounds_ = bounds;
}

engine::Instance& Domain::instance() {
  return static_cast<ComponentBody&>(*parts_->body).instance();
}

Result<void> Domain::begin_life() {
  Result<engine::Store> store =
      parts_->grants ? engine::Store::open(*parts_->engine, *parts_->grants, parts_->limits_given())
                     : engine::Store::open_bare(*parts_->engine, parts_->limits_given());
  life_ = ++lives_;
  if (!store) {
    ended_by_ = std::make_unique<const CallFailure>(
        make_failure(CallFailure::Kind::Engine, store.error().front().message));
    return std::move(store).error();
  }
  store_.emplace(*std::move(store));
  // Without bounds it outlives the ticks that are for others.
  if (parts_->engine->config().interruption == engine::Interruption::Yes)
    store_->ask_at_interruptions([this] { return !bounds_ || !bounds_->are_reached(); });
  const Result<void, engine::Failure> begun =
      run_guest(ActiveCall::innermost_bounds(), [&] { return parts_->body->begin(*store_); });
  if (!begun) {
    const CallFailure failure = describe(begun.error());
    end(failure);
    return failure_diagnostic(failure);
  }
  ended_by_.reset();
  drop_pending();
  return {};
}

CallFailure Domain::describe(const engine::Failure& failure, Entered entered) {
  CallFailure described = parts_->describe(failure);
  add_limits(described, failure.kind);
  // A guest that breaks the Canonical ABI before or after its function runs leaves no frame.
  if (entered == Entered::Yes && failure.kind == engine::FailureKind::Error)
    described.kind = CallFailure::Kind::Trap;
  std::optional<CallFailure> inner =
      failure.payload ? shared_.failures.take(*failure.payload) : std::nullopt;
  if (!inner) return described;
  std::ranges::move(described.backtrace, std::back_inserter(inner->backtrace));
  return *std::move(inner);
}

void Domain::add_limits(CallFailure& described, engine::FailureKind kind) const {
  const engine::StoreLimits limits = parts_->limits_given();
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
      // A guest that gets no more memory ends by a trap of its own.
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

std::optional<CallFailure> Domain::refuse() {
  if (is_ready()) return std::nullopt;
  if (running_) {
    return make_failure(CallFailure::Kind::Reentrance,
                        fmt::format("a call in progress is re-entered: {}", call_path(*this)));
  }
  if (!ActiveCall::has_room())
    return make_failure(CallFailure::Kind::Trap, "calls from domain to domain nest too deep");
  // A destructor of what it held calls it.
  if (ending_) return ended();
  if (life_ == 0) {
    if (begin_life()) return std::nullopt;
    return failed_start();
  }
  const auto now = std::chrono::steady_clock::now();
  if (const auto window = parts_->restart.window)
    std::erase_if(restarts_, [&](auto at) { return now - at > *window; });
  if (restarts_.size() < parts_->restart.max) {
    restarts_.push_back(now);
    ++restart_count_;
    if (begin_life()) return std::nullopt;
    return failed_start();
  }
  return ended();
}

// The call had no more time, whoever used it up.
CallFailure Domain::failed_start() const {
  return ended_by_->kind == CallFailure::Kind::Deadline ? *ended_by_ : ended();
}

CallFailure Domain::ended() const {
  CallFailure failure = *ended_by_;
  failure.kind = CallFailure::Kind::Ended;
  failure.is_wait = false;
  failure.message = fmt::format("the domain `{}` has ended: {}", name_, ended_by_->message);
  if (const std::uint32_t max = parts_->restart.max; max != 0)
    failure.message += fmt::format("; its {} restart{} used up", max, max == 1 ? " is" : "s are");
  // It shows where an earlier call ended, not this one.
  failure.backtrace.clear();
  return failure;
}

void Domain::end(const CallFailure& failure) {
  ending_ = true;
  ended_by_ = std::make_unique<const CallFailure>(failure);
  parts_->body->end();
  store_.reset();
  forget_drops(life_);
  release(life_);
  ending_ = false;
}

void Domain::release(std::uint64_t life) {
  const Holder guest{Holder::Who::Guest, this, life};
  for (const ResourceTable::Token token : shared_.resources.held_by(*this, life)) {
    // A destructor may have dropped it meanwhile, and another have its place.
    const HeldResource* const held = shared_.resources.find(token);
    if (held == nullptr || held->holder != guest) continue;
    // What a destructor does wrong ends its own domain, and there is nobody left to tell.
    (void)drop_resource(shared_.resources.take(token));
  }
}

Result<std::uint64_t> Domain::swap(DomainParts parts) {
  std::optional<DomainParts> old_parts = std::exchange(parts_, std::nullopt);
  std::optional<engine::Store> old_store = std::exchange(store_, std::nullopt);
  std::unique_ptr<const CallFailure> old_end = std::move(ended_by_);
  const std::uint64_t old_life = life_;
  replaced_life_ = old_store ? old_life : 0;
  prepare(std::move(parts));
  Result<void> begun = begin_life();
  replaced_life_ = 0;
  if (begun) {
    if (old_store) old_parts->body->end();
    forget_drops(old_life);
    restarts_.clear();
    return old_life;
  }
  parts_ = std::move(old_parts);
  store_ = std::move(old_store);
  ended_by_ = std::move(old_end);
  life_ = old_life;
  drop_pending();
  return std::move(begun).error();
}

CallResult<void> Domain::drop(const engine::GuestResource& resource, std::uint64_t life) {
  const bool is_current = is_alive() && life == life_;
  const bool is_replaced = replaced_life_ != 0 && life == replaced_life_;
  if (!is_current && !is_replaced) return {};
  if (is_replaced || running_ || !ActiveCall::has_room()) {
    pending_drops_.push_back({resource, life});
    return {};
  }
  CallResult<void> dropped = drop_now(resource);
  drop_pending();
  return dropped;
}

CallResult<void> Domain::drop_now(const engine::GuestResource& resource) {
  const Result<void, engine::Failure> dropped = run_guest(
      ActiveCall::innermost_bounds(), [&] { return engine::drop_resource(*store_, resource); });
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
    // A failure has ended the life.
    CallResult<void> dropped = drop_now(resource);
    if (!dropped) shared_.program.keep_drop_failure(std::move(dropped).error());
  }
}

void Domain::forget_drops(std::uint64_t life) {
  std::erase_if(pending_drops_, [&](const PendingDrop& drop) { return drop.life == life; });
}

CallResult<engine::CommandEnd> Domain::run_command(std::string_view interface) {
  if (auto refused = refuse()) return *std::move(refused);
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

CallResult<void> Domain::run(BodyCall& call, std::string_view unit, std::string_view name,
                             const call::Bounds* bounds) {
  if (!is_ready()) {
    if (auto refused = refuse()) {
      refused->function = name;
      return *std::move(refused);
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
