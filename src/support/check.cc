#include "support/check.h"

#include <atomic>
#include <cstdlib>

namespace tenon {

namespace {
// The only process-wide state in `support`: a broken invariant ends the whole process, so there is
// one handler for all of it.
constinit std::atomic<CheckHandler> check_handler{nullptr};
}  // namespace

void set_check_handler(CheckHandler handler) { check_handler = handler; }

void fail_check(const char* condition, const char* file, int line) {
  if (const CheckHandler handler = check_handler) handler(condition, file, line);
  std::abort();
}

}  // namespace tenon
