// The glue of C++ bundles, tested without a bundle: a fake host has memory and a configuration.
#include "tenon/host_glue.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace {

using tenon::expected;
using tenon::unexpected;

expected<int, std::string> halve(int number) {
  if (number % 2 != 0) return unexpected("odd");
  return number / 2;
}

TEST(HostGlue, ExpectedHoldsAValueOrAnError) {
  for (const int number : {3, 4}) {
    const expected<int, std::string> half = halve(number);
    EXPECT_EQ(half.has_value(), number == 4);
    EXPECT_TRUE(half == halve(number));
    EXPECT_FALSE(half == halve(number + 1));
    if (half) {
      EXPECT_EQ(*half, 2);
      EXPECT_THROW((void)half.error(), std::bad_variant_access);
    } else {
      EXPECT_EQ(half.error(), "odd");
      EXPECT_THROW((void)*half, std::bad_variant_access);
    }
  }
}

TEST(HostGlue, ExpectedOfEqualTypesDistinguishesValueAndError) {
  const expected<std::string, std::string> value = "yes";
  const expected<std::string, std::string> error = unexpected("yes");
  EXPECT_TRUE(value);
  EXPECT_FALSE(error);
}

TEST(HostGlue, ExpectedOfVoidIsOkByDefault) {
  const expected<void, int> ok;
  EXPECT_TRUE(ok);
  const expected<void, int> error = unexpected(7);
  EXPECT_EQ(error.error(), 7);
}

TEST(HostGlue, ExpectedCanBeMovedFrom) {
  expected<std::unique_ptr<int>, std::string> value = std::make_unique<int>(3);
  const std::unique_ptr<int> moved = *std::move(value);
  EXPECT_EQ(*moved, 3);
}

// Its `alloc` fails for sizes above kMaxBytes.
struct FakeHost {
  static tenon_host_api api() {
    return {
        sizeof(tenon_host_api),
        [](tenon_call* /*call*/, std::size_t size, std::size_t /*align*/) -> void* {
          memory().push_back(std::make_unique<std::uint64_t[]>(size / 8 + 1));
          return size > kMaxBytes ? nullptr : memory().back().get();
        },
        nullptr,
        nullptr,
        nullptr,
        [](const tenon_config* /*config*/, const char* key) -> const char* {
          static const std::map<std::string, std::string> kValues = {
              {"number", "-12"}, {"ratio", "1.5"}, {"on", "true"}, {"text", "a b"}, {"empty", ""}};
          const auto entry = kValues.find(key);
          return entry == kValues.end() ? nullptr : entry->second.c_str();
        },
        nullptr,
        nullptr,
        nullptr,
        nullptr,
        nullptr,
        nullptr,
        nullptr};
  }
  static constexpr std::size_t kMaxBytes = 1000;
  static std::vector<std::unique_ptr<std::uint64_t[]>>& memory() {
    static std::vector<std::unique_ptr<std::uint64_t[]>> all;
    return all;
  }
};

TEST(HostGlue, ConfigurationValuesAreConvertedOrRejected) {
  const tenon_host_api api = FakeHost::api();
  const tenon::host_config config(&api, nullptr);
  EXPECT_EQ(config.text("text"), "a b");
  EXPECT_EQ(config.text("empty"), "");
  EXPECT_EQ(config.text("none"), std::nullopt);
  EXPECT_EQ(config.integer("number"), -12);
  EXPECT_EQ(config.integer("none"), std::nullopt);
  EXPECT_EQ(config.number("ratio"), 1.5);
  EXPECT_EQ(config.flag("on"), true);
  EXPECT_EQ(config.flag("none"), std::nullopt);
  EXPECT_THROW((void)config.integer("ratio"), std::invalid_argument);
  EXPECT_THROW((void)config.integer("empty"), std::invalid_argument);
  EXPECT_THROW((void)config.number("text"), std::invalid_argument);
  EXPECT_THROW((void)config.flag("number"), std::invalid_argument);
}

TEST(HostGlue, OutsideOfCallsShouldStopIsFalse) {
  EXPECT_FALSE(tenon::current_call().should_stop());
  tenon::current_call().log(tenon::log_level::error, "no host has loaded this library");
}

struct Thing {
  explicit Thing(int& count) : alive(count) { ++alive; }
  Thing(const Thing&) = delete;
  Thing& operator=(const Thing&) = delete;
  ~Thing() { --alive; }
  int& alive;
};

// A result that is written halfway must not leak the resources in it.
TEST(HostGlue, ResourcesAreDeletedWhenWritingAResultFails) {
  const tenon_host_api api = FakeHost::api();
  int alive = 0;
  {
    tenon::host_glue::result_memory memory(&api, nullptr);
    tenon_value list = {};
    std::vector<std::shared_ptr<Thing>> things = {std::make_shared<Thing>(alive), nullptr};
    EXPECT_THROW(tenon::host_glue::write(memory, std::move(things), list), std::logic_error);
    tenon_value large = {};
    EXPECT_THROW(tenon::host_glue::write(memory, std::string(2000, 'x'), large), std::bad_alloc);
    EXPECT_EQ(alive, 1);
  }
  EXPECT_EQ(alive, 0);
}

}  // namespace
