// Types of a text, written out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "packr/package_type.h"
#include "pact/model.h"
#include "support/limits.h"
#include "tenon/result.h"

namespace tenon::pact {

// Writes types out, all of them within one budget.
//
// `self`, and the name of a definition within itself, are any value. `_` in a result is a bool on
// the side of ok and a string on that of err, as packr has it; elsewhere it is the empty tuple. A
// set is a list, a map a list of pairs, an enum a variant. Flags keep their labels, which metadata
// does not have.
//
// REQUIRES: the model has been checked
class TypeExpander {
 public:
  // interface: as the function says it is of.
  Result<packr::PackageFunctionType> expand_function(const FunctionDecl& function,
                                                     const NameTable& names, std::string interface);

 private:
  // Where a type stands: in a definition with its arguments, or in a function.
  struct Frame {
    const NameTable& names;
    const Definition* definition;
    const std::vector<packr::PackageType>* arguments;
  };

  Result<packr::PackageType> expand(const TypeExpr& type, const Frame& frame);
  Result<packr::PackageType> expand_kind(const TypeExpr& type, const Frame& frame);
  Result<packr::PackageType> expand_named(const TypeExpr& type, const Frame& frame);
  Result<packr::PackageType> expand_definition(const Definition& definition, const Frame& frame);
  Result<std::vector<packr::PackageType>> expand_all(const std::vector<TypeExpr>& types,
                                                     const Frame& frame);
  Result<packr::PackageType> expand_result(const TypeExpr& type, const Frame& frame);
  Result<packr::PackageType> copy(const packr::PackageType& type, const Frame& frame,
                                  TextSpan place);
  Result<void> spend(std::uint64_t bytes, const Frame& frame, TextSpan place);

  std::vector<const Definition*> open_;  // definitions around the place
  std::uint64_t left_ = limits::kPackageTypesBytes;
  std::uint32_t depth_ = 0;
};

}  // namespace tenon::pact
