// Which sanitizers the program is built with.
#pragma once

namespace tenon {

#if defined(__SANITIZE_ADDRESS__)  // g++
inline constexpr bool kHasAddressSanitizer = true;
#elif defined(__has_feature)  // clang
inline constexpr bool kHasAddressSanitizer = __has_feature(address_sanitizer);
#else
inline constexpr bool kHasAddressSanitizer = false;
#endif

}  // namespace tenon
