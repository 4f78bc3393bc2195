// One connection of SQLite, with the rules that the bundle sets for guests.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "sql_adapter.h"

namespace sqlite_adapter {

namespace sql = sql_host::database;

enum class Access { ReadWrite, ReadOnly };

// The configuration of an instance; ../host.toml describes the keys.
struct Settings {
  std::optional<std::string> database;          // a file; absent: in memory
  std::optional<std::filesystem::path> folder;  // where guests may open files; no links in it
  Access access = Access::ReadWrite;
  std::chrono::milliseconds busy_timeout{5000};  // how long a call waits for another connection
  int max_value_bytes = 1'000'000;               // of one text, blob or row
  std::optional<std::int64_t> max_bytes;         // of one database
  std::int64_t max_connections = 64;             // at a time
};

// The parameters of one sqlite3_open_v2.
struct Opening {
  std::string file;            // as SQLite takes it
  int flags = 0;               // SQLITE_OPEN_*
  std::int64_t max_bytes = 0;  // of the database; 0: only SQLite's own limit
};

// The size of databases in memory if `max-bytes` is not configured; also SQLite's default.
inline constexpr std::int64_t kMemoryBytes = std::int64_t{1} << 30U;

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementHandle = std::unique_ptr<sqlite3_stmt, Finalize>;

// The first statement of a text, and where the rest begins.
struct Prepared {
  StatementHandle statement;  // null if the text has only blanks and comments
  std::size_t end = 0;        // in bytes of the text
};

class Database final {
 public:
  // Errors: SQLite's; limit: too many connections.
  [[nodiscard]] static tenon::expected<std::shared_ptr<Database>, sql::error> open(
      const Opening& opening, const Settings& settings,
      const std::shared_ptr<sql_adapter::ConnectionLimit>& limit);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  // Only one call at a time uses a connection, its statements and their rows. Errors: interrupted.
  [[nodiscard]] tenon::expected<sql_adapter::Turn, sql::error> enter();

  // REQUIRES, for all functions below: entered. Before calling SQLite functions that can fail, call
  // `clear_refusal`.
  [[nodiscard]] sqlite3& handle() { return *handle_; }
  // The first statement of `text` from `begin`. Errors: SQLite's, with positions in `text`.
  [[nodiscard]] tenon::expected<Prepared, sql::error> prepare(std::string_view text,
                                                              std::size_t begin);
  // The error of the last SQLite function on this connection.
  [[nodiscard]] sql::error last_error() const;
  void clear_refusal() { refusal_.clear(); }

 private:
  using Place = sql_adapter::ConnectionLimit::Place;

  explicit Database(std::chrono::milliseconds busy_timeout, std::unique_ptr<Place> place);
  [[nodiscard]] tenon::expected<void, sql::error> set_limits(const Opening& opening,
                                                             const Settings& settings);
  // The number that a pragma returns. Errors: SQLite's.
  [[nodiscard]] tenon::expected<std::int64_t, sql::error> read_pragma(const std::string& pragma);

  static int on_progress(void* self);
  static int on_busy(void* self, int times);

  std::unique_ptr<Place> place_;
  sqlite3* handle_ = nullptr;
  std::string refusal_;  // why the authorizer refused an action; empty if it did not
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point busy_since_;
  std::timed_mutex calls_;
};

}  // namespace sqlite_adapter
