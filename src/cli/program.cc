#include "cli/program.h"

#include <fmt/core.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>

#include "tenon/text.h"

// The streams of the program are files in memory. Unlike with pipes, neither side ever waits for
// the other to read, and no write can raise SIGPIPE.

namespace tenon::cli {

namespace {

constexpr std::size_t kMostOutputBytes = std::size_t{64} << 20;
constexpr std::size_t kMostErrorColumns = 200;

// Its offset stays where it is: the program begins to read or write at 0.
class MemoryFile final {
 public:
  MemoryFile() : number_(::memfd_create("tenon", MFD_CLOEXEC)) {}
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() {
    if (number_ >= 0) ::close(number_);
  }

  [[nodiscard]] int number() const { return number_; }

  // False: errno says why.
  [[nodiscard]] bool fill(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
      const ssize_t count =
          ::pwrite(number_, text.data() + at, text.size() - at, static_cast<off_t>(at));
      if (count < 0) return false;
      at += static_cast<std::size_t>(count);
    }
    return number_ >= 0;
  }

  // Nothing if there are more than kMostOutputBytes.
  [[nodiscard]] std::optional<std::string> read() const {
    struct stat status = {};
    if (::fstat(number_, &status) != 0) return std::nullopt;
    const auto size = static_cast<std::size_t>(status.st_size);
    if (size > kMostOutputBytes) return std::nullopt;
    std::string text(size, '\0');
    const ssize_t count = ::pread(number_, text.data(), size, 0);
    if (count < 0) return std::nullopt;
    text.resize(static_cast<std::size_t>(count));
    return text;
  }

 private:
  int number_;
};

struct Streams {
  MemoryFile input;
  MemoryFile output;
  MemoryFile error;
};

// Returns 0 or an error number.
int spawn(const ProgramCall& call, const Streams& streams, pid_t& id) {
  std::vector<std::string> words{call.path};
  words.insert(words.end(), call.arguments.begin(), call.arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, streams.input.number(), STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, streams.output.number(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, streams.error.number(), STDERR_FILENO);
  const int failed =
      ::posix_spawn(&id, call.path.c_str(), &actions, nullptr, argv.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return failed;
}

// The status of the program, as waitpid has it; nothing if it had to be killed. Where the system
// keeps no status, because the parent of this process ignores SIGCHLD, the status is 0.
std::optional<int> wait_for(pid_t id, std::chrono::milliseconds time) {
  constexpr auto kStep = std::chrono::milliseconds(2);
  const auto end = std::chrono::steady_clock::now() + time;
  int status = 0;
  while (true) {
    const pid_t ended = ::waitpid(id, &status, WNOHANG);
    if (ended == id) return status;
    if (ended < 0 && errno == ECHILD) return 0;
    if (std::chrono::steady_clock::now() >= end) break;
    std::this_thread::sleep_for(kStep);
  }
  ::kill(id, SIGKILL);
  while (::waitpid(id, &status, 0) < 0 && errno == EINTR) {
  }
  return std::nullopt;
}

std::string describe_failure(int status, const Streams& streams) {
  std::string text = WIFSIGNALED(status) ? fmt::format("died of signal {}", WTERMSIG(status))
                                         : fmt::format("failed with {}", WEXITSTATUS(status));
  const std::string error = streams.error.read().value_or("");
  if (const std::string line = error.substr(0, error.find('\n')); !line.empty())
    text += ": " + truncate_text(sanitize_text(line), kMostErrorColumns, Charset::Utf8);
  return text;
}

}  // namespace

Result<std::string, ProgramFailure> run_program(const ProgramCall& call) {
  Streams streams;
  pid_t id = 0;
  const bool is_ready =
      streams.input.fill(call.input) && streams.output.fill({}) && streams.error.fill({});
  const int failed = is_ready ? spawn(call, streams, id) : errno;
  if (failed != 0)
    return ProgramFailure{fmt::format("cannot be started: {}", std::strerror(failed))};
  const std::optional<int> status = wait_for(id, call.time);
  if (!status) return ProgramFailure{fmt::format("took longer than {} ms", call.time.count())};
  if (*status != 0) return ProgramFailure{describe_failure(*status, streams)};
  std::optional<std::string> output = streams.output.read();
  if (!output) return ProgramFailure{fmt::format("wrote more than {} bytes", kMostOutputBytes)};
  return *std::move(output);
}

}  // namespace tenon::cli
