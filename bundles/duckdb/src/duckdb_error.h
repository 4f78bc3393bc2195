// What DuckDB says of a failure, as an error of the WIT.
#pragma once

#include <string_view>

#include "sql_error.h"

namespace duckdb_adapter {

namespace sql = sql_host::database;

// message: "Parser Error: .."; of one that is told without a type, the type is in it.
// sql: the whole text that failed; empty: it has no place in one.
[[nodiscard]] sql::error read_error(const char* message, std::string_view sql_text);
[[nodiscard]] sql::error read_error(const char* message, int type, std::string_view sql_text);

}  // namespace duckdb_adapter
