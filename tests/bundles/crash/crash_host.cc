// Native code that harms its process. Without one of its own, that would be the program.
#include "gen/crash_host.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

namespace api = crash_host::api;

volatile int* nowhere = nullptr;
volatile std::uint64_t busy = 0;

// Not a tail call.
[[gnu::noinline]] int overflow_stack(int depth) {
  volatile char room[4096];
  room[0] = static_cast<char>(depth);
  if (busy == UINT64_MAX) return 0;
  return overflow_stack(depth + 1) + room[0];
}

// The first descriptor of tenon after the socket of the program. It wakes the thread that waits for calls.
constexpr int kFirstOfTenon = 4;

std::uint32_t error_of(long result) { return result >= 0 ? 0 : static_cast<std::uint32_t>(errno); }

std::uint32_t close_if_open(int descriptor) {
  const std::uint32_t error = error_of(descriptor);
  if (descriptor >= 0) ::close(descriptor);
  return error;
}

template <class Visit>
void visit_descriptors(Visit visit) {
  for (int number = 3; number < 1024; ++number)
    if (::fcntl(number, F_GETFD) >= 0) visit(number);
}

std::uint32_t map(std::uint64_t bytes, int flags) {
  void* const memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0);
  if (memory == MAP_FAILED) return static_cast<std::uint32_t>(errno);
  ::munmap(memory, bytes);
  return 0;
}

void close_descriptors() {
  visit_descriptors([](int number) { ::close(number); });
}

// Asks for the metadata of a path as the C library asks for that of an open file.
std::uint32_t look_at_path() {
#ifdef SYS_newfstatat
  struct stat status = {};
  return error_of(::syscall(SYS_newfstatat, AT_FDCWD, "/", &status, AT_EMPTY_PATH));
#else
  return EPERM;
#endif
}

std::uint32_t look_at_open_file() {
  struct stat status = {};
  return error_of(::fstat(0, &status));
}

// System calls that newer kernels have: chmod, and attributes of files.
template <long number>
std::uint32_t call_at() {
  return error_of(::syscall(number, AT_FDCWD, "/nowhere", 0, 0, 0, 0));
}

std::uint32_t make_namespace() {
  const long child = ::syscall(SYS_clone, CLONE_NEWUSER | CLONE_NEWNET | SIGCHLD, 0, 0, 0, 0);
  if (child == 0) ::_exit(0);
  if (child > 0) ::waitpid(static_cast<pid_t>(child), nullptr, 0);
  return error_of(child);
}

std::uint32_t bind_parent() {
  cpu_set_t processors;
  if (::sched_getaffinity(::getppid(), sizeof(processors), &processors) != 0) return error_of(-1);
  return error_of(::sched_setaffinity(::getppid(), sizeof(processors), &processors));
}

// Tries to get the signals of a descriptor to the parent.
std::uint32_t own(unsigned long command) {
  int pair[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) return error_of(-1);
  int parent = ::getppid();
  f_owner_ex owner = {F_OWNER_PID, parent};
  long result = -1;
  if (command == F_SETOWN)
    result = ::fcntl(pair[0], F_SETOWN, parent);
  else if (command == F_SETOWN_EX)
    result = ::fcntl(pair[0], F_SETOWN_EX, &owner);
  else if (command == F_SETSIG)
    result = ::fcntl(pair[0], F_SETSIG, SIGKILL);
  else
    result = ::syscall(SYS_ioctl, pair[0], command, &parent);
  const std::uint32_t error = error_of(result);
  for (const int end : pair) ::close(end);
  return error;
}

struct Way {
  std::string_view name;
  std::uint32_t (*take)();
};

