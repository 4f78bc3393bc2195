// A column of a chunk, of values whose type each row decides.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sql_error.h"

namespace sqlite_adapter {

namespace sql = sql_host::database;

// Values of one type make a vector of that type; of two, `mixed`.
class ColumnBuilder final {
 public:
  // Adds the value of the row that the statement stands at. Returns its bytes.
  // Errors: unsupported: a text that is not UTF-8; limit: there is no memory for it.
  [[nodiscard]] tenon::expected<std::size_t, sql::error> add(sqlite3_stmt& statement, int column);

  [[nodiscard]] sql::cells take() &&;

 private:
  enum class Kind : std::uint8_t { Null, Integer, Real, Text, Blob };

  [[nodiscard]] static Kind kind_of(int type);
  // Whether there are values of two types.
  [[nodiscard]] bool is_mixed() const;
  [[nodiscard]] std::vector<sql::value> take_mixed();

  std::vector<Kind> kinds_;  // of each row
  // The values of each type alone, one after the other.
  std::vector<std::int64_t> integers_;
  std::vector<double> reals_;
  sql::texts texts_;
  sql::blobs blobs_;
};

}  // namespace sqlite_adapter
