// Prepared statements of DuckDB, and the rows of a run.
//
// Rows are read from DuckDB chunk by chunk, while the statement is still running. So rows and
// statement share a Program, and each run has a number: rows of an earlier run than the last report
// an error instead of returning rows of another query.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "session.h"

namespace duckdb_adapter {

struct Program {
  std::shared_ptr<Session> session;  // outlives the statement
  StatementHandle statement;
  std::uint64_t run = 0;  // the number of the last run
};

// Compiles the only statement of `text`. REQUIRES: entered.
// Errors: DuckDB's; misuse: there is no statement, or more than one.
[[nodiscard]] tenon::expected<std::shared_ptr<Program>, sql::error> compile(
    const std::shared_ptr<Session>& session, std::string_view text);

// Runs the statement. REQUIRES: entered.
// Errors: DuckDB's; parameters; unsupported: the type of a column.
[[nodiscard]] tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
    const std::shared_ptr<Program>& program, std::span<const sql::value> parameters);

// How many rows the run inserted, updated or deleted.
[[nodiscard]] std::uint64_t count_changed(Result& result);

class Statement final : public sql::statement {
 public:
  explicit Statement(std::shared_ptr<Program> program) : program_(std::move(program)) {}

  std::uint32_t parameters() override;
  tenon::expected<std::uint64_t, sql::error> execute(
      std::span<const sql::value> parameters) override;
  tenon::expected<std::uint64_t, sql::error> execute_many(
      std::span<const std::vector<sql::value>> rows) override;
  tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
      std::span<const sql::value> parameters) override;

 private:
  // REQUIRES: entered.
  [[nodiscard]] tenon::expected<std::uint64_t, sql::error> run_once(
      std::span<const sql::value> parameters);

  std::shared_ptr<Program> program_;
};

}  // namespace duckdb_adapter
