#include "remote/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/diagnostics.h"

namespace tenon::remote::address_test {
namespace {

using Transport = Address::Transport;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Address, EachTransport) {
  EXPECT_EQ(*parse_address("tcp://shop.example:80"), (Address{.host = "shop.example", .port = 80}));
  EXPECT_EQ(*parse_address("tls+tcp://[::1]"),
            (Address{.has_tls = true, .host = "::1", .port = 7761}));
  EXPECT_EQ(*parse_address("unix:/run/a@b.sock"),
            (Address{.transport = Transport::Unix, .path = "/run/a@b.sock"}));
  EXPECT_EQ(*parse_address("unix:///run/s.sock"),
            (Address{.transport = Transport::Unix, .path = "/run/s.sock"}));
  EXPECT_EQ(*parse_address("unix:s.sock"),
            (Address{.transport = Transport::Unix, .path = "s.sock"}));
  EXPECT_EQ(*parse_address("nats://127.0.0.1:4222/eu.shop?group=shop&peer=go"),
            (Address{.transport = Transport::Nats,
                     .host = "127.0.0.1",
                     .port = 4222,
                     .path = "eu.shop",
                     .group = "shop",
                     .peer = "go"}));
  EXPECT_EQ(*parse_address("tls+nats://n/"),
            (Address{.transport = Transport::Nats, .has_tls = true, .host = "n", .port = 4222}));
}

TEST(Address, IsPrintedAsItIsParsed) {
  for (const char* text : {"tcp://shop.example:80", "tls+tcp://[fe80::1]:0",
                           "unix:/run/s.sock?peer=0.17", "nats://n:4222/eu.shop?peer=go&group=shop",
                           "tcp://n:1?world=acme:shop/shop@1.0.0", "tls+nats://n:1"}) {
    EXPECT_EQ(print_address(*parse_address(text)), text);
  }
}

TEST(Address, ThePeerHasADialect) {
  EXPECT_TRUE(parse_address("tcp://a?peer=go")->dialect().has_char_numbers);
  EXPECT_FALSE(parse_address("tcp://a?peer=go")->dialect().has_wide_flags);
  EXPECT_TRUE(parse_address("tcp://a?peer=0.17")->dialect().has_wide_flags);
  EXPECT_FALSE(parse_address("tcp://a?peer=0.18")->dialect().has_wide_flags);
}

TEST(Address, OnlyNumbersAndLocalhostAreLocal) {
  for (const char* text : {"unix:s", "tcp://localhost", "tcp://127.0.0.1", "tcp://127.9.8.7",
                           "tcp://[::1]", "tcp://[0:0:0:0:0:0:0:1]"})
    EXPECT_TRUE(parse_address(text)->is_local()) << text;
  for (const char* text : {"tcp://127.example", "tcp://127.0.0.1.example", "tcp://0.0.0.0",
                           "tcp://[::]", "tcp://localhost.example", "tcp://10.0.0.1"})
    EXPECT_FALSE(parse_address(text)->is_local()) << text;
}

// Each problem with its hints, a line each.
std::vector<std::string> problems_of(std::string_view text) {
  const Result<Address> address = parse_address(text);
  std::vector<std::string> lines;
  if (address) return lines;
  for (const Diagnostic& problem : address.error()) {
    EXPECT_EQ(problem.code, "remote-address");
    lines.push_back(problem.message);
    for (const Hint& hint : problem.hints) lines.back() += "; " + std::string(hint);
  }
  return lines;
}

TEST(Address, EachMistakeIsNamedWithWhatToWrite) {
  EXPECT_THAT(
      problems_of("tpc://a"),
      ElementsAre("the address `tpc://a` has the unknown scheme `tpc`; did you mean `tcp`?"));
  EXPECT_THAT(problems_of("localhost:80"),
              ElementsAre("the address `localhost:80` does not begin with a scheme; write "
                          "`tcp://localhost:80`, or `unix:` before the path of a socket file"));
  EXPECT_THAT(problems_of("tcp:a:80"),
              ElementsAre("the address `tcp:a:80` has no host; write two slashes after the colon: "
                          "`tcp://host:port`"));
  EXPECT_THAT(problems_of("tcp://:80"), ElementsAre("the address `tcp://:80` has no host"));
  EXPECT_THAT(problems_of("tcp://a b:80"),
              ElementsAre("the address `tcp://a b:80` has the invalid host `a b`"));
  EXPECT_THAT(
      problems_of("tcp://::1:80"),
      ElementsAre("the address `tcp://::1:80` has more than one colon after the host; write "
                  "an IPv6 address in brackets: `[::1]:80`"));
  EXPECT_THAT(problems_of("tcp://[::1:80"),
              ElementsAre("the address `tcp://[::1:80` has an invalid IPv6 address"));
  EXPECT_THAT(problems_of("tcp://[::g]:80"),
              ElementsAre("the address `tcp://[::g]:80` has an invalid IPv6 address"));
  EXPECT_THAT(
      problems_of("unix://run/s"),
      ElementsAre("the address `unix://run/s` has a host, which a socket file does not have; "
                  "write `unix:run/s` for the file `run/s`"));
  EXPECT_THAT(problems_of("unix:"), ElementsAre(HasSubstr("has no path")));
  EXPECT_THAT(problems_of("unix:/" + std::string(200, 's')),
              ElementsAre(HasSubstr("has a path of 201 bytes, and a socket file can have 107")));
  for (const char* port : {"65536", "-1", "", "8o", "80 "})
    EXPECT_THAT(
        problems_of("tcp://a:" + std::string(port)),
        ElementsAre(HasSubstr("has the invalid port `" + std::string(port) + "`; a port is")));
}

TEST(Address, AllProblemsAreReportedAtOnce) {
  EXPECT_THAT(problems_of("tcp://a:x/eu?group=g&pear=go&peer=rust"),
              ElementsAre(HasSubstr("the option `group`, which only `nats` addresses have"),
                          HasSubstr("the unknown option `pear`; did you mean `peer`?"),
                          HasSubstr("the unknown peer `rust`; name one of the peers: "
                                    "`0.17`, `0.18`, `go`"),
                          HasSubstr("the path `/eu`, which only `nats` addresses have"),
                          HasSubstr("the invalid port `x`")));
  EXPECT_THAT(
      problems_of("tcp://a?world=shop"),
      ElementsAre(HasSubstr("the invalid world `shop`; write its full name: `world=acme:shop/")));
  EXPECT_THAT(problems_of("nats://a/eu..x?group=*"),
              ElementsAre(HasSubstr("the invalid queue group `*`"),
                          HasSubstr("the prefix `eu..x`, which is not a subject of NATS")));
}

TEST(Address, MessagesDoNotShowAPassword) {
  for (const char* text :
       {"nats://joe:secret@host", "nats://joe:secret@host/eu?pear=1", "http://joe:secret@host"}) {
    const std::vector<std::string> problems = problems_of(text);
    EXPECT_THAT(problems, Not(IsEmpty()));
    for (const std::string& problem : problems) EXPECT_THAT(problem, Not(HasSubstr("secret")));
  }
  EXPECT_THAT(problems_of("nats://joe:secret@host"),
              ElementsAre("the address `nats://host` was written with a user or a password; put "
                          "them into a credentials file"));
}

}  // namespace
}  // namespace tenon::remote::address_test
