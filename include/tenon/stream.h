// Streams and futures that the program reads and writes as dynamic values.
//
//   tenon::CallResult<std::optional<tenon::Value>> lines = shout->call(arguments);
//   tenon::Result<tenon::ValueStream> stream = tenon::ValueStream::open(**lines);
//   while (true) {
//     const auto items = stream->read(100).wait();     // or co_await
//     if (!items || !*items || (*items)->empty()) break;  // an error, or the end
//     ...
//   }
//
//   auto [writer, bytes] = tenon::ValueStreamWriter::make(shout->type().params()[0].type);
//   auto task = shout->start(std::vector{bytes});       // passes the readable end
//   writer.write_bytes(data).wait();
//   writer.close();
//
// A guest that writes faster than it is read waits, and so does the program: an operation ends when
// its items have been passed on.
//
// Thread: that of the composition of the function that returns or takes the stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "tenon/result.h"
#include "tenon/task.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

// The readable end of a stream or future that a guest writes. Move-only; destroying it drops the
// end, and the guest can then write no more.
class ValueStream final {
 public:
  // Takes the readable end that a call returned. Copies of the value can then be neither read nor
  // passed.
  // Errors: value-handle: the value is not a stream or future, or was read or passed before.
  [[nodiscard]] static Result<ValueStream> open(const Value& stream);

  ValueStream(ValueStream&&) noexcept;
  ValueStream& operator=(ValueStream&&) noexcept;
  ~ValueStream();

  [[nodiscard]] bool is_future() const;
  // Whether the items are bytes, of a stream<u8>.
  [[nodiscard]] bool has_bytes() const;

  // Reads the items that there are, at least one and at most `most`; none at the end of the stream.
  // A stream without payload has items that are empty tuples. One read at a time; cancel it by
  // destroying the task.
  // Errors: CallFailure: BadCall with value-too-large (an item that takes more than 256 MiB in a
  // guest, or more than 1 GiB as a Value); Ended, if
  // the writer of a future ended without a value, or the composition was destroyed.
  [[nodiscard]] Task<CallResult<std::vector<Value>>> read(std::size_t most);
  // The same for bytes, which are written to `to`; returns their number. REQUIRES: `has_bytes`
  // Lifetime: `to` must outlive the task.
  [[nodiscard]] Task<CallResult<std::size_t>> read_bytes(std::span<std::uint8_t> to);

  struct State;

 private:
  explicit ValueStream(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

// The writable end of a stream or future that a guest reads. Move-only; destroying it ends the
// stream.
class ValueStreamWriter final {
 public:
  // Makes a stream or future of the type of a parameter. The value is its readable end, to be passed
  // in one call. REQUIRES: the type is a stream or a future
  [[nodiscard]] static std::pair<ValueStreamWriter, Value> make(const Type& type);

  ValueStreamWriter(ValueStreamWriter&&) noexcept;
  ValueStreamWriter& operator=(ValueStreamWriter&&) noexcept;
  ~ValueStreamWriter();

  // Writes an item, or the value of a future. Returns false if nobody reads any more. One write at a
  // time. An item of a stream without payload is an empty tuple.
  // Errors: CallFailure: BadCall with value-type, value-label, value-handle, value-too-large; the
  // stream goes on.
  [[nodiscard]] Task<CallResult<bool>> write(Value item);
  // Writes bytes, all of them. REQUIRES: a stream<u8>. Lifetime: `bytes` must outlive the task.
  [[nodiscard]] Task<CallResult<bool>> write_bytes(std::span<const std::uint8_t> bytes);
  // Ends the stream. A future without a value fails for its reader.
  void close();

  struct State;

 private:
  explicit ValueStreamWriter(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace tenon
