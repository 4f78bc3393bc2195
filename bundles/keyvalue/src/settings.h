// The configuration that both key-value bundles have; their host.toml describes the keys.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "keyvalue_host.h"

namespace keyvalue_adapter {

enum class Access : std::uint8_t { ReadWrite, ReadOnly };

struct Settings {
  std::vector<std::string> buckets;  // that guests can open
  bool has_any_bucket = false;       // `*`: all
  Access access = Access::ReadWrite;
  std::size_t max_key_bytes = 0;
  std::size_t max_value_bytes = 0;
  std::size_t max_batch_bytes = 0;  // of all values of one call
  std::size_t page_keys = 0;

  // The bucket that a guest names; empty: it cannot open one of that name.
  [[nodiscard]] std::string find_bucket(std::string_view identifier) const;
};

// Throws std::runtime_error if a value is out of its range; the bundle cannot start then.
[[nodiscard]] Settings read_settings(const tenon::host_config& config);

// The words of a list in the configuration, which are separated by spaces.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

// The value of a key with a default in host.toml. Throws std::runtime_error, as above.
[[nodiscard]] std::int64_t read_number(const tenon::host_config& config, const char* key,
                                       std::int64_t least, std::int64_t most);

}  // namespace keyvalue_adapter
