// Text of others: whether it is UTF-8, as strings of WIT have to be.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bundle_text {

// Where the first byte is that is not UTF-8, or the size of `text`.
[[nodiscard]] std::size_t find_bad_utf8(std::string_view text);

// `text`, with U+FFFD for each byte that is not UTF-8.
[[nodiscard]] std::string make_utf8(std::string_view text);

}  // namespace bundle_text
