// A store: the memory and the state of the instances of one domain, what they may reach, and how
// much they may use. Nothing is granted unless it is asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tenon/result.h"

namespace tenon::engine {

class Engine;

enum class DirectoryAccess { ReadOnly, ReadWrite };

// A directory of the host that guests see under another name.
struct DirectoryGrant {
  std::filesystem::path host;
  std::string guest;  // as the guest sees it, such as "/data"
  DirectoryAccess access = DirectoryAccess::ReadWrite;

  bool operator==(const DirectoryGrant&) const = default;
};

// Connections to, and listening at, the addresses of a host. Names are resolved once, when granted.
struct NetworkGrant {
  std::string host;                        // name, IPv4 or IPv6 address; "*": every address
  std::optional<std::uint16_t> port = {};  // none: every port

  bool operator==(const NetworkGrant&) const = default;
};

struct EnvironmentVariable {
  std::string name;
  std::string value;

  bool operator==(const EnvironmentVariable&) const = default;
};

enum class Stdio {
  None,     // reads end at once, writes are lost
  Output,   // standard output and error are the process's own, reads end at once
  Inherit,  // standard input, too
  Capture,  // reads end at once, writes are kept for `Store::captured_*`
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

  // For the sources of this folder alone.
  [[nodiscard]] const Impl& impl() const { return *impl_; }

 private:
  [[nodiscard]] bool has(unsigned kind) const;

  std::unique_ptr<const Impl> impl_;
};

struct Grants {
  std::vector<std::string> args = {};  // args[0] is the program's name
  std::vector<EnvironmentVariable> environment = {};
  std::vector<DirectoryGrant> directories = {};
  // Empty: no network, and no name lookup.
  std::vector<NetworkGrant> network = {};
  Stdio stdio = Stdio::None;
  // Notes what is asked of a network without `network`, and that something is written while
  // `stdio` is None. Null: nobody wants to know.
  std::shared_ptr<const Denials> denials = nullptr;

  bool operator==(const Grants&) const = default;
};

// A bound that is absent is the engine's own (4 GiB of memory, and counts of 10,000).
struct StoreLimits {
  std::optional<std::uint64_t> memory_bytes = {};    // of all linear memories together
  std::optional<std::uint64_t> table_elements = {};  // of each table
  std::optional<std::uint64_t> instances = {};       // core instances in the store
  std::optional<std::uint64_t> tables = {};
  std::optional<std::uint64_t> memories = {};
  // Units of work; only on a metered engine, where an absent one means no bound.
  std::optional<std::uint64_t> fuel = {};

  bool operator==(const StoreLimits&) const = default;
};

// Move-only. Thread: one at a time; a store may move between threads while no guest runs in it.
class Store final {
 public:
  struct Impl;

  // Opens the directories and resolves the names of `grants`.
  // Errors: run-grant, one for each grant that cannot be given; run-engine (fuel without metering).
  static Result<Store> open(const Engine& engine, const Grants& grants,
                            const StoreLimits& limits = {});
  // The same without WASI, for components that import none of it.
  static Result<Store> open_bare(const Engine& engine, const StoreLimits& limits = {});

  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // At each interruption (`Engine::interrupt`) while a guest runs, `goes_on` says whether it goes
  // on; without this call the first one ends it. So an engine that is interrupted at intervals
  // gives each call a time of its own. It is called on the thread that runs the guest, and must
  // neither throw nor use the store. REQUIRES: no guest runs.
  void ask_at_interruptions(std::function<bool()> goes_on);

  // Fuel that is left; none if the engine is not metered.
  [[nodiscard]] std::optional<std::uint64_t> fuel() const;

  // What guests wrote so far; empty unless `Stdio::Capture`. At most 16 MiB each is kept: a guest
  // that writes more gets an error.
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
