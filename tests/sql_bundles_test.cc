// Tests for all database bundles (bundles/sql), with one guest. Each test runs with each bundle,
// loaded as a library and linked into the program.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/tenon_host.h"
#include "tests/support/bundle_app.h"
#include "tests/support/duckdb_library.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_scale.h"

// The bundles that are linked into this program.
extern "C" const tenon_host_module* tenon_host_module_sqlite();
extern "C" const tenon_host_module* tenon_host_module_duckdb();

namespace tenon::sql_bundles_test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

struct Adapter {
  const char* bundle;
  const tenon_host_module* (*linked)();  // null: the library is loaded
};

std::string name_of(const Adapter& adapter) {
  return adapter.bundle + std::string(adapter.linked == nullptr ? "" : "_linked");
}
// How gtest prints a parameter.
void PrintTo(const Adapter& adapter, std::ostream* out) { *out << name_of(adapter); }

class SqlBundles : public testing::TestWithParam<Adapter> {
 protected:
  void SetUp() override {
    if (is_duckdb() && !find_duckdb())
      GTEST_SKIP() << "libduckdb is missing; run: ./dev setup --with-duckdb";
  }

  static bool is_duckdb() { return GetParam().bundle == std::string_view("duckdb"); }

  static void add_host(CompositionBuilder& builder, const std::string& name) {
    const std::string folder = bundle_folder(GetParam().bundle);
    if (GetParam().linked == nullptr)
      builder.add_host_bundle(name, folder);
    else
      builder.add_host_module(name, {.module = GetParam().linked(), .folder = folder});
    if (is_duckdb()) builder.set_host_config(name, "libduckdb", find_duckdb().value_or(""));
  }
  static CompositionBuilder make_app() {
    CompositionBuilder builder;
    builder.add_component("app", bundle_guest("query"));
    add_host(builder, "host");
    return builder;
  }
  static Composition start() { return start_bundle_app(make_app()); }
  static std::string execute(const Composition& app, std::string sql) {
    return call_app(app, "execute", {Value::string(std::move(sql))});
  }
  static std::string run(const Composition& app, std::string sql,
                         std::vector<Value> parameters = {}) {
    return call_app(app, "run",
                    {Value::string(std::move(sql)), Value::list(std::move(parameters))});
  }
  static Value text(std::string value) {
    return Value::variant("text", Value::string(std::move(value)));
  }
  static Value integer(std::int64_t value) { return Value::variant("integer", Value::s64(value)); }

  // SQL for the numbers from 0 to `count` - 1 as `i`.
  static std::string numbers(std::uint32_t count) {
    return "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < " +
           std::to_string(count - 1) + ") ";
  }
};

INSTANTIATE_TEST_SUITE_P(All, SqlBundles,
                         testing::Values(Adapter{"sqlite", nullptr}, Adapter{"duckdb", nullptr},
                                         Adapter{"sqlite", tenon_host_module_sqlite},
                                         Adapter{"duckdb", tenon_host_module_duckdb}),
                         [](const auto& suite) { return name_of(suite.param); });

