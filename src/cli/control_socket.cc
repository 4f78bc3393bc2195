// To claim a name, a process locks the folder (flock), checks that no live process listens at the
// socket file, and keeps the lock until its own socket listens. So under the lock, a socket file
// that refuses connections was left by a dead process, and two processes never replace each other's
// file.
//
// The thread polls all clients. A client sends its request, then waits for the status, then
// receives its answer. Each step has a time limit, and nothing in the loop blocks. At most one
// posted function reads the status at a time; it wakes the loop through an eventfd, which then
// answers all waiting clients. A swap wakes the loop in the same way.
#include "cli/control_socket.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <list>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/command_line.h"
#include "cli/environment.h"
#include "support/descriptor.h"
#include "support/diagnostics.h"
#include "support/names.h"
#include "support/safe_path.h"
#include "support/socket_file.h"
#include "support/start_thread.h"
#include "support/state_file.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::cli {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kRequestBytes = 65536;
constexpr std::size_t kMostClients = 16;  // at once; further ones wait until one has left
constexpr std::chrono::milliseconds kClientTime{1000};  // for a request, and for taking the answer
constexpr std::chrono::milliseconds kStatusTime{300};   // then the last known values are sent
constexpr int kAcceptPause = 100;                       // ms, when no descriptors are left

constexpr std::string_view kSuffix = ".sock";
constexpr int kAnswerSeconds = 2;
constexpr std::size_t kAnswerBytes = std::size_t{16} << 20;

std::string print_time(std::time_t time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(time));
}

