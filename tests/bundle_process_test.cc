// Host bundles in processes of their own: tests/bundles/crash, which harms its process, and others that do not
// know that they have one.
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <set>
#include <thread>

#include "support/descriptor.h"
#include "tests/support/bundle_test.h"
#include "tests/support/sanitizers.h"

namespace tenon::bundle_process_test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// The descriptors of this process.
std::set<std::string> list_descriptors() {
  std::set<std::string> names;
  DIR* const folder = ::opendir("/proc/self/fd");
  while (const dirent* const entry = ::readdir(folder)) names.insert(entry->d_name);
  ::closedir(folder);
  return names;
}

// Whether this process has a child, running or not reaped.
bool has_children() {
  siginfo_t info = {};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

// Waits until a child has ended, without reaping it.
void wait_for_end(pid_t child) {
  siginfo_t info = {};
  EXPECT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
}

class BundleProcess : public Bundles {
 protected:
  // What the bundle `crash` exports, and any number of lives of the domain that passes it on.
  static CompositionBuilder make_crash(const HostProcess& process = {}) {
    CompositionBuilder builder;
    EXPECT_TRUE(builder.export_host_bundle("crash", bundle("crash")));
    builder.run_in_process("crash", process);
    builder.restart("main", {.max = 1000});
    return builder;
  }
  static Composition build_crash(const HostProcess& process = {}) {
    return build(make_crash(process));
  }
  static HostProcess restarting(std::uint32_t max = 1000) {
    HostProcess process;
    process.restarts = max;
    return process;
  }
  static std::string call(const Composition& all, std::string_view text) {
    return call_text(all, fmt::format("api.{}", text));
  }
  static pid_t process_of(const Composition& all) { return std::stoi(call(all, "process()")); }

  ~BundleProcess() override { EXPECT_FALSE(has_children()); }
};

TEST_F(BundleProcess, CallsReachAnotherProcess) {
  const Composition all = build_crash();
  EXPECT_FALSE(has_children());  // the first call starts it
  EXPECT_EQ(call(all, "add(2, 3)"), "5");
  EXPECT_NE(process_of(all), ::getpid());
  EXPECT_EQ(process_of(all), process_of(all));
  EXPECT_EQ(call(all, "length([1, 2, 3])"), "3");
  EXPECT_EQ(call(all, "start-thread()"), "1");
}

TEST_F(BundleProcess, LargeValuesPass) {
  const Composition all = build_crash();
  const Result<Function> length = all.find_function("test:crash/api@1.0.0", "length");
  const Result<Function> make = all.find_function("test:crash/api@1.0.0", "make");
  ASSERT_TRUE(length && make);
  const std::vector<std::uint8_t> bytes(3 << 20, 1);
  const std::vector<Value> arguments = {Value::list(bytes)};
  EXPECT_EQ(print_wave(**length->call(arguments)), "3145728");
  const std::vector<Value> size = {Value::u32(5 << 20)};
  const auto made = make->call(size);
  ASSERT_TRUE(made);
  EXPECT_EQ(**made, Value::list(std::vector<std::uint8_t>(5 << 20, 7)));
}

TEST_F(BundleProcess, ACrashIsATrapOfTheCall) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it reports signals by itself";
  const std::pair<const char*, const char*> faults[] = {
      {"segfault", "was ended by SIGSEGV (segmentation fault)"},
      {"abort", "was ended by SIGABRT (aborted)"},
      {"overflow", "was ended by SIGSEGV (segmentation fault)"},
  };
  for (const auto& [function, end] : faults) {
    const Composition all = build_crash();
    EXPECT_EQ(call(all, "add(2, 3)"), "5");
    EXPECT_THAT(call(all, fmt::format("{}()", function)),
                HasSubstr(fmt::format("`test:crash/api@1.0.0#{}` of host `crash`: its process {}",
                                      function, end)));
    // It is not restarted, but the program goes on.
    EXPECT_THAT(call(all, "add(2, 3)"),
                AllOf(HasSubstr(end), HasSubstr("`restart` in its settings would start another")));
  }
}

TEST_F(BundleProcess, ExitIsATrapOfTheCall) {
  const Composition all = build_crash();
  EXPECT_THAT(call(all, "leave(0)"),
              HasSubstr("its process ended by itself, with the exit code 0"));
  EXPECT_THAT(call(build_crash(), "leave(3)"), HasSubstr("with the exit code 3"));
}

