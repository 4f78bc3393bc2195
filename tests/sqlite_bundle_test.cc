// Tests of the bundle `sqlite` (bundles/sqlite) that are specific to SQLite. Tests for all
// databases are in tests/sql_bundles_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/bundle_app.h"
#include "tests/support/temporary_folder.h"

namespace tenon::sqlite_bundle_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SqliteBundle : public testing::Test {
 protected:
  static Composition start(const BundleConfig& config = {}) {
    return start_bundle_app("query", "sqlite", config);
  }
  [[nodiscard]] std::string place(std::string_view name) const { return folder_.path() / name; }

  static std::string open(const Composition& app, std::string path) {
    return call_app(app, "open", {Value::some(Value::string(std::move(path)))});
  }
  static std::string execute(const Composition& app, std::string sql) {
    return call_app(app, "execute", {Value::string(std::move(sql))});
  }
  static std::string run(const Composition& app, std::string sql,
                         std::vector<Value> parameters = {}) {
    return call_app(app, "run",
                    {Value::string(std::move(sql)), Value::list(std::move(parameters))});
  }
  static std::string shapes(const Composition& app, std::string sql) {
    return call_app(app, "shapes", {Value::string(std::move(sql))});
  }

  TemporaryFolder folder_;
};

TEST_F(SqliteBundle, ColumnsTakeTheTypesOfTheirValues) {
  const Composition app = start();
  ASSERT_EQ(execute(app, "CREATE TABLE t (a, b INTEGER, c TEXT)"), "0");
  ASSERT_EQ(execute(app,
                    "INSERT INTO t VALUES (1, 2, 'x'), (2.5, NULL, 'y'), (x'0aff', 4, NULL), "
                    "('z', NULL, 'w'), (NULL, 5, '')"),
            "5");
  EXPECT_EQ(run(app, "SELECT a, b, c, NULL AS d, b + 1 FROM t"),
            "a:|b:INTEGER|c:TEXT|d:|b + 1:\n"
            "1|2|x|NULL|3\n"
            "2.5|NULL|y|NULL|NULL\n"
            "x'0aff'|4|NULL|NULL|5\n"
            "z|NULL|w|NULL|NULL\n"
            "NULL|5||NULL|6\n");
  EXPECT_EQ(shapes(app, "SELECT a, b, c, NULL, 1 FROM t"),
            "5 mixed integers? texts? nulls integers\n");
  EXPECT_EQ(shapes(app, "SELECT a FROM t WHERE typeof(a) = 'blob'"), "1 blobs\n");
  EXPECT_EQ(shapes(app, "SELECT a FROM t WHERE a IS NULL"), "1 nulls\n");
}

TEST_F(SqliteBundle, AColumnCanChangeItsVectorBetweenChunks) {
  const Composition app = start();
  EXPECT_EQ(shapes(app,
                   "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < "
                   "4999) SELECT CASE WHEN i < 2048 THEN i WHEN i < 4096 THEN 'x' ELSE NULL END "
                   "FROM n"),
            "2048 integers\n2048 texts\n904 nulls\n");
}

TEST_F(SqliteBundle, AChunkEndsAtAMegabyte) {
  const Composition app = start();
  EXPECT_EQ(shapes(app,
                   "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4) "
                   "SELECT zeroblob(400000) FROM n"),
            "3 blobs\n2 blobs\n");
}

TEST_F(SqliteBundle, ErrorsHaveCodeAndPosition) {
  const Composition app = start();
  EXPECT_EQ(run(app, "SELECT * FRM t"), "error sql: near \"FRM\": syntax error (at 9)");
  // The position counts bytes, not characters.
  EXPECT_EQ(run(app, "SELECT 'ü', absent"), "error sql: no such column: absent (at 13)");
  // SQLite reports no position for these.
  EXPECT_EQ(run(app, "SELECT * FROM absent"), "error sql: no such table: absent");
  EXPECT_EQ(run(app, "SELECT ("), "error sql: incomplete input");
  ASSERT_EQ(execute(app, "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL, CHECK (a < 9))"),
            "0");
  ASSERT_EQ(execute(app, "INSERT INTO t VALUES (1, 'x')"), "1");
  EXPECT_EQ(execute(app, "INSERT INTO t VALUES (1, 'x')"),
            "error constraint: UNIQUE constraint failed: t.a");
  EXPECT_EQ(execute(app, "INSERT INTO t VALUES (2, NULL)"),
            "error constraint: NOT NULL constraint failed: t.b");
  EXPECT_EQ(execute(app, "INSERT INTO t VALUES (9, 'x')"),
            "error constraint: CHECK constraint failed: a < 9");
  EXPECT_EQ(execute(app, "INSERT INTO t VALUES ('x', 'x')"), "error conversion: datatype mismatch");
  // The position of the second statement in the whole text.
  EXPECT_EQ(execute(app, "INSERT INTO t VALUES (3, 'x'); INSRT INTO t VALUES (4, 'x')"),
            "error sql: near \"INSRT\": syntax error (at 31)");
  EXPECT_EQ(run(app, "SELECT count(*) FROM t"), "count(*):\n2\n");
}

