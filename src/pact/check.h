// The rules that the types of a text must follow.
//
// A model is rejected for
// - names that nothing defines, and `self` outside of a definition;
// - a generic type with another number of arguments than its definition has parameters;
// - duplicate members, parameters, type parameters or functions;
// - more than kMaxFlags flags in one definition;
// - an alias of itself;
// - a type that contains itself without an end, such as `record a { b: a }`: no value has such a
//   type, since every value would contain another one.
#pragma once

#include <cstddef>

#include "pact/model.h"
#include "tenon/result.h"

namespace tenon::pact {

// A flags value is 64 bits wide.
inline constexpr std::size_t kMaxFlags = 64;

// Appends the problems of all texts, in their order.
void check_model(const Model& model, Diagnostics& problems);

}  // namespace tenon::pact