TEST_F(BundleProcess, TheFirstCallCanCrash) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it reports signals by itself";
  EXPECT_THAT(call(build_crash(), "segfault()"), HasSubstr("was ended by SIGSEGV"));
}

TEST_F(BundleProcess, ATrapKeepsTheProcess) {
  const Composition all = build_crash();
  const pid_t process = process_of(all);
  const std::string failure = call(all, "trap(\"no\")");
  EXPECT_THAT(failure, HasSubstr("`test:crash/api@1.0.0#trap` of host `crash`: no"));
  EXPECT_EQ(failure.find("process"), std::string::npos) << failure;
  EXPECT_EQ(process_of(all), process);
}

TEST_F(BundleProcess, ACrashIsAnErrorIfTheFunctionHasOne) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it reports signals by itself";
  const Composition all = build_crash();
  EXPECT_THAT(call(all, "try-abort()"),
              AllOf(StartsWith("err("), HasSubstr("was ended by SIGABRT")));
}

TEST_F(BundleProcess, AWireNamesTheErrorOfACrash) {
  CompositionBuilder builder = make_crash(restarting());
  builder.wire({.consumer = "exports",
                .import = "test:crash/api",
                .provider = "crash",
                .on_failure = "gone"});
  const Composition all = build(std::move(builder));
  EXPECT_EQ(call(all, "try-leave()"), "err(gone)");
  EXPECT_EQ(call(all, "add(2, 3)"), "5");
}

// Without a process, there is no other fate.
TEST_F(BundleProcess, ABundleInTheProgramHasNoErrorOfItsOwn) {
  CompositionBuilder builder;
  ASSERT_TRUE(builder.export_host_bundle("crash", bundle("crash")));
  builder.wire({.consumer = "exports",
                .import = "test:crash/api",
                .provider = "crash",
                .on_failure = "gone"});
  EXPECT_THAT(problems(std::move(builder)), HasSubstr("has no effect"));
}

TEST_F(BundleProcess, TheNextCallStartsAnotherProcess) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it reports signals by itself";
  const Composition all = build_crash(restarting());
  std::set<pid_t> processes;
  for (int i = 0; i < 10; ++i) {
    processes.insert(process_of(all));
    EXPECT_THAT(call(all, "segfault()"), HasSubstr("SIGSEGV"));
  }
  EXPECT_EQ(processes.size(), 10U);
}

TEST_F(BundleProcess, RestartsAreCounted) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it reports signals by itself";
  const Composition all = build_crash(restarting(2));
  for (int i = 0; i < 3; ++i) EXPECT_THAT(call(all, "abort()"), HasSubstr("SIGABRT"));
  EXPECT_THAT(call(all, "add(1, 1)"),
              HasSubstr("was ended by SIGABRT (aborted); it has been restarted 2 times"));
}

TEST_F(BundleProcess, RestartsAreCountedWithinATime) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it reports signals by itself";
  HostProcess process = restarting(1);
  process.within = std::chrono::seconds(3);
  const Composition all = build_crash(process);
  EXPECT_THAT(call(all, "abort()"), HasSubstr("SIGABRT"));
  EXPECT_THAT(call(all, "abort()"), HasSubstr("SIGABRT"));
  EXPECT_THAT(call(all, "add(1, 1)"), HasSubstr("it has been restarted once"));
  std::this_thread::sleep_for(std::chrono::milliseconds(3100));
  EXPECT_EQ(call(all, "add(1, 1)"), "2");
}

TEST_F(BundleProcess, AProcessCanBeKilledBetweenCalls) {
  const Composition all = build_crash(restarting());
  const pid_t first = process_of(all);
  ::kill(first, SIGKILL);
  wait_for_end(first);
  // A call that was not sent is made again.
  EXPECT_EQ(call(all, "add(2, 3)"), "5");
  EXPECT_NE(process_of(all), first);
}

TEST_F(BundleProcess, AProcessCanBeKilledDuringACall) {
  const Composition all = build_crash(restarting());
  const pid_t process = process_of(all);
  std::thread killer([process] {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    ::kill(process, SIGKILL);
  });
  EXPECT_THAT(call(all, "spin(false)"), HasSubstr("its process was ended by SIGKILL (killed)"));
  killer.join();
  EXPECT_EQ(call(all, "add(2, 3)"), "5");
}

