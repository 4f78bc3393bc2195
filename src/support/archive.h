// Values as bytes and back, for files that only tenon reads: each type says once which parts it has,
// for both directions.
//
//   void exchange(auto& archive, ValueOf<Field> auto& field) { archive(field.label, field.type); }
//
//   ArchiveWriter out;
//   out(field);                       // out.bytes()
//   ArchiveReader in(bytes);
//   in(field);
//   if (!in.is_done()) ...            // malformed; `field` has some value
//
// Numbers, enumerations, texts, ids, and optional, vector, map, pair and variant of such values need
// no `exchange`. The bytes have no version and no names, so the file must begin with both.
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "support/arena.h"
#include "support/rare.h"

namespace tenon {

// A `Plain` that is read, or a constant one that is written.
template <class T, class Plain>
concept ValueOf = std::same_as<std::remove_const_t<T>, Plain>;

template <class T>
concept ArchivedNumber = std::integral<T> || std::is_enum_v<T>;

class ArchiveWriter final {
 public:
  template <class... Values>
  void operator()(const Values&... values) {
    (write(values), ...);
  }

  [[nodiscard]] std::span<const std::uint8_t> bytes() const { return bytes_; }

 private:
  void write_number(std::uint64_t number) {
    for (; number >= 0x80; number >>= 7) bytes_.push_back(static_cast<std::uint8_t>(number | 0x80));
    bytes_.push_back(static_cast<std::uint8_t>(number));
  }
  void write(ArchivedNumber auto value) { write_number(static_cast<std::uint64_t>(value)); }
  template <class Rep, class Period>
  void write(const std::chrono::duration<Rep, Period>& duration) {
    write_number(static_cast<std::uint64_t>(duration.count()));
  }
  template <class T>
  void write(Id<T> id) {
    write_number(id.index);
  }
  void write(const std::string& text) { write_bytes(text); }
  void write(const std::vector<std::uint8_t>& bytes) { write_bytes(bytes); }
  void write_bytes(const auto& bytes) {
    write_number(bytes.size());
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  template <class T>
  void write(const std::optional<T>& value) {
    write_number(value.has_value() ? 1 : 0);
    if (value) (*this)(*value);
  }
  template <class T>
  void write(const Rare<T>& value) {
    write(std::optional<T>(value));
  }
  template <class T>
  void write(const std::vector<T>& values) {
    write_number(values.size());
    for (const T& value : values) (*this)(value);
  }
  template <class First, class Second>
  void write(const std::pair<First, Second>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class Key, class Value>
  void write(const std::map<Key, Value>& map) {
    write_number(map.size());
    for (const auto& [key, value] : map) (*this)(key, value);
  }
  template <class... Alternatives>
  void write(const std::variant<Alternatives...>& value) {
    write_number(value.index());
    std::visit([this](const auto& alternative) { (*this)(alternative); }, value);
  }
  template <class T>
    requires requires(ArchiveWriter& archive, const T& value) { exchange(archive, value); }
  void write(const T& value) {
    exchange(*this, value);
  }

  std::vector<std::uint8_t> bytes_;
};

// After the first malformed byte, everything that is read is empty.
class ArchiveReader final {
 public:
  explicit ArchiveReader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  template <class... Values>
  void operator()(Values&... values) {
    (read(values), ...);
  }

  // Whether all bytes were read, and none was malformed.
  [[nodiscard]] bool is_done() const { return !has_failed_ && rest_.empty(); }
  [[nodiscard]] bool has_failed() const { return has_failed_; }
  void fail() {
    has_failed_ = true;
    rest_ = {};
  }

  // The number of items that follow. Each takes a byte at least.
  [[nodiscard]] std::size_t read_count() {
    const std::uint64_t count = read_number();
    if (count <= rest_.size()) return static_cast<std::size_t>(count);
    fail();
    return 0;
  }

 private:
  std::uint64_t read_number() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const std::uint8_t byte = rest_.front();
      rest_ = rest_.subspan(1);
      number |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) return number;
    }
    fail();
    return 0;
  }
  void read(ArchivedNumber auto& value) {
    using Number = std::remove_reference_t<decltype(value)>;
    const std::uint64_t number = read_number();
    value = static_cast<Number>(number);
    if (static_cast<std::uint64_t>(value) != number) fail();
  }
  template <class Rep, class Period>
  void read(std::chrono::duration<Rep, Period>& duration) {
    duration = std::chrono::duration<Rep, Period>(static_cast<Rep>(read_number()));
  }
  template <class T>
  void read(Id<T>& id) {
    read(id.index);
  }
  void read(std::string& text) { read_bytes(text); }
  void read(std::vector<std::uint8_t>& bytes) { read_bytes(bytes); }
  void read_bytes(auto& bytes) {
    const std::size_t size = read_count();
    bytes.assign(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(size));
    rest_ = rest_.subspan(size);
  }
  template <class T>
  void read(std::optional<T>& value) {
    value.reset();
    bool is_there = false;
    read(is_there);
    if (is_there) (*this)(value.emplace());
  }
  template <class T>
  void read(Rare<T>& value) {
    std::optional<T> read_value;
    read(read_value);
    value = std::move(read_value);
  }
  template <class T>
  void read(std::vector<T>& values) {
    values.clear();
    for (std::size_t count = read_count(); count > 0 && !has_failed_; --count)
      (*this)(values.emplace_back());
  }
  template <class First, class Second>
  void read(std::pair<First, Second>& pair) {
    (*this)(pair.first, pair.second);
  }
  template <class Key, class Value>
  void read(std::map<Key, Value>& map) {
    map.clear();
    for (std::size_t count = read_count(); count > 0 && !has_failed_; --count) {
      Key key = {};
      (*this)(key);
      (*this)(map[std::move(key)]);
    }
  }
  template <class... Alternatives>
  void read(std::variant<Alternatives...>& value) {
    const std::uint64_t index = read_number();
    if (index >= sizeof...(Alternatives)) return fail();
    read_alternative(value, index, std::index_sequence_for<Alternatives...>());
  }
  template <class Variant, std::size_t... kIndices>
  void read_alternative(Variant& value, std::uint64_t index,
                        std::index_sequence<kIndices...> /*indices*/) {
    ((index == kIndices ? (*this)(value.template emplace<kIndices>()) : void()), ...);
  }
  template <class T>
    requires requires(ArchiveReader& archive, T& value) { exchange(archive, value); }
  void read(T& value) {
    exchange(*this, value);
  }

  std::span<const std::uint8_t> rest_;
  bool has_failed_ = false;
};

}  // namespace tenon
