#include "resolve/unit_kind.h"

#include <array>
#include <cstddef>

namespace tenon::resolve {

namespace {

// In the order of UnitKind.
constexpr std::array<UnitKindRow, 8> kRows = {{
    {UnitKind::HostFunctions, "host-functions", CandidateLevel::HostFunction, RunsIn::Process,
     TypesOf::Consumer, EdgeKind::Native},
    {UnitKind::Component, "component", CandidateLevel::Component, RunsIn::Domain,
     TypesOf::Components, EdgeKind::Direct},
    {UnitKind::Composition, "composition", CandidateLevel::Component, RunsIn::Domain,
     TypesOf::Components, EdgeKind::Direct},
    {UnitKind::Package, "package", CandidateLevel::Package, RunsIn::OwnDomain, TypesOf::Packages,
     EdgeKind::Packr},
    {UnitKind::HostBundle, "host-bundle", CandidateLevel::HostBundle, RunsIn::Process,
     TypesOf::Components, EdgeKind::Native},
    {UnitKind::Remote, "remote", CandidateLevel::Remote, RunsIn::Remote, TypesOf::Components,
     EdgeKind::Remote},
    {UnitKind::Wasi, "wasi", CandidateLevel::Wasi, RunsIn::Engine, TypesOf::Components,
     EdgeKind::Wasi},
    {UnitKind::Mock, "mock", CandidateLevel::Wired, RunsIn::Process, TypesOf::Consumer,
     EdgeKind::Native},
}};

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].kind) != i) return false;
  return true;
}
static_assert(is_in_order());

}  // namespace

const UnitKindRow& row_of(UnitKind kind) { return kRows[static_cast<std::size_t>(kind)]; }

}  // namespace tenon::resolve