int milliseconds_until(Clock::time_point time) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(time - Clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

std::string make_path(const std::string& folder, const std::string& name) {
  return fmt::format("{}/{}{}", folder, name, kSuffix);
}

// The process at the other end of a socket.
ucred find_peer(const Descriptor& socket) {
  ucred peer = {.pid = 0, .uid = static_cast<uid_t>(-1), .gid = static_cast<gid_t>(-1)};
  socklen_t size = sizeof(peer);
  (void)::getsockopt(socket.number(), SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return peer;
}

// Applies `connect` or `bind` to a new socket and a path. The error is an errno.
Result<Descriptor, int> open_socket(const std::string& path,
                                    int (*apply)(int, const sockaddr*, socklen_t)) {
  sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = {}};
  if (path.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
  path.copy(address.sun_path, path.size());
  Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket.is_open() ||
      apply(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
    return errno;
  return socket;
}

// Connects to a service of this user. EAGAIN: the service is alive, but its queue is full.
Result<Descriptor, int> connect_to(const std::string& path) {
  Result<Descriptor, int> socket = open_socket(path, ::connect);
  if (socket && find_peer(*socket).uid != ::geteuid()) return EACCES;
  return socket;
}

bool is_alive(const Result<Descriptor, int>& connected) {
  return connected || connected.error() == EAGAIN;
}

Diagnostic refuse_socket(const std::string& path, int error) {
  Diagnostic problem = make_diagnostic(
      Code::RemoteListen, "cannot open the control socket `{}`: {}", path, std::strerror(error));
  problem.hints.emplace_back(
      error == ENAMETOOLONG
          ? fmt::format("shorten `--name`, or the path of XDG_RUNTIME_DIR: a socket's path has at "
                        "most {} bytes",
                        sizeof(sockaddr_un::sun_path) - 1)
          : "XDG_RUNTIME_DIR must be a folder in which you can create files");
  return problem;
}

// Opens the folder of the sockets, which nobody else may be able to change. Errors: read-file,
// config-untrusted.
Result<Descriptor> open_own_folder(const std::string& path) {
  Result<SafeFile, UnsafePath> opened = open_safe(path);
  if (!opened) return refuse_unsafe_path(path, opened.error());
  // Stricter than `open_safe`, which accepts sticky bits, private groups and folders of root.
  const struct stat& status = opened->status;
  if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return refuse_unsafe_path(path,
                              {.entry = opened->path, .shown = show_entry(opened->path, status)});
  return std::move(opened->file);
}

bool exists(const std::string& folder) {
  struct stat status = {};
  return ::lstat(folder.c_str(), &status) == 0 || errno != ENOENT;
}

// Whether a name is free. Removes the socket file of a dead process. REQUIRES: the folder is locked
bool make_room(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) return true;
  if (!S_ISSOCK(status.st_mode)) return false;
  const Result<Descriptor, int> connected = connect_to(path);
  return !connected && connected.error() == ECONNREFUSED && ::unlink(path.c_str()) == 0;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

JsonValue make_error(std::string_view message) { return {{"error", message}}; }

}  // namespace

std::string find_control_folder() {
  const std::filesystem::path folder = find_variable("XDG_RUNTIME_DIR").value_or("");
  // The specification says to ignore relative paths.
  return folder.is_absolute() ? (folder / "tenon").string() : std::string();
}

Diagnostic refuse_missing_folder() {
  return make_usage_problem("XDG_RUNTIME_DIR is not set, so there is no folder for control sockets",
                            {fmt::format("set it to a folder that is yours alone, such as "
                                         "`/run/user/{}`",
                                         ::geteuid())});
}

std::string propose_service_name(std::string name) {
  for (char& c : name)
    if (!is_letter_or_digit(c) && c != '-' && c != '_' && c != '.') c = '-';
  if (name.empty() || !is_letter_or_digit(name.front())) name.insert(0, "s");
  return name;
}

bool is_service_name(const std::string& name) { return name == propose_service_name(name); }

Diagnostic refuse_service_name(std::string_view name) {
  return make_usage_problem(
      fmt::format("`{}` is not the name of a service", sanitize_text(name)),
      {"use letters, digits, `-`, `_` and `.`, beginning with a letter or digit"});
}

std::string get_text(const JsonValue& object, const char* key) {
  const auto member = object.find(key);
  if (member == object.end()) return {};
  if (member->is_string()) return member->get<std::string>();
  return member->is_number() ? member->dump() : std::string();
}

std::vector<std::string> get_texts(const JsonValue& object, const char* key) {
  std::vector<std::string> texts;
  const auto list = object.find(key);
  if (list == object.end()) return texts;
  for (const JsonValue& item : *list)
    if (item.is_string()) texts.push_back(item.get<std::string>());
  return texts;
}

struct ControlSocket::State {
  // A swap in progress.
  struct Swap {
    JsonValue answer = {};  // once it is done
    std::atomic<bool> is_done = false;
    std::jthread thread = {};
  };
  enum class Step { Request, Status, Swap, Answer };
  struct Client {
    Descriptor socket;
    Clock::time_point deadline;
    Step step = Step::Request;
    Swap* swap = nullptr;    // that it waits for
    std::string bytes = {};  // the request so far, later the rest of the answer
  };

  // Reads the status. In the composition.
  void read() {
    const std::lock_guard lock(mutex);
    status = service.read_status();
    read_at = std::time(nullptr);
    has_read = true;
    (void)::eventfd_write(wake.number(), 1);
  }

  // The functions of the thread.
  void run();
  void accept();
  // Advances a client without blocking. Returns false when its connection can be closed.
  [[nodiscard]] bool advance(Client& client, bool is_ready, bool has_status);
  [[nodiscard]] bool receive(Client& client);
  void take_request(Client& client, const std::string& line);
  void begin_swap(Client& client, JsonValue request);
  static void begin_answer(Client& client, const JsonValue& answer);
  [[nodiscard]] static bool send(Client& client);
  [[nodiscard]] JsonValue make_status(bool is_busy);

  Descriptor listener;
  Descriptor wake;
  std::string path;
  std::string name;
  Service service;
  SocketFile file;
  std::weak_ptr<State> self = {};
  std::time_t started_at = std::time(nullptr);
  Clock::time_point start = Clock::now();
  std::atomic<bool> is_ended = false;

  std::vector<Client> clients = {};
  std::list<Swap> swaps = {};
  std::atomic<bool> has_read = false;  // the status, since the loop has last seen it
  bool is_reading = false;             // whether `read` is posted, and has not run

  std::mutex mutex = {};  // guards the rest
  JsonValue status = {};
  std::time_t read_at = 0;
};

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(const std::string& folder,
                                                           const std::string& name,
                                                           OnTaken on_taken, Service service) {
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return refuse_socket(folder, errno);
  TENON_TRY(const Descriptor locked, open_own_folder(folder));
  Descriptor wake(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC));
  if (!wake.is_open() || ::flock(locked.number(), LOCK_EX) != 0)
    return refuse_socket(folder, errno);
  std::string free_name = name;
  std::string path = make_path(folder, name);
  for (int number = 2; !make_room(path); ++number) {
    free_name = fmt::format("{}-{}", name, number);
    path = make_path(folder, free_name);
  }
  if (on_taken == OnTaken::Fail && free_name != name) {
    Diagnostic problem = make_diagnostic(Code::RemoteListen, "the name `{}` is in use: see `{}`",
                                         name, make_path(folder, name));
    problem.hints.push_back(fmt::format("choose another name, such as `--name {}`", free_name));
    return problem;
  }
  Result<Descriptor, int> socket = open_socket(path, ::bind);
  if (!socket) return refuse_socket(path, socket.error());
  SocketFile file(path);
  // Only the owner can connect to the file, and no process can before the socket listens.
  if (::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket->number(), SOMAXCONN) != 0)
    return refuse_socket(path, errno);
  auto state = std::make_shared<State>(*std::move(socket), std::move(wake), std::move(path),
                                       std::move(free_name), std::move(service), std::move(file));
  state->self = state;
  state->read();
  std::unique_ptr<ControlSocket> control(new ControlSocket(std::move(state)));
  auto started = start_thread([state = control->state_.get()] { state->run(); });
  if (!started) return thread_problem("the control socket", started.error());
  control->thread_ = *std::move(started);
  return control;
}

