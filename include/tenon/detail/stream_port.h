// The boundary between typed streams, which are templates in headers, and the compiled library.
// Programs do not use it directly.
//
// The templates say how the items of a C++ type are stored in a `CallBuffer` and loaded from one, and
// whether their bytes are the same in C++ and in a guest's memory. Such items are copied between the
// memory of the program and that of the guest.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "tenon/detail/call_port.h"
#include "tenon/detail/codec_cases.h"
#include "tenon/detail/codec_rows.h"
#include "tenon/result.h"
#include "tenon/task.h"
#include "tenon/value.h"

namespace tenon::detail {

// How the items of one C++ type are passed. One constant for each type.
struct ItemCodec {
  std::uint32_t size = 0;  // of an item in a guest's memory
  // Whether an array of them has the bytes of a list in a guest's memory.
  bool (*has_same_bytes)() = nullptr;
  // Stores `count` of the items from number `first` on, at an address whose bytes are zero. Returns
  // false if the buffer has a problem.
  bool (*store)(CallBuffer& buffer, const void* items, std::size_t first, std::size_t count,
                std::uint32_t at) = nullptr;
  // Loads `count` items.
  void (*load)(CallBuffer& buffer, std::uint32_t at, std::size_t count, void* to) = nullptr;
};

// `to` is an array of T.
template <class T>
struct ItemsOf {
  static bool has_same_bytes() {
    if constexpr (Codec<T>::is_bitwise) return Codec<T>::has_same_bytes();
    return false;
  }
  static bool store(CallBuffer& buffer, const void* items, std::size_t first, std::size_t count,
                    std::uint32_t at) {
    return store_elements<T>(buffer, std::span(static_cast<const T*>(items) + first, count), at, 0);
  }
  static void load(CallBuffer& buffer, std::uint32_t at, std::size_t count, void* to) {
    static_assert(
        !Codec<T>::layout.is_view,
        "tenon: a view cannot be read from a stream or future, because nothing would keep "
        "its text or elements; use std::string or std::vector");
    for (std::size_t i = 0; i < count; ++i, at += Codec<T>::layout.size)
      static_cast<T*>(to)[i] = Codec<T>::load(buffer, at, 0);
  }
};

template <class T>
inline constexpr ItemCodec kWrittenItems = {.size = Codec<T>::layout.size,
                                            .has_same_bytes = &ItemsOf<T>::has_same_bytes,
                                            .store = &ItemsOf<T>::store};
template <class T>
inline constexpr ItemCodec kReadItems = {.size = Codec<T>::layout.size,
                                         .has_same_bytes = &ItemsOf<T>::has_same_bytes,
                                         .load = &ItemsOf<T>::load};
// One value, to a std::optional<T>.
template <class T>
inline constexpr ItemCodec kReadValue = {
    .size = Codec<T>::layout.size,
    .has_same_bytes = [] { return false; },
    .load =
        [](CallBuffer& buffer, std::uint32_t at, std::size_t /*count*/, void* to) {
          static_cast<std::optional<T>*>(to)->emplace(Codec<T>::load(buffer, at, 0));
        }};

// A value of a future; `void`: nothing.
template <class T>
using Payload = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

// The ends of streams and futures in the library.
struct ReaderState;
struct WriterState;

// The readable end of a stream or future. It can be passed until it is read.
class ReadEnd final {
 public:
  ReadEnd() = default;
  explicit ReadEnd(ValueHandle handle) : handle_(std::move(handle)) {}
  ReadEnd(ReadEnd&&) noexcept = default;
  ReadEnd& operator=(ReadEnd&&) noexcept = default;
  ~ReadEnd() = default;

  [[nodiscard]] const ValueHandle& handle() const { return handle_; }

  // Reads up to `most` items, at least one; none at the end of the stream.
  // codec: null without payload. Lifetime: `to` must outlive the task.
  [[nodiscard]] Task<CallResult<std::size_t>> read(const ItemCodec* codec, void* to,
                                                   std::size_t most);

 private:
  ValueHandle handle_;
  std::shared_ptr<ReaderState> state_;  // null before the first read
};

// The writable end of a stream or future that the program makes. Destroying it closes it.
class WriteEnd final {
 public:
  WriteEnd();
  WriteEnd(WriteEnd&&) noexcept = default;
  WriteEnd& operator=(WriteEnd&& other) noexcept;
  ~WriteEnd() { close(); }

  // The readable end. name: for messages. REQUIRES: called once
  [[nodiscard]] ReadEnd readable(std::string name);

  // Writes all items, and returns false if nobody reads any more.
  // codec: null without payload. keep: ends with the task.
  // Lifetime: `items` must outlive the task.
  [[nodiscard]] Task<CallResult<bool>> write(const ItemCodec* codec, const void* items,
                                             std::size_t count,
                                             std::shared_ptr<const void> keep = {});
  void close();

  // Null after a move.
  [[nodiscard]] const std::shared_ptr<WriterState>& state() const { return state_; }

 private:
  std::shared_ptr<WriterState> state_;
};

// Reads a future.
template <class T>
class FutureRead final : public TaskState<CallResult<T>> {
 public:
  explicit FutureRead(ReadEnd& end) : read_(end.read(codec(), &value_, 1)) {
    if (read_.is_done())
      finish();
    else
      read_.on_done([this] {
        finish();
        this->run_continuation();
      });
  }

  void release() override { delete this; }
  void cancel() override { read_.cancel(); }
  [[nodiscard]] std::shared_ptr<Driver> driver() const override { return read_.driver(); }

 private:
  ~FutureRead() override = default;

  static constexpr const ItemCodec* codec() {
    if constexpr (std::is_void_v<T>)
      return nullptr;
    else
      return &kReadValue<T>;
  }
  void finish() {
    try {
      take_value();
    } catch (const std::bad_alloc&) {
      this->set_exception(std::current_exception());
    }
  }
  void take_value() {
    CallResult<std::size_t> count = read_.take();
    if (!count)
      this->set_value(std::move(count).error());
    else if constexpr (std::is_void_v<T>)
      this->set_value();
    else
      this->set_value(*std::move(value_));
  }

  std::optional<Payload<T>> value_;
  Task<CallResult<std::size_t>> read_;
};

// Codec of the readable ends: `End` has end() and can be made of a ReadEnd.
template <class End, CppKind kKind, class T>
struct ReadableCodec {
  static constexpr CodecLayout layout = kHandleLayout;
  static constexpr std::array<CppPart, 1> kParts = {CppPart{.type = payload_type<T>()}};
  static constexpr CppType type{.kind = kKind, .parts = kParts};
  static constexpr bool is_bitwise = false;

  static bool store(CallBuffer& buffer, const End& readable, std::uint32_t at,
                    std::uint32_t handle) {
    std::uint32_t index = 0;
    if (!buffer.give(readable.end().handle(), {handle, true}, index)) return false;
    put_bytes(buffer.data() + at, index);
    return true;
  }
  static End load(CallBuffer& buffer, std::uint32_t at, std::uint32_t handle) {
    return End(ReadEnd(buffer.take(get_bytes<std::uint32_t>(buffer.data() + at), {handle, true})));
  }
};

}  // namespace tenon::detail
