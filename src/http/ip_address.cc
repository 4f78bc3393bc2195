#include "http/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace tenon::http {

namespace {

constexpr unsigned kMappedBits = 96;  // of ::ffff:0:0/96

constexpr IpAddress ipv4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
}

constexpr IpRange range4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                         unsigned bits) {
  return {ipv4(a, b, c, d), kMappedBits + bits};
}

constexpr IpRange range6(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                         unsigned bits) {
  return {{a, b, c, d}, bits};
}

constexpr IpRange kMapped = {ipv4(0, 0, 0, 0), kMappedBits};
constexpr IpRange kLoopback4 = range4(127, 0, 0, 0, 8);
constexpr IpRange kLoopback6 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128};
// Addresses that name one of IPv4 in their last bytes, for networks without IPv4 (RFC 6052).
constexpr IpRange kTranslated = {{0x00, 0x64, 0xff, 0x9b}, 96};

constexpr std::array kReserved4 = {
    range4(0, 0, 0, 0, 8),         // this network; 0.0.0.0 reaches this machine
    range4(10, 0, 0, 0, 8),        // private
    range4(100, 64, 0, 0, 10),     // shared by the customers of a provider; metadata at Alibaba
    kLoopback4,                    //
    range4(168, 63, 129, 16, 32),  // services of Azure for its machines
    range4(169, 254, 0, 0, 16),    // link-local; metadata of most clouds
    range4(172, 16, 0, 0, 12),     // private
    range4(192, 0, 0, 0, 24),      // protocols; metadata at Oracle
    range4(192, 0, 2, 0, 24),      // documentation
    range4(192, 88, 99, 0, 24),    // relays of 6to4
    range4(192, 168, 0, 0, 16),    // private
    range4(198, 18, 0, 0, 15),     // benchmarks
    range4(198, 51, 100, 0, 24),   // documentation
    range4(203, 0, 113, 0, 24),    // documentation
    range4(224, 0, 0, 0, 4),       // multicast
    range4(240, 0, 0, 0, 4),       // reserved, broadcast
};

constexpr IpRange kGlobal6 = range6(0x20, 0, 0, 0, 3);  // all that is given out
constexpr std::array kReserved6 = {
    range6(0x20, 0x01, 0x00, 0x00, 23),  // protocols, with Teredo
    range6(0x20, 0x01, 0x0d, 0xb8, 32),  // documentation
    range6(0x20, 0x02, 0x00, 0x00, 16),  // 6to4
    range6(0x3f, 0xff, 0x00, 0x00, 20),  // documentation
};

template <std::size_t Count>
bool is_in(const std::array<IpRange, Count>& ranges, const IpAddress& address) {
  return std::ranges::any_of(ranges, [&](const IpRange& range) { return range.contains(address); });
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string copy(text);
  if (copy.find('\0') != copy.npos) return std::nullopt;
  in_addr four = {};
  if (::inet_pton(AF_INET, copy.c_str(), &four) == 1) {
    const auto bytes = std::bit_cast<std::array<std::uint8_t, 4>>(four);
    return ipv4(bytes[0], bytes[1], bytes[2], bytes[3]);
  }
  IpAddress address = {};
  if (::inet_pton(AF_INET6, copy.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::string print_ip(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text = {};
  if (kMapped.contains(address))
    ::inet_ntop(AF_INET, address.data() + kMappedBits / 8, text.data(), text.size());
  else
    ::inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  return text.data();
}

bool IpRange::contains(const IpAddress& address) const {
  const std::size_t whole = bits / 8;
  if (!std::equal(first.begin(), first.begin() + static_cast<std::ptrdiff_t>(whole),
                  address.begin()))
    return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((first[whole] ^ address[whole]) >> (8 - rest)) == 0;
}

std::optional<IpRange> parse_ip_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<IpAddress> address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == text.npos) return IpRange{*address, 128};
  const bool is_ipv4 = text.substr(0, slash).find(':') == text.npos;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || bits > (is_ipv4 ? 32U : 128U))
    return std::nullopt;
  return IpRange{*address, is_ipv4 ? kMappedBits + bits : bits};
}

bool is_local_name(std::string_view name) {
  return name == "localhost" || name.ends_with(".localhost");
}

bool is_loopback(const IpAddress& address) {
  return kLoopback4.contains(address) || kLoopback6.contains(address);
}

bool is_public(const IpAddress& address) {
  if (kMapped.contains(address)) return !is_in(kReserved4, address);
  if (kTranslated.contains(address))
    return is_public(ipv4(address[12], address[13], address[14], address[15]));
  return kGlobal6.contains(address) && !is_in(kReserved6, address);
}

}  // namespace tenon::http
