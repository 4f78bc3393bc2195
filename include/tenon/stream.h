// Streams and futures that the program reads and writes, with C++ types or with dynamic values.
//
//   auto count = shop->function<std::uint32_t(tenon::Stream<std::string>)>("", "count");
//   auto [writer, lines] = tenon::make_stream<std::string>();
//   auto task = count->start(std::move(lines));         // passes the readable end
//   co_await writer.write(std::vector<std::string>{"a", "b"});   // or .wait()
//   writer.close();
//
//   auto open = shop->function<tenon::Stream<std::uint8_t>()>("", "open");
//   tenon::CallResult<tenon::Stream<std::uint8_t>> bytes = (*open)();
//   std::array<std::uint8_t, 4096> block;
//   while (true) {
//     const tenon::CallResult<std::size_t> size = co_await bytes->read(block);
//     if (!size || *size == 0) break;                   // an error, or the end
//     ...
//   }
//
// Whether the items have the type of the function's stream is checked when the function is looked up.
// Streams and futures can also be in other values and in other streams, and host functions take and
// return them (tenon/host.h).
//
// Numbers, and structs of numbers whose bytes are the same in C++ and in WIT, are copied between the
// memory of the program and that of the guest: once, in writes and reads of 32 KiB or more. Other
// items are copied like the arguments of calls.
//
// With dynamic values, the program can read and write streams whose type it does not know:
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
// its items have been passed on. An end does one operation at a time. Destroying the task of an
// operation cancels it, and so does `cancel_on` with a stop token: it then fails with Interrupted.
// Items that were passed before stay passed, and the end can be used for the next operation.
//
// Thread: that of the composition of the function that returns or takes the stream.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/detail/stream_port.h"
#include "tenon/result.h"
#include "tenon/task.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

// The readable end of a stream of items of type T, or of `void` without payload: a parameter, a
// result, or a part of one. Move-only; destroying it drops the end, and its writer can then write no
// more. An end that was not read can be passed on, by moving it into a call.
// Lifetime: can outlive its composition; reading then fails.
template <class T>
class Stream final {
 public:
  // An empty stream, which can be assigned to. Reading or passing it fails with value-handle.
  Stream() = default;

  // Reads the items that there are, at least one and at most as many as `to` has; returns their
  // number, or 0 at the end of the stream. An empty span reads nothing.
  // Errors: CallFailure: BadCall with value-too-large (an item that takes more than 256 MiB in a
  // guest) or value-handle (the stream was passed, has not been passed to a guest yet, or is being
  // read); Interrupted, if the task is cancelled; Ended, if the composition was destroyed.
  // Lifetime: `to` must outlive the task.
  [[nodiscard]] Task<CallResult<std::size_t>> read(std::span<T> to)
    requires(!std::is_void_v<T>)
  {
    return end_.read(&detail::kReadItems<T>, to.data(), to.size());
  }
  // The same without payload, for at most `most` items.
  [[nodiscard]] Task<CallResult<std::size_t>> read(std::size_t most)
    requires std::is_void_v<T>
  {
    return end_.read(nullptr, nullptr, most);
  }

  // For the library and its templates.
  explicit Stream(detail::ReadEnd end) : end_(std::move(end)) {}
  [[nodiscard]] const detail::ReadEnd& end() const { return end_; }

 private:
  detail::ReadEnd end_;
};

// The writable end of a stream that `make_stream` made. Move-only; destroying it ends the stream.
template <class T>
class StreamWriter final {
 public:
  StreamWriter(StreamWriter&&) noexcept = default;
  StreamWriter& operator=(StreamWriter&&) noexcept = default;
  ~StreamWriter() = default;

  // Writes all items. Returns false if nobody reads any more. Resources among the items are given
  // away, and dropped if nobody takes them.
  // Errors: CallFailure: BadCall with value-type (text that is not UTF-8, a char32_t that is not a
  // character), value-label (a value that is not an enumerator), value-handle (a resource that
  // cannot be given away, or another write is in progress), value-too-large: the stream goes on, and
  // items before the bad one may have been passed. Interrupted, if the task is cancelled.
  // Lifetime: `items` must outlive the task.
  [[nodiscard]] Task<CallResult<bool>> write(std::span<const T> items)
    requires(!std::is_void_v<T>)
  {
    return end_.write(&detail::kWrittenItems<T>, items.data(), items.size());
  }
  // The same for one item, which the task keeps.
  [[nodiscard]] Task<CallResult<bool>> write(detail::Payload<T> item)
    requires(!std::is_void_v<T>)
  {
    const auto kept = std::make_shared<const T>(std::move(item));
    return end_.write(&detail::kWrittenItems<T>, kept.get(), 1, kept);
  }
  // The same without payload.
  [[nodiscard]] Task<CallResult<bool>> write(std::size_t count)
    requires std::is_void_v<T>
  {
    return end_.write(nullptr, nullptr, count);
  }
  // Ends the stream, for its reader after all items that were passed. A write in progress returns
  // false.
  void close() { end_.close(); }

 private:
  template <class U>
  friend std::pair<StreamWriter<U>, Stream<U>> make_stream();

  explicit StreamWriter(detail::WriteEnd end) : end_(std::move(end)) {}

  detail::WriteEnd end_;
};

// Makes a stream. The program keeps the writable end, and passes the readable end to a guest: as an
// argument of a call, the result of a host function, or an item of another stream. Writing begins when
// a guest has it.
template <class T>
[[nodiscard]] std::pair<StreamWriter<T>, Stream<T>> make_stream() {
  detail::WriteEnd end;
  Stream<T> readable(end.readable("stream"));
  return {StreamWriter<T>(std::move(end)), std::move(readable)};
}

