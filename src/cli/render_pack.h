// What `tenon pack` prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/pack.h"

namespace tenon::cli {

// The text of the interface language, below a comment with the hash of each interface:
//
//   // import  math   045d329df239a4083f01ad53ef75b1b271563fa76147e7a0e3013a75352ff364
//
// What is read again is the same text.
[[nodiscard]] std::string render_pack_types(const PackTypes& types);
[[nodiscard]] std::string render_pack_types_json(const PackTypes& types);

// Bytes as digits, and back; nothing if they are none.
[[nodiscard]] std::string render_hex(const std::vector<std::uint8_t>& bytes);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view digits);

}  // namespace tenon::cli
