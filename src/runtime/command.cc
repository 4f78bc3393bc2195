#include "runtime/command.h"

#include <fmt/format.h>

#include <array>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "runtime/active_call.h"
#include "runtime/domain.h"

namespace tenon::runtime {

namespace {

using engine::CommandEnd;

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
  void end(const CallFailure& failure) override { outcome_.failure = explained(failure); }
  void explain(CallFailure& failure) const override {
    if (failure.function.empty()) failure.function = name_;
  }

  Result<void, engine::CallError> lower(engine::GuestSide& /*callee*/,
                                        std::span<engine::FlatValue> /*params*/) override {
    return {};
  }
  void finish(std::unique_ptr<engine::LoopResult> result) override {
    outcome_.has_succeeded = static_cast<const CommandResult&>(*result).has_succeeded;
    (void)domain_.calls().remove(*this);
  }
  void fail(engine::Failure failure) override {
    outcome_.failure.emplace();
    outcome_.failure->kind = CallFailure::Kind::Engine;
    outcome_.failure->message = std::move(failure.message);
    (void)domain_.calls().remove(*this);
  }
  void end_cancelled() override {}  // it is not cancelled
  void drop() override {}           // followed by `end`

 private:
  Domain& domain_;
  const std::optional<call::Bounds>& bounds_;
  std::string name_;
  CommandOutcome& outcome_;
};

CallResult<CommandEnd> run_on_loop(Domain& domain, std::string_view interface) {
  const std::array<std::string_view, 2> path = {interface, "run"};
  Result<engine::LoopFunction, engine::Failure> function =
      engine::LoopFunction::make(domain.instance(), path, {.params = 0, .results = 1},
                                 domain.calls().keep(nullptr, std::make_unique<CommandReader>()));
  if (!function) return domain.describe(function.error());
  const Shared& shared = domain.shared();
  std::optional<call::Bounds> bounds;
  if (const call::Bounds* const caller = ActiveCall::innermost_bounds();
      caller != nullptr || shared.bounds_calls())
    bounds = shared.make_bounds(caller, std::nullopt, domain.name());
  CommandOutcome outcome;
  auto call =
      std::make_unique<CommandCall>(domain, bounds, fmt::format("{}#run", interface), outcome);
  CommandCall& on_loop = *call;
  domain.calls().add(std::move(call));
  domain.calls().loop().call(*function, on_loop);
  CallResult<void> waited;
  try {
    waited = domain.shared().scheduler.wait_until([&] { return outcome.has_ended(); },
                                                  bounds ? &*bounds : nullptr);
  } catch (const std::bad_alloc&) {
    waited = no_memory();
  }
  // The end of the domain ends the call, also if it ends because the wait does.
  if (!waited && !outcome.has_ended() && domain.place().is_entered() &&
      !domain.place().waits_for_this_thread())
    (void)domain.place().wait_until_left();
  if (!waited && !outcome.has_ended()) domain.end(waited.error());
  domain.calls().end_if_over();
  if (outcome.exit_code) return CommandEnd{CommandEnd::How::Exited, *outcome.exit_code};
  if (outcome.failure) return *std::move(outcome.failure);
  return CommandEnd{CommandEnd::How::Returned, *outcome.has_succeeded ? 0 : 1};
}

// A command can run for as long as the composition exists, so that other threads are let in meanwhile.
Result<CommandEnd, engine::Failure> run_on_stack(Domain& domain, std::string_view interface) {
  return domain.run_turn(ActiveCall::innermost_bounds(), [&] {
    OwnerLock& lock = *domain.shared().lock;
    std::optional<Unlocked> unlocked;
    if (lock.is_shared() && !domain.place().computes() && domain.place().is_alone())
      unlocked.emplace(lock);
    return domain.instance().run_command(domain.store(), interface);
  });
}

}  // namespace

CallResult<CommandEnd> run_command(Domain& domain, std::string_view interface) {
  if (auto failure = domain.make_ready()) return *std::move(failure);
  if (domain.calls().has_loop()) return run_on_loop(domain, interface);
  Result<CommandEnd, engine::Failure> ended = run_on_stack(domain, interface);
  if (ended) {
    domain.finish_call();
    return *ended;
  }
  CallFailure failure = domain.describe(ended.error());
  domain.end(failure);
  return failure;
}

}  // namespace tenon::runtime
