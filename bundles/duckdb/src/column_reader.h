// Reads a column of a DuckDB result: its type, and its vectors as vectors of the WIT.
//
// DuckDB returns results by column, like the WIT, so most types are copied as whole arrays. Types
// that the WIT lacks become texts: decimals, UUIDs, enums, and integers of 128 bits if one of them
// is out of the range of s64. Nested types are rejected.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "duckdb_api.h"
#include "sql_adapter.h"

namespace duckdb_adapter {

class ColumnReader final {
 public:
  // at: the column's index. REQUIRES: `result` is that of a query.
  ColumnReader(const Api& api, ResultRecord& result, idx_t at);

  [[nodiscard]] const sql::column& column() const { return column_; }
  // Errors: unsupported: the WIT has no vector for the type.
  [[nodiscard]] tenon::expected<void, sql::error> check_type() const;
  // rows: the length of the vector. REQUIRES: check_type succeeded.
  [[nodiscard]] sql::cells read(const Api& api, VectorPointer vector, std::size_t rows) const;

 private:
  struct Source;

  [[nodiscard]] sql::vector read_vector(const Source& source) const;
  [[nodiscard]] sql::vector read_decimals(const Source& source) const;
  [[nodiscard]] sql::vector read_labels(const Source& source) const;

  sql::column column_;
  Type type_ = Type::Invalid;
  Type stored_ = Type::Invalid;      // of an enum or a decimal: the type of its storage
  unsigned scale_ = 0;               // of a decimal
  std::vector<std::string> labels_;  // of an enum
};

}  // namespace duckdb_adapter
