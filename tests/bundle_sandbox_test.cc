// What native code in a process of its own cannot do (docs/host-process.md), by tests/bundles/crash.
#include <gnu/libc-version.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include "process/sandbox.h"
#include "tests/support/bundle_test.h"
#include "tests/support/sanitizers.h"

namespace tenon::bundle_sandbox_test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;

class BundleSandbox : public Bundles {
 protected:
  void SetUp() override {
    if (kHasAddressSanitizer) GTEST_SKIP() << "it has memory and files of its own";
  }
  static Composition start(HostProcess process) {
    CompositionBuilder builder;
    EXPECT_TRUE(builder.export_host_bundle("crash", bundle("crash")));
    process.restarts = 10;
    builder.run_in_process("crash", process);
    builder.restart("main", {.max = 10});
    builder.limits().call_timeout = std::chrono::seconds(20);
    return build(std::move(builder));
  }
  static std::string call(const Composition& all, std::string_view text) {
    return call_text(all, fmt::format("api.{}", text));
  }
  // A file that can be read and written by everyone who can open files.
  [[nodiscard]] std::string file() const {
    const std::string path = folder_ / "file";
    std::ofstream(path) << "text";
    return path;
  }
};

const std::string kDenied = std::to_string(EPERM);

TEST_F(BundleSandbox, EverythingIsAllowedByDefault) {
  const Composition all = start({});
  EXPECT_EQ(call(all, fmt::format("read-file(\"{}\")", file())), "0");
  EXPECT_EQ(call(all, fmt::format("write-file(\"{}\")", file())), "0");
  EXPECT_EQ(call(all, fmt::format("look-at(\"{}\")", file())), "0");
  for (const char* const each :
       {"run(\"/bin/true\")", "make-process()", "make-socket()", "make-pair()", "signal-parent()",
        "take-memory(1073741824)", "share-memory(1048576)"})
    EXPECT_EQ(call(all, each), "0") << each;
}

TEST_F(BundleSandbox, FilesCanBeOutOfReach) {
  const Composition all = start({.files = false});
  EXPECT_EQ(call(all, "add(1, 2)"), "3");
  EXPECT_EQ(call(all, fmt::format("read-file(\"{}\")", file())), kDenied);
  EXPECT_EQ(call(all, fmt::format("write-file(\"{}\")", file())), kDenied);
  EXPECT_EQ(call(all, fmt::format("write-file(\"{}\")", (folder_ / "other").string())), kDenied);
  EXPECT_EQ(call(all, fmt::format("look-at(\"{}\")", file())), kDenied);
  EXPECT_EQ(call(all, "attempt(\"look-at-open-file\")"), "0");
  EXPECT_EQ(call(all, "attempt(\"look-at-path\")"),
            process::reads_state_by_path(::gnu_get_libc_version()) ? "0" : kDenied);
  for (const char* const each :
       {"run(\"/bin/true\")", "make-process()", "signal-parent()", "trace-parent()"})
    EXPECT_EQ(call(all, each), kDenied) << each;
  EXPECT_FALSE(std::filesystem::exists(folder_ / "other"));
  for (const char* const each : {"make-socket()", "make-pair()"})
    EXPECT_EQ(call(all, each), "0") << each;
  EXPECT_EQ(call(all, "start-thread()"), "1");
  EXPECT_THAT(call(all, "abort()"), HasSubstr("SIGABRT"));
  EXPECT_EQ(call(all, "length([1, 2])"), "2");
}

TEST_F(BundleSandbox, TheNetworkCanBeOutOfReach) {
  const Composition all = start({.network = false});
  EXPECT_EQ(call(all, "make-socket()"), kDenied);
  EXPECT_EQ(call(all, "signal-parent()"), kDenied);
  EXPECT_EQ(call(all, "trace-parent()"), kDenied);
  EXPECT_EQ(call(all, "make-pair()"), "0");
  EXPECT_EQ(call(all, "make-process()"), "0");
  EXPECT_EQ(call(all, "run(\"/bin/true\")"), "0");
  EXPECT_EQ(call(all, fmt::format("read-file(\"{}\")", file())), "0");
  EXPECT_EQ(call(all, fmt::format("write-file(\"{}\")", file())), "0");
}

