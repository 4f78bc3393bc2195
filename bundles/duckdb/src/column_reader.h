// A column of a result of DuckDB: its type, and its vectors as those of the WIT.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "duckdb_api.h"
#include "sql_error.h"

namespace duckdb_adapter {

namespace sql = sql_host::database;

class ColumnReader final {
 public:
  // The column at `at` of a result that is a query's.
  ColumnReader(const Api& api, ResultRecord& result, idx_t at);

  [[nodiscard]] const sql::column& column() const { return column_; }
  // Errors: unsupported: the WIT has no vector for its type.
  [[nodiscard]] tenon::expected<void, sql::error> check_type() const;
  // REQUIRES: check_type. rows: of the vector.
  [[nodiscard]] sql::cells read(const Api& api, VectorPointer vector, std::size_t rows) const;

 private:
  struct Source;

  [[nodiscard]] sql::vector read_vector(const Source& source) const;
  [[nodiscard]] sql::vector read_decimals(const Source& source) const;
  [[nodiscard]] sql::vector read_labels(const Source& source) const;

  sql::column column_;
  Type type_ = Type::Invalid;
  Type stored_ = Type::Invalid;      // of an enum or a decimal: as what it is stored
  unsigned scale_ = 0;               // of a decimal
  std::vector<std::string> labels_;  // of an enum
};

}  // namespace duckdb_adapter
