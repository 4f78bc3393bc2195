// The engines of one composition: one for each configuration that its domains need.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/engine.h"
#include "link/inputs.h"
#include "link/request.h"
#include "tenon/result.h"

namespace tenon::link {

class Engines final {
 public:
  explicit Engines(const Request& request);

  // Whether guests can be interrupted, by a deadline or by the program.
  [[nodiscard]] bool can_interrupt() const { return can_interrupt_; }

  // Returns the engine of a configuration; creates it on the first call. instances: that the domain has at once, if
  // each is for a number of calls; otherwise 0. Errors: run-engine.
  [[nodiscard]] Result<std::shared_ptr<const engine::Engine>> open(Concurrency concurrency,
                                                                   const DomainSettings& settings,
                                                                   std::uint32_t instances);

 private:
  bool can_interrupt_ = false;
  std::vector<std::shared_ptr<const engine::Engine>> engines_;
};

}  // namespace tenon::link