TEST_P(SqlBundles, ARowHasTheValuesThatWereInserted) {
  const Composition app = start();
  EXPECT_EQ(run(app, "SELECT 1 AS a, 'x' AS b, NULL AS c WHERE 1 = 0").substr(0, 2), "a:");
  ASSERT_EQ(execute(app, "CREATE TABLE t (i BIGINT, r DOUBLE, s VARCHAR, b BLOB)"), "0");
  const std::string insert = "INSERT INTO t VALUES (?, ?, ?, ?)";
  const auto row = [](Value i, Value r, Value s, Value b) {
    return Value::list(std::vector<Value>{std::move(i), std::move(r), std::move(s), std::move(b)});
  };
  const Value null = Value::variant("null");
  const auto real = [](double value) { return Value::variant("real", Value::f64(value)); };
  const auto blob = [](std::vector<std::uint8_t> value) {
    return Value::variant("blob", Value::list(std::move(value)));
  };
  EXPECT_EQ(
      call_app(app, "execute-many",
               {Value::string(insert),
                Value::list(std::vector<Value>{
                    row(integer(std::numeric_limits<std::int64_t>::min()), real(-0.5), text(""),
                        blob({})),
                    row(integer(std::numeric_limits<std::int64_t>::max()), real(1e308),
                        text("h\u00e9llo \U0001F600 longer than twelve bytes"), blob({0, 255, 7})),
                    row(null, null, null, null),
                    row(integer(0), real(0.1), text("twelve bytes"), blob({1})),
                })}),
      "4");
  EXPECT_EQ(run(app, "SELECT i, r, s, b FROM t ORDER BY r NULLS LAST"),
            "i:BIGINT|r:DOUBLE|s:VARCHAR|b:BLOB\n"
            "-9223372036854775808|-0.5||x''\n"
            "0|0.1|twelve bytes|x'01'\n"
            "9223372036854775807|1e308|h\u00e9llo \U0001F600 longer than twelve bytes|x'00ff07'\n"
            "NULL|NULL|NULL|NULL\n");
}

TEST_P(SqlBundles, ParametersAreCountedAndBound) {
  const Composition app = start();
  ASSERT_EQ(execute(app, "CREATE TABLE t (a INTEGER, b VARCHAR)"), "0");
  EXPECT_EQ(
      call_app(app, "count-parameters", {Value::string("SELECT a FROM t WHERE a = ? OR b = ?")}),
      "2");
  EXPECT_EQ(call_app(app, "count-parameters", {Value::string("SELECT a FROM t")}), "0");
  ASSERT_EQ(execute(app, "INSERT INTO t VALUES (1, 'one'), (2, 'two'), (3, 'three')"), "3");
  EXPECT_EQ(
      run(app, "SELECT b FROM t WHERE a = ? OR b = ? ORDER BY a", {integer(1), text("three")}),
      "b:VARCHAR\none\nthree\n");
  EXPECT_EQ(
      run(app, "SELECT b FROM t WHERE a = ?", {Value::variant("boolean", Value::boolean(true))}),
      "b:VARCHAR\none\n");
  // A parameter is always a value, never SQL.
  EXPECT_EQ(run(app, "SELECT a FROM t WHERE b = ?", {text("' OR 1=1 --")}), "a:INTEGER\n");
  EXPECT_EQ(run(app, "SELECT b FROM t WHERE a = ?", {}),
            "error parameters: the statement takes 1 parameters, got 0");
  EXPECT_EQ(run(app, "SELECT b FROM t WHERE a = ?", {integer(1), integer(2)}),
            "error parameters: the statement takes 1 parameters, got 2");
  EXPECT_THAT(execute(app, "DELETE FROM t WHERE a = ?"), StartsWith("error parameters: "));
}

TEST_P(SqlBundles, ExecuteManyStopsAtTheFirstError) {
  const Composition app = start();
  ASSERT_EQ(execute(app, "CREATE TABLE t (a INTEGER PRIMARY KEY)"), "0");
  const auto one = [](std::int64_t value) {
    return Value::list(std::vector<Value>{integer(value)});
  };
  EXPECT_THAT(call_app(app, "execute-many",
                       {Value::string("INSERT INTO t VALUES (?)"),
                        Value::list(std::vector<Value>{one(1), one(2), one(1), one(3)})}),
              StartsWith("error constraint: "));
  EXPECT_EQ(run(app, "SELECT a FROM t ORDER BY a"), "a:INTEGER\n1\n2\n");
}

TEST_P(SqlBundles, ExecuteRunsSeveralStatementsAndCountsRows) {
  const Composition app = start();
  EXPECT_EQ(execute(app, ""), "0");
  EXPECT_EQ(execute(app, " ; -- nothing\n ;"), "0");
  EXPECT_EQ(execute(app,
                    "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1), (2), (3); "
                    "UPDATE t SET a = a + 1 WHERE a > 1; DELETE FROM t WHERE a = 4;"),
            "6");
  // `execute` discards the rows of a query.
  EXPECT_EQ(execute(app, "SELECT * FROM t"), "0");
  EXPECT_EQ(run(app, "SELECT a FROM t ORDER BY a"), "a:INTEGER\n1\n3\n");
}