// Refused with either setting, and possible without.
constexpr const char* kWaysToOthers[] = {"fcntl-own", "fcntl-own-ex", "fcntl-signal",
                                         "ioctl-own", "ioctl-group",  "bind-parent"};

TEST_F(BundleSandbox, OtherProcessesAreOutOfReach) {
  const Composition open = start({});
  for (const char* const way : kWaysToOthers)
    EXPECT_EQ(call(open, fmt::format("attempt(\"{}\")", way)), "0") << way;
  for (const HostProcess& process : {HostProcess{.files = false}, HostProcess{.network = false}}) {
    const Composition all = start(process);
    for (const char* const way : kWaysToOthers)
      EXPECT_EQ(call(all, fmt::format("attempt(\"{}\")", way)), kDenied) << way;
    for (const char* const way : {"ioctl-type", "stop", "stop-thread", "make-namespace",
                                  "slow-parent", "slow-user", "take-message"})
      EXPECT_EQ(call(all, fmt::format("attempt(\"{}\")", way)), kDenied) << way;
    EXPECT_EQ(call(all, "attempt(\"slow-itself\")"), "0");
  }
}

TEST_F(BundleSandbox, CallsOfNewerKernelsReachNoFiles) {
  const Composition all = start({.files = false});
  for (const char* const way : {"fchmodat2", "setxattrat", "getxattrat", "listxattrat",
                                "removexattrat", "file_getattr", "file_setattr"})
    EXPECT_THAT(call(all, fmt::format("attempt(\"{}\")", way)),
                AnyOf(kDenied, std::to_string(ENOSYS)))
        << way;
}

TEST_F(BundleSandbox, BothCanBe) {
  const Composition all = start({.files = false, .network = false});
  EXPECT_EQ(call(all, "make-socket()"), kDenied);
  EXPECT_EQ(call(all, fmt::format("read-file(\"{}\")", file())), kDenied);
  EXPECT_EQ(call(all, "make-pair()"), "0");
  for (int i = 0; i < 100; ++i) ASSERT_EQ(call(all, "add(1, 2)"), "3");
}

TEST_F(BundleSandbox, MemoryIsLimited) {
  const Composition all = start({.memory = 64U << 20U});
  EXPECT_EQ(call(all, "take-memory(1048576)"), "0");
  EXPECT_EQ(call(all, "take-memory(134217728)"), std::to_string(ENOMEM));
  EXPECT_EQ(call(all, "share-memory(1048576)"), "0");
  // What is shared does not count, so a filter refuses it.
  const Composition filtered = start({.network = false, .memory = 64U << 20U});
  EXPECT_EQ(call(filtered, "take-memory(134217728)"), std::to_string(ENOMEM));
  EXPECT_EQ(call(filtered, "share-memory(1048576)"), kDenied);
  EXPECT_EQ(call(all, "attempt(\"grow-down\")"), "0");
  EXPECT_EQ(call(filtered, "attempt(\"grow-down\")"), kDenied);
}

TEST_F(BundleSandbox, ProcessorTimeIsLimited) {
  const Composition all = start({.cpu = std::chrono::seconds(1)});
  EXPECT_THAT(call(all, "burn()"), AllOf(HasSubstr("was ended by SIGXCPU"), HasSubstr("`cpu`")));
}

TEST_F(BundleSandbox, DescriptorsAreLimited) {
  const Composition all = start({.descriptors = 16});
  EXPECT_EQ(call(all, "add(1, 2)"), "3");
  EXPECT_EQ(call(all, "length([1, 2])"), "2");
}

}  // namespace
}  // namespace tenon::bundle_sandbox_test
