// Tests of the bundles `keyvalue-sqlite` and `keyvalue-nats` (bundles/), with the guest
// tests/guests/bundles/services, which is made by wit-bindgen.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/bundle_app.h"
#include "tests/support/nats_server.h"
#include "tests/support/temporary_folder.h"

namespace tenon::keyvalue_bundles_test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kSqlite = "keyvalue-sqlite";
constexpr std::string_view kNats = "keyvalue-nats";

// call: in WAVE.
std::string call(const Composition& app, std::string_view text) {
  const Result<WaveCall> parsed = parse_wave_call(text);
  if (!parsed) return problems_text(parsed.error());
  const Result<Function> function = app.find_function(*parsed);
  if (!function) return problems_text(function.error());
  const auto arguments = parse_wave_arguments(*parsed, function->type());
  return arguments ? result_text(function->call(*arguments)) : problems_text(arguments.error());
}

BundleConfig with(BundleConfig config, const BundleConfig& more) {
  config.insert(config.end(), more.begin(), more.end());
  return config;
}

// A server with JetStream, whose data is in a folder.
struct JetStream {
  explicit JetStream(std::vector<std::string> arguments = {})
      : server(add_folder(std::move(arguments))) {}

  [[nodiscard]] BundleConfig config(const BundleConfig& more = {}) const {
    return with({{"servers", server.url()}, {"create-buckets", "true"}}, more);
  }
  [[nodiscard]] std::vector<std::string> add_folder(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-js", "-sd", folder.path().string()});
    return arguments;
  }

  TemporaryFolder folder;
  NatsServer server;
};

// What both bundles do.
class KeyValueBundles : public testing::TestWithParam<std::string_view> {
 protected:
  void SetUp() override {
    if (GetParam() != kNats) return;
    if (!NatsServer::exists()) GTEST_SKIP() << "nats-server is not installed";
    nats_ = std::make_unique<JetStream>();
  }
  [[nodiscard]] Composition start(const BundleConfig& config = {}) const {
    return start_bundle_app("services", GetParam(),
                            nats_ == nullptr ? config : nats_->config(config));
  }

  // With a guest of the first draft, and the component that provides it by the second one.
  [[nodiscard]] Composition start_first_draft(const BundleConfig& config = {}) const {
    CompositionBuilder builder =
        bundle_app("visits", GetParam(), nats_ == nullptr ? config : nats_->config(config));
    builder.add_component("draft", TENON_SOURCE_DIR "/bundles/keyvalue-draft/keyvalue-draft.wasm");
    return start_bundle_app(std::move(builder));
  }

  std::unique_ptr<JetStream> nats_;
};

INSTANTIATE_TEST_SUITE_P(Stores, KeyValueBundles, testing::Values(kSqlite, kNats),
                         [](const auto& of) { return of.param == kNats ? "Nats" : "Sqlite"; });

TEST_P(KeyValueBundles, AValueIsKeptUntilItIsDeleted) {
  const Composition app = start();
  EXPECT_EQ(call(app, R"(get("a"))"), "none");
  EXPECT_EQ(call(app, R"(exists("a"))"), "false");
  EXPECT_EQ(call(app, R"(set("a", "one"))"), "ok");
  EXPECT_EQ(call(app, R"(set("a", "two"))"), "ok");
  EXPECT_EQ(call(app, R"(get("a"))"), R"(some("two"))");
  EXPECT_EQ(call(app, R"(set("empty", ""))"), "ok");
  EXPECT_EQ(call(app, R"(get("empty"))"), R"(some(""))");
  EXPECT_EQ(call(app, R"(exists("empty"))"), "true");
  EXPECT_EQ(call(app, R"(delete("a"))"), "ok");
  EXPECT_EQ(call(app, R"(delete("a"))"), "ok");
  EXPECT_EQ(call(app, R"(get("a"))"), "none");
  EXPECT_EQ(call(app, R"(pages(none))"), R"([["empty"]])");
}

