// Reads values of JSON documents that somebody else wrote. A value that is absent or of another kind is
// like one that is empty, so each function can be called for any document.
//
//   find_text_at(bundle, {"dsseEnvelope", "payloadType"})
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "support/files.h"

namespace tenon::registry {

// The member at the end of a path of keys; null if there is none, or it is `null`.
[[nodiscard]] const nlohmann::json* find_member(const nlohmann::json& json,
                                                std::initializer_list<const char*> path);
[[nodiscard]] std::string find_text_at(const nlohmann::json& json,
                                       std::initializer_list<const char*> path);
// Bytes that are written as base64. Absent: there are none, or they are not base64.
[[nodiscard]] std::optional<Bytes> find_bytes_at(const nlohmann::json& json,
                                                 std::initializer_list<const char*> path);
// A number as protobuf writes those of 64 bits: a string, or a JSON number; one that is 0 can be left out.
// Absent: it is something else, or negative.
[[nodiscard]] std::optional<std::uint64_t> find_count_at(const nlohmann::json& json,
                                                         std::initializer_list<const char*> path);

}  // namespace tenon::registry
