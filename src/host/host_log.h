// What native code says of itself: to standard error, or where the program wants it.
#pragma once

#include <functional>
#include <string_view>

namespace tenon::host {

// level: 0 error, 1 warning, 2 information, 3 details.
using HostLog = std::function<void(int level, std::string_view target, std::string_view text)>;

// Of the process. Empty: errors and warnings go to standard error. Thread: any; it is called by
// any, one at a time.
void set_host_log(HostLog log);

void write_host_log(int level, std::string_view target, std::string_view text);

}  // namespace tenon::host
