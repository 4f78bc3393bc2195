#include "database.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "rules.h"
#include "utf8.h"

namespace sqlite_adapter {

namespace {

using bundle_text::make_utf8;
using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

// Steps of SQLite's machine between two looks at the deadline: tens of microseconds.
constexpr int kStepsBetweenLooks = 1000;
constexpr std::chrono::milliseconds kBetweenTries{2};

// The longest text of SQL, and the longest pattern of LIKE and GLOB: one comparison looks at no
// deadline, and takes the product of pattern and text.
constexpr int kMaxSqlBytes = 1'000'000;
constexpr int kMaxPatternBytes = 1000;

error_kind kind_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_ERROR:
      return error_kind::sql;
    case SQLITE_AUTH:
    case SQLITE_PERM:
      return error_kind::denied;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return error_kind::busy;
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
      return error_kind::limit;
    case SQLITE_READONLY:
      return error_kind::read_only;
    case SQLITE_INTERRUPT:
      return error_kind::interrupted;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_CANTOPEN:
    case SQLITE_NOTADB:
      return error_kind::storage;
    case SQLITE_CONSTRAINT:
      return error_kind::constraint;
    case SQLITE_MISMATCH:
      return error_kind::conversion;
    case SQLITE_RANGE:
      return error_kind::parameters;
    case SQLITE_ABORT:  // its transaction was rolled back
    case SQLITE_MISUSE:
      return error_kind::misuse;
    default:
      return error_kind::other;
  }
}

}  // namespace

Database::Database(std::chrono::milliseconds busy_timeout, std::unique_ptr<Place> place)
    : place_(std::move(place)), busy_timeout_(busy_timeout) {}

Database::~Database() { sqlite3_close_v2(handle_); }

tenon::expected<std::shared_ptr<Database>, sql::error> Database::open(
    const Opening& opening, const Settings& settings,
    const std::shared_ptr<sql_adapter::ConnectionLimit>& limit) {
  std::unique_ptr<Place> place = sql_adapter::ConnectionLimit::find_place(limit);
  if (place == nullptr)
    return unexpected(
        make_error(error_kind::limit, "there are " + std::to_string(limit->most()) +
                                          " connections, which is what `max-connections` allows"));
  std::shared_ptr<Database> made(new Database(settings.busy_timeout, std::move(place)));
  const int code =
      sqlite3_open_v2(opening.file.c_str(), &made->handle_,
                      opening.flags | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (made->handle_ == nullptr)
    return unexpected(make_error(error_kind::limit, "there is no memory for a connection"));
  if (code != SQLITE_OK) return unexpected(made->last_error());
  if (auto set = made->set_limits(opening, settings); !set) return unexpected(set.error());
  set_rules(*made->handle_, made->refusal_);
  return made;
}

tenon::expected<void, sql::error> Database::set_limits(const Opening& opening,
                                                       const Settings& settings) {
  sqlite3_progress_handler(handle_, kStepsBetweenLooks, on_progress, this);
  sqlite3_busy_handler(handle_, on_busy, this);
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, settings.max_value_bytes);
  sqlite3_limit(handle_, SQLITE_LIMIT_SQL_LENGTH, kMaxSqlBytes);
  sqlite3_limit(handle_, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, kMaxPatternBytes);
  sqlite3_limit(handle_, SQLITE_LIMIT_WORKER_THREADS, 0);
  // The first look at the file: whether it is a database.
  auto page_size = ask("PRAGMA schema_version");
  if (page_size) page_size = ask("PRAGMA page_size");
  if (!page_size) return unexpected(page_size.error());
  const auto set_most = [&](const std::string& schema, std::int64_t bytes) {
    const std::int64_t pages = std::max<std::int64_t>(1, bytes / *page_size);
    return ask("PRAGMA " + schema + ".max_page_count=" + std::to_string(pages));
  };
  if (opening.max_bytes > 0)
    if (auto set = set_most("main", opening.max_bytes); !set) return unexpected(set.error());
  const std::int64_t temporary = opening.max_bytes > 0 ? opening.max_bytes : kMemoryBytes;
  if (auto set = set_most("temp", temporary); !set) return unexpected(set.error());
  return {};
}

tenon::expected<std::int64_t, sql::error> Database::ask(const std::string& pragma) {
  auto prepared = prepare(pragma, 0);
  if (!prepared) return unexpected(prepared.error());
  sqlite3_stmt* const statement = prepared->statement.get();
  const int code = sqlite3_step(statement);
  if (code != SQLITE_ROW && code != SQLITE_DONE) return unexpected(last_error());
  return code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
}

tenon::expected<sql_adapter::Turn, sql::error> Database::enter() {
  auto turn = sql_adapter::wait_for_turn(calls_);
  if (turn) clear_refusal();
  return turn;
}

tenon::expected<Prepared, sql::error> Database::prepare(std::string_view text, std::size_t begin) {
  if (const std::size_t zero = text.find('\0', begin); zero != std::string_view::npos) {
    sql::error made = make_error(error_kind::sql, "there is a NUL in the SQL");
    made.position = static_cast<std::uint32_t>(zero);
    return unexpected(std::move(made));
  }
  const std::string_view rest = text.substr(begin);
  if (rest.size() > kMaxSqlBytes)
    return unexpected(
        make_error(error_kind::limit, "SQL is at most " + std::to_string(kMaxSqlBytes) + " bytes"));
  clear_refusal();
  sqlite3_stmt* statement = nullptr;
  const char* end = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, rest.data(), static_cast<int>(rest.size()), 0, &statement, &end);
  if (code != SQLITE_OK) {
    sql::error made = last_error();
    if (made.position) *made.position += static_cast<std::uint32_t>(begin);
    return unexpected(std::move(made));
  }
  // An empty text has no address to count from.
  const std::size_t used = rest.empty() ? 0 : static_cast<std::size_t>(end - rest.data());
  return Prepared{StatementHandle(statement), begin + used};
}

sql::error Database::last_error() const {
  const int code = sqlite3_extended_errcode(handle_);
  sql::error made = make_error(kind_of(code), make_utf8(sqlite3_errmsg(handle_)));
  made.code = code;
  if (const int offset = sqlite3_error_offset(handle_); offset >= 0)
    made.position = static_cast<std::uint32_t>(offset);
  if (!refusal_.empty()) {
    made.kind = error_kind::denied;
    made.message = make_utf8(refusal_);
  }
  return made;
}

int Database::on_progress(void* /*self*/) { return tenon::current_call().should_stop() ? 1 : 0; }

int Database::on_busy(void* self, int times) {
  auto& database = *static_cast<Database*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (times == 0) database.busy_since_ = now;
  if (now - database.busy_since_ >= database.busy_timeout_ || tenon::current_call().should_stop())
    return 0;
  std::this_thread::sleep_for(kBetweenTries);
  return 1;
}

}  // namespace sqlite_adapter
