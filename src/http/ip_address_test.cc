#include "http/ip_address.h"

#include <gtest/gtest.h>

#include <string>

namespace tenon::http::ip_address_test {
namespace {

IpAddress ip(std::string_view text) {
  const std::optional<IpAddress> address = parse_ip(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress());
}

TEST(IpAddress, IsReadAndPrinted) {
  for (const char* text : {"127.0.0.1", "0.0.0.0", "::1", "::", "2001:db8::1", "fe80::1"})
    EXPECT_EQ(print_ip(ip(text)), text);
  EXPECT_EQ(ip("::ffff:10.0.0.1"), ip("10.0.0.1"));
  EXPECT_EQ(print_ip(ip("::ffff:a00:1")), "10.0.0.1");
}

TEST(IpAddress, IsNoOtherForm) {
  for (const char* text :
       {"", "127.1", "0x7f.0.0.1", "0177.0.0.1", "2130706433", "1.2.3.4.5", "256.0.0.1", "[::1]",
        "fe80::1%lo", "localhost", "1.2.3.4 ", "::1/128", ":::"})
    EXPECT_FALSE(parse_ip(text)) << text;
  EXPECT_FALSE(parse_ip(std::string_view("127.0.0.1\0.example.com", 21)));
}

TEST(IpRange, HasTheAddressesWithTheSameFirstBits) {
  const IpRange range = parse_ip_range("172.16.0.0/12").value_or(IpRange());
  EXPECT_TRUE(range.contains(ip("172.16.0.0")));
  EXPECT_TRUE(range.contains(ip("172.31.255.255")));
  EXPECT_FALSE(range.contains(ip("172.32.0.0")));
  EXPECT_FALSE(range.contains(ip("172.15.255.255")));
  EXPECT_FALSE(range.contains(ip("::1")));
  EXPECT_TRUE(parse_ip_range("0.0.0.0/0")->contains(ip("8.8.8.8")));
  EXPECT_FALSE(parse_ip_range("0.0.0.0/0")->contains(ip("2001:4860::1")));
  EXPECT_TRUE(parse_ip_range("::/0")->contains(ip("2001:4860::1")));
  EXPECT_TRUE(parse_ip_range("10.0.0.1")->contains(ip("::ffff:10.0.0.1")));
  for (const char* text :
       {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "::/129", "10.0.0.0/0x8"})
    EXPECT_FALSE(parse_ip_range(text)) << text;
}

TEST(IpAddress, IsPublic) {
  for (const char* text :
       {"8.8.8.8", "1.1.1.1", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1",
        "223.255.255.255", "2606:4700::1111", "2a00::1", "64:ff9b::8.8.8.8"})
    EXPECT_TRUE(is_public(ip(text))) << text;
}

TEST(IpAddress, IsNotPublic) {
  for (const char* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.100.100.200",
                           "127.0.0.1",
                           "127.255.0.1",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.192",
                           "192.0.2.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.1.1.1",
                           "240.0.0.1",
                           "255.255.255.255",
                           "168.63.129.16",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:192.168.0.1",
                           "::127.0.0.1",
                           "64:ff9b::10.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b:1::1",
                           "fe80::1",
                           "fec0::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "ff02::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "3fff::1",
                           "100::1"})
    EXPECT_FALSE(is_public(ip(text))) << text;
}

TEST(IpAddress, IsOfTheLoopback) {
  EXPECT_TRUE(is_loopback(ip("127.0.0.1")));
  EXPECT_TRUE(is_loopback(ip("127.9.9.9")));
  EXPECT_TRUE(is_loopback(ip("::1")));
  EXPECT_FALSE(is_loopback(ip("0.0.0.0")));
  EXPECT_FALSE(is_loopback(ip("::2")));
}

}  // namespace
}  // namespace tenon::http::ip_address_test
