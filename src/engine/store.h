// A store: the memory and state of the instances of one domain, the resources granted to them, and
// the limits on what they use. By default nothing is granted.
//
//   TENON_TRY(Store store, Store::open(engine, {.args = {"app"}, .stdio = Stdio::Inherit}));
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/result.h"

namespace tenon::engine {

class Engine;
class HttpClient;

enum class DirectoryAccess { ReadOnly, ReadWrite };

// A directory of the host, and the name under which guests see it.
struct DirectoryGrant {
  std::filesystem::path host;
  std::string guest;  // such as "/data"
  DirectoryAccess access = DirectoryAccess::ReadWrite;
  // Where `host` led when it was granted: absolute, links resolved. It is not opened if there is a link in that path
  // now. Empty: `host` is opened, wherever it leads.
  std::filesystem::path resolved = {};

  bool operator==(const DirectoryGrant&) const = default;
};

// Permission to connect to and to listen at the addresses of a host. Names are resolved once, when
// they are granted.
struct NetworkGrant {
  std::string host;                        // name, IPv4 or IPv6 address; "*" for every address
  std::optional<std::uint16_t> port = {};  // none for every port

  bool operator==(const NetworkGrant&) const = default;
};

struct EnvironmentVariable {
  std::string name;
  std::string value;

  bool operator==(const EnvironmentVariable&) const = default;
};

enum class Stdio {
  None,     // input is empty, output is discarded
  Output,   // input is empty, output goes to the process's standard output and error
  Inherit,  // all three streams are the process's
  Capture,  // input is empty, output is kept for `Store::captured_*`
};

// A request that a guest sent by wasi:http, and that was denied.
struct DeniedRequest {
  std::string target = {};  // "https://api.example.com:443"
  // Not public, and not named by any grant; empty: no grant has the target.
  std::string address = {};
  std::string grant = {};  // that would allow it

  bool operator==(const DeniedRequest&) const = default;
};

// Records what guests of a domain request from WASI and are not granted. To the guest, a denied
// resource looks the same as an empty grant: no variables, no directories, no network.
//
//   grants.denials = std::make_shared<Denials>();
//   linker.watch(*grants.denials, {.environment = true});   // after add_wasi
//   Store::open(engine, grants);                            // networks and output
//
// Linkers and stores that record into it may outlive it. Thread: any.
class Denials final {
 public:
  struct Impl;

  Denials();
  Denials(const Denials&) = delete;
  Denials& operator=(const Denials&) = delete;
  ~Denials();

  [[nodiscard]] bool environment() const;
  [[nodiscard]] bool file_system() const;
  [[nodiscard]] bool network() const;
  [[nodiscard]] bool output() const;  // written to standard output or error

  // Records a denied request. Of many different ones, only some are kept.
  void add_request(DeniedRequest request) const;
  // In the order in which they were first denied.
  [[nodiscard]] std::vector<DeniedRequest> requests() const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  [[nodiscard]] bool has(unsigned kind) const;

  std::unique_ptr<const Impl> impl_;
  mutable std::mutex mutex_;
  mutable std::vector<DeniedRequest> requests_;
};

// The text before each line that guests write to standard output and error. Stores that use it may outlive it.
// Thread: any.
class OutputLabel final {
 public:
  struct Impl;

  OutputLabel();
  OutputLabel(const OutputLabel&) = delete;
  OutputLabel& operator=(const OutputLabel&) = delete;
  ~OutputLabel();

  // Ends the lines that are incomplete, and sets the text for those after them.
  void set(std::string_view text) const;

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<const Impl> impl_;
};

struct Grants {
  std::vector<std::string> args = {};  // args[0] is the program's name
  std::vector<EnvironmentVariable> environment = {};
  std::vector<DirectoryGrant> directories = {};
  // Empty: no network and no name look-up.
  std::vector<NetworkGrant> network = {};
  Stdio stdio = Stdio::None;
  // Whether guests have wasi:http.
  bool has_http = false;
  // Sends their requests. Null: each fails as denied.
  std::shared_ptr<const HttpClient> http_client = nullptr;
  // Records uses of a network while `network` is empty, and writes while `stdio` is None. Can be null.
  std::shared_ptr<const Denials> denials = nullptr;
  // Written before each line of the output that `stdio` allows; only complete lines are written then. Null: output
  // is passed on unchanged.
  std::shared_ptr<const OutputLabel> label = nullptr;

  bool operator==(const Grants&) const = default;
};

// An absent limit is the engine's default (4 GiB for a memory, 10,000 for counts).
struct StoreLimits {
  std::optional<std::uint64_t> memory_bytes = {};    // of all linear memories together
  std::optional<std::uint64_t> table_elements = {};  // in each table
  std::optional<std::uint64_t> instances = {};       // core instances in the store
  std::optional<std::uint64_t> tables = {};
  std::optional<std::uint64_t> memories = {};
  // Units of work; only on a metered engine. Absent: unlimited.
  std::optional<std::uint64_t> fuel = {};

  bool operator==(const StoreLimits&) const = default;
};

// Move-only. Thread: one at a time; a store can move between threads while no guest runs in it.
class Store final {
 public:
  struct Impl;

  // Opens the directories and resolves the names of `grants`.
  // Errors: run-grant, one for each grant that fails; run-engine (a limit on fuel without
  // metering).
  static Result<Store> open(const Engine& engine, const Grants& grants,
                            const StoreLimits& limits = {});
  // The same without WASI, for components that do not import it.
  static Result<Store> open_bare(const Engine& engine, const StoreLimits& limits = {});

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Sets a callback that decides, at each `Engine::interrupt` while a guest runs, whether the guest
  // continues. Without it, the first interruption stops the guest. With it, one engine that is
  // interrupted at regular intervals can give every call its own deadline. The callback runs on the
  // guest's thread and must neither throw nor use the store. REQUIRES: no guest runs.
  void ask_at_interruptions(std::function<bool()> goes_on);

  // Its guests end before they are done: whoever reads a body of HTTP that they have not ended gets an
  // error. To be called before it is destroyed.
  void break_off();

  // Remaining fuel; none if the engine is not metered.
  [[nodiscard]] std::optional<std::uint64_t> fuel() const;

  // The output of guests so far; empty unless `Stdio::Capture`. Each stream holds at most 16 MiB; a
  // guest that writes more gets an error.
  [[nodiscard]] std::string captured_stdout() const;
  [[nodiscard]] std::string captured_stderr() const;

  // For the sources of this folder alone.
  [[nodiscard]] Impl& impl() { return *impl_; }
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  explicit Store(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace tenon::engine
