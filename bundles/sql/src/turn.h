// Whose turn it is with a connection.
#pragma once

#include <chrono>
#include <mutex>

#include "sql_error.h"

namespace sql_adapter {

using Turn = std::unique_lock<std::timed_mutex>;

// Waits for the other calls that work with a connection. Outside of a call nobody asks to stop: it
// waits for as long as that takes. Errors: interrupted.
[[nodiscard]] inline tenon::expected<Turn, sql::error> wait_for_turn(std::timed_mutex& calls) {
  constexpr std::chrono::milliseconds kBetweenLooks{2};
  Turn turn(calls, std::defer_lock);
  while (!turn.try_lock_for(kBetweenLooks))
    if (tenon::current_call().should_stop())
      return tenon::unexpected(make_error(sql::error_kind::interrupted,
                                          "another call had the connection until the deadline"));
  return turn;
}

}  // namespace sql_adapter
