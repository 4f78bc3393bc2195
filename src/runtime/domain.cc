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

using MaybeLimit = std::optional<TimeLimit>;

// Those of the enclosing call or else of the run, or an earlier deadline of `limit` from now.
CallBounds make_bounds(const Shared& shared, const MaybeLimit& limit, std::string_view domain) {
  CallBounds bounds;
  if (const CallBounds* const outer = ActiveCall::innermost_bounds()) {
    bounds = *outer;
  } else {
    if (const auto& run = shared.run_limit)
      bounds.deadline =
          Deadline{run->end.value_or(Clock::now() + run->length), "timeout", run->domain};
    if (shared.interrupts) {
      bounds.interrupts = &*shared.interrupts;
      bounds.interrupts_before = shared.interrupts->load(std::memory_order_relaxed);
    }
  }
  if (!limit) return bounds;
  const Clock::time_point own = Clock::now() + limit->length;
  if (!bounds.deadline || own < bounds.deadline->at)
    bounds.deadline = Deadline{own, limit->key, domain};
  return bounds;
}

// Of a domain whose functions are found, and whose command runs.
engine::Instance& instance_of(Body& body) { return static_cast<ComponentBody&>(body).instance(); }

bool has_entered(const ValueCall& call) { return call.has_entered(); }
bool has_entered(const engine::NumberCall& call) { return call.has_entered; }

bool spares_callee(const ValueCall& call) { return call.spares_callee(); }
// Its numbers were looked at before.
bool spares_callee(const engine::NumberCall& /*call*/) { return false; }

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

std::optional<TimeLimit> Domain::call_limit() const {
  if (!parts_->call_timeout) return std::nullopt;
  return TimeLimit{*parts_->call_timeout, "call-timeout"};
}

template <class Enter>
auto Domain::run_guest(const std::optional<TimeLimit>& limit, Enter&& enter) {
  if (limit || shared_.run_limit || shared_.interrupts || ActiveCall::innermost_bounds() != nullptr)
    bounds_ = make_bounds(shared_, limit, name_);
  else
    bounds_.reset();
  std::optional<Ticker::Watch> watch;
  if (bounds_) watch.emplace(shared_.ticker);
  const ActiveCall active(*this, bounds_);
  running_ = true;
  auto result = enter();
  running_ = false;
  return result;
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
      run_guest(call_limit(), [&] { return parts_->body->begin(*store_); });
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
  const Result<void, engine::Failure> dropped =
      run_guest(call_limit(), [&] { return engine::drop_resource(*store_, resource); });
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
  Result<engine::CommandEnd, engine::Failure> ended = run_guest(
      std::nullopt, [&] { return instance_of(*parts_->body).run_command(*store_, interface); });
  if (ended) {
    drop_pending();
    return *ended;
  }
  CallFailure failure = describe(ended.error());
  end(failure);
  return failure;
}

CallResult<void> Domain::run(BodyCall& call, std::string_view unit, std::string_view name) {
  if (!is_ready()) {
    if (auto refused = refuse()) {
      refused->function = name;
      return *std::move(refused);
    }
  }
  const Result<void, engine::Failure> called =
      run_guest(call_limit(), [&] { return call.run(*store_); });
  if (called) return {};
  CallFailure failure = describe(called.error());
  if (failure.unit.empty()) failure.unit = unit;
  if (failure.function.empty()) failure.function = name;
  end(failure);
  return failure;
}

CallResult<void> ExportedFunction::prepare() {
  if (!domain_.is_ready()) {
    if (auto refused = domain_.refuse()) {
      refused->function = name();
      return *std::move(refused);
    }
  }
  if (life_ == domain_.life_) return {};
  const std::vector<std::string_view> path(path_.begin(), path_.end());
  auto found =
      engine::RawFunction::find(*domain_.store_, instance_of(*domain_.parts_->body), path, counts_);
  if (!found) return domain_.describe(found.error());
  found_.emplace(*std::move(found));
  life_ = domain_.life_;
  return {};
}

Result<void, engine::Failure> ExportedFunction::enter(auto& call) {
  static constexpr MaybeLimit kNone;
  const auto enter = [&] { return found_->call(*domain_.store_, call); };
  return domain_.parts_->call_timeout ? domain_.run_guest(domain_.call_limit(), enter)
                                      : domain_.run_guest(kNone, enter);
}

CallFailure ExportedFunction::explain(const engine::Failure& failure, Entered entered) {
  CallFailure explained = domain_.describe(failure, entered);
  if (explained.unit.empty()) explained.unit = unit_;
  if (explained.function.empty()) explained.function = name();
  return explained;
}

CallResult<void> ExportedFunction::make_call(auto& call) {
  if (!is_prepared()) TENON_TRY_VOID(prepare());
  const Result<void, engine::Failure> called = enter(call);
  if (called) {
    if (!domain_.pending_drops_.empty()) domain_.drop_pending();
    return {};
  }
  CallFailure failure = explain(called.error(), has_entered(call) ? Entered::Yes : Entered::No);
  if (spares_callee(call) && called.error().kind != engine::FailureKind::Panic)
    domain_.drop_pending();
  else
    domain_.end(failure);
  return failure;
}

CallResult<void> ExportedFunction::call(ValueCall& call) { return make_call(call); }

CallResult<void> ExportedFunction::call(engine::NumberCall& call) { return make_call(call); }

CallFailure ExportedFunction::refuse_result(std::string message) {
  CallFailure failure = make_failure(CallFailure::Kind::Trap, std::move(message));
  failure.unit = unit_;
  failure.function = name();
  domain_.end(failure);
  return failure;
}

}  // namespace tenon::runtime
