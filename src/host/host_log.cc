#include "host/host_log.h"

#include <fmt/core.h>

#include <cstdio>
#include <mutex>
#include <utility>

#include "support/terminal_text.h"

namespace tenon::host {

namespace {

struct Log {
  std::mutex lock;
  HostLog to;
};

Log& the_log() {
  // Never destroyed: threads of libraries can write until the process ends.
  static Log& log = *new Log;
  return log;
}

}  // namespace

void set_host_log(HostLog to) {
  Log& log = the_log();
  const std::lock_guard lock(log.lock);
  log.to = std::move(to);
}

void write_host_log(int level, std::string_view target, std::string_view text) {
  Log& log = the_log();
  const std::lock_guard lock(log.lock);
  if (log.to) {
    log.to(level, target, text);
    return;
  }
  if (level > 1) return;
  const std::string line = fmt::format("{}: host {}: {}\n", level <= 0 ? "error" : "warning",
                                       sanitize_text(target), sanitize_text(text));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace tenon::host