ControlSocket::ControlSocket(std::shared_ptr<State> state) : state_(std::move(state)) {}

ControlSocket::~ControlSocket() {
  state_->is_ended = true;
  (void)::eventfd_write(state_->wake.number(), 1);
  if (thread_.joinable()) thread_.join();
  // The state can outlive it.
  state_->file = SocketFile();
}

const std::string& ControlSocket::name() const { return state_->name; }

void ControlSocket::State::run() {
  while (!is_ended) {
    std::vector<pollfd> polled = {
        {wake.number(), POLLIN, 0},
        {clients.size() < kMostClients ? listener.number() : -1, POLLIN, 0}};
    std::optional<Clock::time_point> first;
    for (const Client& client : clients) {
      // A client that waits for the status sends nothing, but it can disconnect.
      const int events = client.step == Step::Request  ? POLLIN
                         : client.step == Step::Answer ? POLLOUT
                                                       : 0;
      polled.push_back({client.socket.number(), static_cast<short>(events), 0});
      if (client.step != Step::Swap)
        first = std::min(first.value_or(client.deadline), client.deadline);
    }
    (void)::poll(polled.data(), polled.size(), first ? milliseconds_until(*first) : -1);
    eventfd_t wakes = 0;
    (void)::eventfd_read(wake.number(), &wakes);
    const bool has_status = has_read.exchange(false);
    if (has_status) is_reading = false;
    for (std::size_t i = 0; i < clients.size(); ++i)
      if (!advance(clients[i], polled[i + 2].revents != 0, has_status))
        clients[i].socket = Descriptor(-1);
    std::erase_if(clients, [](const Client& client) { return !client.socket.is_open(); });
    // Those of clients that have left, or have their answer.
    std::erase_if(swaps, [this](const Swap& swap) {
      return swap.is_done && std::ranges::find(clients, &swap, &Client::swap) == clients.end();
    });
    if (polled[1].revents != 0) accept();
  }
}