TEST_F(BundleProcess, ACallThatPollsEndsAtItsDeadline) {
  CompositionBuilder builder = make_crash();
  builder.limits().call_timeout = std::chrono::milliseconds(200);
  const Composition all = build(std::move(builder));
  const pid_t process = process_of(all);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(call(all, "spin(true)"), HasSubstr("it did not end before the deadline"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(process_of(all), process);
}

TEST_F(BundleProcess, ACallThatDoesNotReturnEndsItsProcess) {
  CompositionBuilder builder = make_crash(restarting());
  builder.limits().call_timeout = std::chrono::milliseconds(200);
  const Composition all = build(std::move(builder));
  const pid_t process = process_of(all);
  EXPECT_THAT(call(all, "spin(false)"), HasSubstr("it did not end before the deadline"));
  // Its deadline has passed, and a second later nothing is left of it.
  for (int i = 0; i < 100 && ::kill(process, 0) == 0 && call(all, "add(1, 1)") != "2"; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(call(all, "add(1, 1)"), "2");
  EXPECT_NE(process_of(all), process);
}

// Nothing in it can end it at the deadline then.
TEST_F(BundleProcess, AStoppedProcessIsEnded) {
  CompositionBuilder builder = make_crash(restarting(1));
  builder.limits().call_timeout = std::chrono::milliseconds(500);
  std::optional<Composition> all = build(std::move(builder));
  const pid_t process = process_of(*all);
  EXPECT_THAT(call(*all, "attempt(\"stop\")"), HasSubstr("it did not end before the deadline"));
  EXPECT_EQ(call(*all, "add(1, 1)"), "2");
  EXPECT_NE(::kill(process, 0), 0);
  EXPECT_NE(process_of(*all), process);
  EXPECT_THAT(call(*all, "attempt(\"stop\")"), HasSubstr("it did not end before the deadline"));
  EXPECT_THAT(call(*all, "add(1, 1)"),
              HasSubstr("its process was stopped by a signal, and was ended"));
}

TEST_F(BundleProcess, AStoppedProcessEndsWithTheComposition) {
  std::optional<Composition> all = build_crash();
  const pid_t process = process_of(*all);
  ASSERT_EQ(::kill(process, SIGSTOP), 0);
  const auto begin = std::chrono::steady_clock::now();
  all.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_NE(::kill(process, 0), 0);
}

TEST_F(BundleProcess, AnEndlessCallIsNamed) {
  CompositionBuilder builder = make_crash();
  builder.limits().call_timeout = std::chrono::milliseconds(200);
  const Composition all = build(std::move(builder));
  EXPECT_THAT(call(all, "spin(false)"), HasSubstr("it did not end before the deadline"));
  // Until then, calls wait for it, and end at their deadlines.
  std::string failure;
  for (int i = 0; i < 50 && failure.find("its process") == std::string::npos; ++i)
    failure = call(all, "add(1, 1)");
  EXPECT_THAT(failure,
              HasSubstr("its process was ended: `test:crash/api@1.0.0#spin` did not return within "
                        "1 s after the deadline"));
}

// It may have destroyed the answer to its own call, which then ends at its deadline.
TEST_F(BundleProcess, GarbageOnItsDescriptorsHarmsNoLaterCall) {
  CompositionBuilder builder = make_crash(restarting());
  builder.limits().call_timeout = std::chrono::milliseconds(500);
  const Composition all = build(std::move(builder));
  const auto add = [&all] {
    std::string sum;
    for (int i = 0; i < 4 && sum != "5"; ++i) sum = call(all, "add(2, 3)");
    return sum;
  };
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(add(), "5");
    EXPECT_EQ(add(), "5");
    (void)call(all, "garble()");
    EXPECT_EQ(add(), "5");
    (void)call(all, "close-all()");
    EXPECT_EQ(add(), "5");
  }
}

// As a call without a deadline, which nothing else would end.
TEST_F(BundleProcess, ClosedDescriptorsEndTheProcess) {
  const Composition once = build_crash();
  EXPECT_THAT(call(once, "close-all()"), HasSubstr("its process ended by itself"));
  EXPECT_THAT(call(once, "add(2, 3)"), HasSubstr("its process ended by itself"));
  const Composition all = build_crash(restarting());
  const pid_t first = process_of(all);
  (void)call(all, "close-all()");
  EXPECT_EQ(call(all, "add(2, 3)"), "5");
  EXPECT_NE(process_of(all), first);
}

// Whether a child of this process ends within so many seconds. It is not reaped.
bool child_ends_within(pid_t child, int seconds) {
  siginfo_t info = {};
  for (int i = 0; i < 50 * seconds && info.si_pid == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    if (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT | WNOHANG) != 0)
      return false;
  }
  return info.si_pid == child;
}

TEST_F(BundleProcess, DescriptorsThatAThreadClosesEndTheProcess) {
  const Composition all = build_crash(restarting());
  const pid_t first = process_of(all);
  EXPECT_EQ(call(all, "attempt(\"close-later\")"), "0");
  EXPECT_TRUE(child_ends_within(first, 20));
  EXPECT_EQ(call(all, "add(2, 3)"), "5");
  EXPECT_NE(process_of(all), first);
}

// The process notices it without a call.
TEST_F(BundleProcess, ASingleDescriptorThatAThreadClosesOrReplacesEndsTheProcess) {
  for (const char* const way : {"close-one-later", "replace-one-later"}) {
    SCOPED_TRACE(way);
    const Composition all = build_crash(restarting(1));
    const pid_t first = process_of(all);
    EXPECT_EQ(call(all, fmt::format("attempt(\"{}\")", way)), "0");
    EXPECT_TRUE(child_ends_within(first, 20));
    EXPECT_EQ(call(all, "add(2, 3)"), "5");
    const pid_t second = process_of(all);
    EXPECT_NE(second, first);
    // A call in progress is told why.
    EXPECT_EQ(call(all, fmt::format("attempt(\"{}\")", way)), "0");
    EXPECT_THAT(call(all, "spin(false)"),
                HasSubstr("its process was ended: its library closed descriptors that it did not "
                          "open"));
  }
}

TEST_F(BundleProcess, DescriptorsThatADestructorClosesEndTheProcess) {
  CompositionBuilder builder = make_crash();
  builder.limits().call_timeout = std::chrono::seconds(5);
  const Composition all = build(std::move(builder));
  constexpr std::uint32_t kCloser = 1'000'000'000;
  EXPECT_TRUE(
      all.call("test:crash/api@1.0.0", "[constructor]thing", std::array{Value::u32(kCloser)}));
  std::string failure;
  for (int i = 0; i < 3 && failure.find("its process") == std::string::npos; ++i)
    failure = call(all, "add(1, 1)");
  EXPECT_THAT(failure,
              HasSubstr("its process was ended: its library closed descriptors that it did "
                        "not open"));
}

// Ends the composition in a copy of this process, after a call unless it is empty. Returns the status of the copy.
int end_in_copy(std::optional<Composition>& all, std::string_view text, std::string_view result) {
  const pid_t copy = ::fork();
  if (copy == 0) {
    ::alarm(60);
    const bool is_right = text.empty() || call_text(*all, text) == result;
    all.reset();
    ::_exit(is_right && !has_children() ? 0 : 1);
  }
  int status = -1;
  ::waitpid(copy, &status, 0);
  return status;
}

// A copy of the program (fork) has the sockets of the original, and must not use them.
TEST_F(BundleProcess, ACopyOfTheProgramHasAProcessOfItsOwn) {
  if (kHasThreadSanitizer) GTEST_SKIP() << "it ends copies of processes with threads";
  std::optional<Composition> all = build_crash();
  const pid_t first = process_of(*all);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(end_in_copy(all, "api.add(2, 3)", "5"), 0);
    EXPECT_EQ(call(*all, "add(3, 4)"), "7");
    EXPECT_EQ(call(*all, "length([1, 2])"), "2");
  }
  EXPECT_EQ(end_in_copy(all, "", ""), 0);
  EXPECT_EQ(process_of(*all), first);
}

