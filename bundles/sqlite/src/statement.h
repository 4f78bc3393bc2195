// Prepared statements of SQLite, and the rows of a run.
//
// A statement of SQLite has one cursor, which it shares with the rows of its last run. So rows and
// statement share a Program, and each run has a number: rows of an earlier run than the last report
// an error instead of returning rows of another query.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "database.h"

namespace sqlite_adapter {

struct Program {
  std::shared_ptr<Database> database;  // outlives the statement
  StatementHandle statement;
  std::uint64_t run = 0;  // the number of the last run
};

// Compiles the only statement of `text`. REQUIRES: entered.
// Errors: SQLite's; misuse: there is no statement, or more than one.
[[nodiscard]] tenon::expected<std::shared_ptr<Program>, sql::error> compile(
    const std::shared_ptr<Database>& database, std::string_view text);

// Runs the statement up to its first row. REQUIRES: entered. Errors: SQLite's; parameters.
[[nodiscard]] tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
    const std::shared_ptr<Program>& program, std::span<const sql::value> parameters);

// Runs a statement, whose parameters are bound, to its end and discards its rows.
// REQUIRES: entered. Returns how many rows it inserted, updated or deleted. Errors: SQLite's.
[[nodiscard]] tenon::expected<std::uint64_t, sql::error> run_to_end(Database& database,
                                                                    sqlite3_stmt& statement);

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
  std::shared_ptr<Program> program_;
};

}  // namespace sqlite_adapter
