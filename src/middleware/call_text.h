// The values of a call that middleware sees, as text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "call/call.h"
#include "middleware/middleware.h"

namespace tenon::middleware {

// For people: cut where it is long. "<bad>" for malformed values.
[[nodiscard]] std::string print_arguments(call::Call& call, const Edge& edge);
[[nodiscard]] std::string print_result(const abi::From& result, const Edge& edge);

// Whole values in WAVE. Absent: the values are malformed, or too large.
[[nodiscard]] std::optional<std::vector<std::string>> write_arguments(call::Call& call,
                                                                      const Edge& edge);
[[nodiscard]] std::optional<std::string> write_result(const abi::From& result, const Edge& edge);

}  // namespace tenon::middleware
