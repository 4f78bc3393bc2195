#include "link/code_jobs.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "engine/code_cache.h"
#include "engine/wat.h"
#include "link/request.h"

namespace tenon::link::code_jobs_test {
namespace {

TEST(CountProcessors, LeavesOutThoseThatTheProcessMayNotUse) {
  EXPECT_GE(count_processors(), 1U);
  std::thread([] {
    cpu_set_t one;
    ASSERT_EQ(::sched_getaffinity(0, sizeof one, &one), 0);
    int first = 0;
    while (!CPU_ISSET(first, &one)) ++first;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
    EXPECT_EQ(count_processors(), 1U);
  }).join();
}

// The background thread of a process that ends stops at the next step of a link.
TEST(CheckDeadline, EndsAnAbandonedLink) {
  std::atomic<bool> abandoned = false;
  Request request;
  request.abandoned = &abandoned;
  EXPECT_TRUE(check_deadline(request));
  abandoned = true;
  const Result<void> checked = check_deadline(request);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().front().code, "run-deadline");
}

// The compiler can be called on another thread, and its result is the same.
TEST(CodeJobs, CallTheCompilerAsTold) {
  Result<engine::Engine> opened = engine::Engine::open({});
  ASSERT_TRUE(opened);
  const auto engine = std::make_shared<const engine::Engine>(*std::move(opened));
  const auto bytes =
      std::make_shared<const Bytes>(*engine::wat_to_wasm("empty.wat", "(component)"));
  const engine::CodeCache cache{std::filesystem::path()};
  CodeJobs jobs(cache, 1);
  int calls = 0;
  jobs.call_compiler = [&calls](const std::function<void()>& compile) {
    std::thread([&] { compile(); }).join();
    ++calls;
  };
  jobs.add<engine::CompiledComponent>(engine, "key", {bytes, *bytes});
  ASSERT_TRUE(jobs.run([] { return Result<void>(); }));
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(jobs.get<engine::CompiledComponent>(*engine, "key"));
}

}  // namespace
}  // namespace tenon::link::code_jobs_test
