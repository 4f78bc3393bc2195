// What a package's module calls the functions that its metadata lists.
//
// Metadata does not say it: an export of an interface is called by itself or with its interface, as
// the interface has it or as Rust does: `math.test-alloc`, `math.test_alloc`, `math#test-alloc`,
// `test-alloc`, `test_alloc`.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "packr/package_module.h"

namespace tenon::packr {

// Lifetime: refers to the module's bytes. Takes time linear in the exports, whatever is asked.
class ExportNames final {
 public:
  explicit ExportNames(const PackageModule& module)
      : names_(module.exports), left_(names_.begin(), names_.end()) {}

  // The name in the module, which no other function has then. Nothing: it is not there.
  // interface: empty: the function is in none.
  [[nodiscard]] std::optional<std::string_view> take(std::string_view interface,
                                                     std::string_view function);
  // Those that nobody took, in the order of the module; not what begins with two underscores, which
  // is the package's own.
  [[nodiscard]] std::vector<std::string_view> untaken() const;

 private:
  const std::vector<std::string_view>& names_;
  std::unordered_set<std::string_view> left_;
};

}  // namespace tenon::packr
