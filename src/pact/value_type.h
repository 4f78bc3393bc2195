// The type of a value as text, such as `list<s32>`: what `tenon pack encode --type` takes.
#pragma once

#include "packr/value_bytes.h"
#include "pact/model.h"
#include "tenon/result.h"

namespace tenon::pact {

// Reads a type of packr's interface languages, with the definitions that it uses in front, as
// `parse_value_type` does. `value` is any value.
// Errors: pack-syntax; pack-type, as Model::open and describe_interfaces.
[[nodiscard]] Result<packr::ValueType> read_value_type(Source source);

}  // namespace tenon::pact