TEST_P(KeyValueBundles, KeysComeInPages) {
  const Composition app = start({{"page-keys", "3"}});
  EXPECT_EQ(call(app, "pages(none)"), "[[]]");
  for (const char* const key : {"f", "b", "e", "a", "d", "c"})
    ASSERT_EQ(call(app, fmt::format(R"(set("{}", "x"))", key)), "ok");
  EXPECT_EQ(call(app, "pages(none)"), R"([["a", "b", "c"], ["d", "e", "f"]])");
  ASSERT_EQ(call(app, R"(delete("b"))"), "ok");
  ASSERT_EQ(call(app, R"(set("g", "x"))"), "ok");
  ASSERT_EQ(call(app, R"(set("h", "x"))"), "ok");
  EXPECT_EQ(call(app, "pages(none)"), R"([["a", "c", "d"], ["e", "f", "g"], ["h"]])");
  // A cursor can be any key, also one that does not exist.
  EXPECT_EQ(call(app, R"(pages(some("f")))"), R"([["g", "h"]])");
  EXPECT_EQ(call(app, R"(pages(some("bb")))"), R"([["c", "d", "e"], ["f", "g", "h"]])");
  EXPECT_EQ(call(app, R"(pages(some("zz")))"), "[[]]");
  EXPECT_THAT(call(app, R"(pages(some("")))"), HasSubstr("must not be empty"));
}

TEST_P(KeyValueBundles, NumbersAreIncremented) {
  const Composition app = start();
  EXPECT_EQ(call(app, R"(increment("n", 5, 1))"), "5");
  EXPECT_EQ(call(app, R"(increment("n", -7, 1))"), "-2");
  EXPECT_EQ(call(app, R"(increment("n", 1, 50))"), "48");
  EXPECT_EQ(call(app, R"(get("n"))"), R"(some("48"))");
  for (const char* const text : {"12x", "", " 1", "+1", "9223372036854775808"}) {
    ASSERT_EQ(call(app, fmt::format(R"(set("n", "{}"))", text)), "ok");
    EXPECT_THAT(call(app, R"(increment("n", 1, 1))"), HasSubstr("is not a whole number")) << text;
  }
  ASSERT_EQ(call(app, R"(set("n", "9223372036854775807"))"), "ok");
  EXPECT_EQ(call(app, R"(increment("n", -1, 1))"), "9223372036854775806");
  EXPECT_EQ(call(app, R"(increment("n", 1, 1))"), "9223372036854775807");
  EXPECT_THAT(call(app, R"(increment("n", 1, 1))"), HasSubstr("out of range"));
  EXPECT_EQ(call(app, R"(get("n"))"), R"(some("9223372036854775807"))");
}

TEST_P(KeyValueBundles, ASwapFailsAfterAnotherWrite) {
  const Composition app = start();
  EXPECT_EQ(call(app, R"(remember("k"))"), "none");
  EXPECT_EQ(call(app, R"(set("k", "other"))"), "ok");
  EXPECT_EQ(call(app, R"(swap("mine"))"), "false");
  // The new handle is that of the present value.
  EXPECT_EQ(call(app, R"(swap("mine"))"), "true");
  EXPECT_EQ(call(app, R"(remember("k"))"), R"(some("mine"))");
  EXPECT_EQ(call(app, R"(delete("k"))"), "ok");
  EXPECT_EQ(call(app, R"(swap("again"))"), "false");
  EXPECT_EQ(call(app, R"(swap("again"))"), "true");
  // The same value, written again, is another write.
  EXPECT_EQ(call(app, R"(remember("k"))"), R"(some("again"))");
  EXPECT_EQ(call(app, R"(set("k", "again"))"), "ok");
  EXPECT_EQ(call(app, R"(swap("late"))"), "false");
  EXPECT_EQ(call(app, R"(get("k"))"), R"(some("again"))");
}

TEST_P(KeyValueBundles, BatchesKeepTheOrderOfKeys) {
  const Composition app = start();
  EXPECT_EQ(call(app, R"(set-many([("a", "1"), ("b", "2"), ("a", "3")]))"), "ok");
  EXPECT_EQ(call(app, R"(get-many(["b", "x", "a", "b"]))"),
            R"([some(("b", "2")), none, some(("a", "3")), some(("b", "2"))])");
  EXPECT_EQ(call(app, R"(delete-many(["x", "a"]))"), "ok");
  EXPECT_EQ(call(app, "pages(none)"), R"([["b"]])");
  EXPECT_EQ(call(app, "get-many([])"), "[]");
  EXPECT_EQ(call(app, "set-many([])"), "ok");
  // Nothing is written if one of the pairs is wrong.
  EXPECT_THAT(call(app, R"(set-many([("c", "1"), ("", "2")]))"), HasSubstr("must not be empty"));
  EXPECT_EQ(call(app, R"(get("c"))"), "none");
}