// The readable end of a future with a value of type T, or of `void` without payload. It is passed as
// a Stream is, and read with `co_await std::move(future)` or `future.read()`.
template <class T>
class Future final {
 public:
  // An empty future, which can be assigned to. Reading or passing it fails with value-handle.
  Future() = default;

  // The value, once.
  // Errors: as Stream::read; Ended, also if the writer of the future ended without a value.
  [[nodiscard]] Task<CallResult<T>> read() {
    return Task<CallResult<T>>(new detail::FutureRead<T>(end_));
  }
  auto operator co_await() && { return read().operator co_await(); }

  // For the library and its templates.
  explicit Future(detail::ReadEnd end) : end_(std::move(end)) {}
  [[nodiscard]] const detail::ReadEnd& end() const { return end_; }

 private:
  detail::ReadEnd end_;
};

// The writable end of a future that `make_future` made. Move-only; if it is destroyed without a
// write, the future fails for its reader.
template <class T>
class FutureWriter final {
 public:
  FutureWriter(FutureWriter&&) noexcept = default;
  FutureWriter& operator=(FutureWriter&&) noexcept = default;
  ~FutureWriter() = default;

  // Writes the value, once. The task keeps the future open, so this object can be destroyed. Returns
  // false if nobody reads any more.
  // Errors: as StreamWriter::write.
  [[nodiscard]] Task<CallResult<bool>> write(detail::Payload<T> value)
    requires(!std::is_void_v<T>)
  {
    return write_kept(&detail::kWrittenItems<T>, std::move(value));
  }
  [[nodiscard]] Task<CallResult<bool>> write()
    requires std::is_void_v<T>
  {
    return write_kept(nullptr, {});
  }

 private:
  template <class U>
  friend std::pair<FutureWriter<U>, Future<U>> make_future();

  struct Kept {
    detail::Payload<T> value;
    std::optional<detail::WriteEnd> end;
  };

  explicit FutureWriter(detail::WriteEnd end) : end_(std::move(end)) {}

  [[nodiscard]] Task<CallResult<bool>> write_kept(const detail::ItemCodec* codec,
                                                  detail::Payload<T> value) {
    const auto kept = std::make_shared<Kept>(Kept{std::move(value), std::nullopt});
    Task<CallResult<bool>> task = end_.write(codec, &kept->value, 1, kept);
    // Last: if there is no memory for the write, it can be made again.
    kept->end.emplace(std::move(end_));
    return task;
  }

  detail::WriteEnd end_;
};

// Makes a future, as `make_stream` a stream.
template <class T>
[[nodiscard]] std::pair<FutureWriter<T>, Future<T>> make_future() {
  detail::WriteEnd end;
  Future<T> readable(end.readable("future"));
  return {FutureWriter<T>(std::move(end)), std::move(readable)};
}

namespace detail {

template <class T>
struct Codec<Stream<T>> : ReadableCodec<Stream<T>, CppKind::Stream, T> {};
template <class T>
struct Codec<Future<T>> : ReadableCodec<Future<T>, CppKind::Future, T> {};

}  // namespace detail

// The readable end of a stream or future, for dynamic values. Move-only; destroying it drops the end,
// and its writer can then write no more.
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
  // A stream without payload has items that are empty tuples.
  // Errors: CallFailure: BadCall with value-too-large (an item that takes more than 256 MiB in a
  // guest, or more than 1 GiB as a Value), or value-handle (another read is in progress);
  // Interrupted, if the task is cancelled; Ended, if the writer of a future ended without a value, or
  // the composition was destroyed.
  [[nodiscard]] Task<CallResult<std::vector<Value>>> read(std::size_t most);
  // The same for bytes, which are written to `to`; returns their number. An empty span reads nothing.
  // Errors: as `read`; value-type, if not `has_bytes`.
  // Lifetime: `to` must outlive the task.
  [[nodiscard]] Task<CallResult<std::size_t>> read_bytes(std::span<std::uint8_t> to);

 private:
  explicit ValueStream(std::shared_ptr<detail::ReaderState> state);
  std::shared_ptr<detail::ReaderState> state_;
};

// The writable end of a stream or future that a guest reads. Move-only; destroying it ends the
// stream.
class ValueStreamWriter final {
 public:
  // Makes a stream or future of the type of a parameter. The value is its readable end, to be passed
  // in one call. REQUIRES: the type is a stream or a future
  [[nodiscard]] static std::pair<ValueStreamWriter, Value> make(const Type& type);

  ValueStreamWriter(ValueStreamWriter&&) noexcept = default;
  ValueStreamWriter& operator=(ValueStreamWriter&&) noexcept = default;
  ~ValueStreamWriter() = default;

  // Writes an item, or the value of a future. Returns false if nobody reads any more. An item of a
  // stream without payload is an empty tuple.
  // Errors: CallFailure: BadCall with value-type, value-label, value-handle, value-too-large; the
  // stream goes on. Interrupted, if the task is cancelled.
  [[nodiscard]] Task<CallResult<bool>> write(Value item);
  // Writes bytes, all of them. Errors: as `write`; value-type, if it is not a stream<u8>. Lifetime:
  // `bytes` must outlive the task.
  [[nodiscard]] Task<CallResult<bool>> write_bytes(std::span<const std::uint8_t> bytes);
  // Ends the stream. A future without a value fails for its reader.
  void close() { end_.close(); }

 private:
  ValueStreamWriter(detail::WriteEnd end, std::optional<Type> item)
      : end_(std::move(end)), item_(std::move(item)) {}

  detail::WriteEnd end_;
  std::optional<Type> item_;  // absent without payload
};

}  // namespace tenon
