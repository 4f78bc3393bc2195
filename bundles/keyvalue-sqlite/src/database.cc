#include "database.h"

#include <array>
#include <thread>

#include "utf8.h"

namespace keyvalue_sqlite {

namespace {

using keyvalue_adapter::make_error;
using tenon::unexpected;

constexpr std::chrono::milliseconds kBusyInterval{2};

constexpr const char* kCreate =
    "CREATE TABLE IF NOT EXISTS tenon_keyvalue (version INTEGER PRIMARY KEY AUTOINCREMENT, "
    "bucket TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, UNIQUE (bucket, key))";

// In the order of Sql. A key that does not exist has version 0.
constexpr std::array<std::string_view, kSqlCount> kTexts = {
    "SELECT version, value FROM tenon_keyvalue WHERE bucket = ?1 AND key = ?2",
    "INSERT OR REPLACE INTO tenon_keyvalue (bucket, key, value) VALUES (?1, ?2, ?3)",
    "DELETE FROM tenon_keyvalue WHERE bucket = ?1 AND key = ?2",
    "INSERT OR REPLACE INTO tenon_keyvalue (bucket, key, value) SELECT ?1, ?2, ?3 WHERE ?4 = "
    "ifnull((SELECT version FROM tenon_keyvalue WHERE bucket = ?1 AND key = ?2), 0)",
    "SELECT key FROM tenon_keyvalue WHERE bucket = ?1 AND key > ?2 ORDER BY key LIMIT ?4",
    "BEGIN IMMEDIATE",
    "COMMIT",
    "ROLLBACK",
};

error last_error(sqlite3* database) {
  return make_error(bundle_text::make_utf8(sqlite3_errmsg(database)));
}

}  // namespace

Run::~Run() {
  sqlite3_reset(&statement_);
  sqlite3_clear_bindings(&statement_);
}

// A parameter that cannot be bound, for want of memory, is NULL, which the table does not take.
Run& Run::bind(int at, std::string_view text) {
  sqlite3_bind_text64(&statement_, at, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Run& Run::bind(int at, BytesView bytes) {
  // A null pointer would be NULL.
  if (bytes.empty())
    sqlite3_bind_zeroblob(&statement_, at, 0);
  else
    sqlite3_bind_blob64(&statement_, at, bytes.data(), bytes.size(), SQLITE_STATIC);
  return *this;
}

Run& Run::bind(int at, std::int64_t number) {
  sqlite3_bind_int64(&statement_, at, number);
  return *this;
}

Outcome<bool> Run::step() {
  const int code = sqlite3_step(&statement_);
  if (code == SQLITE_ROW || code == SQLITE_DONE) return code == SQLITE_ROW;
  return unexpected(last_error(sqlite3_db_handle(&statement_)));
}

std::int64_t Run::number(int column) const { return sqlite3_column_int64(&statement_, column); }

BytesView Run::bytes(int column) const {
  const auto* const begin =
      static_cast<const std::uint8_t*>(sqlite3_column_blob(&statement_, column));
  return {begin, begin == nullptr
                     ? 0
                     : static_cast<std::size_t>(sqlite3_column_bytes(&statement_, column))};
}

Outcome<std::shared_ptr<Database>> Database::open(const Opening& opening) {
  std::shared_ptr<Database> database(new Database(opening.busy_timeout));
  const int access =
      opening.is_read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  const int code = sqlite3_open_v2(opening.file.value_or(":memory:").c_str(), &database->handle_,
                                   access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (database->handle_ == nullptr) return unexpected(make_error("out of memory"));
  if (code != SQLITE_OK) return unexpected(last_error(database->handle_));
  database->set_rules(opening);
  if (const auto set = database->set_up(opening); !set) return unexpected(set.error());
  return database;
}

Database::~Database() {
  for (sqlite3_stmt* const statement : statements_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

// The file can come from anyone: its schema runs no triggers, views or functions.
// Source: https://www.sqlite.org/security.html
void Database::set_rules(const Opening& opening) {
  // An error means that this build of SQLite lacks the feature that the line switches off.
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, opening.max_row_bytes);
  sqlite3_limit(handle_, SQLITE_LIMIT_WORKER_THREADS, 0);
  sqlite3_busy_handler(handle_, on_busy, this);
}

Outcome<void> Database::set_up(const Opening& opening) {
  if (!opening.is_read_only) {
    // Readers and a writer of several processes do not wait for each other.
    if (auto set = execute_text("PRAGMA journal_mode = wal"); !set) return set;
    if (auto created = execute_text(kCreate); !created) return created;
    const auto page_size = prepare("PRAGMA page_size");
    if (!page_size) return unexpected(page_size.error());
    std::int64_t pages = opening.max_bytes;
    if (sqlite3_step(*page_size) == SQLITE_ROW) pages /= sqlite3_column_int64(*page_size, 0);
    sqlite3_finalize(*page_size);
    if (auto set = execute_text("PRAGMA max_page_count = " + std::to_string(pages)); !set)
      return set;
  }
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    const auto statement = prepare(kTexts[i]);
    if (!statement) return unexpected(statement.error());
    statements_[i] = *statement;
  }
  return {};
}

Outcome<void> Database::execute_text(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return unexpected(last_error(handle_));
}

Outcome<sqlite3_stmt*> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return unexpected(last_error(handle_));
  return statement;
}

Outcome<std::int64_t> Database::execute(Run& run) {
  const auto row = run.step();
  if (!row) return unexpected(row.error());
  return sqlite3_changes64(handle_);
}

int Database::on_busy(void* self, int times) {
  auto& database = *static_cast<Database*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (times == 0) database.busy_since_ = now;
  if (now - database.busy_since_ >= database.busy_timeout_ || tenon::current_call().should_stop())
    return 0;
  std::this_thread::sleep_for(kBusyInterval);
  return 1;
}

}  // namespace keyvalue_sqlite
