// The engines of one composition: one for each configuration that its domains need.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "engine/engine.h"
#include "engine/linker.h"
#include "link/inputs.h"
#include "link/request.h"
#include "tenon/result.h"

namespace tenon::link {

class Engines final {
 public:
  explicit Engines(const Request& request);

  // Whether guests can be interrupted, by a deadline or by the program.
  [[nodiscard]] bool can_interrupt() const { return can_interrupt_; }

  // Returns the engine of a configuration; creates it on the first call. Errors: run-engine.
  [[nodiscard]] Result<std::shared_ptr<const engine::Engine>> open(Concurrency concurrency,
                                                                   const DomainSettings& settings);

  // The linker of an engine, for components without imports. REQUIRES: `open` returned the engine
  [[nodiscard]] std::shared_ptr<engine::Linker> bare_linker(const engine::Engine& engine);

 private:
  bool can_interrupt_ = false;
  std::vector<std::shared_ptr<const engine::Engine>> engines_;
  std::map<const engine::Engine*, std::shared_ptr<engine::Linker>> bare_linkers_;
};

}  // namespace tenon::link
