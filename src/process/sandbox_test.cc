// How a kernel that refuses a filter is reported. What filters do is tested in tests/bundle_sandbox_test.cc.
#include "process/sandbox.h"

#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <iterator>

#include "tests/support/sanitizers.h"

namespace tenon::process::sandbox_test {
namespace {

// Lets a system call fail in this process.
bool forbid(std::uint32_t number) {
  sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program = {static_cast<unsigned short>(std::size(filter)), filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

bool is_refused(const Result<void>& result) {
  return !result && result.error().front().code == "host-process";
}

TEST(Sandbox, AFilterThatTheKernelRefusesIsAnError) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it uses system calls of its own";
  EXPECT_EXIT(
      {
        const bool is_forbidden = forbid(SYS_seccomp);
        const Result<void> entered = enter_sandbox({.files = false}, SandboxStage::Running);
        ::_exit(is_forbidden && is_refused(entered) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

TEST(Sandbox, ALimitThatTheKernelRefusesIsAnError) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it uses system calls of its own";
  EXPECT_EXIT(
      {
        const bool is_forbidden = forbid(SYS_prlimit64);
        ::_exit(is_forbidden && is_refused(set_limits({.descriptors = 16})) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
}

bool keeps_lower_limit() {
  rlimit limit = {.rlim_cur = 32, .rlim_max = 32};
  return ::setrlimit(RLIMIT_NOFILE, &limit) == 0 && set_limits({.descriptors = 64}) &&
         ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max == 32;
}

TEST(Sandbox, ALimitThatIsLowerAlreadyStays) {
  EXPECT_EXIT(::_exit(keeps_lower_limit() ? 0 : 1), testing::ExitedWithCode(0), "");
}

TEST(Sandbox, SomeLibrariesReadTheStateOfAFileByItsPath) {
  for (const char* const version : {"2.33", "2.36", "2.36.9000", "2.38"})
    EXPECT_TRUE(reads_state_by_path(version)) << version;
  for (const char* const version : {"", "2.31", "2.4", "2.39", "2.41", "3.0"})
    EXPECT_FALSE(reads_state_by_path(version)) << version;
}

TEST(Sandbox, NothingIsFilteredWithoutAReason) {
  EXPECT_TRUE(enter_sandbox({.memory = 1U << 20U}, SandboxStage::Running));
  EXPECT_EQ(::prctl(PR_GET_SECCOMP), 0);
}

}  // namespace
}  // namespace tenon::process::sandbox_test
