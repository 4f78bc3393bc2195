// Invariants of our own. A broken one is our bug, never a user's: it calls the check handler, which
// must not return.
#pragma once

#include "tenon/check.h"

#define TENON_CHECK(condition)                             \
  do {                                                     \
    if (!(condition)) [[unlikely]]                         \
      ::tenon::fail_check(#condition, __FILE__, __LINE__); \
  } while (false)
