// The database behind a key-value bundle: one bucket, with a revision for each key.
//
// The bundle implements `Store`; adapter.h makes the interfaces of WASI of it. Keys and values have
// been checked against the limits when they get here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keyvalue_host.h"

namespace keyvalue_adapter {

using Bytes = std::vector<std::uint8_t>;
using BytesView = std::span<const std::uint8_t>;
using keyvalue_host::store::error;

template <class T>
using Outcome = tenon::expected<T, error>;

struct Entry {
  Bytes value;
  std::uint64_t revision = 0;  // changes whenever the key is written; never `kAbsent`
};

// The revision of a key that does not exist.
inline constexpr std::uint64_t kAbsent = 0;

struct Pair {
  std::string_view key;
  BytesView value;
};

[[nodiscard]] inline error make_error(std::string message) {
  return error::other{std::move(message)};
}

// Thread: as the bundle says of itself, in TENON_HOST_MODULE. Errors: those of the library, as texts.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  // Nothing if there is no such key.
  [[nodiscard]] virtual Outcome<std::optional<Entry>> get(std::string_view key) = 0;
  // If one of several pairs or keys fails, those before it may be done.
  [[nodiscard]] virtual Outcome<void> set(std::span<const Pair> pairs) = 0;
  [[nodiscard]] virtual Outcome<void> remove(std::span<const std::string_view> keys) = 0;
  // Writes the pair if its key has this revision. Returns whether it did.
  [[nodiscard]] virtual Outcome<bool> swap(const Pair& pair, std::uint64_t revision) = 0;
  // The first keys after `after` in the order of their bytes, at most `most`. Empty: all are after it.
  [[nodiscard]] virtual Outcome<std::vector<std::string>> list(std::string_view after,
                                                               std::size_t most) = 0;
};

}  // namespace keyvalue_adapter
