// The control socket of a running `tenon serve`, through which other commands of the same user ask for
// its state. It is the file NAME.sock in the folder `tenon` of $XDG_RUNTIME_DIR. A connection has one
// request and one answer, each a JSON object on a line: docs/remote.md, "Control socket".
//
//   const auto socket = ControlSocket::open(folder, "shop", OnTaken::Fail,
//                                           {.post = ..., .read_status = ...});
//   ...in another process:
//   const Result<JsonValue> status = ask_service(folder, "shop", "status");
//
// One thread answers all clients, and waits for none of them. What it says about the composition is read
// in the composition: the thread posts that, and if nothing runs it in time, because a guest computes,
// clients get the values that were read last.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "cli/json.h"
#include "tenon/result.h"

namespace tenon::cli {

// The folder of the sockets. Empty if XDG_RUNTIME_DIR is not set: no other folder is known to belong to
// the user alone, and to be empty after a restart of the machine.
[[nodiscard]] std::string find_control_folder();

// A valid name of a service, made from that of a composition: letters, digits, `-`, `_` and `.`, the
// first a letter or digit.
[[nodiscard]] std::string propose_service_name(std::string name);
[[nodiscard]] bool is_service_name(const std::string& name);
// The problem with a name that is not valid (config-usage).
[[nodiscard]] Diagnostic refuse_service_name(std::string_view name);

// What to do if a live process has the name: fail, or append the first free one of `-2`, `-3`, ...
enum class OnTaken { Fail, Number };

class ControlSocket final {
 public:
  struct Service {
    // Runs a function in the composition, at some time or never. Thread: any.
    std::function<void(std::function<void()>)> post;
    // Returns the members of the status that only the service knows. Called in the composition.
    std::function<JsonValue()> read_status;
  };

  // Makes the folder and the socket, which belong to the user alone. A socket file that a dead process
  // has left is replaced.
  // Errors: remote-listen, write-file, config-untrusted (others can change the folder).
  // Thread: that of the composition.
  [[nodiscard]] static Result<std::unique_ptr<ControlSocket>> open(const std::string& folder,
                                                                   const std::string& name,
                                                                   OnTaken on_taken,
                                                                   Service service);
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;
  // Removes the file. Thread: that of the composition.
  ~ControlSocket();

  [[nodiscard]] const std::string& name() const;

 private:
  struct State;
  explicit ControlSocket(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;  // functions that were posted have weak pointers to it
  std::thread thread_;
};

// The names of the services that run, sorted. None if the folder does not exist. Errors: read-file.
[[nodiscard]] Result<std::vector<std::string>> list_services(const std::string& folder);

// Sends a request to a service of this user, and waits for at most 2 seconds. Returns an object.
// Errors: read-file (no such service, or it does not answer), config-usage (an invalid name, or the
// service refuses the request).
[[nodiscard]] Result<JsonValue> ask_service(const std::string& folder, const std::string& name,
                                            std::string_view request);

// A member of an answer as text: a string, or a number in digits. Empty if there is none.
[[nodiscard]] std::string get_text(const JsonValue& object, const char* key);

}  // namespace tenon::cli
