// Extensions of wRPC between two tenons, in places that other peers ignore (docs/formats/wrpc.md,
// "Extensions of tenon").
//
// A client appends a note to the parameters: its identity, and the type and label that it expects. A server that
// has read the note reports a failure in a frame on a separate channel.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "remote/handle_blob.h"
#include "remote/wire_values.h"
#include "tenon/result.h"
#include "tenon/trace.h"

namespace tenon::remote {

// The note that a client appends to the parameters of a call.
struct CallNote {
  WorkerId worker = {};                      // the composition that calls
  std::optional<std::uint64_t> type_digest;  // of the function's type; absent: it is not compared
  std::string label = {};                    // of the export, if it has one; empty: none
  std::vector<Bytes> drops = {};             // handles that the client drops, before the call
  bool asks_for_sharing = false;             // whether the server should offer shared connections
  bool can_pause = false;                    // whether the client sends and heeds a PaceRequest
  std::optional<TraceContext> cause = {};    // the span that causes the call
  // How long the caller waits for the answer; absent: it does not say.
  std::optional<std::chrono::nanoseconds> time_left = {};
};

// The longest note, of this version and later ones; and the most handles in one.
inline constexpr std::size_t kNoteBytes = 4096;
inline constexpr std::size_t kNoteDrops = 64;

// Appends the note to the parameters.
void append_note(const CallNote& note, Bytes& params);
// Reads the note at the end of the parameters; nothing if there is none.
[[nodiscard]] std::optional<CallNote> read_note(std::span<const std::uint8_t> params);

// Why a server did not make a call, or did not answer it.
struct ServerFailure {
  enum class Kind : std::uint8_t {
    Failed,   // the function failed
    Unknown,  // it is not served
    Type,     // it has another type
    BadCall,  // the parameters are not of its type, or name a resource that does not exist
  } kind = Kind::Failed;
  std::string message;
};

// The channel of what the server tells. No value is there: a type has fewer parts.
extern const IndexPath kServerChannel;

// The longest failure in bytes.
inline constexpr std::size_t kFailureBytes = std::size_t{1} << 16;
[[nodiscard]] Bytes write_failure(const ServerFailure& failure);
// Nothing if the bytes are of no failure.
[[nodiscard]] std::optional<ServerFailure> read_failure(std::span<const std::uint8_t> bytes);

// Bytes on the channel, before a failure: calls can share connections to this server, and it sends and
// heeds a PaceRequest in this call.
inline constexpr std::uint8_t kSharingOffer = 0x80;
inline constexpr std::uint8_t kPauseOffer = 0x81;

// The receiver of a stream asks its sender to pause, or to go on: the items of a stream that nobody reads
// would be in the way of others.
enum class Pace : std::uint8_t { GoOn, Pause };
struct PaceRequest {
  IndexPath channel;
  Pace pace = Pace::GoOn;

  bool operator==(const PaceRequest&) const = default;
};
// The channel of such requests, in both directions.
extern const IndexPath kPaceChannel;
[[nodiscard]] Bytes write_pace(const PaceRequest& request);
// Removes a request from the front of the bytes; nothing if it is not complete.
// Errors: it is not valid.
[[nodiscard]] Result<std::optional<PaceRequest>, std::string> read_pace(
    std::span<const std::uint8_t>& bytes);

// The functions that every tenon serves to others.
inline constexpr const char* kHandlesInstance = "tenon:wrpc/handles@0.1.0";
// Renews the leases of the caller: has no parameters and no result. Its note can drop handles.
inline constexpr const char* kRenewFunction = "renew";

}  // namespace tenon::remote
