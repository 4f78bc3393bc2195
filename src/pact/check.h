// Whether the types of a text keep the rules of packr's languages.
#pragma once

#include "pact/model.h"
#include "tenon/diagnostic.h"

namespace tenon::pact {

inline constexpr std::size_t kMaxFlags = 64;

// Adds what is wrong in any of the texts, in their order: names that mean nothing, `self` outside
// of a definition, types with another number of arguments than their definition has parameters,
// members, parameters and functions of one name, more than kMaxFlags flags, aliases of themselves,
// and types that contain themselves without end.
void check_pact(const Model& model, Diagnostics& problems);

}  // namespace tenon::pact
