// What happens when an invariant of the library is broken: a bug of tenon, not of its input.
#pragma once

namespace tenon {

// Receives the broken condition and where it stands. It must end the process.
using CheckHandler = void (*)(const char* condition, const char* file, int line);

// Replaces the handler; the default writes nothing and calls std::abort. Thread: any, best at
// start.
void set_check_handler(CheckHandler handler);

// Calls the handler; aborts if that returns.
[[noreturn]] void fail_check(const char* condition, const char* file, int line);

}  // namespace tenon
