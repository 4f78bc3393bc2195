// The control socket of a running `tenon serve`: other commands of the same user ask it for the
// status of the service, and to swap units. It is $XDG_RUNTIME_DIR/tenon/NAME.sock. A client sends
// one request and gets one answer, each a JSON object on a line: docs/remote.md, "Control socket".
//
//   const auto socket = ControlSocket::open(folder, "shop", OnTaken::Fail,
//                                           {.post = ..., .read_status = ...});
//   ...in another process:
//   const Result<JsonValue> status = ask_service(folder, "shop", {{"request", "status"}});
//
// A thread of its own answers clients, and no client can block it. To read the status, it posts a
// function to the composition. If a guest computes, so that the function does not run in time, the
// client gets the values that were read last. A swap takes seconds, so it has a thread of its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "render/json.h"
#include "tenon/result.h"

namespace tenon::cli {

using namespace render;

// The folder of the sockets. Empty if XDG_RUNTIME_DIR is not set: there is no other standard folder
// that is private to the user and cleared at boot.
[[nodiscard]] std::string find_control_folder();

// The error if there is none (config-usage).
[[nodiscard]] Diagnostic refuse_missing_folder();

// Makes a valid service name from the name of a composition: letters, digits, `-`, `_` and `.`,
// beginning with a letter or digit.
[[nodiscard]] std::string propose_service_name(std::string name);
[[nodiscard]] bool is_service_name(const std::string& name);
// The error for an invalid name (config-usage).
[[nodiscard]] Diagnostic refuse_service_name(std::string_view name);

// If a live service already has the name: Fail reports an error, Number appends the first free
// number (`-2`, `-3`, ...).
enum class OnTaken { Fail, Number };

class ControlSocket final {
 public:
  struct Service {
    // Schedules a function to run in the composition. It may never run. Thread: any.
    std::function<void(std::function<void()>)> post;
    // Returns the members of the status that only the service knows. Called in the composition.
    std::function<JsonValue()> read_status;
    // Swaps units as a request says, and returns the answer. Thread: any.
    std::function<JsonValue(const JsonValue& request)> swap;
  };

  // Makes the folder and the socket, which only the user can access. Replaces a socket file that a
  // dead process has left.
  // Errors: remote-listen, read-file, config-untrusted (others can change the folder).
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

// The names of the running services, sorted. Empty if the folder does not exist.
// Errors: read-file, config-untrusted (others can change the folder).
[[nodiscard]] Result<std::vector<std::string>> list_services(const std::string& folder);

// How long a client waits for an answer.
enum class Patience { Short, Endless };

// Sends a request to a service of this user, and waits for the answer, at most 2 seconds if the patience
// is short. Returns an object.
// Errors: read-file (no such service, or it does not answer), config-untrusted (others can change the
// folder), config-usage (an invalid name, or the service refuses the request).
[[nodiscard]] Result<JsonValue> ask_service(const std::string& folder, const std::string& name,
                                            const JsonValue& request,
                                            Patience patience = Patience::Short);

// A member of an answer as text: a string, or a number in digits. Empty if there is none.
[[nodiscard]] std::string get_text(const JsonValue& object, const char* key);
// The strings of a list that is a member of an answer.
[[nodiscard]] std::vector<std::string> get_texts(const JsonValue& object, const char* key);

}  // namespace tenon::cli
