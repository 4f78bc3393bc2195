// The bytes of a call on a stream connection: a header from the client, then frames in both
// directions (docs/formats/wrpc.md, "Connections").
//
// A frame has data for one channel: the root for values, or that of a stream or future in them. The
// boundaries of frames mean nothing, so a reader passes data on as it arrives.
//
//   FrameReader reader(FrameReader::From::Server);
//   std::span<const std::uint8_t> bytes = ...;
//   while (...) {
//     TENON_TRY(const std::optional<FrameReader::Piece> piece, reader.next(bytes));
//     if (!piece) break;  // the rest of `bytes` is needed again, with what follows it
//   }
//
// Source: wRPC SPEC.md, framing version 0.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "remote/wire_values.h"
#include "tenon/result.h"

namespace tenon::remote {

// Elements of a channel: the nesting of types in which known peers can send one.
inline constexpr std::uint32_t kChannelDepth = 32;

// A name of at most limits::kNameBytes.
void append_header(Bytes& out, std::string_view instance, std::string_view function);
// data: at most 4 GiB, and not empty except for the root.
void append_frame(Bytes& out, const IndexPath& channel, std::span<const std::uint8_t> data);

// The same without the data, which follows.
void append_frame_head(Bytes& out, const IndexPath& channel, std::size_t size);

class FrameReader final {
 public:
  // Whose bytes are read: those of a client begin with a header.
  enum class From : std::uint8_t { Client, Server };
  explicit FrameReader(From from) : state_(from == From::Client ? State::Version : State::Path) {}

  // A part of a frame. Lifetime: `channel` until the next call, `data` that of the bytes.
  struct Piece {
    const IndexPath& channel;
    std::span<const std::uint8_t> data;
  };
  // Removes what it read from `bytes`. Nothing: it needs more. Errors: a sentence about what a peer
  // sent that no peer may; nothing can be read after it.
  [[nodiscard]] Result<std::optional<Piece>, std::string> next(
      std::span<const std::uint8_t>& bytes);

  // The channel and size of the frame data that is expected next. Nothing: the header of a frame is
  // expected. Lifetime: as that of a piece.
  struct Expected {
    const IndexPath& channel;
    std::size_t size;
  };
  [[nodiscard]] std::optional<Expected> expected() const {
    if (state_ != State::Data) return std::nullopt;
    return Expected{channel_, data_left_};
  }

  // Reads the header of a client, if it is complete, and no more. Returns whether it is. Errors: as
  // `next`, which reads it too.
  [[nodiscard]] Result<bool, std::string> read_header(std::span<const std::uint8_t>& bytes);
  [[nodiscard]] bool has_header() const { return state_ > State::Function; }
  [[nodiscard]] const std::string& instance() const { return instance_; }
  [[nodiscard]] const std::string& function() const { return function_; }
  // Whether the bytes may end here: between frames.
  [[nodiscard]] bool is_between_frames() const { return state_ == State::Path && !has_path_size_; }

 private:
  enum class State : std::uint8_t { Version, Instance, Function, Path, Size, Data };

  // Returns whether it is complete. Errors: as `next`.
  Result<bool, std::string> read_path(std::span<const std::uint8_t>& bytes);

  State state_;
  bool has_path_size_ = false;
  std::uint32_t path_size_ = 0;
  std::uint32_t data_left_ = 0;
  IndexPath channel_;
  std::string instance_;
  std::string function_;
};

}  // namespace tenon::remote
