// `tenon serve` as a process: readiness, signals, sockets that systemd passes, and the control socket.
#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/temporary_folder.h"
#include "tests/support/test_scale.h"

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

// Its `rate` never returns.
constexpr const char* kSlow = R"((component
  (core module $m (func (export "rate") (result i32) (loop $l (br $l)) unreachable))
  (core instance $i (instantiate $m))
  (func $rate (result u32) (canon lift (core func $i "rate")))
  (instance $lib (export "rate" (func $rate)))
  (export "acme:tax/lib@1.0.0" (instance $lib))))";

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

class Serve : public testing::Test {
 protected:
  Serve()
      : tax_(folder_.write("tax.wat", kTax)),
        shop_(folder_.write("shop.wat", kShop)),
        socket_((folder_.path() / "tax.sock").string()),
        runtime_((folder_.path() / "run").string()) {
    EXPECT_EQ(::mkdir(runtime_.c_str(), 0700), 0);
  }
  ~Serve() override {
    if (server_ > 0) end(SIGKILL);
  }

  // Starts tenon, with standard output and error in the file `out`. prepare: called in the child.
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
    ::setenv("XDG_RUNTIME_DIR", runtime_.c_str(), 1);
    prepare();
    ::execv(pointers[0], pointers.data());
    ::_exit(127);
  }
  // Starts `tenon serve`, and waits until it is ready.
  void serve(std::vector<std::string> arguments, const std::function<void()>& prepare = [] {}) {
    server_ = serve_file(tax_, std::move(arguments), prepare);
  }
  pid_t serve_file(
      const std::string& file, std::vector<std::string> arguments,
      const std::function<void()>& prepare = [] {}) {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    arguments.insert(arguments.begin(), {"serve", file, "--ready-fd", std::to_string(ready[1])});
    const pid_t process = start(std::move(arguments), prepare);
    ::close(ready[1]);
    char line = 0;
    EXPECT_EQ(::read(ready[0], &line, 1), 1) << read_text(out());
    ::close(ready[0]);
    return process;
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
  // Runs `tenon serve --status`. Returns what it prints.
  std::string status(std::vector<std::string> arguments, int code = 0) {
    const std::size_t before = read_text(out()).size();
    arguments.insert(arguments.begin(), {"serve", "--status"});
    EXPECT_EQ(wait(start(std::move(arguments))), code);
    return read_text(out()).substr(before);
  }
  // The control socket of a service.
  [[nodiscard]] std::string control(const std::string& name) const {
    return fmt::format("{}/tenon/{}.sock", runtime_, name);
  }
  [[nodiscard]] std::string out() const { return (folder_.path() / "out").string(); }

  const TemporaryFolder folder_;
  const std::string tax_;
  const std::string shop_;
  const std::string socket_;
  const std::string runtime_;  // XDG_RUNTIME_DIR
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
  // The socket may not listen yet, but calls are repeated.
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

TEST_F(Serve, ShowsTheStatusOfAService) {
  serve({"--listen", "unix:" + socket_});
  EXPECT_EQ(call("unix:" + socket_), 0);
  const std::string text = status({"tax"});
  EXPECT_THAT(text, HasSubstr(fmt::format("process      {}\n", server_)));
  EXPECT_THAT(text, HasSubstr("listens at   unix:" + socket_));
  EXPECT_THAT(text, HasSubstr("serves       acme:tax/lib@1.0.0"));
  EXPECT_THAT(text, HasSubstr("calls        1, 0 failed, 0 in progress"));
  const std::string json = status({"tax", "--format", "json"});
  EXPECT_THAT(json, HasSubstr(fmt::format("\"pid\": {},", server_)));
  EXPECT_THAT(json, HasSubstr("\"busy\": false"));
  EXPECT_THAT(json, HasSubstr("\"calls\": 1"));
}

TEST_F(Serve, ShowsTheStateOfRemoteUnits) {
  serve({"--listen", "unix:" + socket_});
  const pid_t shop = serve_file(
      shop_, {"--listen", "unix:" + socket_ + "2", "--connect", "acme:tax/lib=unix:" + socket_});
  EXPECT_THAT(status({"shop"}), HasSubstr("acme-tax-lib  unix:" + socket_ + "  calls 0, 0 failed"));
  ::kill(shop, SIGTERM);
  EXPECT_EQ(wait(shop), 0);
}

TEST_F(Serve, SaysThatACallKeepsItBusyInsteadOfWaiting) {
  server_ = serve_file(folder_.write("slow.wat", kSlow), {"--listen", "unix:" + socket_});
  const pid_t caller = start({"call", shop_, "total", "--connect", "acme:tax/lib=unix:" + socket_});
  std::string text;
  // Until the call has arrived.
  for (int i = 0; i < 1000 && text.find("busy") == std::string::npos; ++i) text = status({"slow"});
  EXPECT_THAT(text, HasSubstr("a call keeps it busy; counts as of "));
  EXPECT_THAT(status({"slow", "--json"}), HasSubstr("\"busy\": true"));
  end(SIGKILL);
  (void)wait(caller);
}

TEST_F(Serve, ListsTheServicesThatRun) {
  EXPECT_EQ(status({}), "no services are running\n");
  serve({"--listen", "unix:" + socket_});
  const pid_t second = serve_file(tax_, {"--listen", "unix:" + socket_ + "2"});
  EXPECT_EQ(status({}), fmt::format("tax    {}  unix:{}\ntax-2  {}  unix:{}2\n", server_, socket_,
                                    second, socket_))
      << "a default name that is in use gets a number";
  EXPECT_THAT(status({"--json"}), HasSubstr(fmt::format("\"pid\": {},", second)));
  ::kill(second, SIGKILL);
  (void)wait(second);
  EXPECT_EQ(status({}), fmt::format("tax  {}  unix:{}\n", server_, socket_))
      << "a service that was killed is not listed";
}

TEST_F(Serve, RefusesTheNameOfALiveService) {
  serve({"--listen", "unix:" + socket_, "--name", "shop"});
  EXPECT_EQ(wait(start({"serve", tax_, "--listen", "unix:" + socket_ + "2", "--name", "shop"})),
            125);
  EXPECT_THAT(read_text(out()), HasSubstr("error[remote-listen]: the name `shop` is in use"));
  EXPECT_THAT(read_text(out()), HasSubstr("such as `--name shop-2`"));
  EXPECT_THAT(status({"shop"}), HasSubstr("unix:" + socket_ + "\n")) << "it is not disturbed";
}

TEST_F(Serve, ReplacesTheControlSocketOfAServiceThatWasKilled) {
  serve({"--listen", "unix:" + socket_, "--name", "shop"});
  end(SIGKILL);
  EXPECT_EQ(::access(control("shop").c_str(), F_OK), 0);
  EXPECT_THAT(status({"shop"}, 127), HasSubstr("no service named `shop` is running"));
  serve({"--listen", "unix:" + socket_, "--name", "shop"});
  EXPECT_THAT(status({"shop"}), HasSubstr(fmt::format("process      {}\n", server_)));
}

TEST_F(Serve, RemovesItsControlSocketAtTheEndAndNoOther) {
  serve({"--listen", "unix:" + socket_});
  EXPECT_EQ(::access(control("tax").c_str(), F_OK), 0);
  EXPECT_EQ(end(SIGTERM), 0);
  EXPECT_NE(::access(control("tax").c_str(), F_OK), 0);

  serve({"--listen", "unix:" + socket_});
  ::unlink(control("tax").c_str());
  const pid_t second = serve_file(tax_, {"--listen", "unix:" + socket_ + "2"});
  EXPECT_EQ(end(SIGTERM), 0);
  EXPECT_THAT(status({"tax"}), HasSubstr(fmt::format("process      {}\n", second)));
  ::kill(second, SIGTERM);
  EXPECT_EQ(wait(second), 0);
}

TEST_F(Serve, NamesServicesLikeAnUnknownOne) {
  EXPECT_THAT(status({"tox"}, 127), HasSubstr("no service is running; `tenon serve FILE"));
  serve({"--listen", "unix:" + socket_});
  const std::string text = status({"tox"}, 127);
  EXPECT_THAT(text, HasSubstr("nothing listens at `" + control("tox") + "`"));
  EXPECT_THAT(text, HasSubstr("did you mean `tax`?"));
  EXPECT_THAT(status({"../tax"}, 125), HasSubstr("`../tax` is not the name of a service"));
}

TEST_F(Serve, GivesTheControlSocketToItsUserAlone) {
  serve({"--listen", "unix:" + socket_}, [] { ::umask(0); });
  struct stat file = {};
  ASSERT_EQ(::stat((runtime_ + "/tenon").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0700U);
  ASSERT_EQ(::stat(control("tax").c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 07777, 0600U);
}

TEST_F(Serve, OpensNoControlSocketWhereOthersCanWrite) {
  const std::string folder = runtime_ + "/tenon";
  for (const mode_t mode : {0777U, 01777U, 0770U}) {
    ASSERT_TRUE(::mkdir(folder.c_str(), 0700) == 0 || errno == EEXIST);
    ::chmod(folder.c_str(), mode);
    EXPECT_EQ(wait(start({"serve", tax_, "--listen", "unix:" + socket_, "--name", "shop"})), 125);
    EXPECT_THAT(read_text(out()), HasSubstr("error[config-untrusted]"));
  }
  // Without `--name`, this is not an error.
  serve({"--listen", "unix:" + socket_});
  EXPECT_THAT(read_text(out()), HasSubstr("cannot reach this: `" + folder + "` is not used"));
  EXPECT_NE(::access(control("tax").c_str(), F_OK), 0);
}

TEST_F(Serve, AsksNoServiceInAFolderWhereOthersCanWrite) {
  serve({"--listen", "unix:" + socket_});
  const std::string folder = runtime_ + "/tenon";
  for (const mode_t mode : {0777U, 0770U}) {
    ::chmod(folder.c_str(), mode);
    EXPECT_THAT(status({"tax"}, 125), HasSubstr("error[config-untrusted]"));
    EXPECT_THAT(status({}, 125), HasSubstr("error[config-untrusted]"));
    EXPECT_EQ(wait(start({"swap", "tax", "tax=" + tax_})), 1);
  }
  ::chmod(folder.c_str(), 0700);
  EXPECT_THAT(status({"tax"}), HasSubstr("calls        0"));
}

TEST_F(Serve, RunsWithoutControlSocketIfThereIsNoRuntimeFolder) {
  const auto unset = [] { ::unsetenv("XDG_RUNTIME_DIR"); };
  const std::string message = "XDG_RUNTIME_DIR is not set";
  serve({"--listen", "unix:" + socket_, "-q"}, unset);
  EXPECT_EQ(end(SIGTERM), 0);
  EXPECT_EQ(read_text(out()), "");
  serve({"--listen", "unix:" + socket_}, unset);
  EXPECT_THAT(read_text(out()), HasSubstr("cannot reach this: " + message));
  EXPECT_EQ(call("unix:" + socket_), 0);
  EXPECT_EQ(wait(start({"serve", tax_, "--listen", "unix:" + socket_ + "2", "--name", "a"}, unset)),
            125);
  EXPECT_THAT(read_text(out()), HasSubstr("error[config-usage]: " + message));
}

TEST_F(Serve, RefusesNamesAndFlagsThatHaveNoMeaning) {
  EXPECT_EQ(wait(start({"serve", tax_, "--listen", "unix:" + socket_, "--name", "a/b"})), 125);
  EXPECT_THAT(read_text(out()), HasSubstr("`a/b` is not the name of a service"));
  const std::string too_long(120, 'a');
  EXPECT_EQ(wait(start({"serve", tax_, "--listen", "unix:" + socket_, "--name", too_long})), 125);
  EXPECT_THAT(read_text(out()), HasSubstr("a socket's path has at most 107 bytes"));
  EXPECT_THAT(status({"tax", "--listen", "unix:" + socket_}, 125),
              HasSubstr("cannot be used with `--status`"));
  EXPECT_EQ(wait(start({"serve", tax_, "--listen", "unix:" + socket_, "--json"})), 125);
  EXPECT_THAT(read_text(out()), HasSubstr("`--format json` is for `--status`"));
}

int connect_to(const std::string& path) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  return socket;
}

// Reads until the service closes the connection.
std::string read_end(int socket) {
  std::string text;
  char part[4096];
  for (ssize_t size = 0; (size = ::read(socket, part, sizeof(part))) > 0;)
    text.append(part, static_cast<std::size_t>(size));
  ::close(socket);
  return text;
}

std::string ask(const std::string& path, const std::string& bytes) {
  const int socket = connect_to(path);
  for (std::size_t sent = 0; sent < bytes.size();) {
    // The service can close the connection before it has read all bytes.
    const ssize_t size = ::send(socket, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (size < 0) break;
    sent += static_cast<std::size_t>(size);
  }
  return read_end(socket);
}

TEST_F(Serve, AnswersHostileClientsWithAnError) {
  serve({"--listen", "unix:" + socket_});
  const std::string path = control("tax");
  EXPECT_THAT(ask(path, "{\"request\": \"status\"}\n"), HasSubstr("\"name\":\"tax\""));
  const std::string expected = "{\"error\":\"expected an object in JSON";
  for (const std::string& bytes : {std::string("\n"), std::string("what?\n"), std::string("[1]\n"),
                                   std::string("{}\n"), std::string("{\"request\": null}\n"),
                                   std::string("\xff\0{\n", 4), std::string(4000, '[') + "\n"})
    EXPECT_THAT(ask(path, bytes), HasSubstr(expected)) << bytes;
  EXPECT_THAT(ask(path, "{\"request\": \"stop\\u001b\"}\n"),
              HasSubstr("unknown request `stop\\u001b`, expected `status`"));
  EXPECT_THAT(ask(path, std::string(1 << 20, 'a')), HasSubstr("a request has at most 65536 bytes"));
  EXPECT_THAT(status({"tax"}), HasSubstr("calls        0"));
}

TEST_F(Serve, SaysWhatASwapLooksLike) {
  serve({"--listen", "unix:" + socket_});
  for (const char* const units :
       {"3", "[]", "[3]", "null", "\"tax\"", "{}", R"([{"name": "tax"}])",
        R"([{"name": "tax", "path": 3}])", R"([{"name": "tax", "path": "a.wat"}, {"path": "b"}])"})
    EXPECT_THAT(
        ask(control("tax"), fmt::format("{{\"request\": \"swap\", \"units\": {}}}\n", units)),
        HasSubstr("expected `units`: a list of {name, path}"))
        << units;
  EXPECT_THAT(ask(control("tax"), "{\"request\": \"swap\"}\n"), HasSubstr("expected `units`"));
  EXPECT_THAT(ask(control("tax"), fmt::format(R"({{"request": "swap", "trial": "no", )"
                                              R"("units": [{{"name": "tax", "path": "{}"}}]}})"
                                              "\n",
                                              tax_)),
              HasSubstr("expected `trial`: true or false"));
}

TEST_F(Serve, SwapsOnlyFiles) {
  serve({"--listen", "unix:" + socket_});
  const std::string pipe = (folder_.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  const std::string link = (folder_.path() / "link").string();
  ASSERT_EQ(::symlink(pipe.c_str(), link.c_str()), 0);
  const auto swap = [&](const std::string& path) {
    return ask(control("tax"),
               fmt::format("{{\"request\": \"swap\", \"units\": [{{\"name\": \"tax\", \"path\": "
                           "\"{}\"}}]}}\n",
                           path));
  };
  for (const std::string& path :
       {pipe, link, std::string("/dev/zero"), std::string("/dev/stdin"), folder_.path().string(),
        socket_, std::string("/dev/ptmx"), folder_.path().string() + "/nothing"})
    EXPECT_THAT(swap(path), HasSubstr("\"code\":\"read-file\"")) << path;
  EXPECT_THAT(swap(tax_), HasSubstr("\"lost\"")) << "none of them blocks the next one";
}

TEST_F(Serve, LetsNoClientKeepTheOthersWaiting) {
  serve({"--listen", "unix:" + socket_});
  std::vector<int> silent;
  for (int i = 0; i < 20; ++i) silent.push_back(connect_to(control("tax")));
  EXPECT_EQ(::send(silent.front(), "{", 1, MSG_NOSIGNAL), 1);
  // Only some of them are accepted at once, and for a second.
  EXPECT_THAT(status({"tax"}), HasSubstr("calls        0"));
  EXPECT_THAT(read_end(silent.front()), HasSubstr("no request came in time"));
  // These are still connected.
  EXPECT_EQ(call("unix:" + socket_), 0);
  EXPECT_EQ(end(SIGTERM), 0);
  for (std::size_t i = 1; i < silent.size(); ++i) ::close(silent[i]);
}

// Its `wait` never returns, and ignores that it is cancelled.
constexpr const char* kWaiting = R"((component
  (core func $join (canon waitable.join))
  (core func $new-set (canon waitable-set.new))
  (core module $m
    (import "" "new-set" (func $new-set (result i32)))
    (func (export "wait") (result i32) (i32.or (i32.const 2) (i32.shl (call $new-set) (i32.const 4))))
    (func (export "callback") (param i32 i32 i32) (result i32)
      (i32.or (i32.const 2) (i32.shl (call $new-set) (i32.const 4))))
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m (with "" (instance (export "new-set" (func $new-set))))))
  (func $wait async (canon lift (core func $i "wait") async (callback (core func $i "callback"))))
  (func $add (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (instance $lib (export "wait" (func $wait)) (export "add" (func $add)))
  (export "a:b/c" (instance $lib))))";

TEST_F(Serve, AnswersOthersAfterManyClientsHaveLeft) {
  server_ = serve_file(folder_.write("waits.wat", kWaiting), {"--listen", "unix:" + socket_});
  const std::string header("\0\5a:b/c", 7);
  const auto number_of = [&](const std::string& key) {
    const std::string json = status({"waits", "--json"});
    const auto at = json.find("\"" + key + "\": ");
    return at == json.npos ? -1 : std::atoi(json.c_str() + at + key.size() + 4);
  };
  const auto leave = [&](std::size_t count) {
    std::vector<int> clients;
    for (std::size_t i = 0; i < count; ++i) {
      clients.push_back(connect_to(socket_));
      const std::string call = header + std::string("\4wait\0\0", 7);
      EXPECT_EQ(::send(clients.back(), call.data(), call.size(), MSG_NOSIGNAL),
                static_cast<ssize_t>(call.size()));
      ::shutdown(clients.back(), SHUT_WR);
    }
    // Calls that waited for a place are made only if a place becomes free before their clients leave.
    for (int i = 0; i < 1000 && number_of("in_progress") < 200; ++i) {
    }
    EXPECT_GE(number_of("in_progress"), 200);
    for (const int client : clients) ::close(client);
    for (int i = 0; i < 1000 && number_of("in_progress") != 0; ++i) {
    }
    EXPECT_EQ(number_of("in_progress"), 0);
  };
  const auto add = [&] {
    const int client = connect_to(socket_);
    const std::string call = header + std::string("\3add\0\2\3\4", 8);
    EXPECT_EQ(::send(client, call.data(), call.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(call.size()));
    return read_end(client);
  };
  const std::string sum("\0\1\7", 3);
  leave(300);
  const int left = number_of("left_behind");
  EXPECT_EQ(add(), sum);
  EXPECT_GE(left, 200);
  EXPECT_LE(left, 300);
  EXPECT_THAT(status({"waits"}), HasSubstr("that nobody waits for any more"));
  // With too many of them, the domain begins another life.
  for (int i = 0; i < 4; ++i) leave(300);
  EXPECT_EQ(add(), sum);
  EXPECT_GE(number_of("left_behind"), 0);
}

TEST_F(Serve, EndsThoughAGuestLoopsForever) {
  if (!tests_everything()) GTEST_SKIP() << "takes half a minute: ./dev test --all";
  server_ = serve_file(folder_.write("spins.wat", R"((component
    (core module $m (func (export "spin") (loop $l (br $l))))
    (core instance $i (instantiate $m))
    (func $spin (canon lift (core func $i "spin")))
    (instance $lib (export "spin" (func $spin)))
    (export "a:b/c" (instance $lib))))"),
                       {"--listen", "unix:" + socket_});
  const int client = connect_to(socket_);
  const std::string call("\0\5a:b/c\4spin\0\0", 14);
  EXPECT_EQ(::send(client, call.data(), call.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(call.size()));
  ::sleep(1);
  EXPECT_EQ(end(SIGTERM), 128 + SIGTERM);
  EXPECT_THAT(read_text(out()), HasSubstr("a call is still running after 35 s: exiting"));
  ::close(client);
}

// The server sends nothing to it. The probes of keep-alive begin after 30 seconds, and are answered until
// the system has forgotten the closed socket: here after a second, and a minute by default.
TEST_F(Serve, NoticesThatAnyClientOfTcpIsGone) {
  if (!tests_everything()) GTEST_SKIP() << "takes half a minute: ./dev test --all";
  const std::uint16_t port = find_free_port();
  server_ = serve_file(folder_.write("waits.wat", kWaiting),
                       {"--listen", fmt::format("tcp://127.0.0.1:{}", port)});
  const auto waits_for = [&](const char* count) {
    std::string json;
    for (int i = 0; i < 60 && json.find(count) == std::string::npos; ++i) {
      json = status({"waits", "--json"});
      ::sleep(1);
    }
    return json.find(count) != std::string::npos;
  };
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  const int seconds = 1;
  ::setsockopt(client, IPPROTO_TCP, TCP_LINGER2, &seconds, sizeof(seconds));
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(port);
  ASSERT_EQ(::connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof(to)), 0);
  const std::string call("\0\5a:b/c\4wait\0\0", 14);
  EXPECT_EQ(::send(client, call.data(), call.size(), MSG_NOSIGNAL), 14);
  ::shutdown(client, SHUT_WR);
  EXPECT_TRUE(waits_for("\"in_progress\": 1"));
  ::sleep(35);
  EXPECT_TRUE(waits_for("\"in_progress\": 1")) << "it waits, and answers the probes";
  ::close(client);
  EXPECT_TRUE(waits_for("\"in_progress\": 0"));
}

TEST_F(Serve, ReportsAServiceThatDoesNotAnswer) {
  serve({"--listen", "unix:" + socket_});
  ::kill(server_, SIGSTOP);
  EXPECT_THAT(status({"tax"}, 127), HasSubstr("`tax` does not answer within 2 seconds"));
  EXPECT_THAT(read_text(out()), HasSubstr(fmt::format("`kill -CONT {}` resumes it", server_)));
  ::kill(server_, SIGCONT);
  EXPECT_THAT(status({"tax"}), HasSubstr("calls        0"));
}

}  // namespace
}  // namespace tenon::serve_test
