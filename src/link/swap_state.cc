#include "link/swap_state.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "program/handle_exchange.h"
#include "runtime/channel.h"
#include "runtime/program_call.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "value/type_graph.h"

namespace tenon::link {

namespace {

constexpr std::string_view kSaveType = "func() -> list<u8>";
constexpr std::string_view kRestoreType = "func(state: list<u8>) -> result<_, string>";

// Who holds a resource, for people.
std::string describe_holder(const runtime::Holder& holder) {
  switch (holder.who) {
    case runtime::Holder::Who::Guest:
      return holder.domain->name();
    case runtime::Holder::Who::Away:
      return "another composition";
    case runtime::Holder::Who::Call:
    case runtime::Holder::Who::Stored:
    case runtime::Holder::Who::Dropped:
      return "a call";
    case runtime::Holder::Who::Program:
    case runtime::Holder::Who::Waiting:
    case runtime::Holder::Who::Nobody:
      break;
  }
  return "the program";
}

std::string describe_end(const runtime::ChannelEnd* end) {
  return end == nullptr || end->domain() == nullptr ? "the program" : end->domain()->name();
}

}  // namespace

Diagnostic swap_problem(const std::string& unit, std::string why) {
  return make_diagnostic(Code::RunSwap, "`{}` cannot be swapped: {}", unit, why);
}

Result<std::optional<HandoverFunction>> find_handover_function(Running& running, CallTable& calls,
                                                               resolve::UnitIndex unit,
                                                               std::string_view name) {
  const resolve::Unit& found = calls.plan().units[unit];
  const std::optional<std::uint32_t> handover = resolve::find_handover(found.type);
  if (!handover) return std::optional<HandoverFunction>();
  const std::vector<ExportedItem>& items = calls.functions_of(unit);
  const auto item = std::ranges::find_if(items, [&](const ExportedItem& candidate) {
    return candidate.from.index == *handover && candidate.name == name;
  });
  const std::string_view wanted = name == "save" ? kSaveType : kRestoreType;
  const std::string type =
      item == items.end()
          ? "absent"
          : value::make_function_type(calls.types().graph(), item->function).wit("");
  if (type != wanted) {
    Diagnostic problem =
        swap_problem(found.name, fmt::format("`{}` of its `{}` has the wrong type", name,
                                             found.type.exports[*handover].name));
    problem.notes.push_back({fmt::format("it must be `{}`", wanted), {}, {}});
    problem.notes.push_back({fmt::format("it is `{}`", type), {}, {}});
    return problem;
  }
  TENON_TRY(ExportCallee callee,
            make_export_callee(running, calls, *item,
                               value::make_function_type(calls.types().graph(), item->function)));
  return std::optional(HandoverFunction(found.name, std::move(callee)));
}

Result<Value> HandoverFunction::call(Running& running, std::span<const Value> arguments) const {
  program::ProgramExchange exchange(running.weak_from_this(), *callee_.shape,
                                    program::HandlesAre::Numbers);
  abi::ValueArena arena;
  TENON_TRY(const std::uint32_t params, callee_.values->write_params(arguments, arena, exchange));
  runtime::ProgramCall call(*callee_.shape, running.shared, arena,
                            abi::From::memory(arena, params));
  callee_.callee->start(call);
  if (!call.is_success()) return failure_diagnostic(call.take_failure(callee_.name));
  return callee_.values->read_result(*call.result(), arena, exchange);
}

Result<void> HandoverFunction::restore(Running& running, const Value& state) const {
  TENON_TRY(const Value outcome, call(running, {&state, 1}));
  const auto* const result = outcome.get_if<ValueResult>();
  if (result->is_ok) return {};
  const auto* const why = result->payload.get()->get_if<std::string>();
  return swap_problem(unit_,
                      fmt::format("the new unit refuses the state of the old one: {}", *why));
}

std::vector<SwapLosses::Handles> list_lost_handles(
    const Running& running, std::span<const runtime::Domain* const> domains) {
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  const auto is_lost = [&](const runtime::ChannelEnd* end) {
    return end != nullptr && std::ranges::find(domains, end->domain()) != domains.end();
  };
  const runtime::Shared& shared = running.shared;
  for (const runtime::Domain* const domain : domains) {
    // If the domain has ended, its resources are gone.
    if (!domain->is_alive()) continue;
    for (const runtime::ResourceTable::Token token :
         shared.resources.made_by(*domain, domain->life())) {
      const runtime::HeldResource& held = *shared.resources.find(token);
      // Its holder ends together with its maker.
      if (std::ranges::find(domains, held.holder.domain) != domains.end()) continue;
      ++counts[{held.kind->name, describe_holder(held.holder)}];
    }
  }
  for (const runtime::Channel* const channel : shared.channels->channels) {
    const bool loses_writer = is_lost(channel->writer()) && channel->has_writer();
    const bool loses_reader = is_lost(channel->reader()) && !channel->is_at_end();
    if (!channel->has_reader() || loses_writer == loses_reader) continue;
    ++counts[{channel->kind().handle.name,
              describe_end(loses_writer ? channel->reader() : channel->writer())}];
  }
  std::vector<SwapLosses::Handles> handles;
  for (const auto& [handle, count] : counts)
    handles.push_back({handle.first, handle.second, count});
  return handles;
}

}  // namespace tenon::link
