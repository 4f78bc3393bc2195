// A connection to a database of DuckDB, and what runs on it.
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connection_limit.h"
#include "duckdb_api.h"
#include "sql_error.h"
#include "turn.h"
#include "watcher.h"

namespace duckdb_adapter {

namespace sql = sql_host::database;

// A database that is open. Lifetime: connections keep it.
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

// What a run gave, or failed with.
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

class Link final {
 public:
  using Place = sql_adapter::ConnectionLimit::Place;

  // Errors: other: DuckDB does not connect.
  [[nodiscard]] static tenon::expected<std::shared_ptr<Link>, sql::error> open(
      std::shared_ptr<Database> database, std::shared_ptr<Watcher> watcher,
      std::unique_ptr<Place> place);
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;
  ~Link();

  // One call at a time works with a connection, and with what belongs to it. Errors: interrupted.
  [[nodiscard]] tenon::expected<sql_adapter::Turn, sql::error> enter() {
    return sql_adapter::wait_for_turn(calls_);
  }

  // REQUIRES, of all below: entered.
  [[nodiscard]] const std::shared_ptr<const Api>& api() const { return database_->api(); }

  // The statements of a text, each compiled when those before it have run: it may need what they
  // make. Errors: of DuckDB, with positions in `text`; limit: it is too long.
  class Extracted final {
   public:
    Extracted(Link& link, std::string text);
    Extracted(const Extracted&) = delete;
    Extracted& operator=(const Extracted&) = delete;
    ~Extracted();

    // How many there are. Errors: of the whole text.
    [[nodiscard]] tenon::expected<idx_t, sql::error> count() const;
    [[nodiscard]] tenon::expected<StatementHandle, sql::error> prepare(idx_t index);

   private:
    Link& link_;
    std::string text_;
    ExtractedPointer handle_ = nullptr;
    idx_t count_ = 0;
  };

  // Errors: parameters, and of DuckDB.
  [[nodiscard]] tenon::expected<std::unique_ptr<Result>, sql::error> run(
      StatementRecord& statement, std::span<const sql::value> parameters);

 private:
  Link(std::shared_ptr<Database> database, std::shared_ptr<Watcher> watcher,
       std::unique_ptr<Place> place)
      : place_(std::move(place)), database_(std::move(database)), watcher_(std::move(watcher)) {}

  std::unique_ptr<Place> place_;
  std::shared_ptr<Database> database_;
  std::shared_ptr<Watcher> watcher_;
  ConnectionPointer handle_ = nullptr;
  std::timed_mutex calls_;
};

}  // namespace duckdb_adapter
