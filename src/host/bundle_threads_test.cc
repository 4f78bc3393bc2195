// Host bundles and threads: threads of the library, and threads of a program with a composition
// each.
#include <thread>

#include "tests/support/bundle_test.h"

namespace tenon::bundle_threads_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class BundlesInThreads : public Bundles {};

TEST_F(BundlesInThreads, ALibraryCanHaveThreads) {
  CompositionBuilder builder = make_builder();
  builder.set_host_config("lib", "fault", "threads");
  const Composition built = build(std::move(builder));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(call_front(built, "add(40, 2)"), "42");
}

// The library allows one call at a time, including drops: the threads wait for each other, and
// resources of a composition that ends during a call of another one are dropped in between.
TEST_F(BundlesInThreads, CompositionsTakeTurnsInALibrary) {
  const auto work = [this](std::string* wrong) {
    for (int life = 0; life < 4; ++life) {
      CompositionBuilder builder = make_builder();
      builder.set_host_config("lib", "log", log());
      Result<Composition> built = builder.build();
      if (!built) {
        *wrong = whole_text(built.error());
        return;
      }
      for (int i = 0; i < 200; ++i) {
        const std::string sum = call_front(*built, "add(40, 2)");
        const std::string alive = call_front(*built, "churn(5)");
        if (sum != "42" || alive != "0") *wrong = sum + " " + alive;
      }
      // Resources that are still held are dropped when the composition ends.
      const std::string held = call_front(*built, "hold(3)");
      if (held.find("trap") != std::string::npos) *wrong = held;
    }
  };
  std::string first;
  std::string second;
  std::thread first_thread(work, &first);
  std::thread two(work, &second);
  first_thread.join();
  two.join();
  EXPECT_EQ(first, "");
  EXPECT_EQ(second, "");
  EXPECT_THAT(logged(), Not(Contains(HasSubstr("overlap"))));
  EXPECT_THAT(logged(), Contains("destroy 0"));
}

TEST_F(BundlesInThreads, InstancesAreCreatedInAnyThread) {
  std::vector<std::thread> threads;
  std::vector<std::string> answers(4);
  for (std::string& answer : answers)
    threads.emplace_back([&answer] {
      CompositionBuilder builder = make_builder();
      Result<Composition> built = builder.build();
      answer = built ? call_front(*built, "calls()") : whole_text(built.error());
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) EXPECT_EQ(answer, "1");
}

}  // namespace
}  // namespace tenon::bundle_threads_test
