// Visibility: which exports of a unit, and which of their functions, `expose` and `hide` leave
// visible.
//
// Filters decide which exports are candidates. They hide functions, never types, and never narrow a
// binary: types take part in resource identity, whether or not a function is hidden.
//
// Source: docs/resolve.md, "Filters and hints".
#pragma once

#include <map>
#include <string>
#include <vector>

#include "resolve/plan.h"

namespace tenon::resolve {

class Visibility final {
 public:
  // The filter that hides a whole export, such as `hide = "acme:tax/lib"`. Empty: it is visible.
  [[nodiscard]] std::string find_filter(UnitExport from) const;

  // The filter that hides one function of an instance. Empty: it is visible.
  [[nodiscard]] std::string find_filter(UnitExport from, const std::string& function) const;

  // The hidden functions of an export, sorted: all of them if it is hidden whole.
  [[nodiscard]] std::vector<std::string> hidden_functions(UnitExport from) const;

  // All hidden exports and functions.
  [[nodiscard]] std::map<UnitExport, HiddenExport> list_hidden() const;

  void hide(UnitExport from, std::string filter) { whole_[from] = std::move(filter); }
  void hide(UnitExport from, const std::string& function, std::string filter) {
    functions_[from][function] = std::move(filter);
  }

 private:
  std::map<UnitExport, std::string> whole_;
  std::map<UnitExport, std::map<std::string, std::string>> functions_;
};

}  // namespace tenon::resolve
