// A NATS server on a free port of this machine, in a process that ends with this one.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace tenon {

class NatsServer final {
 public:
  // arguments: additional ones for `nats-server`.
  explicit NatsServer(std::vector<std::string> arguments = {})
      : arguments_(std::move(arguments)), port_(find_port()) {
    start();
  }
  NatsServer(const NatsServer&) = delete;
  NatsServer& operator=(const NatsServer&) = delete;
  ~NatsServer() { stop(); }

  // A free port of this machine.
  static int find_port() {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at = address(0);
    socklen_t size = sizeof(at);
    EXPECT_EQ(::bind(probe, reinterpret_cast<const sockaddr*>(&at), size), 0);
    EXPECT_EQ(::getsockname(probe, reinterpret_cast<sockaddr*>(&at), &size), 0);
    ::close(probe);
    return ntohs(at.sin_port);
  }
  // Whether the program is installed.
  static bool exists() { return std::system("command -v nats-server >/dev/null") == 0; }

  // "127.0.0.1:4222"
  [[nodiscard]] std::string address() const { return fmt::format("127.0.0.1:{}", port_); }
  [[nodiscard]] std::string url() const { return "nats://" + address(); }

  // Starts it, or restarts it at the same port.
  void start() {
    process_ = ::fork();
    if (process_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      const int null = ::open("/dev/null", O_WRONLY);
      ::dup2(null, STDOUT_FILENO);
      ::dup2(null, STDERR_FILENO);
      std::vector<std::string> words = {"nats-server", "-a", "127.0.0.1", "-p",
                                        std::to_string(port_)};
      words.insert(words.end(), arguments_.begin(), arguments_.end());
      std::vector<char*> pointers;
      for (std::string& word : words) pointers.push_back(word.data());
      pointers.push_back(nullptr);
      ::execvp(pointers[0], pointers.data());
      ::_exit(127);
    }
    for (int i = 0; i < 500 && !accepts(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_TRUE(accepts()) << "nats-server does not start";
  }
  void stop() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  // Stops it, and starts it with other arguments.
  void restart(std::vector<std::string> arguments) {
    stop();
    arguments_ = std::move(arguments);
    start();
  }
  // It accepts connections and answers nothing, until `resume`.
  void pause() const {
    ::kill(process_, SIGSTOP);
    ::waitpid(process_, nullptr, WUNTRACED);  // its threads run until then
  }
  void resume() const { ::kill(process_, SIGCONT); }

 private:
  static sockaddr_in address(int port) {
    sockaddr_in at = {};
    at.sin_family = AF_INET;
    at.sin_port = htons(static_cast<std::uint16_t>(port));
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return at;
  }
  [[nodiscard]] bool accepts() const {
    const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in at = address(port_);
    const bool connected =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) == 0;
    ::close(probe);
    return connected;
  }

  std::vector<std::string> arguments_;
  const int port_;
  pid_t process_ = 0;
};

}  // namespace tenon
