// Handling of broken invariants, which are bugs of tenon and not errors in its input.
//
// The library checks its invariants in release builds too, and ends the process if one is broken. A
// program can install a handler to log the failure first:
//
//   tenon::set_check_handler([](const char* condition, const char* file, int line) {
//     std::fprintf(stderr, "%s:%d: %s\n", file, line, condition);
//     std::abort();
//   });
#pragma once

namespace tenon {

// Receives the broken condition and its source location. Must end the process.
using CheckHandler = void (*)(const char* condition, const char* file, int line);

// Replaces the handler. The default writes nothing and calls std::abort.
// Thread: any; preferably at startup.
void set_check_handler(CheckHandler handler);

// Calls the handler, and aborts if it returns.
[[noreturn]] void fail_check(const char* condition, const char* file, int line);

}  // namespace tenon
