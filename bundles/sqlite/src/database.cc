#include "database.h"

#include <algorithm>
#include <array>
#include <thread>
#include <utility>

#include "utf8.h"

// SQLite lets a guest's SQL reach beyond its database: ATTACH opens any file, load_extension runs
// code, pragmas change settings of the process. Two hooks of the connection keep it inside.
//
// The authorizer (`on_action`) is called while a statement is compiled, once for each action in it,
// such as a pragma, a function or a virtual table. Pragmas, modules and files have a list of what
// is allowed, functions a list of what is refused. SQLite reports a refusal only as "not
// authorized", so the reason is kept in `refusal_`, and `last_error` uses it.
//
// The progress handler is called every thousand steps of a running statement and stops it when the
// call has reached its deadline. A few operations take long within one step; limits of lengths keep
// those short.

namespace sqlite_adapter {

namespace {

using bundle_text::make_utf8;
using sql::error_kind;
using sql_adapter::make_error;
using tenon::unexpected;

// Steps of SQLite's virtual machine between two checks of the deadline: tens of microseconds.
constexpr int kStepsBetweenChecks = 1000;
constexpr std::chrono::milliseconds kBusyInterval{2};

// Compiling, and one comparison of LIKE or GLOB, run without checking the deadline. A comparison
// takes time proportional to the product of pattern and text.
constexpr int kMaxSqlBytes = 1'000'000;
constexpr int kMaxPatternBytes = 1000;

// Pragmas that read harmless facts, or change only the guest's database or connection. Left out are
// those that set limits of the process (soft_heap_limit) or of the bundle's configuration
// (busy_timeout, max_page_count), reveal paths (database_list), or make the schema table writable
// (writable_schema).
constexpr std::array<std::string_view, 37> kPragmas = {
    "analysis_limit",     "application_id",   "auto_vacuum",        "case_sensitive_like",
    "cell_size_check",    "collation_list",   "compile_options",    "data_version",
    "defer_foreign_keys", "encoding",         "foreign_key_check",  "foreign_key_list",
    "foreign_keys",       "freelist_count",   "function_list",      "ignore_check_constraints",
    "incremental_vacuum", "index_info",       "index_list",         "index_xinfo",
    "integrity_check",    "journal_mode",     "legacy_alter_table", "module_list",
    "optimize",           "page_count",       "pragma_list",        "query_only",
    "quick_check",        "read_uncommitted", "recursive_triggers", "reverse_unordered_selects",
    "table_info",         "table_list",       "table_xinfo",        "user_version",
    "wal_checkpoint",
};

// Pragmas that guests can read but not set: the bundle sets them.
constexpr std::array<std::string_view, 4> kPragmasToRead = {"busy_timeout", "max_page_count",
                                                            "page_size", "schema_version"};

// Modules of virtual tables that store their data in the database.
constexpr std::array<std::string_view, 7> kModules = {"fts3",      "fts4",  "fts4aux",  "fts5",
                                                      "fts5vocab", "rtree", "rtree_i32"};

constexpr std::array<std::string_view, 2> kRefusedFunctions = {"fts3_tokenizer", "load_extension"};

std::string_view view_of(const char* text) { return text == nullptr ? "" : text; }

bool is_one_of(std::string_view name, const auto& names) {
  return std::ranges::any_of(names, [&](std::string_view listed) {
    return listed.size() == name.size() &&
           sqlite3_strnicmp(listed.data(), name.data(), static_cast<int>(name.size())) == 0;
  });
}

int refuse(std::string& refusal, std::string_view kind, std::string_view name,
           std::string_view why) {
  refusal = std::string(kind) + " `" + std::string(name) + "` is refused: " + std::string(why);
  return SQLITE_DENY;
}

// The authorizer. The meaning of `first` and `second` depends on the action.
// Source: https://www.sqlite.org/c3ref/c_alter_table.html
int on_action(void* user, int action, const char* first, const char* second, const char* /*name*/,
              const char* /*trigger*/) {
  std::string& refusal = *static_cast<std::string*>(user);
  switch (action) {
    case SQLITE_ATTACH: {
      // The name is NULL if it is an expression, which has no value yet. VACUUM attaches "".
      const std::string_view file = view_of(first);
      if (first != nullptr && (file.empty() || file == ":memory:")) return SQLITE_OK;
      return refuse(refusal, "the file", first == nullptr ? "?" : file,
                    "ATTACH and VACUUM INTO accept only \":memory:\"; open a file with "
                    "`connection.open`");
    }
    case SQLITE_PRAGMA: {
      const std::string_view pragma = view_of(first);
      if (is_one_of(pragma, kPragmas)) return SQLITE_OK;
      if (second == nullptr && is_one_of(pragma, kPragmasToRead)) return SQLITE_OK;
      return refuse(refusal, "the pragma", pragma, "guests cannot use it");
    }
    case SQLITE_FUNCTION:
      if (!is_one_of(view_of(second), kRefusedFunctions)) return SQLITE_OK;
      return refuse(refusal, "the function", view_of(second), "guests cannot use it");
    case SQLITE_CREATE_VTABLE:
      if (is_one_of(view_of(second), kModules)) return SQLITE_OK;
      return refuse(refusal, "the module", view_of(second),
                    "the modules for virtual tables are fts3, fts4, fts5 and rtree");
    default:
      return SQLITE_OK;
  }
}

// Sets the rules of a connection. Lifetime: the connection keeps a pointer to `refusal`.
// Source: https://www.sqlite.org/security.html
void set_rules(sqlite3& connection, std::string& refusal) {
  // An error means that this build of SQLite lacks the feature that the line switches off.
  sqlite3_db_config(&connection, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(&connection, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, nullptr);
  sqlite3_db_config(&connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // A file can come from anyone, and its schema can contain calls of functions.
  sqlite3_db_config(&connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_set_authorizer(&connection, on_action, &refusal);
}

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
    case SQLITE_ABORT:  // the transaction was rolled back
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
  auto place = sql_adapter::ConnectionLimit::take_place(limit);
  if (!place) return unexpected(place.error());
  std::shared_ptr<Database> database(new Database(settings.busy_timeout, *std::move(place)));
  const int code =
      sqlite3_open_v2(opening.file.c_str(), &database->handle_,
                      opening.flags | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (database->handle_ == nullptr)
    return unexpected(make_error(error_kind::limit, "out of memory for a connection"));
  if (code != SQLITE_OK) return unexpected(database->last_error());
  if (auto set = database->set_limits(opening, settings); !set) return unexpected(set.error());
  set_rules(*database->handle_, database->refusal_);
  return database;
}

tenon::expected<void, sql::error> Database::set_limits(const Opening& opening,
                                                       const Settings& settings) {
  sqlite3_progress_handler(handle_, kStepsBetweenChecks, on_progress, this);
  sqlite3_busy_handler(handle_, on_busy, this);
  sqlite3_limit(handle_, SQLITE_LIMIT_LENGTH, settings.max_value_bytes);
  sqlite3_limit(handle_, SQLITE_LIMIT_SQL_LENGTH, kMaxSqlBytes);
  sqlite3_limit(handle_, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, kMaxPatternBytes);
  sqlite3_limit(handle_, SQLITE_LIMIT_WORKER_THREADS, 0);
  // This reads the file for the first time, and fails if it is not a database.
  auto page_size = read_pragma("PRAGMA schema_version");
  if (page_size) page_size = read_pragma("PRAGMA page_size");
  if (!page_size) return unexpected(page_size.error());
  const auto set_max_pages = [&](const std::string& schema, std::int64_t bytes) {
    const std::int64_t pages = std::max<std::int64_t>(1, bytes / *page_size);
    return read_pragma("PRAGMA " + schema + ".max_page_count=" + std::to_string(pages));
  };
  if (opening.max_bytes > 0)
    if (auto set = set_max_pages("main", opening.max_bytes); !set) return unexpected(set.error());
  const std::int64_t temporary = opening.max_bytes > 0 ? opening.max_bytes : kMemoryBytes;
  if (auto set = set_max_pages("temp", temporary); !set) return unexpected(set.error());
  return {};
}

tenon::expected<std::int64_t, sql::error> Database::read_pragma(const std::string& pragma) {
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
    sql::error error = make_error(error_kind::sql, "there is a NUL in the SQL");
    error.position = static_cast<std::uint32_t>(zero);
    return unexpected(std::move(error));
  }
  const std::string_view rest = text.substr(begin);
  if (rest.size() > kMaxSqlBytes)
    return unexpected(make_error(
        error_kind::limit, "the SQL is longer than " + std::to_string(kMaxSqlBytes) + " bytes"));
  clear_refusal();
  sqlite3_stmt* statement = nullptr;
  const char* end = nullptr;
  const int code =
      sqlite3_prepare_v3(handle_, rest.data(), static_cast<int>(rest.size()), 0, &statement, &end);
  if (code != SQLITE_OK) {
    sql::error error = last_error();
    if (error.position) *error.position += static_cast<std::uint32_t>(begin);
    return unexpected(std::move(error));
  }
  // The address of an empty text can be null.
  const std::size_t used = rest.empty() ? 0 : static_cast<std::size_t>(end - rest.data());
  return Prepared{StatementHandle(statement), begin + used};
}

sql::error Database::last_error() const {
  const int code = sqlite3_extended_errcode(handle_);
  sql::error error = make_error(kind_of(code), make_utf8(sqlite3_errmsg(handle_)));
  error.code = code;
  if (const int offset = sqlite3_error_offset(handle_); offset >= 0)
    error.position = static_cast<std::uint32_t>(offset);
  if (!refusal_.empty()) {
    error.kind = error_kind::denied;
    error.message = make_utf8(refusal_);
  }
  return error;
}

int Database::on_progress(void* /*self*/) { return tenon::current_call().should_stop() ? 1 : 0; }

int Database::on_busy(void* self, int times) {
  auto& database = *static_cast<Database*>(self);
  const auto now = std::chrono::steady_clock::now();
  if (times == 0) database.busy_since_ = now;
  if (now - database.busy_since_ >= database.busy_timeout_ || tenon::current_call().should_stop())
    return 0;
  std::this_thread::sleep_for(kBusyInterval);
  return 1;
}

}  // namespace sqlite_adapter
