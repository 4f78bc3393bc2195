#include "link/engines.h"

#include <algorithm>
#include <utility>

#include "support/try.h"

namespace tenon::link {

namespace {

// Few compositions of one domain have more; the others are made anew.
constexpr std::uint32_t kMemoriesOfInstance = 4;
constexpr std::uint32_t kMostKept = 4096;  // an eighth of the address space

}  // namespace

Engines::Engines(const Request& request)
    : can_interrupt_(request.can_interrupt || request.limits.timeout ||
                     request.limits.call_timeout || request.http.request_time) {
  for (const auto& [name, settings] : request.domains)
    if (settings.timeout || settings.call_timeout) can_interrupt_ = true;
  for (const auto& [name, overrides] : request.domain_overrides)
    if (overrides.limits.timeout || overrides.limits.call_timeout) can_interrupt_ = true;
}

Result<std::shared_ptr<const engine::Engine>> Engines::open(Concurrency concurrency,
                                                            const DomainSettings& settings,
                                                            std::uint32_t instances) {
  engine::EngineConfig config;
  if (concurrency == Concurrency::Yes) config.concurrency = engine::Concurrency::Yes;
  if (settings.fuel != 0) config.metering = engine::Metering::Yes;
  // Without interruption, Ctrl-C ends the process. Epoch checks cost five times as much as an
  // inlined call (docs/adr/0006-interruption.md).
  config.interruption = can_interrupt_ ? engine::Interruption::Yes : engine::Interruption::No;
  config.kept_memories = std::min(instances * kMemoriesOfInstance, kMostKept);
  for (const auto& engine : engines_)
    if (engine->config() == config) return engine;
  Result<engine::Engine> engine = engine::Engine::open(config);
  // The address space can be limited.
  if (!engine && config.kept_memories != 0) return open(concurrency, settings, 0);
  if (!engine) return std::move(engine).error();
  engines_.push_back(std::make_shared<const engine::Engine>(*std::move(engine)));
  return engines_.back();
}

}  // namespace tenon::link
