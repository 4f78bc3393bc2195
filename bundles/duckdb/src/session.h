// Sessions with a database of DuckDB: the connection of a guest, and the statements that run on it.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <utility>

#include "duckdb_api.h"
#include "sql_adapter.h"
#include "watcher.h"

namespace duckdb_adapter {

// An open database. Lifetime: its sessions keep it open.
class Database final {
 public:
  Database(std::shared_ptr<const Api> api, DatabasePointer handle)
      : api_(std::move(api)), handle_(handle) {}
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database() { api_->close(&handle_); }

  [[nodiscard]] const std::shared_ptr<const Api>& api() const { return api_; }
  [[nodiscard]] DatabasePointer handle() const { return handle_; }

 private:
  std::shared_ptr<const Api> api_;
  DatabasePointer handle_;
};

// The result of a run: rows, a count of changed rows, or an error.
class Result final {
 public:
  explicit Result(std::shared_ptr<const Api> api) : api_(std::move(api)) {}
  Result(const Result&) = delete;
  Result& operator=(const Result&) = delete;
  ~Result() { api_->destroy_result(&record_); }

  [[nodiscard]] ResultRecord& record() { return record_; }
  [[nodiscard]] const Api& api() const { return *api_; }

 private:
  std::shared_ptr<const Api> api_;
  ResultRecord record_ = {};
};

struct DestroyStatement {
  std::shared_ptr<const Api> api;
  void operator()(StatementRecord* statement) const { api->destroy_prepare(&statement); }
};
using StatementHandle = std::unique_ptr<StatementRecord, DestroyStatement>;

class Session final {
 public:
  using Place = sql_adapter::ConnectionLimit::Place;

  // Errors: other: DuckDB cannot connect.
  [[nodiscard]] static tenon::expected<std::shared_ptr<Session>, sql::error> open(
      std::shared_ptr<Database> database, std::shared_ptr<Watcher> watcher,
      std::unique_ptr<Place> place);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Only one call at a time uses a session, its statements and their rows. Errors: interrupted.
  [[nodiscard]] tenon::expected<sql_adapter::Turn, sql::error> enter() {
    return sql_adapter::wait_for_turn(calls_);
  }

  // REQUIRES, for all functions below: entered.
  [[nodiscard]] const std::shared_ptr<const Api>& api() const { return database_->api(); }

  // The statements of a text. Each is compiled after those before it have run, because it can use
  // tables that they create. Errors: DuckDB's, with positions in `text`; limit: it is too long.
  class Extracted final {
   public:
    Extracted(Session& session, std::string text);
    Extracted(const Extracted&) = delete;
    Extracted& operator=(const Extracted&) = delete;
    ~Extracted();

    // The number of statements. Errors: those of splitting the text.
    [[nodiscard]] tenon::expected<idx_t, sql::error> count() const;
    [[nodiscard]] tenon::expected<StatementHandle, sql::error> prepare(idx_t index);

   private:
    Session& session_;
    std::string text_;
    ExtractedPointer handle_ = nullptr;
    idx_t count_ = 0;
  };

  // Runs a statement. Errors: DuckDB's; parameters.
  [[nodiscard]] tenon::expected<std::unique_ptr<Result>, sql::error> run(
      StatementRecord& statement, std::span<const sql::value> parameters);

 private:
  Session(std::shared_ptr<Database> database, std::shared_ptr<Watcher> watcher,
          std::unique_ptr<Place> place)
      : place_(std::move(place)), database_(std::move(database)), watcher_(std::move(watcher)) {}

  std::unique_ptr<Place> place_;
  std::shared_ptr<Database> database_;
  std::shared_ptr<Watcher> watcher_;
  ConnectionPointer handle_ = nullptr;
  std::timed_mutex calls_;
};

}  // namespace duckdb_adapter
