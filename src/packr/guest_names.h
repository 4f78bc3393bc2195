// Names as packr's guests write them.
//
// Interfaces use the names of WIT: `http-error`, `last-msg`. Guests are written in Rust, so types
// and cases on the wire are `HttpError`, and fields are `last_msg`. Readers find fields by name and
// cases by position.
//
// Exported functions have no fixed form. Metadata lists a function by interface and name, but does
// not say under which name the module exports it: with or without the interface, spelled as in WIT
// or as in Rust. `test-alloc` of `math` can be `math.test-alloc`, `math.test_alloc`,
// `math#test-alloc`, `test-alloc` or `test_alloc`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "packr/package_module.h"

namespace tenon::packr {

// The name of a field on the wire: "last_msg" for "last-msg".
[[nodiscard]] std::string wire_field(std::string_view label);
// The name of a type or case on the wire: "HttpError" for "http-error".
[[nodiscard]] std::string wire_case(std::string_view label);
// The reverse, for names on the wire or in metadata.
[[nodiscard]] std::string label_of_field(std::string_view name);
[[nodiscard]] std::string label_of_case(std::string_view name);

// Finds the exports of a module that belong to the functions in its metadata. All calls together
// take time linear in the number of exports.
// Lifetime: refers to the module.
class ExportNames final {
 public:
  explicit ExportNames(const PackageModule& module)
      : names_(module.exports), unused_(names_.begin(), names_.end()) {}

  // Returns the exported name of a function, and does not return it again for another function.
  // Returns nothing if the module has no such export.
  // interface: empty for a function without an interface.
  [[nodiscard]] std::optional<std::string_view> take(std::string_view interface,
                                                     std::string_view function);
  // The names that were not taken, in the order of the module, without those that begin with two
  // underscores: these are functions of the guest's runtime.
  [[nodiscard]] std::vector<std::string_view> unused() const;

 private:
  const std::vector<std::string_view>& names_;
  std::unordered_set<std::string_view> unused_;
};

}  // namespace tenon::packr