TEST_F(SqliteBundle, ExtendedCodesAreReported) {
  const Composition app = start();
  ASSERT_EQ(execute(app, "CREATE TABLE t (a UNIQUE)"), "0");
  ASSERT_EQ(execute(app, "INSERT INTO t VALUES (1)"), "1");
  const Result<WaveCall> call = parse_wave_call("execute(\"INSERT INTO t VALUES (1)\")");
  const Result<Function> function = app.find_function(*call);
  ASSERT_TRUE(function);
  const auto result = function->call(*parse_wave_arguments(*call, function->type()));
  ASSERT_TRUE(result);
  EXPECT_THAT(print_wave(**result), HasSubstr("code: 2067"));  // SQLITE_CONSTRAINT_UNIQUE
}

TEST_F(SqliteBundle, AConnectionToTheDatabaseInMemorySeesWhatOthersWrote) {
  const Composition app = start();
  ASSERT_EQ(execute(app, "CREATE TABLE t (a); INSERT INTO t VALUES (7)"), "1");
  EXPECT_EQ(call_app(app, "open", {Value::none()}), "ok");
  EXPECT_EQ(run(app, "SELECT a FROM t"), "a:\n7\n");
  EXPECT_EQ(open(app, ":memory:"), "ok");
  EXPECT_EQ(run(app, "SELECT a FROM t"), "error sql: no such table: t");
}

TEST_F(SqliteBundle, AFileIsConfigured) {
  {
    const Composition app = start({{"database", place("app.db")}});
    ASSERT_EQ(execute(app, "CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('kept')"), "1");
  }
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(place("app.db").c_str(), &database), SQLITE_OK);
  std::string text;
  const auto keep = [](void* to, int, char** values, char**) {
    *static_cast<std::string*>(to) = values[0];
    return 0;
  };
  EXPECT_EQ(sqlite3_exec(database, "SELECT a FROM t", keep, &text, nullptr), SQLITE_OK);
  EXPECT_EQ(text, "kept");
  sqlite3_close(database);

  const Composition again = start({{"database", place("app.db")}, {"read-only", "true"}});
  EXPECT_EQ(run(again, "SELECT a FROM t"), "a:TEXT\nkept\n");
  EXPECT_EQ(execute(again, "DELETE FROM t"),
            "error read-only: attempt to write a readonly database");
}

TEST_F(SqliteBundle, WrongConfigurationIsReportedAtTheStart) {
  const auto refused = [](const BundleConfig& config) {
    return refused_start("query", "sqlite", config);
  };
  EXPECT_THAT(refused({{"database", place("none/app.db")}}),
              AllOf(HasSubstr("host-create"), HasSubstr("none/app.db` cannot be opened")));
  std::ofstream(place("text")) << std::string(4096, 'x');
  EXPECT_THAT(refused({{"database", place("text")}}), HasSubstr("file is not a database"));
  EXPECT_THAT(refused({{"database", place("new.db")}, {"read-only", "true"}}),
              HasSubstr("unable to open database file"));
  EXPECT_FALSE(fs::exists(place("new.db")));
  EXPECT_THAT(refused({{"folder", place("none")}}), HasSubstr("there is no such folder"));
  EXPECT_THAT(refused({{"read-only", "true"}}), HasSubstr("a database in memory is empty"));
  EXPECT_THAT(refused({{"busy-timeout-ms", "-1"}}), HasSubstr("`busy-timeout-ms` must be from 0"));
  EXPECT_THAT(refused({{"max-connections", "0"}}), HasSubstr("`max-connections` must be from 1"));
}

