// The shape of a function: everything that a call has to know about its type.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "abi/copy_program.h"
#include "tenon/type.h"

namespace tenon::runtime {
class Owner;
struct ResourceKind;
struct StreamKind;
}  // namespace tenon::runtime

namespace tenon::call {

// Made once for a function type and shared by all of its edges. Immutable; threads may share it.
struct FunctionShape {
  // How the values of a call lie in flat values, in memory and in arenas.
  enum class Form : std::uint8_t {
    Canonical,  // as the Canonical ABI lays out the function's type
    // The parameters are one list of bytes, and so is the result, also of a function without one:
    // each is a message of packr's wire form. For values that have no canonical layout.
    Encoded,
  };

  abi::CopyProgram program;
  // The resource of each handle, by the number of the handle in the parameters and in the result.
  // Lifetime: that of the composition whose function it is; for a stream or future, that of `streams`.
  std::vector<const runtime::ResourceKind*> param_kinds = {};
  std::vector<const runtime::ResourceKind*> result_kinds = {};
  std::vector<std::shared_ptr<const runtime::StreamKind>> streams = {};
  Form form = Form::Canonical;
};

}  // namespace tenon::call

namespace tenon::detail {

// As public headers name it.
struct ImportShape {
  std::shared_ptr<const call::FunctionShape> shape;
  std::weak_ptr<runtime::Owner> owner;  // of the composition whose units import it
  std::string unit;                     // that imports it
  std::string interface;                // as the unit names it; empty: a bare function
  std::string name;
  FunctionType type;
};

}  // namespace tenon::detail
