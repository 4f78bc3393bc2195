// What the rules of linking ask about a kind of unit: one row for each kind, in unit_kind.cc.
#pragma once

#include <cstdint>
#include <string_view>

#include "tenon/plan.h"

namespace tenon::resolve {

// The level at which a unit competes for an import. The lowest value that has a candidate wins and
// shadows all others.
enum class CandidateLevel : std::uint8_t {
  HostFunction,
  SameName,
  Component,  // and compositions
  Package,
  HostBundle,
  Remote,
  Wasi,
  Wired,  // it provides imports that a wire gives it, and no others
};

// Where the code of a unit runs.
enum class RunsIn : std::uint8_t {
  Domain,     // in the store of a domain of the composition
  OwnDomain,  // the same, in a domain that holds no other unit
  Process,    // as native code, in no domain
  Engine,     // in the engine of each domain that needs it
  Remote,     // in another process
};

// Whose types and names the items of a unit have.
enum class TypesOf : std::uint8_t {
  Components,  // the component model's, with the names of WIT
  Packages,    // packr's, with any name
  Consumer,    // those of the import that they meet
};

struct UnitKindRow {
  UnitKind kind = UnitKind::Component;
  std::string_view name;  // in JSON output and lock files
  CandidateLevel level = CandidateLevel::Component;
  RunsIn runs_in = RunsIn::Domain;
  TypesOf types = TypesOf::Components;
  EdgeKind edge = EdgeKind::Direct;  // to a consumer in the same domain that is not a package
};

[[nodiscard]] const UnitKindRow& row_of(UnitKind kind);

}  // namespace tenon::resolve
