// The engines of one composition: one for each configuration that its domains need.
#pragma once

#include <memory>
#include <vector>

#include "engine/engine.h"
#include "linker/inputs.h"
#include "linker/request.h"
#include "tenon/result.h"

namespace tenon::linker {

class Engines final {
 public:
  explicit Engines(const Request& request);

  // Whether calls have any: then its guests can be interrupted.
  [[nodiscard]] bool has_deadlines() const { return has_deadlines_; }

  // Makes the engine if it is the first of its configuration. Errors: run-engine.
  [[nodiscard]] Result<std::shared_ptr<const engine::Engine>> open(Concurrency concurrency,
                                                                   const DomainSettings& settings);

 private:
  bool has_deadlines_ = false;
  std::vector<std::shared_ptr<const engine::Engine>> engines_;
};

}  // namespace tenon::linker
