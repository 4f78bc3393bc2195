#include "process/setup.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tenon::process::setup_test {
namespace {

using testing::HasSubstr;

process::Setup make() {
  process::Setup setup;
  setup.version = "1.2.3";
  setup.entry.name = "db";
  setup.entry.file = "hosts.toml";
  setup.entry.wit = "db.wit";
  setup.entry.library = "lib\xff.so";  // a path need not be UTF-8
  setup.entry.world = "host";
  setup.entry.offers = host::WorldSide::Imports;
  setup.entry.features = {.names = {"fancy"}, .all = false};
  setup.config.values = {{"database", "a.db"}, {"pool.size", "4"}};
  setup.library.path = "/b/lib.so";
  setup.library.root = "/b";
  setup.library.pins = {
      {"00ff",
       Location{
           .file = "tenon.lock", .unit = {}, .item = {}, .offset = {}, .line = 3, .column = 7}}};
  setup.library.needed_pins = {{"libx.so", {{"11", {}}, {"22", {}}}}};
  setup.library.require_needed_pins = true;
  setup.library.trusted = {"/opt"};
  setup.limits = {.files = false,
                  .network = true,
                  .memory = 64U << 20U,
                  .cpu = std::chrono::milliseconds(1500),
                  .descriptors = 32};
  return setup;
}

TEST(Setup, ComesBack) {
  const process::Setup setup = make();
  const Result<process::Setup, std::string> read = read_setup(write_setup(setup));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->version, setup.version);
  EXPECT_EQ(read->entry.name, "db");
  EXPECT_EQ(read->entry.file, "hosts.toml");
  EXPECT_EQ(read->entry.bundle, "");
  EXPECT_EQ(read->entry.wit, "db.wit");
  EXPECT_EQ(read->entry.library, "lib\xff.so");
  EXPECT_EQ(read->entry.world, "host");
  EXPECT_EQ(read->entry.offers, host::WorldSide::Imports);
  EXPECT_EQ(read->entry.features.names, setup.entry.features.names);
  EXPECT_FALSE(read->entry.features.all);
  EXPECT_EQ(read->config.values, setup.config.values);
  EXPECT_EQ(read->library.host, "db");
  EXPECT_EQ(read->library.path, "/b/lib.so");
  EXPECT_EQ(read->library.place, host::LibraryPlace::Bundle);
  EXPECT_EQ(read->library.root, "/b");
  ASSERT_EQ(read->library.pins.size(), 1U);
  EXPECT_EQ(read->library.pins[0].sha256, "00ff");
  EXPECT_EQ(read->library.pins[0].where, setup.library.pins[0].where);
  ASSERT_EQ(read->library.needed_pins.at("libx.so").size(), 2U);
  EXPECT_EQ(read->library.needed_pins.at("libx.so")[1].sha256, "22");
  EXPECT_TRUE(read->library.require_needed_pins);
  EXPECT_EQ(read->library.trusted, setup.library.trusted);
  EXPECT_EQ(read->limits, setup.limits);
}

TEST(Setup, BytesOfOthersAreAnError) {
  std::vector<std::uint8_t> bytes = write_setup(make());
  EXPECT_FALSE(read_setup({}));
  EXPECT_FALSE(read_setup(std::span(bytes).first(bytes.size() / 2)));
  const std::vector<std::uint8_t> list = {0x80};
  EXPECT_FALSE(read_setup(list));
}

}  // namespace
}  // namespace tenon::process::setup_test
