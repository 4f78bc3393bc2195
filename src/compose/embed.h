// The embedded form of a composition: one component that nests the units and instantiates them in
// the order of the plan.
//
//   TENON_TRY(const Composed composed, embed(plan, bytes, {}));
//
// It is valid in any runtime that takes the features its units use, and its bytes depend on the
// plan and the units alone. docs/compose.md describes the layout.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "binary/component.h"
#include "compose/groups.h"
#include "resolve/plan.h"
#include "support/byte_writer.h"
#include "tenon/result.h"

namespace tenon::compose {

// The binary of each unit, by resolve::UnitIndex. Not copied before they are nested.
using UnitBytes = std::vector<std::span<const std::uint8_t>>;

struct EmbedOptions {
  Sections sections = Sections::Keep;
  // Yes: `Composed::dump` shows every byte that compose wrote.
  KeepLabels labels = KeepLabels::No;
  // Of tenon, for the producers section; empty: no version.
  std::string_view version = {};
  // What one level may hold; smaller in tests.
  LevelLimits limits = {};
};

// Where a unit's binary stands in the composed bytes, to find the unit of a trap. Units of one
// binary have one span. With Sections::Strip, offsets inside of it are not those of the unit's
// file.
struct UnitSpan {
  std::string unit;
  binary::ByteSpan bytes;

  bool operator==(const UnitSpan&) const = default;
};

// Where the stub of an import that traps stands. One that several groups need has several.
struct StubSpan {
  std::string import;
  binary::ByteSpan bytes;

  bool operator==(const StubSpan&) const = default;
};

struct Composed {
  std::vector<std::uint8_t> bytes;
  std::vector<UnitSpan> units;  // sorted by name; of those that are instantiated
  std::vector<StubSpan> stubs;
  std::string dump;  // empty unless EmbedOptions::labels
};

// Writes the component of a plan.
//
// Byte-identical for equal plans and bytes. A binary that several units share is nested once. Above
// the engine's limits for one level, runs of units are nested in groups (nest.h).
// Errors: compose-unsupported-name (a unit has a canonical name with a version suffix),
//         compose-not-one-domain (a unit that is no component, a resource that an import of the
//         composition would share with a unit, a unit too large for one level); with Strip, the
//         errors of strip_custom_sections.
// Cost:   linear in the bytes of the units and in their imports and exports.
// Source: docs/resolve.md section 14.
[[nodiscard]] Result<Composed> embed(const resolve::LinkPlan& plan, const UnitBytes& bytes,
                                     const EmbedOptions& options);

}  // namespace tenon::compose