TEST_P(KeyValueBundles, BucketsAreApart) {
  const Composition app = start({{"buckets", "default  other"}});
  EXPECT_EQ(call(app, R"(set("k", "in default"))"), "ok");
  EXPECT_EQ(call(app, R"(open("other"))"), "ok");
  EXPECT_EQ(call(app, R"(get("k"))"), "none");
  EXPECT_EQ(call(app, R"(set("k", "in other"))"), "ok");
  EXPECT_EQ(call(app, R"(open("default"))"), "ok");
  EXPECT_EQ(call(app, R"(get("k"))"), R"(some("in default"))");
  for (const char* const name : {"third", "*", "../other", "other ", "\\u{0}"})
    EXPECT_EQ(call(app, fmt::format(R"(open("{}"))", name)), "error no-such-store") << name;
}

TEST_P(KeyValueBundles, SizesAreLimited) {
  const Composition app =
      start({{"max-key-bytes", "8"}, {"max-value-bytes", "1000"}, {"max-batch-bytes", "3000"}});
  EXPECT_EQ(call(app, R"(set-size("12345678", 1000))"), "ok");
  EXPECT_THAT(call(app, R"(set-size("123456789", 1))"), HasSubstr("at most 8 bytes, found 9"));
  EXPECT_THAT(call(app, R"(get("123456789"))"), HasSubstr("at most 8 bytes, found 9"));
  EXPECT_THAT(call(app, R"(remember("123456789"))"), HasSubstr("at most 8 bytes, found 9"));
  EXPECT_THAT(call(app, R"(set-size("k", 1001))"), HasSubstr("at most 1000 bytes, found 1001"));
  EXPECT_THAT(call(app, R"(set("", "x"))"), HasSubstr("must not be empty"));
  EXPECT_THAT(call(app, R"(get-many(["12345678", "12345678"]))"), StartsWith("[some("));
  EXPECT_THAT(call(app, R"(get-many(["12345678", "12345678", "12345678"]))"),
              HasSubstr("at most 3000 bytes"));
  std::string keys = R"("a")";
  for (int i = 0; i < 50; ++i) keys += R"(, "a")";
  EXPECT_THAT(call(app, fmt::format("delete-many([{}])", keys)), HasSubstr("at most 3000 bytes"));
}

TEST_P(KeyValueBundles, TheFirstDraftHasAnAdapter) {
  const Composition app = start_first_draft();
  EXPECT_EQ(call(app, R"(get("a"))"), "none");
  EXPECT_EQ(call(app, R"(set("a", "one"))"), "ok");
  EXPECT_EQ(call(app, R"(get("a"))"), R"(some("one"))");
  EXPECT_EQ(call(app, R"(exists("a"))"), "true");
  EXPECT_EQ(call(app, R"(delete("a"))"), "ok");
  EXPECT_EQ(call(app, R"(exists("a"))"), "false");
  EXPECT_EQ(call(app, R"(batch([("x", "1"), ("y", "2")], ["x"], ["y", "x"]))"),
            R"([some(("y", "2")), none])");
  EXPECT_EQ(call(app, R"(open("other"))"), "error no-such-store");
  EXPECT_THAT(call(app, R"(set("", "x"))"), HasSubstr("must not be empty"));
}

TEST_P(KeyValueBundles, NumbersOfTheFirstDraftHaveNoSign) {
  const Composition app = start_first_draft();
  EXPECT_EQ(call(app, R"(increment("n", 5))"), "5");
  EXPECT_EQ(call(app, R"(increment("n", 9223372036854775802))"), "9223372036854775807");
  EXPECT_THAT(call(app, R"(increment("n", 1))"), HasSubstr("out of range"));
  EXPECT_THAT(call(app, R"(increment("m", 9223372036854775808))"), HasSubstr("is too large"));
  EXPECT_EQ(call(app, R"(get("m"))"), "none");
  ASSERT_EQ(call(app, R"(set("n", "-7"))"), "ok");
  EXPECT_THAT(call(app, R"(increment("n", 2))"), HasSubstr("number of `n` is negative: -5"));
  EXPECT_EQ(call(app, R"(increment("n", 6))"), "1");
}

