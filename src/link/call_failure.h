// Describes failing calls to users: with units and functions instead of byte offsets.
#pragma once

#include <vector>

#include "compose/embed.h"
#include "engine/failure.h"
#include "tenon/result.h"

namespace tenon::link {

// The positions of units and stubs in the composed bytes.
struct Spans {
  std::vector<compose::UnitSpan> units;
  std::vector<compose::StubSpan> stubs;
};

[[nodiscard]] CallFailure describe_failure(const engine::Failure& failure, const Spans& spans);

}  // namespace tenon::link
