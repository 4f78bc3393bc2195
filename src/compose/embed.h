// A plan as one component that nests the units and instantiates them in the order of the plan, in
// two forms:
//
//   TENON_TRY(const Composed composed, embed(plan, bytes, {}));
//   TENON_TRY(const Composed composed, refer(plan, forms, {}));
//
// The embedded form is valid in any runtime that supports the features of its units. The form by
// reference imports the core modules of the units (unit_form.h), so that each is compiled once and
// linked into any number of compositions. The bytes of both depend on the plan and the units alone.
// docs/compose.md describes the layout.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "binary/component.h"
#include "compose/groups.h"
#include "compose/unit_form.h"
#include "resolve/plan.h"
#include "support/byte_writer.h"
#include "tenon/result.h"

namespace tenon::compose {

// The binary of each unit, by resolve::UnitIndex. Must stay valid until `embed` returns.
using UnitBytes = std::vector<std::span<const std::uint8_t>>;

enum class Form { Embedded, Reference };

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
  std::vector<resolve::CompositionImport::TrapWire> wires = {};

  bool operator==(const StubSpan&) const = default;
};

// The name of the import of a core module: "tenon-m0".
[[nodiscard]] std::string module_import_name(std::size_t module);

// The position of a core module in the binary of a unit that contains it.
struct UnitModule {
  std::string unit;
  std::uint32_t module = 0;  // position in Composed::modules
  binary::ByteSpan bytes;

  bool operator==(const UnitModule&) const = default;
};

struct Composed {
  Form form = Form::Embedded;
  std::vector<std::uint8_t> bytes;
  std::vector<UnitSpan> units;  // sorted by name; instantiated units only
  std::vector<StubSpan> stubs;
  // By reference: the digests of the core modules that it imports, in the order of the imports, and
  // where units have them, sorted by unit.
  std::vector<std::string> modules;
  std::vector<UnitModule> unit_modules;
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

// The reference form of each unit, by resolve::UnitIndex. Must stay valid until `refer` returns.
using UnitForms = std::vector<const ReferenceForm*>;

// Writes the component of a plan by reference: like `embed`, but it imports every core module of
// the units. Those of stubs are embedded.
// options: without Sections::Strip.
// Errors: as `embed`; compose-not-one-domain also for more distinct modules than one level can
//         import.
[[nodiscard]] Result<Composed> refer(const resolve::LinkPlan& plan, const UnitForms& forms,
                                     const EmbedOptions& options);

}  // namespace tenon::compose