TEST_F(SqliteBundle, AGuestOpensOnlyFilesInTheConfiguredFolder) {
  const Composition closed = start();
  for (const char* const path :
       {"app.db", "/etc/passwd", "file:/etc/passwd?mode=ro", "", "file::memory:?cache=shared"})
    EXPECT_THAT(open(closed, path), StartsWith("error denied: ")) << path;

  fs::create_directories(place("data/inner"));
  const std::ofstream secret(place("secret.db"));
  fs::create_symlink(place("secret.db"), place("data/link.db"));
  fs::create_symlink(place("not.there"), place("data/dangling.db"));
  fs::create_directory_symlink(folder_.path(), place("data/up"));
  ASSERT_EQ(::mkfifo(place("data/pipe").c_str(), 0600), 0);
  const Composition app = start({{"folder", place("data")}});
  EXPECT_EQ(open(app, "inner/mine.db"), "ok");
  EXPECT_EQ(execute(app, "CREATE TABLE t (a)"), "0");
  EXPECT_TRUE(fs::exists(place("data/inner/mine.db")));
  // A name with the syntax of a URI is treated as a file name.
  EXPECT_EQ(open(app, "file:x?mode=memory"), "ok");
  EXPECT_EQ(execute(app, "CREATE TABLE t (a)"), "0");
  EXPECT_TRUE(fs::exists(place("data/file:x?mode=memory")));

  for (const char* const path :
       {"../secret.db", "inner/../../secret.db", "link.db", "dangling.db", "up/secret.db", "pipe",
        "inner", "", ".", "/", "inner//mine.db", "./mine.db", "none/mine.db", "up"})
    EXPECT_THAT(open(app, path), StartsWith("error denied: ")) << path;
  EXPECT_THAT(open(app, place("data/inner/mine.db")), StartsWith("error denied: "));
  EXPECT_THAT(open(app, std::string("a\0b", 3)), StartsWith("error denied: "));
  EXPECT_FALSE(fs::exists(place("not.there")));
  EXPECT_EQ(fs::file_size(place("secret.db")), 0U);
}

TEST_F(SqliteBundle, SqlCannotReachFilesOrExtensions) {
  const Composition app =
      start({{"database", place("app.db")}, {"folder", folder_.path().string()}});
  const auto is_denied = [&](const std::string& sql) {
    EXPECT_THAT(execute(app, sql), StartsWith("error denied: ")) << sql;
  };
  is_denied("ATTACH '" + place("other.db") + "' AS other");
  is_denied("ATTACH 'other.db' AS other");
  is_denied("ATTACH 'file:other.db?mode=rwc' AS other");
  is_denied("ATTACH '" + place("oth") + "' || 'er.db' AS other");
  is_denied("VACUUM INTO '" + place("copy.db") + "'");
  is_denied("SELECT load_extension('libm.so.6')");
  is_denied("SELECT fts3_tokenizer('simple')");
  is_denied("PRAGMA database_list");
  is_denied("SELECT file FROM pragma_database_list");
  is_denied("PRAGMA temp_store_directory = '/tmp'");
  is_denied("PRAGMA writable_schema = ON");
  is_denied("PRAGMA max_page_count = 1000000");
  is_denied("PRAGMA busy_timeout = 100000");
  is_denied("PRAGMA soft_heap_limit = 1");
  is_denied("PRAGMA locking_mode = EXCLUSIVE");
  is_denied("CREATE VIRTUAL TABLE v USING csv(filename='/etc/passwd')");
  for (const char* const name : {"other.db", "copy.db"}) EXPECT_FALSE(fs::exists(place(name)));

  EXPECT_EQ(execute(app, "ATTACH ':memory:' AS m; CREATE TABLE m.t (a); DETACH m"), "0");
  EXPECT_EQ(execute(app, "CREATE TABLE t (a); VACUUM"), "0");
  EXPECT_EQ(execute(app, "PRAGMA foreign_keys = ON; PRAGMA user_version = 3"), "0");
  EXPECT_EQ(run(app, "SELECT name FROM pragma_table_info('t')"), "name:\na\n");
  // The count includes rows that FTS5 writes to its own tables.
  EXPECT_THAT(execute(app, "CREATE VIRTUAL TABLE f USING fts5(body)"), Not(StartsWith("error")));
  EXPECT_THAT(execute(app, "INSERT INTO f VALUES ('a text to be found')"),
              Not(StartsWith("error")));
  EXPECT_EQ(run(app, "SELECT body FROM f WHERE f MATCH 'found'"), "body:\na text to be found\n");
  EXPECT_THAT(execute(app, "UPDATE sqlite_schema SET sql = 'x'"),
              HasSubstr("table sqlite_master may not be modified"));
}

TEST_F(SqliteBundle, ATextThatIsNotUtf8IsAnError) {
  const Composition app = start();
  EXPECT_EQ(run(app, "SELECT 'fine', CAST(x'41ff42' AS TEXT) AS broken"),
            "error unsupported: column `broken` has a text that is not UTF-8; `CAST(.. AS BLOB)` "
            "gives its bytes");
  EXPECT_EQ(run(app, "SELECT CAST(x'41ff42' AS BLOB) AS b"), "b:\nx'41ff42'\n");
  // A NUL is an ordinary character of a text.
  EXPECT_EQ(run(app, "SELECT length(?), ? AS b",
                {Value::variant("text", Value::string({"a\0b", 3})),
                 Value::variant("text", Value::string({"a\0b", 3}))}),
            std::string("length(?):|b:\n1|a\0b\n", 20));
}

