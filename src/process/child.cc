#include "process/child.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <new>
#include <string_view>

#include "process/setup.h"
#include "remote/passed_socket.h"
#include "support/terminal_text.h"

extern "C" char** environ;

namespace tenon::process {

namespace {

// A bundle can write a database to disk when it ends.
constexpr std::chrono::seconds kLongestEnd{30};
// Last words are a sentence.
constexpr std::size_t kLastWords = 4096;

std::string fail(std::string_view what) {
  return fmt::format("{}: {}", what, describe_error(errno));
}

// A copy of a descriptor that none of the child's descriptors replaces while these are set.
Descriptor move_away(const Descriptor& descriptor) {
  return Descriptor(::fcntl(descriptor.number(), F_DUPFD_CLOEXEC, kSetup + 1));
}

Descriptor write_file(std::span<const std::uint8_t> content) {
  Descriptor file(static_cast<int>(::syscall(SYS_memfd_create, "tenon-setup", MFD_CLOEXEC)));
  if (!file.is_open() || !write_all(file.number(), content) ||
      ::lseek(file.number(), 0, SEEK_SET) != 0)
    return Descriptor(-1);
  return move_away(file);
}

// Options for `posix_spawn`: what it does in the child.
class SpawnOptions final {
 public:
  SpawnOptions() {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
  }
  SpawnOptions(const SpawnOptions&) = delete;
  SpawnOptions& operator=(const SpawnOptions&) = delete;
  ~SpawnOptions() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // Standard input belongs to the program. Its terminal, too: in a session of its own, the child gets no
  // signals of the terminal, and cannot feed it with input.
  void set(const Descriptor& control, const Descriptor& setup) {
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, control.number(), kControl);
    posix_spawn_file_actions_adddup2(&actions_, setup.number(), kSetup);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setflags(
        &attributes_,
        static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
  }
  [[nodiscard]] const posix_spawn_file_actions_t* actions() const { return &actions_; }
  [[nodiscard]] const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_ = {};
  posix_spawnattr_t attributes_ = {};
};

// Signals that end processes. The functions of the C library that know more need a newer one than tenon does.
struct SignalName {
  int number;
  std::string_view text;
};
constexpr SignalName kSignals[] = {
    {SIGABRT, "SIGABRT (aborted)"},
    {SIGALRM, "SIGALRM (alarm clock)"},
    {SIGBUS, "SIGBUS (bus error)"},
    {SIGFPE, "SIGFPE (arithmetic exception)"},
    {SIGHUP, "SIGHUP (hangup)"},
    {SIGILL, "SIGILL (illegal instruction)"},
    {SIGINT, "SIGINT (interrupt)"},
    {SIGKILL, "SIGKILL (killed)"},
    {SIGPIPE, "SIGPIPE (broken pipe)"},
    {SIGQUIT, "SIGQUIT (quit)"},
    {SIGSEGV, "SIGSEGV (segmentation fault)"},
    {SIGSYS, "SIGSYS (bad system call)"},
    {SIGTERM, "SIGTERM (terminated)"},
    {SIGTRAP, "SIGTRAP (trap)"},
    {SIGXCPU, "SIGXCPU: it has used the `cpu` time that it has"},
    {SIGXFSZ, "SIGXFSZ (file size limit exceeded)"},
};

std::string describe_signal(int signal) {
  const auto* const known = std::ranges::find(kSignals, signal, &SignalName::number);
  if (known == std::end(kSignals)) return fmt::format("was ended by the signal {}", signal);
  return fmt::format("was ended by {}", known->text);
}

// The path of the file that contains this code; empty if it is not known.
std::string find_own_file() {
  Dl_info info = {};
  struct link_map* map = nullptr;
  const bool is_known = ::dladdr1(reinterpret_cast<void*>(&find_own_file), &info,
                                  reinterpret_cast<void**>(&map), RTLD_DL_LINKMAP) != 0;
  std::error_code error;
  // The program itself has no name.
  const std::filesystem::path path = is_known && map != nullptr && map->l_name[0] != '\0'
                                         ? std::filesystem::canonical(map->l_name, error)
                                         : std::filesystem::read_symlink("/proc/self/exe", error);
  return error ? std::string() : path.string();
}

}  // namespace

Result<std::unique_ptr<Child>, std::string> Child::start(const std::string& program,
                                                         const std::string& name,
                                                         std::span<const std::uint8_t> setup) {
  const Descriptor file = write_file(setup);
  if (!file.is_open()) return fail("no file for its setup can be made");
  std::array<int, 2> pair = {};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return fail("no socket can be made");
  Descriptor control(pair[0]);
  const Descriptor first(pair[1]);
  const Descriptor passed = move_away(first);
  if (!passed.is_open()) return fail("no descriptor is left");
  SpawnOptions options;
  options.set(passed, file);
  std::string own_name = kProgramName;
  std::string second = name;
  const std::array<char*, 3> arguments = {own_name.data(), second.data(), nullptr};
  // Nothing is allocated between its start and its owner.
  std::unique_ptr<Child> child(new Child(std::move(control)));
  errno = ::posix_spawn(&child->number_, program.c_str(), options.actions(), options.attributes(),
                        arguments.data(), environ);
  if (errno != 0) return fail(fmt::format("`{}` cannot be started", program));
  child->handle_ = Descriptor(static_cast<int>(::syscall(SYS_pidfd_open, child->number_, 0)));
  const int error = errno;
  if (child->handle_.is_open()) return child;
  // Nothing can wait for it with a time limit. A number that is free again can be that of another process.
  if (error != ESRCH) (void)::kill(child->number_, SIGKILL);
  child->reap();
  errno = error;
  return fail("the system cannot watch it (pidfd_open)");
}

Child::~Child() {
  if (parent_ == ::getpid()) end();
}

Descriptor Child::connect() const { return remote::pass_socket(control_.number()); }

bool Child::wait(std::chrono::milliseconds time) {
  const auto until = std::chrono::steady_clock::now() + time;
  while (handle_.is_open()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(
        std::max(until - std::chrono::steady_clock::now(), std::chrono::steady_clock::duration()));
    pollfd polled = {.fd = handle_.number(), .events = POLLIN, .revents = 0};
    const int ready = ::poll(&polled, 1, static_cast<int>(left.count()));
    if (ready > 0)
      reap();
    else if (ready == 0 || errno != EINTR)
      return false;
  }
  return true;
}

void Child::kill() {
  if (!handle_.is_open()) return;
  send_signal(SIGKILL);
  reap();
}

bool Child::is_stopped() const {
  siginfo_t info = {};
  return handle_.is_open() &&
         ::waitid(P_PID, static_cast<id_t>(number_), &info, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == number_;
}

void Child::send_signal(int signal) const {
  (void)::syscall(SYS_pidfd_send_signal, handle_.number(), signal, nullptr, 0);
}

void Child::end() {
  if (!handle_.is_open()) return;
  (void)::shutdown(control_.number(), SHUT_RDWR);
  // A process that is stopped notices nothing.
  send_signal(SIGCONT);
  if (!wait(kLongestEnd)) kill();
}

// Waits for its end.
void Child::reap() {
  siginfo_t end = {};
  int waited = 0;
  do waited = ::waitid(P_PID, static_cast<id_t>(number_), &end, WEXITED);
  while (waited != 0 && errno == EINTR);
  (void)handle_.close();
  try {
    how_ = describe_end(end, waited == 0);
  } catch (const std::bad_alloc&) {
    how_ = "ended";
  }
}

std::string Child::describe_end(const siginfo_t& end, bool is_known) const {
  if (auto words = read_last_words()) return *std::move(words);
  // If the program ignores SIGCHLD, or waits for all of its children, the system does not tell.
  if (!is_known) return "ended";
  if (end.si_code == CLD_EXITED)
    return fmt::format("ended by itself, with the exit code {}", end.si_status);
  return describe_signal(end.si_status);
}

// Native code can write anything to the socket.
std::optional<std::string> Child::read_last_words() const {
  std::string words(kLastWords, '\0');
  ssize_t size = 0;
  // That the child has not read everything comes first.
  do size = ::recv(control_.number(), words.data(), words.size(), MSG_DONTWAIT);
  while (size < 0 && errno == ECONNRESET);
  if (size <= 0) return std::nullopt;
  words.resize(static_cast<std::size_t>(size));
  return sanitize_text(words);
}

std::optional<std::string> find_command() {
  const std::filesystem::path folder = std::filesystem::path(find_own_file()).parent_path();
  if (folder.empty()) return std::nullopt;
  // From `bin`, `lib`, `lib/x86_64-linux-gnu` and `lib/python3.11/site-packages/tenon`.
  for (const char* const relative : {"", "../bin", "../../bin", "../../../../bin"}) {
    const std::filesystem::path program = (folder / relative / "tenon").lexically_normal();
    if (::access(program.c_str(), X_OK) == 0) return program.string();
  }
  return std::nullopt;
}

}  // namespace tenon::process
