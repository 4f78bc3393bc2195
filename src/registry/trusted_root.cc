#include "registry/trusted_root.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "registry/json_member.h"
#include "support/base64.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::registry {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kTypePrefix = "application/vnd.dev.sigstore.trustedroot";

std::optional<int> read_digits(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

// A time in UTC, such as "2021-01-12T11:53:27.000Z". Parts of seconds are left out.
// Source: RFC 3339; protobuf, "ProtoJSON Format", Timestamp.
std::optional<std::int64_t> parse_time(std::string_view text) {
  if (text.size() < 20 || !text.ends_with('Z') || (text[19] != '.' && text.size() != 20) ||
      text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const std::optional<int> year = read_digits(text.substr(0, 4));
  const std::optional<int> month = read_digits(text.substr(5, 2));
  const std::optional<int> day = read_digits(text.substr(8, 2));
  const std::optional<int> hour = read_digits(text.substr(11, 2));
  const std::optional<int> minute = read_digits(text.substr(14, 2));
  const std::optional<int> second = read_digits(text.substr(17, 2));
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  const std::chrono::sys_seconds time = std::chrono::sys_days(date) + std::chrono::hours(*hour) +
                                        std::chrono::minutes(*minute) +
                                        std::chrono::seconds(*second);
  return time.time_since_epoch().count();
}

// A period must have a start, and can have an end.
Result<Period, std::string> read_period(const Json& owner, std::string_view what) {
  Period period;
  const std::optional<std::int64_t> start = parse_time(find_text_at(owner, {"validFor", "start"}));
  if (!start) return fmt::format("has a {} without a time `validFor.start`", what);
  period.start = *start;
  if (find_member(owner, {"validFor", "end"}) == nullptr) return period;
  const std::optional<std::int64_t> end = parse_time(find_text_at(owner, {"validFor", "end"}));
  if (!end) return fmt::format("has a {} with a `validFor.end` that is not a time", what);
  period.end = *end;
  return period;
}

Result<TrustedLog, std::string> read_log(const Json& log, std::string_view list) {
  const Json* const key = find_member(log, {"publicKey"});
  const std::optional<Bytes> id = find_bytes_at(log, {"logId", "keyId"});
  if (key == nullptr || !id) return fmt::format("has a log in `{}` without a key or an id", list);
  std::optional<Bytes> der = find_bytes_at(*key, {"rawBytes"});
  if (!der) return fmt::format("has a log in `{}` whose key is not base64", list);
  TENON_TRY(const Period validity, read_period(*key, fmt::format("log in `{}`", list)));
  return TrustedLog{encode_hex(*id), PublicKey::from_der(*std::move(der)), validity};
}

Result<TrustedAuthority, std::string> read_authority(const Json& authority, std::string_view list) {
  TrustedAuthority read;
  const Json* const certificates = find_member(authority, {"certChain", "certificates"});
  if (certificates != nullptr && certificates->is_array()) {
    for (const Json& certificate : *certificates) {
      std::optional<Bytes> der = find_bytes_at(certificate, {"rawBytes"});
      if (!der) return fmt::format("has a certificate in `{}` that is not base64", list);
      read.certificates.push_back(*std::move(der));
    }
  }
  if (read.certificates.empty())
    return fmt::format("has an authority in `{}` without certificates", list);
  TENON_TRY(read.validity, read_period(authority, fmt::format("authority in `{}`", list)));
  return read;
}

// Reads each part of a list with `read`. A list that is absent is empty.
template <class T>
Result<std::vector<T>, std::string> read_list(const Json& root, const char* list,
                                              Result<T, std::string> (*read)(const Json&,
                                                                             std::string_view)) {
  std::vector<T> parts;
  const Json* const rows = find_member(root, {list});
  if (rows == nullptr || !rows->is_array()) return parts;
  for (const Json& row : *rows) {
    TENON_TRY(T part, read(row, list));
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

const TrustedLog* find_log(std::span<const TrustedLog> logs, std::string_view id) {
  const auto match = std::ranges::find(logs, id, &TrustedLog::id);
  return match == logs.end() ? nullptr : &*match;
}

Result<TrustedRoot, std::string> parse_trusted_root(std::string_view text) {
  const Json json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (json.is_discarded()) return std::string("is not JSON");
  const std::string type = find_text_at(json, {"mediaType"});
  if (!type.starts_with(kTypePrefix))
    return fmt::format("has the `mediaType` `{}`; expected `{}..`", sanitize_text(type),
                       kTypePrefix);
  TrustedRoot root;
  TENON_TRY(root.certificate_authorities,
            read_list(json, "certificateAuthorities", read_authority));
  TENON_TRY(root.certificate_logs, read_list(json, "ctlogs", read_log));
  TENON_TRY(root.transparency_logs, read_list(json, "tlogs", read_log));
  TENON_TRY(root.timestamp_authorities, read_list(json, "timestampAuthorities", read_authority));
  if (root.certificate_authorities.empty())
    return std::string("has no list `certificateAuthorities`");
  if (root.certificate_logs.empty()) return std::string("has no list `ctlogs`");
  if (root.transparency_logs.empty()) return std::string("has no list `tlogs`");
  return root;
}

}  // namespace tenon::registry
