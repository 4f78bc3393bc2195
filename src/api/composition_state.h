// What a public composition holds: its builder makes one.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "link/link.h"
#include "support/files.h"
#include "tenon/composition.h"

namespace tenon {

struct Composition::State {
  std::shared_ptr<link::Running> running;
  BuildOptions options;
  std::vector<PhaseTime> times;

  Result<void> swap(link::UnitRequest unit, SwapHandles handles) const {
    // Runs as long as the start of the unit.
    const std::shared_ptr<link::Running> held = running;
    return link::swap_unit(*held, std::move(unit), handles, RealFiles(), options);
  }
};

}  // namespace tenon