TEST_F(SqliteBundle, ValuesAndDatabasesHaveAMaximumSize) {
  const Composition app = start({{"max-value-bytes", "10000"}, {"max-bytes", "200000"}});
  EXPECT_EQ(run(app, "SELECT length(zeroblob(10000)) AS n"), "n:\n10000\n");
  EXPECT_EQ(run(app, "SELECT zeroblob(10001)"), "error limit: string or blob too big");
  EXPECT_EQ(run(app, "SELECT length(?)",
                {Value::variant("text", Value::string(std::string(10001, 'x')))}),
            "error limit: string or blob too big");
  EXPECT_EQ(execute(app, "CREATE TABLE t (a)"), "0");
  EXPECT_EQ(execute(app,
                    "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < "
                    "100) INSERT INTO t SELECT zeroblob(9000) FROM n"),
            "error limit: database or disk is full");
  EXPECT_EQ(execute(app,
                    "CREATE TEMP TABLE u AS WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i "
                    "+ 1 FROM n WHERE i < 100) SELECT zeroblob(9000) AS b FROM n"),
            "error limit: database or disk is full");
  std::string row = "SELECT zeroblob(10000)";
  for (int k = 0; k < 200; ++k) row += ", zeroblob(10000)";
  EXPECT_EQ(run(app, row), "error limit: a row is larger than four times `max-value-bytes`");
  EXPECT_EQ(run(app, "SELECT 1 -- " + std::string(1'000'000, 'x')),
            "error limit: the SQL is longer than 1000000 bytes");
  EXPECT_EQ(run(app, std::string("SELECT 1\0; SELECT 2", 19)),
            "error sql: there is a NUL in the SQL (at 8)");
}

TEST_F(SqliteBundle, ConnectionsAreLimited) {
  const Composition app = start({{"max-connections", "2"}});
  EXPECT_EQ(call_app(app, "open", {Value::none()}), "ok");
  // Opens a second one while the first exists, and then drops the first.
  EXPECT_EQ(call_app(app, "open", {Value::none()}), "ok");
  EXPECT_EQ(call_app(app, "open", {Value::none()}), "ok");
  EXPECT_EQ(call_app(app, "hoard", {Value::string("SELECT 1"), Value::u32(100)}), "ok");
  // Statements keep their connection alive.
  EXPECT_EQ(call_app(app, "open", {Value::none()}), "ok");
  EXPECT_EQ(call_app(app, "open", {Value::none()}),
            "error limit: too many connections: `max-connections` is 2");
}

TEST_F(SqliteBundle, ACallWaitsForAWriter) {
  const Composition app = start({{"database", place("app.db")}, {"busy-timeout-ms", "50"}});
  ASSERT_EQ(execute(app, "CREATE TABLE t (a)"), "0");
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(place("app.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(execute(app, "INSERT INTO t VALUES (1)"), "error busy: database is locked");
  ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(execute(app, "INSERT INTO t VALUES (1)"), "1");
  sqlite3_close(other);
}

TEST_F(SqliteBundle, AWaitForAWriterEndsAtTheDeadline) {
  CompositionBuilder builder =
      bundle_app("query", "sqlite", {{"database", place("app.db")}, {"busy-timeout-ms", "600000"}});
  builder.limits().call_timeout = std::chrono::milliseconds(200);
  const Composition app = start_bundle_app(std::move(builder));
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(place("app.db").c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE t (a); BEGIN IMMEDIATE", nullptr, nullptr, nullptr),
            SQLITE_OK);
  EXPECT_THAT(execute(app, "INSERT INTO t VALUES (1)"),
              AllOf(StartsWith("failed: "), HasSubstr("deadline")));
  sqlite3_close(other);
}

TEST_F(SqliteBundle, FullTextPatternsAreLimited) {
  const Composition app = start();
  EXPECT_EQ(run(app, "SELECT 'x' LIKE ?",
                {Value::variant("text", Value::string(std::string(2000, '%')))}),
            "error sql: LIKE or GLOB pattern too complex");
}

TEST_F(SqliteBundle, RollingBackATransactionEndsItsRows) {
  const Composition app = start();
  ASSERT_EQ(execute(app, "CREATE TABLE t (a); INSERT INTO t VALUES (1)"), "1");
  EXPECT_EQ(execute(app, "BEGIN; INSERT INTO t VALUES (2); ROLLBACK"), "1");
  EXPECT_EQ(run(app, "SELECT a FROM t"), "a:\n1\n");
  EXPECT_EQ(execute(app, "BEGIN; INSERT INTO t VALUES (2)"), "1");
  // Another connection sees only committed data; this one does not wait, because it only reads.
  EXPECT_EQ(execute(app, "COMMIT"), "0");
  EXPECT_EQ(run(app, "SELECT count(*) AS n FROM t"), "n:\n2\n");
}

}  // namespace
}  // namespace tenon::sqlite_bundle_test
