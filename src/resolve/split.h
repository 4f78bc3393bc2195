// One resource from two providers: the message, with the ties that lead from one to the other.
//
// Source: docs/resolve.md, "Resource identity".
#pragma once

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <utility>

#include "resolve/draft.h"

namespace tenon::resolve {

class SplitReport final {
 public:
  explicit SplitReport(Draft& draft) : draft_(draft) {}

  // Ties of an edge would make one resource of two.
  // import: position of the edge's import; from: its provider; ties: of that edge.
  void add(SplitPair pair, std::uint32_t import, UnitExport from, std::span<const Tie> ties);

  // Every candidate of an import would split a resource; `dropped` is the first.
  void add_without_candidate(std::uint32_t import, const Candidate& dropped, SplitPair pair);

  // Who defines a resource, such as "`acme:kv/store@0.1.0` of `kv`".
  [[nodiscard]] std::string describe_definition(ResourceId id);

 private:
  struct Place {
    UnitIndex unit = 0;
    std::string item;
    bool is_import = false;
  };
  [[nodiscard]] Place find_place(ResourceId id);
  void explain(SplitPair pair, std::uint32_t import, UnitExport from, std::span<const Tie> ties,
               Diagnostic& problem);
  void suggest(const TieStep& step, ResourceId definition, Diagnostic& problem);

  Draft& draft_;
  std::set<std::pair<ResourceId, ResourceId>> reported_;
};

}  // namespace tenon::resolve
