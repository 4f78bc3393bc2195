// Which sanitizers the program is built with.
#pragma once

namespace tenon {

#if defined(__has_feature)  // clang
inline constexpr bool kHasAddressSanitizer = __has_feature(address_sanitizer);
inline constexpr bool kHasThreadSanitizer = __has_feature(thread_sanitizer);
#elif defined(__SANITIZE_ADDRESS__)  // g++
inline constexpr bool kHasAddressSanitizer = true;
inline constexpr bool kHasThreadSanitizer = false;
#else
inline constexpr bool kHasAddressSanitizer = false;
inline constexpr bool kHasThreadSanitizer = false;
#endif

}  // namespace tenon
