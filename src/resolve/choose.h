// The report of a split: types say that two resources are one, and two providers define them.
//
// The rounds that choose providers are in choose.cc and declared in passes.h. Only this report is
// shared with other passes.
//
// Source: docs/resolve.md, "Resource identity".
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "resolve/draft.h"

namespace tenon::resolve {

class SplitReport final {
 public:
  explicit SplitReport(Draft& draft) : draft_(draft) {}

  // Reports that an edge would unite two definitions, with the chain of ties between them. Each
  // pair of definitions is reported once.
  // import: position of the edge's import; from: its provider; ties: those of the edge.
  void add(SplitPair pair, std::uint32_t import, UnitExport from, std::span<const Tie> ties);

  // Reports that every candidate of an import would unite two definitions, and fails the import.
  // dropped: the first of these candidates.
  void add_without_candidate(std::uint32_t import, const Candidate& dropped, SplitPair pair);

  // The item that defines a resource, such as "`acme:kv/store@0.1.0` of `kv`".
  [[nodiscard]] std::string describe_definition(ResourceId id);
  // Two different ones: "`store` of `kv` and `store` of `journal`".
  [[nodiscard]] std::string describe_definitions(SplitPair pair);

 private:
  // The import or export by which a unit names a resource.
  struct Site {
    UnitIndex unit = 0;
    std::string item;
    bool is_import = false;
  };
  [[nodiscard]] Site find_site(ResourceId id);
  // Returns whether it is the first report of the pair.
  [[nodiscard]] bool note(SplitPair pair);
  void explain(SplitPair pair, std::uint32_t import, UnitExport from, std::span<const Tie> ties,
               Diagnostic& problem);
  void suggest(const TieStep& step, UnitExport provider, ResourceId definition,
               Diagnostic& problem);
  [[nodiscard]] std::string_view general_hint(SplitPair pair);

  Draft& draft_;
  std::set<std::pair<ResourceId, ResourceId>> reported_;
};

}  // namespace tenon::resolve
