// Tests of the bundle `duckdb` (bundles/duckdb) that are specific to DuckDB. Tests for all
// databases are in tests/sql_bundles_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/bundle_app.h"
#include "tests/support/duckdb_library.h"
#include "tests/support/temporary_folder.h"

namespace tenon::duckdb_bundle_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class DuckdbBundle : public testing::Test {
 protected:
  void SetUp() override {
    if (!find_duckdb()) GTEST_SKIP() << "libduckdb is missing; run: ./dev setup --with-duckdb";
  }

  static BundleConfig configure(BundleConfig config) {
    config.emplace_back("libduckdb", find_duckdb().value_or(""));
    return config;
  }
  static Composition start(BundleConfig config = {}) {
    return start_bundle_app("query", "duckdb", configure(std::move(config)));
  }
  static std::string refused(BundleConfig config) {
    return refused_start("query", "duckdb", configure(std::move(config)));
  }
  [[nodiscard]] std::string place(std::string_view name) const { return folder_.path() / name; }

  static std::string open(const Composition& app, std::string path) {
    return call_app(app, "open", {Value::some(Value::string(std::move(path)))});
  }
  static std::string execute(const Composition& app, std::string sql) {
    return call_app(app, "execute", {Value::string(std::move(sql))});
  }
  static std::string run(const Composition& app, std::string sql) {
    return call_app(app, "run", {Value::string(std::move(sql)), Value::list(std::vector<Value>())});
  }
  static std::string shapes(const Composition& app, std::string sql) {
    return call_app(app, "shapes", {Value::string(std::move(sql))});
  }

  TemporaryFolder folder_;
};

TEST_F(DuckdbBundle, EachTypeHasItsVector) {
  const Composition app = start();
  EXPECT_EQ(run(app,
                "SELECT true AS b, -7::TINYINT AS t, -300::SMALLINT AS s, 70000::INTEGER AS i, "
                "255::UTINYINT AS ut, 65535::USMALLINT AS us, 4294967295::UINTEGER AS ui, "
                "18446744073709551615::UBIGINT AS ub, 1.5::FLOAT AS f, 'x'::BLOB AS bl"),
            "b:BOOLEAN|t:TINYINT|s:SMALLINT|i:INTEGER|ut:UTINYINT|us:USMALLINT|ui:UINTEGER|"
            "ub:UBIGINT|f:FLOAT|bl:BLOB\n"
            "true|-7|-300|70000|255|65535|4294967295|18446744073709551615|1.5|x'78'\n");
  EXPECT_EQ(run(app,
                "SELECT DATE '2000-02-29' AS d, DATE '1969-12-31' AS e, TIME '00:00:01.5' AS t, "
                "TIMESTAMP '1970-01-02 00:00:00' AS ts, TIMESTAMP_S '1970-01-01 00:00:02' AS s, "
                "TIMESTAMP_MS '1969-12-31 23:59:59.999' AS ms, "
                "TIMESTAMP_NS '1969-12-31 23:59:59.999999999' AS ns"),
            "d:DATE|e:DATE|t:TIME|ts:TIMESTAMP|s:TIMESTAMP_S|ms:TIMESTAMP_MS|ns:TIMESTAMP_NS\n"
            "day 11016|day -1|time 1500000|timestamp 86400000000|timestamp 2000000|timestamp -1000|"
            "timestamp -1\n");
  EXPECT_EQ(run(app,
                "SELECT 12.30::DECIMAL(4,2) AS a, -0.05::DECIMAL(9,2) AS b, 0::DECIMAL(18,0) AS "
                "c, -12345678901234567890.123::DECIMAL(38,3) AS d"),
            "a:DECIMAL(4,2)|b:DECIMAL(9,2)|c:DECIMAL(18,0)|d:DECIMAL(38,3)\n"
            "12.30|-0.05|0|-12345678901234567890.123\n");
  EXPECT_EQ(run(app,
                "SELECT UUID '0123abcd-4567-89ab-cdef-0123456789ab' AS u, 'sad'::ENUM('ok', "
                "'sad') AS e"),
            "u:UUID|e:ENUM\n0123abcd-4567-89ab-cdef-0123456789ab|sad\n");
}

TEST_F(DuckdbBundle, SumsAreIntegersIfTheyFit) {
  const Composition app = start();
  EXPECT_EQ(run(app, "SELECT sum(i) AS s FROM range(1000) t(i)"), "s:HUGEINT\n499500\n");
  EXPECT_EQ(shapes(app,
                   "SELECT sum(i), -9223372036854775808::HUGEINT, NULL::HUGEINT FROM range(10) "
                   "t(i)"),
            "1 integers integers integers?\n");
  EXPECT_EQ(run(app,
                "SELECT 9223372036854775808::HUGEINT AS a, -9223372036854775809::HUGEINT AS b, "
                "340282366920938463463374607431768211455::UHUGEINT AS c, "
                "(-170141183460469231731687303715884105728)::HUGEINT AS d"),
            "a:HUGEINT|b:HUGEINT|c:UHUGEINT|d:HUGEINT\n"
            "9223372036854775808|-9223372036854775809|340282366920938463463374607431768211455|"
            "-170141183460469231731687303715884105728\n");
}