// The first child of a process; 0: it has none.
pid_t child_of(pid_t parent) {
  pid_t child = 0;
  std::ifstream(fmt::format("/proc/{}/task/{}/children", parent, parent)) >> child;
  return child;
}

// Whether the process of a bundle has given up rights, which is the first that it does.
bool has_begun(pid_t process) {
  std::ifstream status(fmt::format("/proc/{}/status", process));
  const std::string text{std::istreambuf_iterator<char>(status), {}};
  return text.find("NoNewPrivs:\t1") != std::string::npos;
}

// Whether a process of another parent ends within so many seconds.
bool ends_within(pid_t process, int seconds) {
  for (int i = 0; i < 50 * seconds; ++i) {
    if (::kill(process, 0) != 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

// The command, whose guest calls a function of the bundle that does not return. Once the process is stopped before.
TEST_F(BundleProcess, ItEndsWithAProgramThatIsKilled) {
  const std::string app = folder_ / "app.wat";
  std::ofstream(app) << R"((component
    (import "test:crash/api@1.0.0" (instance $api
      (export "spin" (func (param "polls" bool) (result u32)))))
    (core func $spin (canon lower (func $api "spin")))
    (core module $code
      (import "api" "spin" (func $spin (param i32) (result i32)))
      (func (export "f") (result i32) (call $spin (i32.const 0))))
    (core instance $c (instantiate $code (with "api" (instance (export "spin" (func $spin))))))
    (func (export "f") (result u32) (canon lift (core func $c "f")))))";
  const std::string hosts = folder_ / "hosts.toml";
  std::ofstream(hosts) << fmt::format(
      "[[host]]\nname = \"crash\"\nbundle = \"{}\"\nisolation = \"process\"\n", bundle("crash"));
  std::string words[] = {TENON_BINARY_DIR "/tenon", "call", app, "f()", "--host-config", hosts};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  for (const bool is_stopped : {false, true}) {
    SCOPED_TRACE(is_stopped);
    pid_t program = 0;
    ASSERT_EQ(::posix_spawn(&program, arguments[0], nullptr, nullptr, arguments.data(), environ),
              0);
    pid_t child = 0;
    for (int i = 0; i < 500 && !has_begun(child); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      child = child_of(program);
    }
    ASSERT_NE(child, 0);
    if (is_stopped) {
      EXPECT_EQ(::kill(child, SIGSTOP), 0);
    }
    ::kill(program, SIGKILL);
    ::waitpid(program, nullptr, 0);
    const bool has_ended = ends_within(child, 20);
    EXPECT_TRUE(has_ended);
    if (!has_ended) ::kill(child, SIGKILL);
  }
}

TEST_F(BundleProcess, ItInheritsNoDescriptors) {
  const int leaked = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  const int high = ::fcntl(leaked, F_DUPFD, 200);
  const Composition all = build_crash();
  const std::string numbers = call(all, "descriptors()");
  EXPECT_EQ(numbers.find("200"), std::string::npos) << numbers;
  EXPECT_LE(std::ranges::count(numbers, ','), 12) << numbers;
  ::close(leaked);
  ::close(high);
}

// A terminal as standard output while the process starts.
TEST_F(BundleProcess, ItCannotReadTheTerminal) {
  const Descriptor terminal(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(terminal.is_open());
  ASSERT_EQ(::grantpt(terminal.number()), 0);
  ASSERT_EQ(::unlockpt(terminal.number()), 0);
  const Descriptor other(::open(::ptsname(terminal.number()), O_RDWR | O_NOCTTY | O_CLOEXEC));
  ASSERT_TRUE(other.is_open());
  const Descriptor output(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3));
  const Composition all = build_crash();
  ASSERT_EQ(::dup2(other.number(), STDOUT_FILENO), STDOUT_FILENO);
  const std::string started = call(all, "add(1, 2)");
  ASSERT_EQ(::dup2(output.number(), STDOUT_FILENO), STDOUT_FILENO);
  EXPECT_EQ(started, "3");
  ASSERT_EQ(::write(terminal.number(), "secret\n", 7), 7);
  EXPECT_EQ(call(all, "attempt(\"read-output\")"), std::to_string(EBADF));
  // The terminal shows what was typed, and what the library prints.
  EXPECT_EQ(call(all, "say(\"hello\")"), "()");
  std::string shown;
  std::array<char, 100> part;
  while (shown.find("hello") == std::string::npos) {
    const ssize_t size = ::read(terminal.number(), part.data(), part.size());
    ASSERT_GT(size, 0) << shown;
    shown.append(part.data(), static_cast<std::size_t>(size));
  }
}

TEST_F(BundleProcess, NothingIsLeft) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it reports signals by itself";
  {
    (void)call(build_crash(), "add(1, 1)");
  }  // what stays open in any case
  const std::set<std::string> before = list_descriptors();
  for (int i = 0; i < 5; ++i) {
    const Composition all = build_crash(restarting());
    for (int j = 0; j < 200; ++j) ASSERT_EQ(call(all, "add(1, 1)"), "2");
    EXPECT_THAT(call(all, "abort()"), HasSubstr("SIGABRT"));
    EXPECT_EQ(call(all, "length([1])"), "1");
  }
  EXPECT_EQ(list_descriptors(), before);
  EXPECT_FALSE(has_children());
}

