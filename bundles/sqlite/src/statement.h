// A prepared statement of SQLite, and the rows of its last run.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "database.h"

namespace sqlite_adapter {

// What a statement resource and its rows share.
struct Program {
  std::shared_ptr<Database> database;  // outlives the statement
  StatementHandle statement;
  std::uint64_t run = 0;  // the number of the last run
};

// Compiles the one statement of `text`.
// Errors: of SQLite; misuse: it has none, or more than one.
[[nodiscard]] tenon::expected<std::shared_ptr<Program>, sql::error> compile(
    const std::shared_ptr<Database>& database, std::string_view text);

// Runs it to its end; its rows are thrown away. REQUIRES: entered.
// Returns how many rows it inserted, updated or deleted. Errors: of SQLite, parameters.
[[nodiscard]] tenon::expected<std::uint64_t, sql::error> execute(
    Program& program, std::span<const sql::value> parameters);

// Runs it to its first row. REQUIRES: entered.
[[nodiscard]] tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
    const std::shared_ptr<Program>& program, std::span<const sql::value> parameters);

// Steps a statement that is bound to its end. REQUIRES: entered.
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
