// Implements the public Composition with the state of a running composition.
#include "tenon/composition.h"

#include <fmt/core.h>

#include <algorithm>
#include <mutex>
#include <utility>

#include "api/functions.h"
#include "api/pending_call.h"
#include "api/states.h"
#include "engine/engine.h"
#include "engine/store.h"
#include "link/link.h"
#include "program/handle_exchange.h"
#include "runtime/command.h"
#include "support/diagnostics.h"
#include "tenon/detail/call_port.h"
#include "tenon/value.h"

namespace tenon {

namespace {

// The error for a composition without a command. REQUIRES: its tables are locked
CallFailure refuse_command(link::Running& running) {
  const Plan& plan = link::get_shown_plan(running);
  Diagnostic problem = make_diagnostic(
      Code::RunNoCommand, "`{}` is not a command: it does not export `wasi:cli/run`", plan.name);
  for (const PlanExport& item : plan.exports)
    problem.notes.push_back({fmt::format("it exports `{}`", item.name), {}, {}});
  const bool answers_http = std::ranges::any_of(
      running.start->domains, [](const auto& domain) { return !domain.http_handler.empty(); });
  if (answers_http)
    problem.hints.emplace_back("it answers HTTP requests: serve it",
                               HintWays{.program = "`Composition::serve` with `ServeOptions::http`",
                                        .command = "tenon serve TARGET --http 127.0.0.1:8080",
                                        .manifest = {}});
  problem.hints.emplace_back(fmt::format("{}build it as a command (a `main` for `wasm32-wasip2`)",
                                         answers_http ? "or " : ""));
  problem.hints.emplace_back("or make a unit the root that is a command",
                             HintWays{.program = "`set_root`",
                                      .command = "--root UNIT",
                                      .manifest = {"[project]", "root = \"UNIT\""}});
  const std::vector<link::ExportedItem>& items = link::call_table(running).functions();
  if (!items.empty()) {
    // Prefer a bare function, which has the shorter name, and a function that needs no resource.
    const auto rank = [](const link::ExportedItem& item) {
      return item.name.starts_with('[') ? 2 : item.interface.empty() ? 0 : 1;
    };
    const link::ExportedItem& item = *std::ranges::min_element(items, {}, rank);
    const std::string name = print_call_name(item.interface, item.name);
    problem.hints.emplace_back(fmt::format("or call what it exports, such as `{}`", name),
                               HintWays{.program = "`Composition::call`",
                                        .command = fmt::format("tenon call TARGET {}", name),
                                        .manifest = {}});
  }
  return detail::refuse_call("wasi:cli/run", {std::move(problem)});
}

}  // namespace

Composition::Composition(std::unique_ptr<State> state) : state_(std::move(state)) {}
Composition::Composition(Composition&&) noexcept = default;
Composition& Composition::operator=(Composition&&) noexcept = default;
Composition::~Composition() = default;

const Plan& Composition::plan() const {
  const std::lock_guard tables(state_->running->tables);
  return link::get_shown_plan(*state_->running);
}

std::span<const Diagnostic> Composition::notes() const {
  const std::lock_guard tables(state_->running->tables);
  return state_->running->notes;
}

std::span<const PhaseTime> Composition::times() const { return state_->times; }

CallResult<int> Composition::run_command() {
  // Returns when the command ends.
  const std::shared_ptr<link::Running> running = state_->running;
  std::unique_lock tables(running->tables);
  const std::shared_ptr<const link::StartPlan> start = running->start;
  const std::string& command = start->command;
  if (command.empty()) return refuse_command(*running);
  tables.unlock();
  if (Result<void> checked = engine::check_signal_handlers(); !checked)
    return detail::refuse_call("wasi:cli/run", std::move(checked).error());
  runtime::Domain& domain = *running->domains[start->command_domain];
  const runtime::OwnerLock::Entry entry(*running->shared.lock);
  CallResult<engine::CommandEnd> end = entry.is_in()
                                           ? runtime::run_command(domain, command)
                                           : CallResult<engine::CommandEnd>(entry.failure());
  if (end) return end->exit_code;
  CallFailure failure = std::move(end).error();
  // A call between domains is shown with the name of its function.
  if (failure.function.empty()) failure.function = command + "#run";
  return failure;
}

std::optional<CallFailure> Composition::take_drop_failure() const {
  const runtime::OwnerLock::Entry entry(*state_->running->shared.lock);
  if (!entry.is_in()) return std::nullopt;
  return state_->running->shared.program.take_drop_failure();
}

std::vector<Denial> Composition::denials() const {
  std::vector<Denial> all;
  for (const auto& domain : state_->running->domains) {
    const engine::Denials* const denials = domain->denials();
    if (denials == nullptr) continue;
    if (denials->file_system()) all.push_back({domain->name(), Denial::Kind::Directory});
    if (denials->network()) all.push_back({domain->name(), Denial::Kind::Network});
    if (denials->environment()) all.push_back({domain->name(), Denial::Kind::Environment});
    if (denials->output()) all.push_back({domain->name(), Denial::Kind::Output});
    for (engine::DeniedRequest& request : denials->requests())
      all.push_back({domain->name(), Denial::Kind::Http, std::move(request.target),
                     std::move(request.address), std::move(request.grant)});
  }
  return all;
}

bool Composition::run_for(std::chrono::nanoseconds time) {
  runtime::Shared& shared = state_->running->shared;
  const runtime::OwnerLock::Entry entry(*shared.lock);
  if (!entry.is_in()) return true;
  if (time <= time.zero()) {
    const bool is_idle = shared.scheduler.is_idle();
    shared.scheduler.throw_kept();
    return !is_idle;
  }
  shared.scheduler.run_due();
  call::Bounds bounds;
  bounds.deadline = call::Deadline{
      call::Clock::now() + std::chrono::duration_cast<call::Clock::duration>(time), "wait", {}};
  using WaitEnd = runtime::Scheduler::WaitEnd;
  const WaitEnd end = shared.scheduler.wait([&] { return shared.scheduler.has_kept(); }, &bounds);
  shared.scheduler.throw_kept();
  return end == WaitEnd::Late;
}

void Composition::end_deadlock() {
  runtime::Shared& shared = state_->running->shared;
  const runtime::OwnerLock::Entry entry(*shared.lock);
  if (entry.is_in() && shared.scheduler.is_idle()) state_->running->end_program_waits();
}

void Composition::interrupt() noexcept {
  if (const call::InterruptCount& interrupts = state_->running->shared.interrupts)
    interrupts->fetch_add(1, std::memory_order_relaxed);
}

bool Composition::is_stale(const ValueHandle& handle) const {
  const runtime::OwnerLock::Entry entry(*state_->running->shared.lock);
  return entry.is_in() && program::is_stale(state_->running->shared, handle);
}

std::optional<std::chrono::milliseconds> Composition::timeout() const {
  const std::lock_guard tables(state_->running->tables);
  return link::run_timeout(*state_->running);
}

std::vector<Function> Composition::functions() const {
  const std::lock_guard tables(state_->running->tables);
  return api::make_functions(state_->running, link::call_table(*state_->running).functions());
}

Result<Function> Composition::find_function(std::string_view interface,
                                            std::string_view name) const {
  return find_function(api::make_call(interface, name));
}

Result<Function> Composition::find_function(const WaveCall& call) const {
  const std::lock_guard tables(state_->running->tables);
  link::CallTable& calls = link::call_table(*state_->running);
  Result<Function> function =
      api::find_function(state_->running, calls.functions(), state_->running->request.name, call);
  if (!function && function.error().front().code == code_text(Code::RunNoFunction))
    link::hint_at_units(calls.plan(), call, function.error().front());
  return function;
}

CallResult<std::optional<Value>> Composition::call(std::string_view interface,
                                                   std::string_view name,
                                                   std::span<const Value> arguments) const {
  return api::call_function(find_function(interface, name), interface, name, arguments);
}

Result<Unit> Composition::unit(std::string_view name) const {
  const std::lock_guard tables(state_->running->tables);
  return api::find_unit(state_->running, name);
}

std::vector<Unit> Composition::units() const {
  const std::lock_guard tables(state_->running->tables);
  return api::list_units(state_->running);
}

Result<void> Composition::swap(std::string_view unit, std::string_view path,
                               const SwapOptions& options) {
  link::UnitRequest replacement;
  replacement.name = unit;
  replacement.path = path;
  return state_->swap({std::move(replacement)}, options);
}

Result<void> Composition::swap(std::string_view unit, std::span<const std::uint8_t> bytes,
                               const SwapOptions& options) {
  link::UnitRequest replacement;
  replacement.name = unit;
  replacement.bytes = std::make_shared<const Bytes>(bytes.begin(), bytes.end());
  return state_->swap({std::move(replacement)}, options);
}

Result<void> Composition::swap(std::span<const SwapUnit> units, const SwapOptions& options) {
  std::vector<link::UnitRequest> replacements;
  for (const SwapUnit& unit : units) {
    link::UnitRequest& replacement = replacements.emplace_back();
    replacement.name = unit.name;
    replacement.path = unit.path;
    if (unit.path.empty()) replacement.bytes = std::make_shared<const Bytes>(unit.bytes);
  }
  return state_->swap(std::move(replacements), options);
}

}  // namespace tenon
