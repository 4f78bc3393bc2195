// A prepared statement of DuckDB, and the rows of a run.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "column_reader.h"
#include "link.h"

namespace duckdb_adapter {

// What a statement resource and its rows share.
struct Program {
  std::shared_ptr<Link> link;  // outlives the statement
  StatementHandle statement;
  std::uint64_t run = 0;  // the number of the last run
};

// Compiles the one statement of `text`. REQUIRES: entered.
// Errors: of DuckDB; misuse: it has none, or more than one.
[[nodiscard]] tenon::expected<std::shared_ptr<Program>, sql::error> compile(
    const std::shared_ptr<Link>& link, std::string_view text);

// Runs it. REQUIRES: entered. Errors: of DuckDB, parameters; unsupported: a type of a column.
[[nodiscard]] tenon::expected<std::shared_ptr<sql::rows>, sql::error> query(
    const std::shared_ptr<Program>& program, std::span<const sql::value> parameters);

// How many rows a run inserted, updated or deleted.
[[nodiscard]] std::uint64_t count_changed(Result& result);

class Rows final : public sql::rows {
 public:
  // result: null: it has no rows. REQUIRES: entered.
  Rows(std::shared_ptr<Program> program, std::unique_ptr<Result> result,
       std::vector<ColumnReader> readers)
      : program_(std::move(program)),
        run_(program_->run),
        result_(std::move(result)),
        readers_(std::move(readers)) {}
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;
  // REQUIRES: not entered.
  ~Rows() override;

  std::vector<sql::column> columns() override;
  tenon::expected<std::optional<sql::chunk>, sql::error> next() override;

 private:
  std::shared_ptr<Program> program_;
  std::uint64_t run_;
  std::unique_ptr<Result> result_;  // null: all were read
  std::vector<ColumnReader> readers_;
};

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
