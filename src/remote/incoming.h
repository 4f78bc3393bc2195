// Receives what a peer sends in one call: the header of a client, the values on the root channel, and
// the data of the other channels. The bytes arrive in pieces of any size, from any transport.
//
//   Incoming incoming(FrameReader::From::Server);
//   incoming.expect(WireReader::of_result(layout, arena, handles));
//   ... TENON_TRY_VOID(incoming.add(bytes)); ...
//   if (incoming.has_values()) ... the result is in the arena ...
//
// Over NATS, there is no header and there are no frames: each message has data of one channel.
//
// Errors are sentences about what the peer sent, for a failure that also names the peer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "remote/extension.h"
#include "remote/frames.h"
#include "remote/wire_values.h"
#include "support/limits.h"
#include "tenon/result.h"

namespace tenon::remote {

// Where the data of a stream or future goes.
class ChannelInput {
 public:
  virtual ~ChannelInput() = default;
  // Takes bytes, as many as it has room for: if not all, `Incoming` reads nothing until it is
  // resumed. Errors: as Incoming::add.
  [[nodiscard]] virtual Result<std::size_t, std::string> take(
      std::span<const std::uint8_t> bytes) = 0;
  // The memory to which the next bytes, at most `most`, would be copied. Empty: there is none.
  // Lifetime: until `take`.
  [[nodiscard]] virtual std::span<std::uint8_t> room(std::size_t /*most*/) { return {}; }
};

class Incoming final {
 public:
  explicit Incoming(FrameReader::From from)
      : frames_(from),
        most_after_error_(from == FrameReader::From::Client ? limits::kValueBytes : 0) {}

  // For the bytes of a client.
  [[nodiscard]] bool has_header() const { return frames_.has_header(); }
  [[nodiscard]] const std::string& instance() const { return frames_.instance(); }
  [[nodiscard]] const std::string& function() const { return frames_.function(); }

  // Say what the root channel carries: values, or nothing. One of them has to be called before what
  // follows the header is read. Errors: as `add`.
  [[nodiscard]] Result<void, std::string> expect(WireReader values);
  [[nodiscard]] Result<void, std::string> expect_nothing();
  // A channel of these values; without it, its data is an error. Lifetime: until `forget`.
  void open(const IndexPath& channel, ChannelInput& input) { channels_[channel] = &input; }
  // Data of the channel is an error from now on.
  void forget(const IndexPath& channel) { channels_.erase(channel); }

  // Reads bytes of frames that have arrived, and keeps what cannot be read yet.
  [[nodiscard]] Result<void, std::string> add(std::span<const std::uint8_t> bytes);
  // The memory to which the next bytes of the connection would be copied. Empty: they would not be
  // copied unchanged. They can be received there before they are added. Lifetime: until `add`.
  [[nodiscard]] std::span<std::uint8_t> room();
  // Reads data of a channel that came without a frame. REQUIRES: it is `expect`ed, and not `is_full`
  [[nodiscard]] Result<void, std::string> add(const IndexPath& channel,
                                              std::span<const std::uint8_t> data, bool is_last);
  // Goes on where a channel had no room.
  [[nodiscard]] Result<void, std::string> resume() { return add({}); }
  // The bytes that were added and wait for more, or for room.
  [[nodiscard]] std::size_t unread() const { return unread_.size() + root_.size() + data_.size(); }
  // Whether a channel has no room, so that the peer has to wait.
  [[nodiscard]] bool is_full() const { return !data_.empty(); }

  // Whether the values are complete; for `expect_nothing`, whether the root channel has begun.
  [[nodiscard]] bool has_values() const { return values_ ? values_->is_done() : has_root_; }
  // Whether any byte of the values, or of a frame that is not complete, came. An empty message of NATS
  // ends the answer of a call that failed.
  [[nodiscard]] bool has_begun() const {
    return !tail_.empty() || !unread_.empty() || !frames_.is_between_frames();
  }
  // Whether the root frame is complete, including what follows the values. Errors in the values are
  // reported then, or at once if much of the frame is missing.
  [[nodiscard]] bool has_root() const { return has_whole_root_; }
  // The last bytes of the root channel: as many as a note can have.
  [[nodiscard]] std::span<const std::uint8_t> tail() const { return tail_; }
  // REQUIRES: `has_values`, and not `expect_nothing`
  [[nodiscard]] std::uint32_t address() const { return values_->address(); }
  // Nothing more comes. Errors: within a frame, or before the values are complete.
  [[nodiscard]] Result<void, std::string> end() const;

 private:
  // Reads frames until the bytes end or a channel has no room.
  [[nodiscard]] Result<void, std::string> read_frames(std::span<const std::uint8_t>& bytes);
  // is_whole: whether the root frame ends with the data.
  [[nodiscard]] Result<void, std::string> read_root(std::span<const std::uint8_t> data,
                                                    bool is_whole);
  [[nodiscard]] Result<void, std::string> read_values(std::span<const std::uint8_t> data);
  [[nodiscard]] Result<void, std::string> pass(const IndexPath& channel,
                                               std::span<const std::uint8_t> data);

  FrameReader frames_;
  // After an error in the values, so many bytes of their frame are read: those of a client end with a note.
  std::size_t most_after_error_;
  bool is_expecting_ = false;
  bool has_root_ = false;        // a frame of the root channel came
  bool has_whole_root_ = false;  // to its end
  Bytes tail_;
  std::string values_error_;  // to be reported when the frame ends
  std::optional<WireReader> values_;
  std::map<IndexPath, ChannelInput*> channels_;
  Bytes unread_;  // the rest, which is not a whole item of a frame
  Bytes root_;    // data of the root channel that was not read yet
  Bytes data_;    // what the channel `full_` had no room for
  IndexPath full_;
};

}  // namespace tenon::remote