TEST_P(KeyValueBundles, CursorsOfTheFirstDraftCountKeys) {
  const Composition app = start_first_draft({{"page-keys", "2"}});
  EXPECT_EQ(call(app, "page(none)"), "([], none)");
  for (const char* const key : {"a", "b", "c", "d", "e"})
    ASSERT_EQ(call(app, fmt::format(R"(set("{}", "x"))", key)), "ok");
  EXPECT_EQ(call(app, "page(none)"), R"((["a", "b"], some(2)))");
  EXPECT_EQ(call(app, "page(some(0))"), R"((["a", "b"], some(2)))");
  EXPECT_EQ(call(app, "page(some(2))"), R"((["c", "d"], some(4)))");
  EXPECT_EQ(call(app, "page(some(4))"), R"((["e"], none))");
  // A cursor can be any number.
  EXPECT_EQ(call(app, "page(some(3))"), R"((["d"], some(4)))");
  EXPECT_EQ(call(app, "page(some(5))"), "([], none)");
  EXPECT_EQ(call(app, "page(some(18446744073709551615))"), "([], none)");
}

TEST_P(KeyValueBundles, AGuestCanHoldManyHandles) {
  const Composition app = start();
  ASSERT_EQ(call(app, R"(set-size("hoarded", 100000))"), "ok");
  EXPECT_EQ(call(app, "hoard(500)"), "ok");
}

TEST_P(KeyValueBundles, AWrongConfigurationDoesNotStart) {
  const auto refused = [&](const BundleConfig& config) {
    return refused_start("services", GetParam(), nats_ == nullptr ? config : nats_->config(config));
  };
  EXPECT_THAT(refused({{"page-keys", "0"}}), HasSubstr("`page-keys` must be from 1 to 100000"));
  EXPECT_THAT(refused({{"max-value-bytes", "-1"}}), HasSubstr("`max-value-bytes` must be from 1"));
  EXPECT_THAT(refused({{"buckets", "  "}}), HasSubstr("`buckets` names no bucket"));
}

class KeyValueSqlite : public testing::Test {
 protected:
  [[nodiscard]] std::string file() const { return (folder_.path() / "store.db").string(); }
  [[nodiscard]] Composition start(const BundleConfig& config = {}) const {
    return start_bundle_app("services", kSqlite, with({{"database", file()}}, config));
  }
  // The output of the command.
  [[nodiscard]] std::string run_command(std::string_view function) const {
    const std::string line = fmt::format(
        "{}/tenon call --no-cache {} '{}' --host-bundle {} --host-set {}.database={} 2>&1",
        TENON_BINARY_DIR, bundle_guest("services"), function, bundle_folder(kSqlite), kSqlite,
        file());
    std::FILE* const output = ::popen(line.c_str(), "r");
    std::string text;
    std::array<char, 4096> part = {};
    while (std::fgets(part.data(), part.size(), output) != nullptr) text += part.data();
    ::pclose(output);
    return text;
  }

  TemporaryFolder folder_;
};

TEST_F(KeyValueSqlite, AFileKeepsItsBuckets) {
  {
    const Composition app = start({{"buckets", "*"}});
    ASSERT_EQ(call(app, R"(open("any"))"), "ok");
    ASSERT_EQ(call(app, R"(set("k", "kept"))"), "ok");
  }
  const Composition again = start({{"buckets", "any"}, {"read-only", "true"}});
  ASSERT_EQ(call(again, R"(open("any"))"), "ok");
  EXPECT_EQ(call(again, R"(get("k"))"), R"(some("kept"))");
  EXPECT_EQ(call(again, R"(set("k", "x"))"), "error access-denied");
  EXPECT_EQ(call(again, R"(delete("k"))"), "error access-denied");
  EXPECT_EQ(call(again, R"(increment("n", 1, 1))"), "error access-denied");
  EXPECT_EQ(call(again, R"(set-many([("a", "b")]))"), "error access-denied");
  ASSERT_EQ(call(again, R"(remember("k"))"), R"(some("kept"))");
  EXPECT_EQ(call(again, R"(swap("x"))"), "error access-denied");
}

TEST_F(KeyValueSqlite, ProcessesShareAFile) {
  const Composition app = start();
  ASSERT_EQ(call(app, R"(increment("n", 1, 1))"), "1");
  std::vector<std::string> texts(2);
  std::vector<std::thread> threads;
  for (std::string& text : texts)
    threads.emplace_back([&] { text = run_command(R"(increment("n", 1, 300))"); });
  EXPECT_THAT(call(app, R"(increment("n", 1, 300))"), Not(HasSubstr("error")));
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : texts) EXPECT_THAT(text, StartsWith("ok(")) << text;
  EXPECT_EQ(call(app, R"(get("n"))"), R"(some("901"))");
}

