// The state of a public composition, created by its builder.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "link/link.h"
#include "support/files.h"
#include "tenon/builder.h"
#include "tenon/composition.h"

namespace tenon {

struct Composition::State {
  std::shared_ptr<link::Running> running;
  BuildOptions options;
  std::vector<PhaseTime> times;

  Result<void> swap(link::UnitRequest unit, SwapHandles handles) const {
    // Returns when the unit has started.
    const std::shared_ptr<link::Running> held = running;
    return link::swap_unit(*held, std::move(unit), handles, RealFiles(), options);
  }
};

}  // namespace tenon
