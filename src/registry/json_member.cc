#include "registry/json_member.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "support/base64.h"

namespace tenon::registry {

const nlohmann::json* find_member(const nlohmann::json& json,
                                  std::initializer_list<const char*> path) {
  const nlohmann::json* at = &json;
  for (const char* const key : path) {
    if (!at->is_object()) return nullptr;
    const auto member = at->find(key);
    if (member == at->end()) return nullptr;
    at = &*member;
  }
  return at->is_null() ? nullptr : at;
}

std::string find_text_at(const nlohmann::json& json, std::initializer_list<const char*> path) {
  const nlohmann::json* const member = find_member(json, path);
  return member != nullptr && member->is_string() ? member->get<std::string>() : std::string();
}

std::optional<Bytes> find_bytes_at(const nlohmann::json& json,
                                   std::initializer_list<const char*> path) {
  const std::string text = find_text_at(json, path);
  return text.empty() ? std::nullopt : decode_base64(text);
}

std::optional<std::uint64_t> find_count_at(const nlohmann::json& json,
                                           std::initializer_list<const char*> path) {
  const nlohmann::json* const member = find_member(json, path);
  if (member == nullptr) return 0;
  if (member->is_number_unsigned()) return member->get<std::uint64_t>();
  const std::string text = find_text_at(json, path);
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return count;
}

}  // namespace tenon::registry