TEST_F(DuckdbBundle, TypesWithoutAVectorAreRejectedByName) {
  const Composition app = start();
  for (const char* const value :
       {"[1, 2]", "{'a': 1}", "MAP {1: 2}", "INTERVAL 1 DAY", "'101'::BIT"})
    EXPECT_THAT(run(app, std::string("SELECT ") + value + " AS nested"),
                AllOf(StartsWith("error unsupported: column `nested` is of type"),
                      HasSubstr("CAST(.. AS VARCHAR)")))
        << value;
  EXPECT_EQ(run(app, "SELECT CAST([1, 2] AS VARCHAR) AS text"), "text:VARCHAR\n[1, 2]\n");
}

TEST_F(DuckdbBundle, ErrorsHaveKindAndPosition) {
  const Composition app = start();
  EXPECT_THAT(run(app, "SELECT * FRM t"),
              AllOf(StartsWith("error sql: Parser Error"), HasSubstr("(at 13)")));
  EXPECT_THAT(run(app, "SELECT 1,\n  absent"),
              AllOf(StartsWith("error sql: Binder Error"), HasSubstr("(at 12)")));
  EXPECT_THAT(run(app, "SELECT * FROM absent"),
              AllOf(StartsWith("error sql: Catalog Error"), HasSubstr("(at 14)")));
  // DuckDB quotes only a part of a long line, so the position is not certain.
  EXPECT_THAT(run(app, "SELECT '" + std::string(200, 'x') + "', absent"),
              AllOf(StartsWith("error sql: Binder Error"), Not(HasSubstr("(at "))));
  EXPECT_THAT(run(app, "SELECT 'x'::INTEGER"), StartsWith("error conversion: Conversion Error"));
  ASSERT_EQ(execute(app, "CREATE TABLE t (a INTEGER PRIMARY KEY)"), "0");
  ASSERT_EQ(execute(app, "INSERT INTO t VALUES (1)"), "1");
  EXPECT_THAT(execute(app, "INSERT INTO t VALUES (1)"),
              StartsWith("error constraint: Constraint Error: Duplicate key"));
}

TEST_F(DuckdbBundle, SqlCannotReachFilesExtensionsOrSettings) {
  std::ofstream(place("data.csv")) << "a,b\n1,2\n";
  const Composition app =
      start({{"database", place("app.db")}, {"folder", folder_.path().string()}});
  const auto is_refused = [&](const std::string& sql) {
    EXPECT_THAT(execute(app, sql), StartsWith("error ")) << sql;
  };
  is_refused("SELECT * FROM '" + place("data.csv") + "'");
  is_refused("SELECT * FROM read_csv('" + place("data.csv") + "')");
  is_refused("SELECT * FROM read_text('/etc/passwd')");
  is_refused("SELECT * FROM glob('/etc/*')");
  is_refused("CREATE TABLE t AS SELECT 1; COPY t TO '" + place("out.csv") + "'");
  is_refused("EXPORT DATABASE '" + place("out") + "'");
  is_refused("ATTACH '" + place("other.db") + "' AS other");
  is_refused("INSTALL httpfs");
  is_refused("LOAD '" + place("x.duckdb_extension") + "'");
  is_refused("SET enable_external_access = true");
  is_refused("SET memory_limit = '100GB'");
  is_refused("SET temp_directory = '/tmp'");
  is_refused("SET threads = 64");
  is_refused("RESET lock_configuration");
  is_refused("SELECT getenv('HOME')");
  for (const char* const name : {"out.csv", "out", "other.db"})
    EXPECT_FALSE(fs::exists(place(name)));
}

TEST_F(DuckdbBundle, ExternalAccessMustBeConfigured) {
  std::ofstream(place("data.csv")) << "a,b\n1,2\n3,4\n";
  const Composition app = start({{"external-access", "true"}});
  EXPECT_EQ(run(app, "SELECT sum(a) AS a, sum(b) AS b FROM '" + place("data.csv") + "'"),
            "a:HUGEINT|b:HUGEINT\n4|6\n");
  EXPECT_THAT(execute(app, "SET threads = 64"), StartsWith("error "));
}

