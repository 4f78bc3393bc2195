// Builds a column of a chunk from the values of rows.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sql_adapter.h"

namespace sqlite_adapter {

namespace sql = sql_host::database;

// If all values are of one type, the column is a vector of that type; otherwise it is `mixed`.
class ColumnBuilder final {
 public:
  // Adds the value of the statement's current row. Returns how many bytes it takes.
  // Errors: unsupported: a text that is not UTF-8; limit: out of memory.
  [[nodiscard]] tenon::expected<std::size_t, sql::error> add(sqlite3_stmt& statement, int column);

  [[nodiscard]] sql::cells take() &&;

 private:
  enum class Kind : std::uint8_t { Null, Integer, Real, Text, Blob };

  [[nodiscard]] static Kind kind_of(int type);
  // Whether there are values of different types.
  [[nodiscard]] bool is_mixed() const;
  [[nodiscard]] std::vector<sql::value> take_mixed();

  std::vector<Kind> kinds_;  // of each row
  // The values by type, each list in the order of rows.
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
  sql::texts texts_;
  sql::blobs blobs_;
};

}  // namespace sqlite_adapter
