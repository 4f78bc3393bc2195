// One connection of SQLite with the rules of the bundle.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "connection_limit.h"
#include "settings.h"
#include "sql_error.h"
#include "turn.h"

namespace sqlite_adapter {

namespace sql = sql_host::database;

// What a connection is opened for.
struct Opening {
  std::string file;  // as SQLite takes it
  int flags = 0;     // SQLITE_OPEN_*
  // Of the database; 0: no limit but SQLite's.
  std::int64_t max_bytes = 0;
};

// Of databases in memory, if the configuration does not say; what SQLite's own limit is.
inline constexpr std::int64_t kMemoryBytes = std::int64_t{1} << 30U;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, Finalize>;

// A statement of a text, and what comes after it.
struct Prepared {
  StatementHandle statement;  // null: the text has none, but blanks and comments
  std::size_t end = 0;        // in bytes of the text
};

class Database final {
 public:
  // Errors: of SQLite; limit: there are too many.
  [[nodiscard]] static tenon::expected<std::shared_ptr<Database>, sql::error> open(
      const Opening& opening, const Settings& settings,
      const std::shared_ptr<sql_adapter::ConnectionLimit>& limit);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // One call at a time works with a connection, and with what belongs to it. Errors: interrupted.
  [[nodiscard]] tenon::expected<sql_adapter::Turn, sql::error> enter();

  // REQUIRES, of all below: entered. Calls of SQLite that may fail begin with `clear_refusal`.
  [[nodiscard]] sqlite3& handle() { return *handle_; }
  // The first statement of `text` from `begin`. Errors: of SQLite, with positions in `text`.
  [[nodiscard]] tenon::expected<Prepared, sql::error> prepare(std::string_view text,
                                                              std::size_t begin);
  // What the last function of SQLite on this connection failed with.
  [[nodiscard]] sql::error last_error() const;
  void clear_refusal() { refusal_.clear(); }

 private:
  using Place = sql_adapter::ConnectionLimit::Place;

  explicit Database(std::chrono::milliseconds busy_timeout, std::unique_ptr<Place> place);
  [[nodiscard]] tenon::expected<void, sql::error> set_limits(const Opening& opening,
                                                             const Settings& settings);
  // The number that a pragma says. Errors: of SQLite.
  [[nodiscard]] tenon::expected<std::int64_t, sql::error> ask(const std::string& pragma);

  static int on_progress(void* self);
  static int on_busy(void* self, int times);

  std::unique_ptr<Place> place_;
  sqlite3* handle_ = nullptr;
  std::string refusal_;  // of its rules; empty: there was none
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point busy_since_;
  std::timed_mutex calls_;
};

}  // namespace sqlite_adapter