TEST_P(SqlBundles, AQueryIsOneStatement) {
  const Composition app = start();
  EXPECT_EQ(run(app, "/* first */ SELECT 1 AS one; -- done\n"), run(app, "SELECT 1 AS one"));
  EXPECT_THAT(run(app, "SELECT 1; SELECT 2"), StartsWith("error misuse: there is more"));
  EXPECT_EQ(run(app, ""), "error misuse: there is no statement in the SQL");
  EXPECT_EQ(run(app, " -- only a comment"), "error misuse: there is no statement in the SQL");
}

TEST_P(SqlBundles, NullsAreMarked) {
  const Composition app = start();
  EXPECT_EQ(
      call_app(app, "scan",
               {Value::string(numbers(5000) + "SELECT i, CASE WHEN i % 3 = 0 THEN NULL ELSE 1 "
                                              "END, CASE WHEN i > 4990 THEN NULL ELSE 'x' END "
                                              "FROM n ORDER BY i")}),
      "{rows: 5000, chunks: 3, nulls: 1676, integers: 12500833, reals: 0, bytes: 598920}");
}

TEST_P(SqlBundles, AHundredThousandRowsAreRead) {
  const Composition app = start();
  const std::uint32_t rows = repetitions(100'000);
  ASSERT_EQ(execute(app, "CREATE TABLE t (a BIGINT, b DOUBLE, c VARCHAR); " + numbers(rows) +
                             "INSERT INTO t SELECT i, i / 2.0, 'row ' || i FROM n"),
            std::to_string(rows));
  std::uint64_t bytes = 0;
  for (std::uint32_t k = 0; k < rows; ++k)
    for (const char c : "row " + std::to_string(k)) bytes += static_cast<unsigned char>(c);
  const std::uint64_t sum = std::uint64_t{rows} * (rows - 1) / 2;
  EXPECT_EQ(call_app(app, "scan", {Value::string("SELECT a, b, c FROM t")}),
            fmt::format("{{rows: {}, chunks: {}, nulls: 0, integers: {}, reals: {}, bytes: {}}}",
                        rows, (rows + 2047) / 2048, sum, sum / 2, bytes));
}

TEST_P(SqlBundles, TransactionsAreControlledBySql) {
  const Composition app = start();
  ASSERT_EQ(execute(app, "CREATE TABLE t (a INTEGER)"), "0");
  EXPECT_EQ(execute(app, "BEGIN; INSERT INTO t VALUES (1); ROLLBACK"), "1");
  EXPECT_EQ(run(app, "SELECT a FROM t"), "a:INTEGER\n");
  EXPECT_EQ(execute(app, "BEGIN; INSERT INTO t VALUES (2); COMMIT"), "1");
  EXPECT_EQ(run(app, "SELECT a FROM t"), "a:INTEGER\n2\n");
}

TEST_P(SqlBundles, ResourcesAreDroppedInAnyOrder) {
  const Composition app = start();
  const std::string sql = numbers(5000) + "SELECT i FROM n";
  const auto let_go = [&](const char* order) {
    return call_app(app, "let-go", {Value::string(sql), Value::enumerator(order)});
  };
  EXPECT_EQ(let_go("connection-first"), "5000");
  EXPECT_EQ(let_go("statement-first"), "5000");
  EXPECT_EQ(let_go("rows-first"), "2048");
  // Connections and rows that still exist when the composition ends.
  EXPECT_EQ(call_app(app, "hoard", {Value::string(sql), Value::u32(20)}), "ok");
}

TEST_P(SqlBundles, RunningAStatementAgainEndsItsRows) {
  const Composition app = start();
  EXPECT_EQ(call_app(app, "run-again", {Value::string(numbers(5000) + "SELECT i FROM n")}),
            "error misuse: the statement was run again, which ended these rows");
  ASSERT_EQ(execute(app, "CREATE TABLE t (a INTEGER)"), "0");
  EXPECT_EQ(call_app(app, "repeat", {Value::string("INSERT INTO t VALUES (1)"), Value::u32(1000)}),
            "1000");
}

TEST_P(SqlBundles, AnEndlessQueryStopsAtTheDeadline) {
  CompositionBuilder builder = make_app();
  builder.limits().call_timeout = std::chrono::milliseconds(300);
  const Composition app = start_bundle_app(std::move(builder));
  EXPECT_THAT(run(app, "SELECT 1 AS one"), HasSubstr("1"));
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THAT(run(app,
                  "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n) "
                  "SELECT count(*) FROM n"),
              AllOf(StartsWith("failed: "), HasSubstr("deadline")));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  // A deadline ends the guest, as in a loop of the guest itself.
  EXPECT_THAT(run(app, "SELECT 1 AS one"), HasSubstr("has ended"));
}

TEST_P(SqlBundles, DeeplyNestedSqlDoesNotEndTheProcess) {
  const Composition app = start();
  const auto nest = [&](std::size_t count, std::string_view before, std::string_view after) {
    std::string sql = "SELECT ";
    for (std::size_t k = 0; k < count; ++k) sql += before;
    sql += '1';
    for (std::size_t k = 0; k < count; ++k) sql += after;
    EXPECT_THAT(run(app, sql), StartsWith("error ")) << before;
  };
  nest(20'000, "(", ")");
  nest(20'000, "1+(", ")");
  nest(20'000, "NOT ", "");
  nest(20'000, "- ", "");
  nest(5'000, "(SELECT ", ")");
  nest(10'000, "abs(", ")");
  nest(20'000, "", " + 1");
  EXPECT_THAT(run(app, "SELECT 1 AS still"), HasSubstr("\n1\n"));
}

TEST_P(SqlBundles, HostileSqlIsAnError) {
  const Composition app = start();
  EXPECT_THAT(run(app, std::string(90'000, ')')), StartsWith("error "));
  EXPECT_THAT(run(app, "SELECT \"\U0001F600"), StartsWith("error "));
  EXPECT_THAT(run(app, std::string("SELECT 1\0", 9)), StartsWith("error sql: there is a NUL"));
  EXPECT_THAT(run(app, "SELECT CAST('x' AS nothing.at.all)"), StartsWith("error "));
  EXPECT_THAT(run(app, "SELECT 1 AS still"), HasSubstr("\n1\n"));
}

TEST_P(SqlBundles, TwoInstancesHaveSeparateDatabases) {
  TemporaryFolder folder;
  CompositionBuilder builder;
  for (const char* const name : {"a", "b"}) {
    const std::string app = std::string("app-") + name;
    builder.add_component(app, bundle_guest("query"));
    add_host(builder, name);
    builder.set_host_config(name, "database",
                            (folder.path() / (std::string(name) + ".db")).string());
    builder.wire({.consumer = app, .import = "tenon:sql/database@0.1.0", .provider = name});
  }
  builder.set_root("app-a").isolate_all();
  const Composition both = start_bundle_app(std::move(builder));
  const auto execute_in = [&](const char* name, const char* sql) {
    const Result<Unit> app = both.unit(name);
    return app ? call_app(*app, "execute", {Value::string(sql)}) : problems_text(app.error());
  };
  EXPECT_EQ(execute_in("app-a", "CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (1)"), "1");
  EXPECT_THAT(execute_in("app-b", "INSERT INTO t VALUES (1)"), StartsWith("error sql: "));
  EXPECT_EQ(execute_in("app-a", "INSERT INTO t VALUES (1)"), "1");
}

TEST_P(SqlBundles, ManyCallsDoNotLeakMemory) {
  const Composition app = start();
  for (int k = 0; k < 200; ++k) {
    ASSERT_EQ(call_app(app, "close", {}), "ok");
    ASSERT_THAT(run(app, "SELECT 1 AS one"), HasSubstr("1"));
  }
}

}  // namespace
}  // namespace tenon::sql_bundles_test