constexpr Way kWays[] = {
    {"fcntl-own", [] { return own(F_SETOWN); }},
    {"fcntl-own-ex", [] { return own(F_SETOWN_EX); }},
    {"fcntl-signal", [] { return own(F_SETSIG); }},
    // The kernel ignores the upper half of the command.
    {"ioctl-own", [] { return own(FIOSETOWN | 1UL << 32); }},
    {"ioctl-group", [] { return own(SIOCSPGRP); }},
    {"ioctl-type", [] { return own(TIOCSTI); }},
    {"close-later",
     [] {
       std::thread([] {
         std::this_thread::sleep_for(std::chrono::milliseconds(100));
         close_descriptors();
       }).detach();
       return 0U;
     }},
    {"close-one-later",
     [] {
       std::thread([] {
         std::this_thread::sleep_for(std::chrono::milliseconds(100));
         ::close(kFirstOfTenon);
       }).detach();
       return 0U;
     }},
    // As after a second close of a number that tenon has got meanwhile.
    {"replace-one-later",
     [] {
       std::thread([] {
         std::this_thread::sleep_for(std::chrono::milliseconds(100));
         ::dup2(0, kFirstOfTenon);
       }).detach();
       return 0U;
     }},
    {"look-at-path", look_at_path},
    {"look-at-open-file", look_at_open_file},
    {"stop", [] { return error_of(::kill(::getpid(), SIGSTOP)); }},
    {"stop-thread", [] { return error_of(::raise(SIGTSTP)); }},
    {"grow-down", [] { return map(128U << 20U, MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN); }},
    {"make-namespace", make_namespace},
    {"bind-parent", bind_parent},
    {"slow-parent",
     [] { return error_of(::setpriority(PRIO_PROCESS, static_cast<id_t>(::getppid()), 1)); }},
    {"slow-user", [] { return error_of(::setpriority(PRIO_USER, 0, 1)); }},
    {"slow-itself", [] { return error_of(::setpriority(PRIO_PROCESS, 0, 1)); }},
    {"take-message", [] { return error_of(::msgrcv(INT_MAX, nullptr, 0, 0, IPC_NOWAIT)); }},
    {"fchmodat2", call_at<452>},
    {"setxattrat", call_at<463>},
    {"getxattrat", call_at<464>},
    {"listxattrat", call_at<465>},
    {"removexattrat", call_at<466>},
    {"file_getattr", call_at<468>},
    {"file_setattr", call_at<469>},
    // The program would read what it writes there.
    {"read-output",
     [] {
       char byte = 0;
       return error_of(::read(1, &byte, 1));
     }},
};

struct Log {
  explicit Log(std::string file) : path(std::move(file)) {}
  void add(const std::string& line) const {
    if (!path.empty()) std::ofstream(path, std::ios::app) << line << '\n';
  }
  std::string path;
};

// A thing that closes a descriptor when it is dropped.
constexpr std::uint32_t kCloser = 1'000'000'000;

class Thing final : public api::thing {
 public:
  Thing(std::uint32_t number, std::uint32_t& alive, const Log& log)
      : number_(number), alive_(alive), log_(log) {
    ++alive_;
  }
  ~Thing() override {
    --alive_;
    log_.add("drop " + std::to_string(number_));
    if (number_ == kCloser) ::close(kFirstOfTenon);
  }
  std::uint32_t number() override { return number_; }

 private:
  std::uint32_t number_;
  std::uint32_t& alive_;
  const Log& log_;
};

