// Streams and futures of C++ bundles: a part of tenon/host_glue.h.
//
//   void upload(tenon::stream_reader<std::uint8_t> body, tenon::completion<std::uint64_t> done);
//   tenon::stream_reader<std::string> lines() override {
//     auto [writer, reader] = tenon::make_stream<std::string>();
//     queue_.push(std::move(writer));  // a thread writes
//     return std::move(reader);
//   }
//
// Operations end by a callback, on a thread of the host, and never block. A writer or reader has one
// operation at a time, and can be used on any thread. Its destruction gives its end up. A callback may
// throw std::bad_alloc, and nothing else.
//
// Names are in the style of the standard library, as those of generated headers are.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tenon/detail/host_values.h"
#include "tenon/tenon_host.h"

// Two bundles in one process must not share variables, whatever flags they were built with.
#if defined(__GNUC__)
#define TENON_HOST_OWN [[gnu::visibility("hidden")]]
#else
#define TENON_HOST_OWN
#endif

// NOLINTBEGIN(readability-identifier-naming)
namespace tenon {

namespace host_glue {

// Set by `create_instance`: the host that loaded this library, the same for all instances.
TENON_HOST_OWN inline std::atomic<const tenon_host_api*> library_api = nullptr;
inline const tenon_host_api* current_api() { return library_api.load(); }

// Whether an end is given up with its object. The readable end of a stream that is made here is the
// host's: its object only carries the number of the writable end to a result.
enum class owns_end { no, yes };

// An end of a stream or future.
class stream_end {
 public:
  stream_end() = default;
  stream_end(tenon_stream number, owns_end owns) : number_(number), owns_(owns) {}
  stream_end(stream_end&& other) noexcept
      : number_(std::exchange(other.number_, 0)), owns_(other.owns_) {}
  stream_end& operator=(stream_end&& other) noexcept {
    std::swap(number_, other.number_);
    std::swap(owns_, other.owns_);
    return *this;
  }
  stream_end(const stream_end&) = delete;
  stream_end& operator=(const stream_end&) = delete;
  ~stream_end() { close(); }

  // Whether it has an end.
  [[nodiscard]] explicit operator bool() const { return number_ != 0; }
  bool operator==(const stream_end&) const = default;
  // Gives the end up. An operation in progress ends.
  void close() {
    const tenon_stream number = std::exchange(number_, 0);
    if (number != 0 && owns_ == owns_end::yes) current_api()->stream_close(number);
  }

  // For the glue.
  [[nodiscard]] tenon_stream number() const { return number_; }
  tenon_stream release() const { return std::exchange(number_, 0); }

 private:
  mutable tenon_stream number_ = 0;  // 0: none
  owns_end owns_ = owns_end::yes;
};

// Begins an operation, whose `end` is called once, unless it cannot begin: then it throws.
template <class Operation>
void begin(std::unique_ptr<Operation> operation) {
  const auto done = [](void* data, const tenon_value* items, std::size_t count,
                       std::int32_t state) noexcept {
    const std::unique_ptr<Operation> ended(static_cast<Operation*>(data));
    try {
      ended->end(items, count, state);
    } catch (const std::bad_alloc&) {
      // The ends that the callback holds are given up with it.
    }
  };
  if (operation->start(*current_api(), done) != 0)
    throw std::logic_error("the stream has no such end, or an operation of it is in progress");
  (void)operation.release();
}

template <class T, class Callback>
struct read_operation {
  tenon_stream stream;
  std::size_t most;
  Callback callback;

  std::int32_t start(const tenon_host_api& api, tenon_stream_done done) {
    return api.stream_read(stream, most, done, this);
  }
  void end(const tenon_value* items, std::size_t count, std::int32_t /*state*/) {
    callback(take(items, count));
  }

 private:
  // If there is no memory for the items, they are lost, so the stream is closed.
  std::vector<T> take(const tenon_value* items, std::size_t count) const {
    std::vector<T> read;
    if (items == nullptr) return read;
    try {
      if constexpr (std::is_same_v<T, std::monostate>)
        read.resize(count);
      else
        read = host_glue::read<std::vector<T>>(*items);
    } catch (const std::bad_alloc&) {
      current_api()->stream_close(stream);
      read.clear();
    }
    return read;
  }
};

template <class T, class Callback>
struct write_operation {
  tenon_stream stream;
  result_memory memory = {};
  std::vector<std::size_t> resources = {};  // how many are in the items so far, for each item
  tenon_value items = {};
  Callback callback;

