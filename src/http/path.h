// Paths and hosts of requests, in the one form in which routes and files see them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tenon::http {

// The path of a target, without its query: percent-encoding is decoded once; then empty segments and "." are
// removed, and ".." removes the segment before it. It begins with "/", and ends with one if the last segment was
// empty, "." or "..". The target "*" has the path "/".
// Nothing for a target that no path should have: "%" without two hexadecimal digits, a byte 0, or more ".." than
// segments before them.
// Source: RFC 3986, sections 2.4 and 5.2.4; what nginx does with `merge_slashes`.
[[nodiscard]] std::optional<std::string> normalize_path(std::string_view target);

// Decodes percent-encoding once. Nothing: "%" without two hexadecimal digits, or a byte 0.
[[nodiscard]] std::optional<std::string> decode_percent(std::string_view text);

// The inverse for a `Location`: everything but letters, digits and "-._~/" is percent-encoded.
[[nodiscard]] std::string encode_path(std::string_view path);

// The text with ASCII letters in lower case.
[[nodiscard]] std::string lower(std::string_view text);

// The host of an authority: without the port and the dot at the end, in lower case.
[[nodiscard]] std::string normalize_host(std::string_view authority);

}  // namespace tenon::http
