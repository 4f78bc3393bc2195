// A database of SQLite with one table for the pairs of all buckets.
//
//   CREATE TABLE tenon_keyvalue (version INTEGER PRIMARY KEY AUTOINCREMENT, bucket TEXT, key TEXT,
//                                value BLOB, UNIQUE (bucket, key))
//
// A write replaces the row of a key by a new one, so the key gets a version that no row had before.
#pragma once

#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "store.h"

namespace keyvalue_sqlite {

using keyvalue_adapter::BytesView;
using keyvalue_adapter::error;
using keyvalue_adapter::Outcome;

struct Opening {
  std::optional<std::string> file;  // absent: in memory
  bool is_read_only = false;
  std::chrono::milliseconds busy_timeout{};  // how long a call waits for another process
  int max_row_bytes = 0;
  std::int64_t max_bytes = 0;  // of the file
};

// The statements that the bundle runs. Their parameters: ?1 bucket, ?2 key, ?3 value, ?4 a number.
enum class Sql : std::uint8_t { Get, Set, Remove, Swap, List, Begin, Commit, Rollback };
inline constexpr std::size_t kSqlCount = 8;

// One run of a prepared statement. The destructor makes the statement ready for the next run.
class Run final {
 public:
  explicit Run(sqlite3_stmt& statement) : statement_(statement) {}
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;
  ~Run();

  // Lifetime: until the run ends.
  Run& bind(int at, std::string_view text);
  Run& bind(int at, BytesView bytes);
  Run& bind(int at, std::int64_t number);
  // Whether there is a row. Errors: SQLite's.
  [[nodiscard]] Outcome<bool> step();
  [[nodiscard]] std::int64_t number(int column) const;
  // Lifetime: until the next step.
  [[nodiscard]] BytesView bytes(int column) const;

 private:
  sqlite3_stmt& statement_;
};

// Thread: one at a time, as the instance that has it.
class Database final {
 public:
  // Errors: SQLite's: the file is not a database, or its table is another one.
  [[nodiscard]] static Outcome<std::shared_ptr<Database>> open(const Opening& opening);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  [[nodiscard]] Run run(Sql sql) { return Run(*statements_[static_cast<std::size_t>(sql)]); }
  // Runs a statement to its end. Returns how many rows it changed. Errors: SQLite's.
  [[nodiscard]] Outcome<std::int64_t> execute(Run& run);

 private:
  explicit Database(std::chrono::milliseconds busy_timeout) : busy_timeout_(busy_timeout) {}
  void set_rules(const Opening& opening);
  [[nodiscard]] Outcome<void> set_up(const Opening& opening);
  [[nodiscard]] Outcome<void> execute_text(const std::string& sql);
  [[nodiscard]] Outcome<sqlite3_stmt*> prepare(std::string_view sql);

  static int on_busy(void* self, int times);

  sqlite3* handle_ = nullptr;
  std::array<sqlite3_stmt*, kSqlCount> statements_ = {};  // by Sql
  std::chrono::milliseconds busy_timeout_;
  std::chrono::steady_clock::time_point busy_since_;
};

}  // namespace keyvalue_sqlite
