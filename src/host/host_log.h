// Log messages of native code: to standard error, or to a function of the program.
#pragma once

#include <functional>
#include <string_view>

namespace tenon::host {

// level: 0 error, 1 warning, 2 information, 3 details.
using HostLog = std::function<void(int level, std::string_view target, std::string_view text)>;

// Sets the log of the process. Empty: errors and warnings go to standard error. Thread: any; `log` is
// called from any thread, one call at a time.
void set_host_log(HostLog log);

void write_host_log(int level, std::string_view target, std::string_view text);

}  // namespace tenon::host
