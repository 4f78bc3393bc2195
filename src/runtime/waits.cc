#include "runtime/waits.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>

namespace tenon::runtime {

namespace {

std::string describe_call(const CallInProgress& call) {
  CallFailure names;
  call.explain(names);
  return names.unit.empty() ? fmt::format("`{}`", names.function)
                            : fmt::format("`{}` of `{}`", names.function, names.unit);
}

// What runs in a domain: the function, if there is one call in progress.
std::string describe_tasks(const Domain& domain) {
  const std::span<CallInProgress* const> calls = domain.calls();
  return calls.size() == 1 ? describe_call(*calls.front()) : fmt::format("`{}`", domain.name());
}

std::string describe_caller(std::span<const std::unique_ptr<Domain>> domains,
                            std::string_view name) {
  const auto caller = std::ranges::find(
      domains, name, [](const auto& domain) -> const std::string& { return domain->name(); });
  return caller == domains.end() ? "the program" : describe_tasks(**caller);
}

std::string describe_end(const ChannelEnd* end) {
  if (end == nullptr) return "nobody";
  return end->domain() == nullptr ? "the program" : describe_tasks(*end->domain());
}

}  // namespace

std::vector<std::string> list_waits(std::span<const std::unique_ptr<Domain>> domains,
                                    const ChannelList& channels) {
  std::vector<std::string> waits;
  for (const std::unique_ptr<Domain>& domain : domains)
    for (const CallInProgress* const call : domain->calls())
      waits.push_back(fmt::format("{} waits for {}", describe_caller(domains, call->caller()),
                                  describe_call(*call)));
  for (const Channel* const channel : channels.channels) {
    const std::string& type = channel->kind().handle.name;
    if (channel->is_waited_for() && channel->has_writer())
      waits.push_back(fmt::format("{} waits for {} to write a `{}`",
                                  describe_end(channel->reader()), describe_end(channel->writer()),
                                  type));
    if (channel->has_offer())
      waits.push_back(fmt::format("{} waits for {} to read a `{}`", describe_end(channel->writer()),
                                  describe_end(channel->reader()), type));
  }
  std::ranges::sort(waits);
  return waits;
}

}  // namespace tenon::runtime
