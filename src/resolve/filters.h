// `expose` and `hide`: which exports of a unit may be candidates, as a whole and function by
// function.
//
// Filters cut functions, never types, and they never narrow a binary: they decide who is a
// candidate.
//
// Source: docs/resolve.md, "Filters and hints".
#pragma once

#include <map>
#include <string>
#include <unordered_set>

#include "resolve/plan.h"
#include "tenon/diagnostic.h"

namespace tenon::resolve {

struct Draft;

class Visibility final {
 public:
  // The filter that hides the whole export, such as `hide = "acme:tax/lib"`; empty: it is visible.
  [[nodiscard]] std::string who_hides(UnitExport from) const;

  // The filter that hides a function of an instance.
  [[nodiscard]] std::string who_hides(UnitExport from, const std::string& function) const;

  // Functions of an export that are hidden while others are not, sorted.
  [[nodiscard]] std::vector<std::string> hidden_functions(UnitExport from) const;

  void hide(UnitExport from, std::string filter) { whole_[from] = std::move(filter); }
  void hide(UnitExport from, const std::string& function, std::string filter) {
    functions_[from][function] = std::move(filter);
  }

 private:
  std::map<UnitExport, std::string> whole_;
  std::map<UnitExport, std::map<std::string, std::string>> functions_;
};

// Fills Draft::visibility. Problems: resolve-filter-unused.
void apply_filters(Draft& draft);

}  // namespace tenon::resolve