void ControlSocket::State::accept() {
  Descriptor client(::accept4(listener.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (client.is_open() && find_peer(client).uid == ::geteuid())
    clients.push_back({.socket = std::move(client), .deadline = Clock::now() + kClientTime});
  else if (!client.is_open() && errno != EAGAIN)
    (void)::poll(nullptr, 0, kAcceptPause);
}

bool ControlSocket::State::advance(Client& client, bool is_ready, bool has_status) {
  const bool is_late = Clock::now() >= client.deadline;
  switch (client.step) {
    case Step::Request:
      if (is_late)
        begin_answer(client, make_error("no request came in time"));
      else if (is_ready && !receive(client))
        return false;
      break;
    case Step::Status:
      if (has_status || is_late)
        begin_answer(client, make_status(!has_status));
      else if (is_ready)
        return false;
      break;
    case Step::Swap:
      if (client.swap->is_done)
        begin_answer(client, std::exchange(client.swap, nullptr)->answer);
      else if (is_ready)
        return false;
      break;
    case Step::Answer:
      if (is_late) return false;
      break;
  }
  return client.step != Step::Answer || send(client);
}

bool ControlSocket::State::receive(Client& client) {
  std::array<char, kRequestBytes> part;
  const ssize_t size = ::recv(client.socket.number(), part.data(), part.size(), 0);
  if (size < 0) return errno == EAGAIN;
  client.bytes.append(part.data(), static_cast<std::size_t>(size));
  if (client.bytes.empty()) return false;
  const std::size_t end = std::min(client.bytes.find('\n'), client.bytes.size());
  if (end > kRequestBytes)
    begin_answer(client, make_error(fmt::format("a request has at most {} bytes", kRequestBytes)));
  else if (end < client.bytes.size() || size == 0)
    take_request(client, client.bytes.substr(0, end));
  return true;
}

void ControlSocket::State::take_request(Client& client, const std::string& line) {
  JsonValue parsed = JsonValue::parse(line, nullptr, false);
  const std::string request = get_text(parsed, "request");
  if (request.empty())
    return begin_answer(
        client, make_error("expected an object in JSON, such as {\"request\": \"status\"}"));
  if (request == "swap") return begin_swap(client, std::move(parsed));
  if (request != "status")
    return begin_answer(client, make_error(fmt::format(
                                    "unknown request `{}`, expected `status` or `swap`", request)));
  client.step = Step::Status;
  client.deadline = Clock::now() + kStatusTime;
  if (!std::exchange(is_reading, true))
    service.post([weak = self] {
      if (const auto state = weak.lock()) state->read();
    });
}

void ControlSocket::State::begin_swap(Client& client, JsonValue request) {
  Swap& swap = swaps.emplace_back();
  auto started = start_thread<std::jthread>([this, &swap, request = std::move(request)] {
    swap.answer = service.swap(request);
    swap.is_done = true;
    (void)::eventfd_write(wake.number(), 1);
  });
  if (!started) {
    swaps.pop_back();
    return begin_answer(client, make_error(no_thread_message("the swap", started.error())));
  }
  swap.thread = *std::move(started);
  client.step = Step::Swap;
  client.deadline = Clock::time_point::max();
  client.swap = &swap;
}

void ControlSocket::State::begin_answer(Client& client, const JsonValue& answer) {
  client.step = Step::Answer;
  client.deadline = Clock::now() + kClientTime;
  client.bytes = dump_json_line(answer);
}

bool ControlSocket::State::send(Client& client) {
  while (!client.bytes.empty()) {
    const ssize_t size =
        ::send(client.socket.number(), client.bytes.data(), client.bytes.size(), MSG_NOSIGNAL);
    if (size < 0) return errno == EAGAIN;
    client.bytes.erase(0, static_cast<std::size_t>(size));
  }
  return false;
}

JsonValue ControlSocket::State::make_status(bool is_busy) {
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start);
  const std::lock_guard lock(mutex);
  JsonValue answer = {{"schema", 1},
                      {"name", name},
                      {"pid", ::getpid()},
                      {"started", print_time(started_at)},
                      {"uptime", uptime.count()},
                      {"busy", is_busy},
                      {"as_of", print_time(read_at)}};
  answer.update(status);
  return answer;
}

Result<std::vector<std::string>> list_services(const std::string& folder) {
  std::vector<std::string> names;
  if (!exists(folder)) return names;
  TENON_TRY(const Descriptor opened, open_own_folder(folder));
  const auto files = list_names(opened.number());
  if (!files) return refuse_unsafe_path(folder, {.error = errno});
  for (const std::string& file : *files) {
    if (!file.ends_with(kSuffix)) continue;
    std::string name = file.substr(0, file.size() - kSuffix.size());
    if (is_service_name(name) && is_alive(connect_to(make_path(folder, name))))
      names.push_back(std::move(name));
  }
  std::ranges::sort(names);
  return names;
}

namespace {

Diagnostic refuse_unknown(const std::string& folder, const std::string& name,
                          std::vector<std::string> names) {
  Diagnostic problem =
      make_diagnostic(Code::ReadFile, "no service named `{}` is running: nothing listens at `{}`",
                      name, make_path(folder, name));
  problem.hints.push_back(
      names.empty() ? "no service is running; `tenon serve FILE --listen ADDRESS` starts one"
                    : suggest_name(name, std::move(names), "running services"));
  return problem;
}

// Sends a request, and returns the answer. Null or discarded: no valid answer came in time.
JsonValue ask(const Descriptor& socket, const JsonValue& request, Patience patience) {
  const timeval limit = {.tv_sec = patience == Patience::Short ? kAnswerSeconds : 0, .tv_usec = 0};
  const std::string line = dump_json_line(request);
  if (::fcntl(socket.number(), F_SETFL, 0) != 0 ||
      ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) != 0 ||
      ::send(socket.number(), line.data(), line.size(), MSG_NOSIGNAL) < 0)
    return nullptr;
  const auto bytes = read_all(socket.number(), kAnswerBytes);
  return bytes ? JsonValue::parse(*bytes, nullptr, false) : JsonValue();
}

}  // namespace

