// How a value of a type is written: what a hint says when something else was.
#pragma once

#include <string>

#include "types/type.h"

namespace tenon::value {

// "write a list as `[a, b]`".
[[nodiscard]] std::string wave_form(const types::Type& type);

// "write an array".
[[nodiscard]] std::string json_form(const types::Type& type);

}  // namespace tenon::value