TEST_F(KeyValueSqlite, ALockOfAnotherProcessIsReported) {
  const Composition app = start({{"busy-timeout-ms", "20"}});
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  EXPECT_EQ(call(app, R"(set("k", "x"))"), R"(error other("database is locked"))");
  EXPECT_EQ(call(app, R"(get("k"))"), "none");
  ASSERT_EQ(sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(other);
  EXPECT_EQ(call(app, R"(set("k", "x"))"), "ok");
}

TEST_F(KeyValueSqlite, AFullDatabaseIsReported) {
  const Composition app = start({{"max-bytes", "200000"}});
  std::string text = "ok";
  for (int i = 0; i < 10 && text == "ok"; ++i)
    text = call(app, fmt::format(R"(set-size("{}", 50000))", i));
  EXPECT_EQ(text, R"(error other("database or disk is full"))");
  EXPECT_EQ(call(app, R"(delete("0"))"), "ok");
}

TEST_F(KeyValueSqlite, AFileOfAnotherKindIsRefused) {
  const auto refused = [&](const BundleConfig& config = {}) {
    return refused_start("services", kSqlite, with({{"database", file()}}, config));
  };
  EXPECT_THAT(refused({{"read-only", "true"}}), HasSubstr("cannot be used: unable to open"));
  EXPECT_THAT(refused_start("services", kSqlite, {{"read-only", "true"}}),
              HasSubstr("`read-only` needs a `database`"));
  std::ofstream(file()) << "this is not a database, and it is longer than a header of one is";
  EXPECT_THAT(refused(), HasSubstr("cannot be used: file is not a database"));
  std::ofstream(file()) << "";
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "CREATE TABLE tenon_keyvalue (a)", nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(other);
  EXPECT_THAT(refused(), HasSubstr("cannot be used: no such column: version"));
}

TEST_F(KeyValueSqlite, ATriggerOfTheFileDoesNotRun) {
  {
    const Composition app = start();
  }
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other,
                         "CREATE TRIGGER t AFTER INSERT ON tenon_keyvalue BEGIN "
                         "DELETE FROM tenon_keyvalue; END",
                         nullptr, nullptr, nullptr),
            SQLITE_OK);
  sqlite3_close(other);
  const Composition app = start();
  EXPECT_EQ(call(app, R"(set("k", "x"))"), "ok");
  EXPECT_EQ(call(app, R"(get("k"))"), R"(some("x"))");
}

class KeyValueNats : public testing::Test {
 protected:
  void SetUp() override {
    if (!NatsServer::exists()) GTEST_SKIP() << "nats-server is not installed";
  }
  static Composition start(const JetStream& nats, const BundleConfig& config = {}) {
    return start_bundle_app("services", kNats, nats.config(config));
  }
};

TEST_F(KeyValueNats, CompositionsShareABucket) {
  const JetStream nats;
  const Composition one = start(nats);
  const Composition two = start(nats, {{"create-buckets", "false"}});
  EXPECT_EQ(call(two, R"(get("k"))"), "error no-such-store");
  EXPECT_EQ(call(one, R"(set("k", "x"))"), "ok");
  EXPECT_EQ(call(two, R"(remember("k"))"), R"(some("x"))");
  EXPECT_EQ(call(one, R"(set("k", "y"))"), "ok");
  EXPECT_EQ(call(two, R"(swap("z"))"), "false");
  EXPECT_EQ(call(two, R"(swap("z"))"), "true");
  EXPECT_EQ(call(one, R"(get("k"))"), R"(some("z"))");
  std::thread other(
      [&] { EXPECT_THAT(call(two, R"(increment("n", 1, 100))"), Not(HasSubstr("error"))); });
  EXPECT_THAT(call(one, R"(increment("n", 1, 100))"), Not(HasSubstr("error")));
  other.join();
  EXPECT_EQ(call(one, R"(get("n"))"), R"(some("200"))");
}

// Keys are parts of subjects: a guest must not reach other keys, or streams, by wildcards.
TEST_F(KeyValueNats, KeysHaveNoWildcards) {
  const JetStream nats;
  const Composition app = start(nats, {{"buckets", "*"}});
  EXPECT_EQ(call(app, R"(set("a.b-c/d_e=F9", "x"))"), "ok");
  EXPECT_EQ(call(app, R"(get("a.b-c/d_e=F9"))"), R"(some("x"))");
  for (const char* const key :
       {"*", ">", "a.*", "a b", ".a", "a.", "a..b", "a\\u{0}b", "\\u{e4}", "a\\nPUB x", "$KV"}) {
    EXPECT_THAT(call(app, fmt::format(R"(get("{}"))", key)), HasSubstr("cannot be a key of NATS"));
    EXPECT_THAT(call(app, fmt::format(R"(set("{}", ""))", key)),
                HasSubstr("cannot be a key of NATS"));
    EXPECT_THAT(call(app, fmt::format(R"(remember("{}"))", key)),
                HasSubstr("cannot be a key of NATS"));
  }
  for (const char* const name : {"*", "a.b", "a b", "KV>"})
    EXPECT_EQ(call(app, fmt::format(R"(open("{}"))", name)), "error no-such-store") << name;
}

