#include "settings.h"

#include <algorithm>
#include <stdexcept>

namespace keyvalue_adapter {

namespace {

constexpr std::string_view kDefaultBucket = "default";
constexpr std::string_view kAnyBucket = "*";
constexpr std::int64_t kMostBytes = std::int64_t{1} << 28;
constexpr std::size_t kMostNameBytes = 256;

}  // namespace

std::string Settings::find_bucket(std::string_view identifier) const {
  const std::string name(identifier.empty() ? kDefaultBucket : identifier);
  const bool is_known = (has_any_bucket && name.size() <= kMostNameBytes) ||
                        std::ranges::find(buckets, name) != buckets.end();
  return is_known ? name : std::string();
}

Settings read_settings(const tenon::host_config& config) {
  const auto read_size = [&](const char* key) {
    return static_cast<std::size_t>(read_number(config, key, 1, kMostBytes));
  };
  Settings settings;
  settings.buckets = split_words(config.text("buckets").value());
  if (settings.buckets.empty()) throw std::runtime_error("`buckets` names no bucket");
  for (const std::string& name : settings.buckets)
    if (name.size() > kMostNameBytes)
      throw std::runtime_error("the name of a bucket in `buckets` has at most " +
                               std::to_string(kMostNameBytes) + " bytes");
  settings.has_any_bucket =
      std::ranges::find(settings.buckets, kAnyBucket) != settings.buckets.end();
  if (config.flag("read-only").value()) settings.access = Access::ReadOnly;
  settings.max_key_bytes = read_size("max-key-bytes");
  settings.max_value_bytes = read_size("max-value-bytes");
  settings.max_batch_bytes = read_size("max-batch-bytes");
  settings.page_keys = static_cast<std::size_t>(read_number(config, "page-keys", 1, 100'000));
  return settings;
}

std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  while (true) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty()) return words;
    words.emplace_back(text.substr(0, text.find(' ')));
    text.remove_prefix(words.back().size());
  }
}

std::int64_t read_number(const tenon::host_config& config, const char* key, std::int64_t least,
                         std::int64_t most) {
  const std::int64_t number = config.integer(key).value();
  if (number < least || number > most)
    throw std::runtime_error("`" + std::string(key) + "` must be from " + std::to_string(least) +
                             " to " + std::to_string(most) + ", found " + std::to_string(number));
  return number;
}

}  // namespace keyvalue_adapter
