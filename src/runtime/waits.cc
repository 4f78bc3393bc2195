#include "runtime/waits.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

namespace tenon::runtime {

namespace {

std::string describe_call(const CallInProgress& call) {
  CallFailure names;
  call.explain(names);
  return names.unit.empty() ? fmt::format("`{}`", names.function)
                            : fmt::format("`{}` of `{}`", names.function, names.unit);
}

// Names the task that runs in a domain: its function if there is one call in progress, otherwise the
// domain.
std::string describe_tasks(const Domain& domain) {
  const auto calls = domain.calls().all();
  return calls.size() == 1 ? describe_call(*calls.front()) : fmt::format("`{}`", domain.name());
}

std::string describe_caller(std::span<Domain* const> domains, std::string_view name) {
  const auto caller = std::ranges::find(
      domains, name, [](const Domain* domain) -> const std::string& { return domain->name(); });
  return caller == domains.end() ? "the program" : describe_tasks(**caller);
}

std::string describe_end(const ChannelEnd* end) {
  if (end == nullptr) return "nobody";
  return end->domain() == nullptr ? "the program" : describe_tasks(*end->domain());
}

}  // namespace

std::vector<std::string> list_waits(std::span<Domain* const> domains, const ChannelList& channels) {
  std::vector<std::string> waits;
  std::set<std::string> waiting;
  const auto add = [&](std::string who, const std::string& what) {
    waits.push_back(fmt::format("{} waits for {}", who, what));
    waiting.insert(std::move(who));
  };
  for (const Domain* const domain : domains)
    for (const auto& call : domain->calls().all())
      if (call->is_awaited())
        add(describe_caller(domains, call->caller_name()), describe_call(*call));
  for (const Channel* const channel : channels.channels) {
    const std::string& type = channel->kind().handle.name;
    const std::string writer = describe_end(channel->writer());
    const std::string reader = describe_end(channel->reader());
    if (channel->is_waited_for() && channel->has_writer())
      add(reader, fmt::format("{} to write a `{}`", writer, type));
    if (channel->has_offer()) add(writer, fmt::format("{} to read a `{}`", reader, type));
  }
  for (const Domain* const domain : domains)
    if (!domain->calls().all().empty() && !waiting.contains(describe_tasks(*domain)))
      add(describe_tasks(*domain), "something within its domain");
  std::ranges::sort(waits);
  return waits;
}

}  // namespace tenon::runtime