TEST_F(KeyValueNats, AServerThatDoesNotAnswerEndsACall) {
  const JetStream nats;
  const Composition app = start(nats, {{"timeout-ms", "300"}});
  ASSERT_EQ(call(app, R"(set("k", "x"))"), "ok");
  nats.server.pause();
  EXPECT_EQ(call(app, R"(get("k"))"), R"(error other("no answer from NATS within 300 ms"))");
  EXPECT_EQ(call(app, R"(set("k", "y"))"),
            R"(error other("no answer from NATS within 300 ms; it may be done all the same"))");
  EXPECT_EQ(call(app, "pages(none)"), R"(error other("no answer from NATS within 300 ms"))");
  nats.server.resume();
  EXPECT_THAT(call(app, R"(get("k"))"), StartsWith("some("));
}

TEST_F(KeyValueNats, AServerThatDiesInACallEndsIt) {
  JetStream nats;
  const Composition app = start(nats, {{"timeout-ms", "60000"}});
  ASSERT_EQ(call(app, R"(set("k", "x"))"), "ok");
  nats.server.pause();
  std::thread killer([&] {
    std::this_thread::sleep_for(200ms);
    nats.server.stop();
  });
  EXPECT_THAT(call(app, R"(set("k", "y"))"), AllOf(StartsWith("error other("), HasSubstr("broke")));
  killer.join();
  EXPECT_THAT(call(app, R"(get("k"))"), HasSubstr("there is no connection to NATS"));
  nats.server.start();
  std::string text;
  for (int i = 0; i < 500 && !text.starts_with("some("); ++i) {
    std::this_thread::sleep_for(10ms);
    text = call(app, R"(get("k"))");
  }
  EXPECT_EQ(text, R"(some("x"))");
}

TEST_F(KeyValueNats, AServerWithoutJetStreamIsReported) {
  const NatsServer server;
  const Composition app = start_bundle_app("services", kNats, {{"servers", server.url()}});
  EXPECT_THAT(call(app, R"(get("k"))"), HasSubstr("JetStream is not enabled at `nats://"));
}

TEST_F(KeyValueNats, PasswordsAreNotShown) {
  const JetStream nats({"--user", "ada", "--pass", "secret"});
  const std::string refused = refused_start(
      "services", kNats, {{"servers", fmt::format("nats://ada:wrong@{}", nats.server.address())}});
  EXPECT_THAT(refused, AllOf(HasSubstr("no connection to NATS at `nats://127.0.0.1:"),
                             Not(HasSubstr("wrong")), Not(HasSubstr("ada"))));
  const Composition app =
      start(nats, {{"servers", fmt::format("nats://ada:secret@{}", nats.server.address())}});
  EXPECT_EQ(call(app, R"(set("k", "x"))"), "ok");
}

TEST_F(KeyValueNats, AServerThatIsNotThereIsReported) {
  EXPECT_THAT(
      refused_start("services", kNats,
                    {{"servers", fmt::format("nats://127.0.0.1:{}", NatsServer::find_port())}}),
      HasSubstr("no connection to NATS at `nats://127.0.0.1:"));
  EXPECT_THAT(refused_start("services", kNats, {{"libnats", "/nowhere/libnats.so"}}),
              HasSubstr("libnats cannot be loaded: /nowhere/libnats.so"));
  EXPECT_THAT(refused_start("services", kNats, {{"tls-cert", "/nowhere/cert.pem"}}),
              HasSubstr("`tls-cert` and `tls-key` belong together"));
}

TEST_F(KeyValueNats, ABucketCanBeReadOnly) {
  const JetStream nats;
  ASSERT_EQ(call(start(nats), R"(set("k", "x"))"), "ok");
  const Composition app = start(nats, {{"read-only", "true"}});
  EXPECT_EQ(call(app, R"(get("k"))"), R"(some("x"))");
  EXPECT_EQ(call(app, R"(set("k", "y"))"), "error access-denied");
}

}  // namespace
}  // namespace tenon::keyvalue_bundles_test
