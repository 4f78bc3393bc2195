// Types of a text, written out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "packr/package_type.h"
#include "packr/pact_model.h"
#include "support/limits.h"
#include "tenon/result.h"

namespace tenon::packr {

// Writes types out, all of them within one budget.
//
// `self`, and the name of a definition within itself, are any value. `_` in a result is a bool on
// the side of ok and a string on that of err, as packr has it; elsewhere it is the empty tuple. A
// set is a list, a map a list of pairs, an enum a variant. Flags keep their labels, which metadata
// does not have.
//
// REQUIRES: the model has been checked
class PactExpansion {
 public:
  // interface: as the function says it is of.
  Result<PackageFunctionType> expand_function(const PactFunction& function, const PactNames& names,
                                              std::string interface);

 private:
  // Where a type stands: in a definition with its arguments, or in a function.
  struct Frame {
    const PactNames& names;
    const PactDefinition* definition;
    const std::vector<PackageType>* arguments;
  };

  Result<PackageType> expand(const PactType& type, const Frame& frame);
  Result<PackageType> expand_kind(const PactType& type, const Frame& frame);
  Result<PackageType> expand_named(const PactType& type, const Frame& frame);
  Result<PackageType> expand_definition(const PactDefinition& definition, const Frame& frame);
  Result<std::vector<PackageType>> expand_all(const std::vector<PactType>& types,
                                              const Frame& frame);
  Result<PackageType> expand_result(const PactType& type, const Frame& frame);
  Result<PackageType> copy(const PackageType& type, const Frame& frame, PactPlace place);
  Result<void> spend(std::uint64_t bytes, const Frame& frame, PactPlace place);

  std::vector<const PactDefinition*> open_;  // definitions around the place
  std::uint64_t left_ = limits::kPackageTypesBytes;
  std::uint32_t depth_ = 0;
};

}  // namespace tenon::packr