class Instance final : public crash_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& config) {
    const std::string fault = std::string(config.text("fault").value_or(""));
    if (fault == "fail") throw std::runtime_error("it was told to fail");
    if (fault == "crash") *nowhere = 1;
    return std::make_unique<Instance>(std::string(config.text("log").value_or("")));
  }
  explicit Instance(std::string log) : log_(std::move(log)) {}
  ~Instance() override { log_.add("destroy"); }

  std::shared_ptr<api::thing> make_thing(std::uint32_t number) override {
    return std::make_shared<Thing>(number, alive_, log_);
  }
  std::uint32_t alive() override { return alive_; }
  std::shared_ptr<api::thing> join(std::shared_ptr<api::thing> first, api::thing& second) override {
    return make_thing(first->number() + second.number());
  }

  std::uint32_t add(std::uint32_t a, std::uint32_t b) override { return a + b; }
  std::uint32_t process() override { return static_cast<std::uint32_t>(::getpid()); }
  std::uint32_t length(std::span<const std::uint8_t> text) override {
    return static_cast<std::uint32_t>(text.size());
  }
  std::vector<std::uint8_t> make(std::uint32_t size) override {
    return std::vector<std::uint8_t>(size, 7);
  }
  void say(std::string_view text) override { (void)!::write(1, text.data(), text.size()); }

  void segfault() override { *nowhere = 1; }
  void abort() override { std::abort(); }
  void leave(std::int32_t code) override { std::exit(code); }
  void overflow() override { busy = static_cast<std::uint64_t>(overflow_stack(0)); }
  void trap(std::string_view message) override { throw std::runtime_error(std::string(message)); }
  tenon::expected<std::uint32_t, std::string> try_abort() override { std::abort(); }
  tenon::expected<std::uint32_t, api::reason> try_leave() override { std::exit(5); }
  std::uint32_t spin(bool polls) override {
    while (!polls || !tenon::current_call().should_stop()) busy = busy + 1;
    return 1;
  }
  void burn() override { spin(false); }
  std::uint32_t attempt(std::string_view way) override {
    for (const Way& each : kWays)
      if (each.name == way) return each.take();
    throw std::runtime_error("there is no such way");
  }

  void garble() override {
    std::array<char, 300> garbage;
    garbage.fill('\x7f');
    visit_descriptors([&](int number) {
      (void)!::send(number, garbage.data(), garbage.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    });
  }
  void close_all() override { close_descriptors(); }
  std::vector<std::uint32_t> descriptors() override {
    std::vector<std::uint32_t> numbers;
    visit_descriptors([&](int number) { numbers.push_back(static_cast<std::uint32_t>(number)); });
    return numbers;
  }

  std::uint32_t read_file(std::string_view path) override {
    return close_if_open(::open(std::string(path).c_str(), O_RDONLY | O_CLOEXEC));
  }
  std::uint32_t write_file(std::string_view path) override {
    return close_if_open(::open(std::string(path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  }
  std::uint32_t look_at(std::string_view path) override {
    struct stat status = {};
    return error_of(::stat(std::string(path).c_str(), &status));
  }
  std::uint32_t run(std::string_view program) override {
    std::string name(program);
    char* const arguments[] = {name.data(), nullptr};
    pid_t child = 0;
    const int error = ::posix_spawn(&child, name.c_str(), nullptr, nullptr, arguments, nullptr);
    if (error == 0) ::waitpid(child, nullptr, 0);
    return static_cast<std::uint32_t>(error);
  }
  std::uint32_t make_process() override {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    const std::uint32_t error = error_of(child);
    if (child > 0) ::waitpid(child, nullptr, 0);
    return error;
  }
  std::uint32_t make_socket() override {
    return close_if_open(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  std::uint32_t make_pair() override {
    int pair[2] = {-1, -1};
    const std::uint32_t error = error_of(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
    for (const int end : pair) close_if_open(end);
    return error;
  }
  std::uint32_t signal_parent() override { return error_of(::kill(::getppid(), 0)); }
  std::uint32_t trace_parent() override {
    return error_of(::ptrace(PTRACE_SEIZE, ::getppid(), nullptr, nullptr));
  }
  std::uint32_t take_memory(std::uint64_t bytes) override {
    return map(bytes, MAP_PRIVATE | MAP_ANONYMOUS);
  }
  std::uint32_t share_memory(std::uint64_t bytes) override {
    return map(bytes, MAP_SHARED | MAP_ANONYMOUS);
  }
  std::optional<std::string> variable(std::string_view name) override {
    const char* const value = std::getenv(std::string(name).c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  }
  std::uint32_t start_thread() override {
    std::uint32_t number = 0;
    std::thread([&] { number = 1; }).join();
    return number;
  }

 private:
  const Log log_;
  std::uint32_t alive_ = 0;
};

}  // namespace

TENON_HOST_MODULE(crash, "1.0.0", Instance, TENON_CONCURRENT)