Result<JsonValue> ask_service(const std::string& folder, const std::string& name,
                              const JsonValue& request, Patience patience) {
  if (!is_service_name(name)) return refuse_service_name(name);
  if (exists(folder)) TENON_TRY_VOID(open_own_folder(folder));
  const Result<Descriptor, int> socket = connect_to(make_path(folder, name));
  if (!socket && socket.error() == EACCES) {
    Diagnostic problem =
        make_diagnostic(Code::ReadFile, "the service `{}` belongs to another user", name);
    problem.hints.emplace_back("ask it as that user");
    return problem;
  }
  if (!is_alive(socket)) {
    TENON_TRY(std::vector<std::string> names, list_services(folder));
    return refuse_unknown(folder, name, std::move(names));
  }
  JsonValue answer = socket ? ask(*socket, request, patience) : JsonValue();
  if (const std::string error = get_text(answer, "error"); !error.empty())
    return make_usage_problem(
        fmt::format("`{}` refused the request: {}", name, sanitize_text(error)),
        {"use the same version of tenon as the service"});
  if (answer.is_object()) return answer;
  if (patience == Patience::Endless) {
    Diagnostic problem =
        make_diagnostic(Code::ReadFile, "`{}` ended before it answered the request", name);
    problem.hints.push_back(fmt::format("`tenon serve --status {}` tells whether it runs", name));
    return problem;
  }
  const pid_t process = socket ? find_peer(*socket).pid : 0;
  Diagnostic problem = make_diagnostic(Code::ReadFile, "`{}` does not answer within {} seconds",
                                       name, kAnswerSeconds);
  problem.hints.push_back(
      process > 0 ? fmt::format("if its process was suspended, `kill -CONT {}` resumes it", process)
                  : "try again: too many clients wait for an answer");
  return problem;
}

}  // namespace tenon::cli