TEST_F(DuckdbBundle, AFileIsConfiguredAndSharedByInstances) {
  {
    const Composition app = start({{"database", place("app.db")}});
    ASSERT_EQ(execute(app, "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (7)"), "1");
    const Composition same = start({{"database", place("app.db")}});
    EXPECT_EQ(run(same, "SELECT a FROM t"), "a:INTEGER\n7\n");
    // A file cannot be opened with two configurations.
    EXPECT_THAT(refused({{"database", place("app.db")}, {"memory-limit", "2GB"}}),
                HasSubstr("different configuration"));
  }
  const Composition again = start({{"database", place("app.db")}, {"read-only", "true"}});
  EXPECT_EQ(run(again, "SELECT a FROM t"), "a:INTEGER\n7\n");
  EXPECT_THAT(execute(again, "INSERT INTO t VALUES (8)"), HasSubstr("read-only"));
}

TEST_F(DuckdbBundle, DatabasesInMemoryAreShared) {
  const Composition app = start();
  ASSERT_EQ(execute(app, "CREATE TABLE t (a INTEGER)"), "0");
  EXPECT_EQ(call_app(app, "open", {Value::none()}), "ok");
  EXPECT_EQ(run(app, "SELECT a FROM t"), "a:INTEGER\n");
  EXPECT_EQ(open(app, ":memory:"), "ok");
  EXPECT_THAT(run(app, "SELECT a FROM t"), StartsWith("error sql: "));
  const Composition other = start();
  EXPECT_THAT(run(other, "SELECT a FROM t"), StartsWith("error sql: "));
}

TEST_F(DuckdbBundle, AGuestOpensOnlyFilesInTheConfiguredFolder) {
  const Composition closed = start();
  for (const char* const path :
       {"app.db", "/etc/passwd", "md:cloud", "s3://bucket/x.db", ":memory:x", ""})
    EXPECT_THAT(open(closed, path), StartsWith("error denied: ")) << path;
  fs::create_directory(place("data"));
  fs::create_symlink(place("secret.db"), place("data/link.db"));
  const Composition app = start({{"folder", place("data")}});
  EXPECT_EQ(open(app, "mine.db"), "ok");
  EXPECT_EQ(execute(app, "CREATE TABLE t (a INTEGER)"), "0");
  EXPECT_TRUE(fs::exists(place("data/mine.db")));
  for (const char* const path : {"../secret.db", "link.db", "./mine.db", "none/mine.db"})
    EXPECT_THAT(open(app, path), StartsWith("error denied: ")) << path;
  EXPECT_FALSE(fs::exists(place("secret.db")));
}

TEST_F(DuckdbBundle, MemoryIsLimited) {
  const Composition app = start({{"memory-limit", "50MB"}, {"threads", "1"}});
  EXPECT_THAT(execute(app,
                      "CREATE TABLE t AS SELECT i, random() AS r, repeat('x', 100) || i AS s FROM "
                      "range(10000000) t(i)"),
              StartsWith("error limit: Out of Memory Error"));
  EXPECT_EQ(run(app, "SELECT 1 AS still"), "still:INTEGER\n1\n");
  EXPECT_EQ(run(app, "SELECT 1 -- " + std::string(100'000, 'x')),
            "error limit: the SQL is longer than 100000 bytes");
}

TEST_F(DuckdbBundle, WrongConfigurationIsReportedAtTheStart) {
  EXPECT_THAT(refused({{"database", place("none/app.db")}}),
              HasSubstr("cannot be opened: IO Error"));
  std::ofstream(place("text")) << std::string(20'000, 'x');
  EXPECT_THAT(refused({{"database", place("text")}}),
              HasSubstr("not a valid DuckDB database file"));
  EXPECT_THAT(refused({{"memory-limit", "much"}}),
              HasSubstr("does not accept `much` as `memory_limit`"));
  EXPECT_THAT(refused({{"threads", "0"}}), HasSubstr("`threads` must be from 1"));
  EXPECT_THAT(refused_start("query", "duckdb", {{"libduckdb", place("none.so")}}),
              HasSubstr("libduckdb cannot be loaded"));
  EXPECT_THAT(refused_start("query", "duckdb",
                            {{"libduckdb", bundle_folder("sqlite") + "/lib/libsqlite_host.so"}}),
              HasSubstr("is not libduckdb 1.3 or newer: it lacks `duckdb_library_version`"));
}

TEST_F(DuckdbBundle, ConnectionsAreLimited) {
  const Composition app = start({{"max-connections", "1"}});
  EXPECT_EQ(call_app(app, "hoard", {Value::string("SELECT 1"), Value::u32(10)}), "ok");
  EXPECT_EQ(call_app(app, "open", {Value::none()}),
            "error limit: too many connections: `max-connections` is 1");
}

}  // namespace
}  // namespace tenon::duckdb_bundle_test
