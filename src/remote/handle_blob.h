// The bytes of a resource handle in calls between machines. wRPC leaves their content to the owner of
// the resource.
//
// A handle names the worker that owns the resource, the epoch of its store, and the resource. So a
// caller knows which worker to call, and a worker recognizes a handle of another worker, or of a
// store that has ended. Only the worker can compute the check, so a peer cannot make up handles.
//
//   offset  size
//   0       4     `tnh1`
//   4       16    worker
//   20      8     epoch, little-endian
//   28      8     resource, little-endian
//   36      8     check: the first bytes of HMAC-SHA256 over all before, with the key of the worker
//
// Peers that are not tenon pass the bytes on as they are.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "remote/wire_values.h"
#include "tenon/result.h"

namespace tenon::remote {

using WorkerId = std::array<std::uint8_t, 16>;

// 32 lowercase hexadecimal digits, as subjects of NATS and messages have it.
[[nodiscard]] std::string print_worker(const WorkerId& worker);

struct HandleBlob {
  WorkerId worker = {};
  std::uint64_t epoch = 0;     // of the store
  std::uint64_t resource = 0;  // unique in its epoch

  bool operator==(const HandleBlob&) const = default;
};

// The owner of a handle; nothing for the bytes of a peer that is not tenon. Not checked: only the
// worker itself can do that.
[[nodiscard]] std::optional<WorkerId> find_worker(std::span<const std::uint8_t> bytes);

// A process that gives handles away. Immutable; threads may share it.
class Worker final {
 public:
  // Errors: run-engine: the system has no random numbers.
  [[nodiscard]] static Result<Worker> make();
  // key: secret.
  Worker(const WorkerId& id, const std::array<std::uint8_t, 32>& key) : id_(id), key_(key) {}

  [[nodiscard]] const WorkerId& id() const { return id_; }

  [[nodiscard]] Bytes seal(std::uint64_t epoch, std::uint64_t resource) const;
  // Errors: a sentence that says whose handle it is, if not one of this worker.
  [[nodiscard]] Result<HandleBlob, std::string> open(std::span<const std::uint8_t> bytes) const;

 private:
  WorkerId id_;
  std::array<std::uint8_t, 32> key_;
};

}  // namespace tenon::remote
