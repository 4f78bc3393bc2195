// Describes failing calls to users: with units and functions instead of byte offsets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "compose/embed.h"
#include "engine/failure.h"
#include "link/adapter_faults.h"
#include "tenon/result.h"

namespace tenon::link {

// The positions of units and stubs in the code of a domain: in the composed bytes and in the core
// modules that they import.
struct Spans {
  std::vector<compose::UnitSpan> units;
  std::vector<compose::StubSpan> stubs;
  std::vector<compose::UnitModule> modules = {};
  compose::Form form = compose::Form::Embedded;  // of the code
  // The calls between units inside of domains. Absent: not listed yet.
  std::optional<std::vector<DirectCall>> calls = {};
};

// modules: the addresses of the imported core modules, in the order of the imports.
[[nodiscard]] CallFailure describe_failure(const engine::Failure& failure, const Spans& spans,
                                           std::span<const std::uintptr_t> modules = {});

}  // namespace tenon::link
