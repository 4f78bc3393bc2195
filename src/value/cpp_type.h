// C++ types in words, for messages.
#pragma once

#include <string>
#include <string_view>

#include "tenon/detail/call_port.h"
#include "value/type_graph.h"

namespace tenon::value {

// As it is written: "std::vector<Item>".
[[nodiscard]] std::string print_cpp_type(const detail::CppType& type);

// What can be used in C++ for a type: "`std::vector<double>`", "a struct with TENON_RECORD".
[[nodiscard]] std::string suggest_cpp_type(const TypeGraph& graph, types::TypeId id);

// "std::uint8_t", "std::string"; empty for `error-context`. Static.
[[nodiscard]] std::string_view primitive_in_cpp(types::Primitive kind);

// Whether a C++ name means a label: letters' case, `_` and `-` apart.
[[nodiscard]] bool is_same_word(std::string_view name, std::string_view label);

}  // namespace tenon::value
