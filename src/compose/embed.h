// The embedded form of a composition: one component that nests the units and instantiates them in
// the order of the plan.
//
//   TENON_TRY(const Composed composed, embed(plan, bytes, {}));
//
// The result is valid in any runtime that supports the features of its units, and its bytes depend
// on the plan and the units alone. docs/compose.md describes the layout.
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

// The binary of each unit, by resolve::UnitIndex. Must stay valid until `embed` returns.
using UnitBytes = std::vector<std::span<const std::uint8_t>>;

struct EmbedOptions {
  Sections sections = Sections::Keep;
  // Yes: `Composed::dump` lists every byte that compose wrote.
  KeepLabels labels = KeepLabels::No;
  // The version of tenon for the producers section.
  std::string_view version = {};
  LevelLimits limits = {};
};

// The position of a unit's binary in the composed bytes, to find the unit of a trap. Units with the
// same binary have the same span. With Sections::Strip, offsets inside of it are not offsets in the
// unit's file.
struct UnitSpan {
  std::string unit;
  binary::ByteSpan bytes;

  bool operator==(const UnitSpan&) const = default;
};

// The position of the stub of an import that traps. If several groups need the stub, it has
// several.
struct StubSpan {
  std::string import;
  binary::ByteSpan bytes;

  bool operator==(const StubSpan&) const = default;
};

struct Composed {
  std::vector<std::uint8_t> bytes;
  std::vector<UnitSpan> units;  // sorted by name; instantiated units only
  std::vector<StubSpan> stubs;
  std::string dump;  // empty unless EmbedOptions::labels
};

// Writes the component of a plan.
//
// Byte-identical for equal plans and bytes. A binary that several units share is nested once. Above
// the engine's limits for one level, runs of units are nested in groups (groups.h).
// Errors: compose-unsupported-name (a unit has a canonical name with a version suffix),
//         compose-not-one-domain (a unit that is not a component, a resource that an import of the
//         composition would share with a unit, a unit too large for one level); with Strip, the
//         errors of strip_custom_sections.
// Cost:   linear in the bytes of the units and in their imports and exports.
// Source: docs/resolve.md section 14.
[[nodiscard]] Result<Composed> embed(const resolve::LinkPlan& plan, const UnitBytes& bytes,
                                     const EmbedOptions& options);

// Copies a component without its custom sections (names, producers, ...) at any depth, including
// those of its core modules.
// Errors: read-truncated, read-malformed (a section that reaches beyond its end), read-limit
//         (limits::kNestingDepth).
[[nodiscard]] Result<std::vector<std::uint8_t>> strip_custom_sections(
    std::span<const std::uint8_t> component);

}  // namespace tenon::compose