TEST_F(BundleProcess, ItsInstanceEndsWithTheComposition) {
  {
    CompositionBuilder builder = make_crash();
    builder.set_host_config("crash", "log", log());
    const Composition all = build(std::move(builder));
    EXPECT_EQ(call(all, "alive()"), "0");
  }
  EXPECT_THAT(logged(), ElementsAre("destroy"));
}

TEST_F(BundleProcess, ProblemsOfCreateAreToldByTheCall) {
  if (kHasAddressSanitizer) GTEST_SKIP() << "it reports signals by itself";
  const std::pair<const char*, const char*> faults[] = {
      {"fail",
       "its process cannot start: the host `crash` cannot start: it was told to fail "
       "(host-create)"},
      {"crash", "its process was ended by SIGSEGV"},
  };
  for (const auto& [fault, message] : faults) {
    CompositionBuilder builder = make_crash();
    builder.set_host_config("crash", "fault", fault);
    const Composition all = build(std::move(builder));
    EXPECT_THAT(call(all, "add(1, 1)"), HasSubstr(message));
    EXPECT_THAT(call(all, "add(1, 1)"), HasSubstr(message));
  }
}

TEST_F(BundleProcess, ItHasVariablesOfItsOwn) {
  CompositionBuilder builder = make_crash();
  builder.set_host_config("crash", "fault", "none");  // without `allow_setenv`
  const Composition all = build(std::move(builder));
  EXPECT_EQ(call(all, "variable(\"CRASH_FAULT\")"), "some(\"none\")");
  EXPECT_EQ(std::getenv("CRASH_FAULT"), nullptr);
  // The loader of its program has not seen them.
  std::ifstream first(fmt::format("/proc/{}/environ", process_of(all)), std::ios::binary);
  const std::string variables(std::istreambuf_iterator<char>(first), {});
  EXPECT_THAT(variables, HasSubstr("PATH="));
  EXPECT_EQ(variables.find("CRASH_FAULT"), std::string::npos);
}

