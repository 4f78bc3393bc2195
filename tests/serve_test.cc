// `tenon serve` as a process: readiness, signals, and sockets that systemd passes.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"

namespace tenon::serve_test {
namespace {

using testing::HasSubstr;

constexpr const char* kTax = R"((component
  (core module $m (func (export "rate") (result i32) i32.const 19))
  (core instance $i (instantiate $m))
  (func $rate (result u32) (canon lift (core func $i "rate")))
  (instance $lib (export "rate" (func $rate)))
  (export "acme:tax/lib@1.0.0" (instance $lib))))";

constexpr const char* kShop = R"((component
  (import "acme:tax/lib@1.0.0" (instance $tax (export "rate" (func (result u32)))))
  (core func $rate (canon lower (func $tax "rate")))
  (core module $m (import "" "rate" (func $rate (result i32)))
    (func (export "total") (result i32) (i32.add (call $rate) (i32.const 100))))
  (core instance $i (instantiate $m (with "" (instance (export "rate" (func $rate))))))
  (func (export "total") (result u32) (canon lift (core func $i "total")))))";

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Serve : public testing::Test {
 protected:
  Serve()
      : tax_(folder_.write("tax.wat", kTax)),
        shop_(folder_.write("shop.wat", kShop)),
        socket_((folder_.path() / "tax.sock").string()) {}
  ~Serve() override {
    if (server_ > 0) end(SIGKILL);
  }

  // Starts tenon, with standard output and error in the file `out`. prepare: called in the process.
  pid_t start(std::vector<std::string> arguments, const std::function<void()>& prepare = [] {}) {
    arguments.insert(arguments.begin(), TENON_BINARY_DIR "/tenon");
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    const pid_t child = ::fork();
    if (child != 0) return child;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int file = ::open(out().c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, STDOUT_FILENO);
    ::dup2(file, STDERR_FILENO);
    prepare();
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  // Starts `tenon serve`, and waits until it is ready.
  void serve(std::vector<std::string> arguments, const std::function<void()>& prepare = [] {}) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    arguments.insert(arguments.begin(), {"serve", tax_, "--ready-fd", std::to_string(ready[1])});
    server_ = start(std::move(arguments), prepare);
    ::close(ready[1]);
    char line = 0;
    EXPECT_EQ(::read(ready[0], &line, 1), 1) << read_text(out());
    ::close(ready[0]);
  }
  // Returns the exit code; -1 if a signal ended it.
  static int wait(pid_t process) {
    int status = 0;
    ::waitpid(process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  int end(int signal) {
    ::kill(server_, signal);
    return wait(std::exchange(server_, -1));
  }
  int call(const std::string& address) {
    return wait(start({"call", shop_, "total", "--connect", "acme:tax/lib=" + address}));
  }
  [[nodiscard]] std::string out() const { return (folder_.path() / "out").string(); }

  const TemporaryFolder folder_;
  const std::string tax_;
  const std::string shop_;
  const std::string socket_;
  pid_t server_ = -1;
};

TEST_F(Serve, IsReadyWhenItSaysSo) {
  serve({"--listen", "unix:" + socket_});
  struct stat status = {};
  ASSERT_EQ(::stat(socket_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(call("unix:" + socket_), 0);
  EXPECT_THAT(read_text(out()), HasSubstr("119"));
  EXPECT_EQ(end(SIGTERM), 0);
  EXPECT_THAT(read_text(out()), HasSubstr("served 1 call, 0 failures"));
  EXPECT_NE(::access(socket_.c_str(), F_OK), 0) << "the socket file is removed";
}

TEST_F(Serve, EndsAtEachOfItsSignals) {
  for (const int signal : {SIGTERM, SIGINT}) {
    serve({"--listen", "unix:" + socket_});
    EXPECT_EQ(end(signal), 0);
  }
}

TEST_F(Serve, ReplacesTheSocketFileOfAProcessThatWasKilled) {
  serve({"--listen", "unix:" + socket_});
  end(SIGKILL);
  EXPECT_EQ(::access(socket_.c_str(), F_OK), 0);
  serve({"--listen", "unix:" + socket_});
  EXPECT_EQ(call("unix:" + socket_), 0);
}

TEST_F(Serve, RefusesTheSocketFileOfALiveProcess) {
  serve({"--listen", "unix:" + socket_});
  EXPECT_EQ(wait(start({"serve", tax_, "--listen", "unix:" + socket_})), 125);
  EXPECT_THAT(read_text(out()), HasSubstr("another process listens there"));
  EXPECT_EQ(call("unix:" + socket_), 0) << "the first one is not disturbed";
}

// Listens, and makes the socket descriptor 3, as systemd does.
void pass_socket(in_addr_t host, std::uint16_t& port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(host);
  address.sin_port = htons(port);
  const int on = 1;
  ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(listener, 8) != 0)
    ::_exit(126);
  if (listener != 3) ::dup2(listener, 3);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
}

std::uint16_t find_free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  EXPECT_EQ(::bind(probe, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ::close(probe);
  return ntohs(address.sin_port);
}

TEST_F(Serve, ServesASocketThatSystemdPasses) {
  std::uint16_t port = find_free_port();
  server_ = start({"serve", tax_}, [&] { pass_socket(INADDR_LOOPBACK, port); });
  // The socket may not listen yet: calls are repeated.
  const std::string address = fmt::format("tcp://127.0.0.1:{}", port);
  EXPECT_EQ(call(address), 0);
  EXPECT_EQ(end(SIGTERM), 0);
  EXPECT_THAT(read_text(out()), HasSubstr("listens at " + address));
}

TEST_F(Serve, RefusesASocketOfSystemdThatOtherMachinesReach) {
  std::uint16_t port = find_free_port();
  EXPECT_EQ(wait(start({"serve", tax_}, [&] { pass_socket(INADDR_ANY, port); })), 125);
  EXPECT_THAT(read_text(out()), HasSubstr("other machines can reach it, and nothing is encrypted"));
}

TEST_F(Serve, RefusesADescriptorThatIsNotASocket) {
  const auto pass_file = [] {
    const int file = ::open("/dev/null", O_RDONLY);
    if (file != 3) ::dup2(file, 3);
    ::setenv("LISTEN_FDS", "1", 1);
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  };
  EXPECT_EQ(wait(start({"serve", tax_}, pass_file)), 125);
  EXPECT_THAT(read_text(out()), HasSubstr("cannot serve at descriptor 3"));
}

}  // namespace
}  // namespace tenon::serve_test
