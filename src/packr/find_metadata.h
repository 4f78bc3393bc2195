// The metadata of a package that its bytes tell without being run.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace tenon::packr {

// The bytes that `__pack_types` gives, if its body stores two constants and nothing else, and data
// segments of the first memory hold a value of packr there. Nothing: it has to be called.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> find_metadata(
    std::span<const std::uint8_t> bytes);

}  // namespace tenon::packr