  write_operation(tenon_stream number, std::vector<T> values, Callback call_back)
      : stream(number), callback(std::move(call_back)) {
    if constexpr (std::is_same_v<T, std::monostate>) {
      items.kind = TENON_LIST;
      items.of.items.len = values.size();
    } else if constexpr (is_scalar<T>) {
      host_glue::write(memory, std::move(values), items);
    } else {
      tenon_value* item = make_items(memory, TENON_LIST, values.size(), items);
      for (T& value : values) {
        host_glue::write(memory, std::move(value), *item++);
        resources.push_back(memory.resource_count());
      }
    }
  }

  std::int32_t start(const tenon_host_api& api, tenon_stream_done done) {
    return api.stream_write(stream, &items, done, this);
  }
  void end(const tenon_value* /*items*/, std::size_t count, std::int32_t state) {
    if (count != 0 && !resources.empty()) memory.release(resources[count - 1]);
    callback(state == TENON_STREAM_OPEN);
  }
};

}  // namespace host_glue

// The readable end of a stream. T: std::monostate for a stream without payload.
template <class T>
class stream_reader : public host_glue::stream_end {
 public:
  using stream_end::stream_end;

  // Reads at most `most` items, as soon as there are any. callback: called with a std::vector<T>,
  // which is empty at the end of the stream. Throws std::logic_error if this is not the end of a
  // stream that was passed to the library, or is being read.
  template <class Callback>
  void read(std::size_t most, Callback callback) {
    using operation = host_glue::read_operation<T, Callback>;
    host_glue::begin(std::make_unique<operation>(operation{number(), most, std::move(callback)}));
  }

  // Takes the end out of an argument that has it inside, and is const.
  [[nodiscard]] stream_reader take() const { return {release(), host_glue::owns_end::yes}; }
};

// The writable end of a stream.
template <class T>
class stream_writer : public host_glue::stream_end {
 public:
  using stream_end::stream_end;

  // Writes all items. callback: called with `true` when they are taken, and with `false` if the
  // reader is gone: items may be lost then. Throws std::logic_error if it is being written.
  template <class Callback>
  void write(std::vector<T> items, Callback callback) {
    using operation = host_glue::write_operation<T, Callback>;
    host_glue::begin(std::make_unique<operation>(number(), std::move(items), std::move(callback)));
  }
};

// A future is a stream of one item.
template <class T>
class future_reader : public stream_reader<T> {
 public:
  using stream_reader<T>::stream_reader;

  // callback: called with the value; std::nullopt if the writer ended without one.
  template <class Callback>
  void read(Callback callback) {
    stream_reader<T>::read(1, [callback = std::move(callback)](std::vector<T> items) mutable {
      callback(items.empty() ? std::optional<T>() : std::optional<T>(std::move(items.front())));
    });
  }
  [[nodiscard]] future_reader take() const { return {this->release(), host_glue::owns_end::yes}; }
};
template <class T>
class future_writer : public stream_writer<T> {
 public:
  using stream_writer<T>::stream_writer;

  // callback: as that of a stream. A writer that is destroyed before it has written ends the guest
  // that reads the future.
  template <class Callback>
  void write(T value, Callback callback) {
    std::vector<T> items;
    items.push_back(std::move(value));
    stream_writer<T>::write(std::move(items), std::move(callback));
  }
};

namespace host_glue {

inline tenon_stream make_stream_number() {
  const tenon_stream number = current_api()->stream_new();
  if (number == 0) throw std::bad_alloc();
  return number;
}

}  // namespace host_glue

template <class T>
struct stream_pair {
  stream_writer<T> writer;
  stream_reader<T> reader;  // to be returned
};
template <class T>
stream_pair<T> make_stream() {
  const tenon_stream number = host_glue::make_stream_number();
  return {{number, host_glue::owns_end::yes}, {number, host_glue::owns_end::no}};
}
template <class T>
struct future_pair {
  future_writer<T> writer;
  future_reader<T> reader;  // to be returned
};
template <class T>
future_pair<T> make_future() {
  const tenon_stream number = host_glue::make_stream_number();
  return {{number, host_glue::owns_end::yes}, {number, host_glue::owns_end::no}};
}

namespace host_glue {

template <class T>
struct codec<stream_reader<T>> {
  static stream_reader<T> read(const tenon_value& value) { return {value.of.u, owns_end::yes}; }
  static void write(result_memory& /*memory*/, stream_reader<T> reader, tenon_value& to) {
    to.kind = TENON_STREAM;
    to.of.u = reader.release();
  }
};
template <class T>
struct codec<future_reader<T>> {
  static future_reader<T> read(const tenon_value& value) { return {value.of.u, owns_end::yes}; }
  static void write(result_memory& /*memory*/, future_reader<T> reader, tenon_value& to) {
    to.kind = TENON_FUTURE;
    to.of.u = reader.release();
  }
};

}  // namespace host_glue
}  // namespace tenon
// NOLINTEND(readability-identifier-naming)
