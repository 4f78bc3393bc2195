// Errors of `tenon:sql/database`.
#pragma once

#include <string>
#include <utility>

#include "sql_host.h"

namespace sql_adapter {

namespace sql = sql_host::database;

// One that the adapter finds itself: its code is 0.
[[nodiscard]] inline sql::error make_error(sql::error_kind kind, std::string message) {
  sql::error made;
  made.kind = kind;
  made.message = std::move(message);
  return made;
}

}  // namespace sql_adapter
