// The rows of a run of a statement.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "statement.h"

namespace sqlite_adapter {

class Rows final : public sql::rows {
 public:
  enum class First { Waits, None };

  // first: whether the statement stands at its first row. REQUIRES: entered.
  Rows(std::shared_ptr<Program> program, First first);
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  // Ends the run, and with it what it locks.
  ~Rows() override;

  std::vector<sql::column> columns() override { return columns_; }
  tenon::expected<std::optional<sql::chunk>, sql::error> next() override;

 private:
  // What it ends with, once; then it has no more rows.
  tenon::unexpected<sql::error> fail(sql::error why);
  [[nodiscard]] tenon::expected<std::optional<sql::chunk>, sql::error> read_chunk();

  std::shared_ptr<Program> program_;
  std::uint64_t run_;
  std::vector<sql::column> columns_;
  bool has_row_;                      // the statement stands at one that is not read
  std::optional<sql::error> failed_;  // what all later calls say
};

}  // namespace sqlite_adapter
