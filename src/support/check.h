// Checks an invariant of tenon. A failed check is a bug in tenon, never a user's mistake: it calls
// the check handler (tenon/result.h), which ends the process.
#pragma once

#include "tenon/result.h"

#define TENON_CHECK(condition)                             \
  do {                                                     \
    if (!(condition)) [[unlikely]]                         \
      ::tenon::fail_check(#condition, __FILE__, __LINE__); \
  } while (false)