TEST_F(BundleProcess, TheProgramMustBeThere) {
  CompositionBuilder builder = make_crash();
  builder.set_process_program("/nowhere/tenon");
  const Composition all = build(std::move(builder));
  EXPECT_THAT(call(all, "add(1, 1)"),
              HasSubstr("its process cannot start: `/nowhere/tenon` cannot be started: "
                        "no such file or directory"));
}

TEST_F(BundleProcess, AnyOtherProgramIsAFailure) {
  CompositionBuilder builder = make_crash();
  builder.set_process_program("/bin/true");
  EXPECT_THAT(call(build(std::move(builder)), "add(1, 1)"),
              HasSubstr("its process ended by itself"));
}

TEST_F(BundleProcess, SettingsAreChecked) {
  CompositionBuilder absent = make_crash();
  absent.run_in_process("crush");
  EXPECT_THAT(problems(std::move(absent)), AllOf(HasSubstr("host-config"), HasSubstr("`crush`")));
  EXPECT_THAT(problems(make_crash({.descriptors = 15})),
              AllOf(HasSubstr("host-config"), HasSubstr("15 descriptors: it needs at least 16")));
}

// Another user's library is refused before a process starts.
TEST_F(BundleProcess, LibrariesAreCheckedAtTheStart) {
  const std::string folder = folder_ / "copied";
  std::filesystem::copy(bundle("crash"), folder, std::filesystem::copy_options::recursive);
  ::chmod((folder + "/lib/libcrash_host.so").c_str(), 0777);
  CompositionBuilder builder;
  ASSERT_TRUE(builder.export_host_bundle("crash", folder));
  builder.run_in_process("crash");
  EXPECT_THAT(problems(std::move(builder)), HasSubstr("host-untrusted"));
}

// Components with a bundle as their `lib`, which tests/golden/host has in the program.
struct Guest {
  std::string_view app;
  std::string_view call;
  std::string_view bundle;
  std::string_view result;
};

