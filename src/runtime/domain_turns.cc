#include "runtime/domain_turns.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "engine/host_gate.h"
#include "runtime/active_call.h"
#include "runtime/guest_stream.h"

namespace tenon::runtime {

namespace {

// Two hundred times as long as a hand-over between threads. To read the coarse clock costs 5 ns, a
// precise clock 25, and that of the processor's time 200. So a domain is noticed by the first, and
// measured by the last.
constexpr std::chrono::nanoseconds kLongRun = std::chrono::milliseconds(10);
// A guest that calls out more often spends its time with others, such as the reader of its stream.
constexpr std::chrono::nanoseconds kBetweenCalls = std::chrono::microseconds(200);
// So many short runs one after the other end the time in which a domain computes.
constexpr unsigned kShortRuns = 16;
// Calls in progress that nobody waits for any more: with so many, a domain ends. Each keeps its task, with
// up to 30 KiB that the guest has used of its stack.
constexpr std::size_t kMostLeftBehind = 1024;

std::chrono::nanoseconds read_clock(clockid_t clock) {
  timespec time = {};
  clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

void CallList::add(CallPtr added) {
  CallInProgress& call = *added;
  call.place_ = all_.size();
  all_.push_back(std::move(added));
  const call::Bounds* const bounds = call.bounds();
  if (bounds == nullptr) return;
  call.had_bounds_ = true;
  ++bounded_;
  if (!bounds->deadline) return;
  call.deadline_ = bounds->deadline->at;
  deadlines_.emplace(call.deadline_, &call);
}

CallList::CallPtr CallList::remove(CallInProgress& call) {
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

std::vector<CallList::CallPtr> CallList::take() {
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

engine::EventLoop& Domain::loop() { return *loop_->loop; }

engine::ResultReader& Domain::keep(const call::FunctionShape* shape,
                                   std::unique_ptr<engine::ResultReader> reader) {
  return *loop_->readers.try_emplace(shape, std::move(reader)).first->second;
}

void Domain::add_call(std::unique_ptr<CallInProgress> call) {
  loop_->calls.add(std::move(call));
  has_served_ = is_fresh_;
  serves_call_ = is_fresh_;
}

std::unique_ptr<CallInProgress> Domain::remove_call(CallInProgress& call) {
  if (!loop_) return nullptr;
  std::unique_ptr<CallInProgress> removed = loop_->calls.remove(call);
  serves_call_ = is_fresh_ && !loop_->calls.all().empty();
  return removed;
}

void Domain::settle_later(std::weak_ptr<Channel> future) {
  unsettled_.push_back(std::move(future));
  if (loop_) loop_->wake();
}

void Domain::settle_now(engine::HostCall* call) {
  for (const auto& future : std::exchange(unsettled_, {}))
    if (const auto channel = future.lock(); channel != nullptr && loop_)
      GuestFuture::settle(*channel);
  if (call != nullptr && loop_) loop().settle(*call);
}

void Domain::turn() {
  if (!loop_) return;
  if (!unsettled_.empty()) settle_now(nullptr);
  loop_->begin_turn();
  const Scheduler::Turn in_turn;
  const Result<void, engine::Failure> turned = [&] {
    const RunLength length(*this);
    return run_guest(loop_->bounds(), std::nullopt, [&] { return loop().turn(); });
  }();
  if (turned) {
    finish_drops();
    end_if_over();
  } else {
    end_after_turn(turned.error());
  }
  shared_.scheduler.note_turn();
}

Domain::RunLength::RunLength(Domain& domain)
    : domain_(domain),
      is_precise_(domain.may_compute_ || domain.computes_),
      began_(read_clock(is_precise_ ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC_COARSE)),
      calls_began_(engine::HostEntry::count) {}

Domain::RunLength::~RunLength() {
  if (is_precise_)
    domain_.note_run(read_clock(CLOCK_THREAD_CPUTIME_ID) - began_,
                     engine::HostEntry::count - calls_began_);
  else if (read_clock(CLOCK_MONOTONIC_COARSE) - began_ >= kLongRun)
    domain_.may_compute_ = true;
}

void Domain::note_run(std::chrono::nanoseconds length, std::uint64_t calls) {
  may_compute_ = false;
  if (owns_thread_) return;
  if (length >= std::max<std::chrono::nanoseconds>(kLongRun, calls * kBetweenCalls)) {
    short_runs_ = 0;
    if (!computes_ && shared_.scheduler.pool().size() != 0) set_computes(true);
  } else if (computes_ && ++short_runs_ == kShortRuns) {
    set_computes(false);
  }
}

void Domain::queue_call(std::unique_ptr<QueuedCall> call) {
  if (!queue_) queue_ = std::make_unique<Queue>(*this);
  queue_->add(std::move(call));
}

void Domain::set_computes(bool computes) {
  short_runs_ = 0;
  computes_ = computes;
  if (computes) shared_.lock->share(shared_.composition);
  if (loop_) loop_->set_place(place());
  if (queue_) queue_->set_place(place());
}

void Domain::own_thread() {
  shared_.scheduler.pool().add_own_thread();
  owns_thread_ = true;
  set_computes(true);
}

void Domain::give_up_thread() {
  owns_thread_ = false;
  set_computes(false);
}

std::span<const std::unique_ptr<CallInProgress>> Domain::calls() const {
  if (loop_) return loop_->calls.all();
  if (queue_) return queue_->calls.all();
  return {};
}

std::size_t Domain::count_unawaited() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(calls(), [](const auto& call) { return !call->is_awaited(); }));
}

void Domain::note_late(const CallFailure& failure) {
  if (failure.kind != CallFailure::Kind::Deadline || !loop_) return;
  if (late_by_ == nullptr) late_by_ = std::make_unique<const CallFailure>(failure);
  note_unawaited();
}

void Domain::note_unawaited() {
  if (late_by_ == nullptr && loop_ && count_unawaited() >= kMostLeftBehind) {
    CallFailure failure;
    failure.message =
        fmt::format("{} calls that nobody waits for any more did not end", kMostLeftBehind);
    late_by_ = std::make_unique<const CallFailure>(std::move(failure));
  }
  // It may be in a turn now, or list its calls.
  if (late_by_ != nullptr && loop_) loop_->wake();
}

void Domain::end_if_over() {
  if (is_entered()) return;
  if (has_served_ && !serves_call_ && is_alive()) return end_served();
  if (late_by_ == nullptr) return;
  const std::size_t unawaited = count_unawaited();
  // It has ended all of its late calls by itself.
  if (unawaited == 0) return late_by_.reset();
  if (unawaited != calls().size() && unawaited < kMostLeftBehind) return;
  CallFailure failure = *late_by_;
  if (failure.kind == CallFailure::Kind::Deadline)
    failure.message = "a call did not end before its deadline";
  end(failure);
}

void Domain::end_program_waits(const CallFailure& failure) {
  std::vector<CallInProgress*> now;
  for (const auto& call : calls()) now.push_back(call.get());
  for (CallInProgress* const call : now) call->end_wait_with(failure);
}

void Domain::end_after_turn(const engine::Failure& turned) {
  if (turned.kind == engine::FailureKind::Exit)
    for (const auto& call : calls()) call->note_exit(turned.exit_code);
  CallFailure failure = describe(turned, Entered::Yes);
  // With several calls in progress, it is unknown whose task it was.
  if (calls().size() == 1) calls().front()->explain(failure);
  end(failure);
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

// How a command ended, for the caller, who waits on its stack.
struct CommandOutcome {
  std::optional<bool> has_succeeded;
  std::optional<CallFailure> failure;
  std::optional<int> exit_code;

  [[nodiscard]] bool has_ended() const { return has_succeeded || failure; }
};

class CommandCall final : public engine::LoopCall, public CallInProgress {
 public:
  // Lifetime: `bounds` and `outcome` outlive the call.
  CommandCall(Domain& domain, const std::optional<call::Bounds>& bounds, std::string name,
              CommandOutcome& outcome)
      : domain_(domain), bounds_(bounds), name_(std::move(name)), outcome_(outcome) {}

  [[nodiscard]] const call::Bounds* bounds() const override {
    return bounds_ ? &*bounds_ : nullptr;
  }
  void note_exit(int code) override { outcome_.exit_code = code; }
  void end(const CallFailure& failure) override { outcome_.failure = failure; }
  void explain(CallFailure& failure) const override {
    if (failure.function.empty()) failure.function = name_;
  }

  Result<void, engine::CallError> lower(engine::GuestSide& /*callee*/,
                                        std::span<engine::FlatValue> /*params*/) override {
    return {};
  }
  void finish(std::unique_ptr<engine::LoopResult> result) override {
    outcome_.has_succeeded = static_cast<const CommandResult&>(*result).has_succeeded;
    (void)domain_.remove_call(*this);
  }
  void fail(engine::Failure failure) override {
    outcome_.failure.emplace();
    outcome_.failure->kind = CallFailure::Kind::Engine;
    outcome_.failure->message = std::move(failure.message);
    (void)domain_.remove_call(*this);
  }
  void end_cancelled() override {}  // it is not cancelled
  void drop() override {}           // followed by `end`

 private:
  Domain& domain_;
  const std::optional<call::Bounds>& bounds_;
  std::string name_;
  CommandOutcome& outcome_;
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
  CommandOutcome outcome;
  auto call =
      std::make_unique<CommandCall>(*this, bounds, fmt::format("{}#run", interface), outcome);
  CommandCall& on_loop = *call;
  add_call(std::move(call));
  loop().call(*function, on_loop);
  CallResult<void> waited = shared_.scheduler.wait_until([&] { return outcome.has_ended(); },
                                                         bounds ? &*bounds : nullptr);
  // The end of the domain ends the call, also if it ends because the wait does.
  if (!waited && !outcome.has_ended() && is_entered()) (void)wait_until_left();
  if (!waited && !outcome.has_ended()) end(waited.error());
  end_if_over();
  if (outcome.exit_code) return CommandEnd{CommandEnd::How::Exited, *outcome.exit_code};
  if (outcome.failure) return *std::move(outcome.failure);
  return CommandEnd{CommandEnd::How::Returned, *outcome.has_succeeded ? 0 : 1};
}

}  // namespace tenon::runtime
