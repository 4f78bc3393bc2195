// Host bundles and threads: those of the library, and those of programs with a composition each.
#include <thread>

#include "tests/support/bundle_test.h"

namespace tenon::bundle_threads_test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class BundlesInThreads : public Bundles {};

TEST_F(BundlesInThreads, ALibraryMayHaveItsOwn) {
  CompositionBuilder made = builder();
  made.set_host_config("lib", "fault", "threads");
  const Composition built = build(std::move(made));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(call_front(built, "add(40, 2)"), "42");
}

// The library says one call at a time, drops included: the threads wait for each other, and what
// ends in one thread while another is in a call is dropped in between.
TEST_F(BundlesInThreads, CompositionsTakeTurnsInALibrary) {
  const auto work = [this](std::string* wrong) {
    for (int life = 0; life < 4; ++life) {
      CompositionBuilder made = builder();
      made.set_host_config("lib", "log", log());
      Result<Composition> built = made.build();
      if (!built) {
        *wrong = whole_text(built.error());
        return;
      }
      for (int i = 0; i < 200; ++i) {
        const std::string sum = call_front(*built, "add(40, 2)");
        const std::string alive = call_front(*built, "churn(5)");
        if (sum != "42" || alive != "0") *wrong = sum + " " + alive;
      }
      // What is held is dropped when the composition ends.
      const std::string held = call_front(*built, "hold(3)");
      if (held.find("trap") != std::string::npos) *wrong = held;
    }
  };
  std::string first;
  std::string second;
  std::thread one(work, &first);
  std::thread two(work, &second);
  one.join();
  two.join();
  EXPECT_EQ(first, "");
  EXPECT_EQ(second, "");
  EXPECT_THAT(logged(), Not(Contains(HasSubstr("overlap"))));
  EXPECT_THAT(logged(), Contains("destroy 0"));
}

TEST_F(BundlesInThreads, InstancesAreMadeInAnyThread) {
  std::vector<std::thread> threads;
  std::vector<std::string> answers(4);
  for (std::string& answer : answers)
    threads.emplace_back([&answer] {
      CompositionBuilder made = builder();
      Result<Composition> built = made.build();
      answer = built ? call_front(*built, "calls()") : whole_text(built.error());
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& answer : answers) EXPECT_EQ(answer, "1");
}

}  // namespace
}  // namespace tenon::bundle_threads_test
