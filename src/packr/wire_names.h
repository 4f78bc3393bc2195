// Names on the wire and names in interfaces.
//
// Interfaces call things as WIT does: `http-error`, `last-msg`. What packr's guests write are names
// of Rust: types and cases `HttpError`, fields `last_msg`. Readers find fields by name and cases by
// position.
#pragma once

#include <string>
#include <string_view>

namespace tenon::packr {

// "last-msg" as a field is written: "last_msg".
[[nodiscard]] std::string wire_field(std::string_view label);
// "http-error" as a type or case is written: "HttpError".
[[nodiscard]] std::string wire_case(std::string_view label);
// The other way: of what is written, or of what metadata says.
[[nodiscard]] std::string label_of_field(std::string_view name);
[[nodiscard]] std::string label_of_case(std::string_view name);

}  // namespace tenon::packr