TEST_F(BundleProcess, AsyncFunctionsAndStreamsPass) {
  const Guest guests[] = {
      {"tests/bundles/later/app.wat", "join(7)", "later", R"("text7")"},
      {"tests/golden/async/cancel_started/app.wat", "f()", "later", "[4, 1234]"},
      {"tests/bundles/later/app.wat", "wait(1)", "later", "5"},
      {"tests/bundles/streams/app.wat", "f(3)", "streams", "ok(100000)"},
      {"tests/golden/async/future_parameter/app.wat", "f()", "streams", R"("then first ")"},
      {"tests/golden/async/stream_of_strings/app.wat", "f()", "streams",
       R"(["grün", "", "thread"])"},
      {"tests/golden/async/future_without_payload/app.wat", "f()", "streams", "[-1, 0, 0]"},
      {"tests/bundles/streams/app.wat", "f(0)", "streams", R"(err("it has no name"))"},
  };
  for (const Guest& guest : guests) {
    CompositionBuilder builder;
    builder.add_component("app", fmt::format("{}/{}", TENON_SOURCE_DIR, guest.app));
    builder.add_host_bundle("lib", bundle(guest.bundle));
    builder.run_in_process("lib");
    EXPECT_EQ(call_text(build(std::move(builder)), guest.call), guest.result) << guest.app;
  }
}

TEST_F(BundleProcess, FailuresOfAsyncFunctionsAreTraps) {
  const std::pair<const char*, const char*> calls[] = {
      {"join(13)", "13 is not a number"},
      {"join(14)", "14 is not a number"},
      {"join(15)", "the library dropped the call without a result"},
      {"join(16)", "it returned an invalid value at result: the string is not valid UTF-8"},
  };
  for (const auto& [text, message] : calls) {
    CompositionBuilder builder;
    builder.add_component("app", TENON_SOURCE_DIR "/tests/bundles/later/app.wat");
    builder.add_host_bundle("lib", bundle("later"));
    builder.run_in_process("lib");
    EXPECT_THAT(call_text(build(std::move(builder)), text),
                HasSubstr(fmt::format("`x:y/lib#join` of host `lib`: {}", message)));
  }
}

// The guests of tests/guests/domains, with resources.
TEST_F(BundleProcess, ResourcesAreDroppedOnceInReverseOrder) {
  {
    CompositionBuilder builder = make_builder(bundle("domains_cpp"));
    builder.set_host_config("lib", "log", log());
    builder.run_in_process("lib");
    const Composition all = build(std::move(builder));
    EXPECT_EQ(call_front(all, "churn(2)"), "0");
    EXPECT_EQ(call_front(all, "merge(3, 4)"), "8");
    EXPECT_EQ(call_front(all, "keep(10)"), "()");
    EXPECT_EQ(call_front(all, "keep(20)"), "()");
    EXPECT_EQ(call_front(all, "hold(30)"), "()");
    EXPECT_EQ(call_front(all, "alive()"), "3");
  }
  EXPECT_THAT(logged(), ElementsAre("create 0", "drop 0", "drop 1", "drop 8", "drop 30", "drop 20",
                                    "drop 10", "destroy 0"));
}

TEST_F(BundleProcess, ManyHandlesLeaveNothing) {
  CompositionBuilder builder = make_builder(bundle("domains_cpp"));
  builder.run_in_process("lib");
  const Composition all = build(std::move(builder));
  EXPECT_EQ(call_front(all, "churn(2000)"), "0");
  EXPECT_EQ(call_front(all, "alive()"), "0");
}

// The guest `keeper` has a handle of the process that ends.
TEST_F(BundleProcess, HandlesOfAnEndedProcessAreGone) {
  CompositionBuilder builder = make_builder(bundle("domains_cpp"));
  builder.run_in_process("lib", restarting());
  builder.isolate_all();
  builder.restart("front", {.max = 10});
  builder.restart("keeper", {.max = 10});
  const Composition all = build(std::move(builder));
  EXPECT_EQ(call_front(all, "keep(7)"), "()");
  const pid_t child = child_of(::getpid());
  ASSERT_GT(child, 0);
  ::kill(child, SIGKILL);
  wait_for_end(child);
  EXPECT_EQ(call_front(all, "add(1, 2)"), "3");  // by another process
  EXPECT_THAT(call_front(all, "take()"), HasSubstr("the handle"));
  EXPECT_EQ(call_front(all, "churn(3)"), "0");
}

}  // namespace
}  // namespace tenon::bundle_process_test
