#include "program/built_in.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "support/terminal_text.h"
#include "tenon/buffer.h"
#include "tenon/detail/host_codec.h"
#include "tenon/record.h"

namespace tenon::program {

// The types of the interfaces of WASI.

struct ConfigError {
  struct Upstream {
    std::string value;
  };
  struct Io {
    std::string value;
  };
  std::variant<Upstream, Io> which;
};
TENON_VARIANT(ConfigError, upstream, io)

enum class LogLevel : std::uint8_t { Trace, Debug, Info, Warn, Error, Critical };
TENON_ENUM(LogLevel, Trace, Debug, Info, Warn, Error, Critical)

namespace {

constexpr std::string_view kConfigPackage = "wasi:config/";

// The limits of a line, since a guest can pass texts as large as its memory.
constexpr std::size_t kMessageBytes = std::size_t{16} << 10;
constexpr std::size_t kContextBytes = std::size_t{1} << 10;

void add_buffers(std::string_view interface, const Services& services, HostParts& parts) {
  HostResource<Buffer> buffer(interface, "buffer");
  buffer.constructor([] { return std::make_unique<Buffer>(); })
      .method(
          "write",
          [find_budget = services.find_buffer_budget](
              const Caller& caller, Buffer& self,
              std::span<const std::uint8_t> part) -> HostResult<void> {
            const std::shared_ptr<BufferBudget> budget = find_budget(caller);
            if (budget != nullptr && !self.is_finished() &&
                !detail::BufferCharges::add(self, budget, part.size()))
              return Trap{
                  "no more bytes can be written: those in buffers count for the `memory` of the "
                  "domain"};
            if (self.write(part)) return {};
            return Trap{"the buffer has been read or passed on, and cannot be written any more"};
          })
      .method("len", [](const Buffer& self) -> std::uint64_t { return self.size(); })
      .method("read", [](const Buffer& self, std::uint64_t offset, std::uint64_t len) {
        const std::span<const std::uint8_t> bytes = self.bytes();
        const std::size_t begin = std::min<std::uint64_t>(offset, bytes.size());
        const auto part = bytes.subspan(begin, std::min<std::uint64_t>(len, bytes.size() - begin));
        return std::vector<std::uint8_t>(part.begin(), part.end());
      });
  parts.resources.push_back(buffer);
}

void add_config(std::string_view interface, const Services& services, HostParts& parts) {
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  parts.functions.push_back(
      host_function(interface, "get",
                    [find = services.find_config](const Caller& caller, std::string_view key)
                        -> Expected<std::optional<std::string>, ConfigError> {
                      const ConfigValues values = find(caller);
                      const auto value = values.find(key);
                      return value == values.end() ? std::nullopt : std::optional(value->second);
                    }));
  parts.functions.push_back(host_function(
      interface, "get-all",
      [find = services.find_config](const Caller& caller) -> Expected<Pairs, ConfigError> {
        const ConfigValues values = find(caller);
        return Pairs(values.begin(), values.end());
      }));
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::Trace:
      return "trace";
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warn:
      return "warn";
    case LogLevel::Error:
      return "error";
    case LogLevel::Critical:
      return "critical";
  }
  return {};
}

// At most `most` bytes of a text, without a part of a character.
std::string print_part(std::string_view text, std::size_t most) {
  if (text.size() <= most) return sanitize_text(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U) --most;
  return sanitize_text(text.substr(0, most)) + "...";
}

// "info: cart: checkout: 3 items": the level, the unit, the context if there is one, the message.
std::string print_log_line(LogLevel level, std::string_view unit, std::string_view context,
                           std::string_view message) {
  const std::string shown = print_part(context, kContextBytes);
  return fmt::format("{}: {}: {}{}{}", name_of(level), unit, shown, shown.empty() ? "" : ": ",
                     print_part(message, kMessageBytes));
}

void add_logging(std::string_view interface, const Services& services, HostParts& parts) {
  parts.functions.push_back(
      host_function(interface, "log",
                    [log = services.log](const Caller& caller, LogLevel level,
                                         std::string_view context, std::string_view message) {
                      log(caller, print_log_line(level, caller.unit, context, message));
                    }));
}

struct BuiltIn {
  std::string_view interface;  // in every version
  void (*add)(std::string_view interface, const Services& services, HostParts& parts);
  bool asks_for_caller;
};

// `wasi:config/runtime` is an earlier name of `store`.
constexpr std::array<BuiltIn, 4> kBuiltIns = {{
    {"tenon:buffer/buffers", add_buffers, false},
    {"wasi:config/store", add_config, true},
    {"wasi:config/runtime", add_config, true},
    {"wasi:logging/logging", add_logging, true},
}};

// "wasi:config/store" for "wasi:config/store@0.2.0-rc.1"
std::string_view without_version(std::string_view interface) {
  return interface.substr(0, interface.find('@'));
}

bool is_of(const BuiltIn& built_in, const types::RootItem& item) {
  return without_version(item.name) == built_in.interface ||
         (item.implements && without_version(*item.implements) == built_in.interface);
}

bool has_own(const HostParts& parts, const BuiltIn& built_in) {
  const auto is_same = [&](const auto& part) {
    return without_version(part.interface) == built_in.interface;
  };
  return std::ranges::any_of(parts.functions, is_same) ||
         std::ranges::any_of(parts.resources, is_same);
}

}  // namespace

HostParts with_needed_built_in(HostParts parts, std::span<const resolve::Unit> units) {
  for (const BuiltIn& built_in : kBuiltIns) {
    if (has_own(parts, built_in)) continue;
    const auto has_it = [&](const std::vector<types::RootItem>& items) {
      return std::ranges::any_of(items, [&](const auto& item) { return is_of(built_in, item); });
    };
    std::vector<std::string> importers;
    for (const resolve::Unit& unit : units)
      if (has_it(unit.type.imports)) importers.push_back(unit.name);
    if (importers.empty() || std::ranges::any_of(units, [&](const resolve::Unit& unit) {
          return has_it(unit.type.exports);
        }))
      continue;
    const std::size_t before = parts.functions.size();
    built_in.add(built_in.interface, {}, parts);
    if (!built_in.asks_for_caller) continue;
    for (std::size_t i = before; i < parts.functions.size(); ++i)
      parts.functions[i].consumers = importers;
  }
  return parts;
}

HostParts with_built_in(HostParts parts, const Services& services) {
  const HostParts own = parts;
  for (const BuiltIn& built_in : kBuiltIns)
    if (!has_own(own, built_in)) built_in.add(built_in.interface, services, parts);
  return parts;
}

bool is_config_interface(std::string_view interface) {
  return interface.starts_with(kConfigPackage);
}

}  // namespace tenon::program
