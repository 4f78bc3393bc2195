// Packages whose imports another process provides: here, another composition, over a socket.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "tenon/builder.h"
#include "tenon/remote.h"
#include "tests/support/package_test.h"
#include "tests/support/served.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/test_units.h"

namespace tenon::package_remote_test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const ServeOptions kOnThisMachine = {.listen = {"tcp://127.0.0.1:0"}};

TEST(PackageRemote, ImportsFromARemoteUnit) {
  for (const std::string_view version : {"0.5.4", "0.21.0", "0.24.1"}) {
    SCOPED_TRACE(version);
    CompositionBuilder math;
    math.add_package("math", package_guest("0.21.0", "math")).set_root("math");
    const Served served(math, kOnThisMachine);
    CompositionBuilder builder;
    builder.add_package("adder", package_guest(version, "adder"));
    builder.add_remote("math", served.address(), {.interfaces = {"math"}});
    const Composition composition = built(builder);
    EXPECT_EQ(call_unit(composition, "adder", "process", Value::s64(5)), "11");
    EXPECT_EQ(call_unit(composition, "adder", "process", Value::s64(-5)), "-9");
  }
}

TEST(PackageRemote, ImportsMapsAndSets) {
  CompositionBuilder words;
  words.add_package("words", package_guest("0.24.1", "collections")).set_root("words");
  words.export_item("words", "words");
  const Served served(words, kOnThisMachine);
  CompositionBuilder builder;
  builder.add_package("client", package_guest("0.24.1", "collections_client"));
  builder.add_remote("words", served.address(), {.interfaces = {"words"}});
  const Composition composition = built(builder);
  EXPECT_EQ(call_text_of(composition, "client", R"(most(["b", "a", "a"]))"), R"("a")");
  EXPECT_EQ(call_text_of(composition, "client", R"(joined(["b"], ["a", "b"]))"), R"(["a", "b"])");
}

// Metadata has no labels of flags.
TEST(PackageRemote, FlagsNeedTheWitOfTheRemoteUnit) {
  const TemporaryFolder folder;
  const std::string wit = folder.write("kinds.wit", R"(package acme:kinds@1.2.0;
    interface same {
      record item { name: string, price: option<f64>, tags: list<string> }
      variant keep { forever, days(u32), until(string) }
      enum color { red, green, ok }
      flags access { read, write, none }
      same-string: func(value: string) -> string;
      same-bytes: func(value: list<u8>) -> list<u8>;
      same-items: func(value: list<item>) -> list<item>;
      same-pair: func(value: tuple<u8, string>) -> tuple<u8, string>;
      same-keep: func(value: keep) -> keep;
      same-color: func(value: color) -> color;
      same-access: func(value: access) -> access;
      same-option: func(value: option<string>) -> option<string>;
    })");
  CompositionBuilder kinds;
  kinds.add_component("kinds", TENON_SOURCE_DIR "/tests/guests/kinds/kinds.wat").set_root("kinds");
  const Served served(kinds, kOnThisMachine);
  const auto link = [&](RemoteOptions options) {
    CompositionBuilder builder;
    builder.add_package("client", package_guest("0.24.1", "kinds_client"));
    builder.add_remote("kinds", served.address(), options);
    return builder;
  };
  CompositionBuilder without = link({.interfaces = {"acme:kinds/same"}});
  EXPECT_THAT(problems_of_plan(without),
              AllOf(HasSubstr("remote-type: the package `client` imports "
                              "`acme:kinds/same.same-access` from the remote `kinds` with flags"),
                    HasSubstr("RemoteOptions::wit")));
  CompositionBuilder with = link({.interfaces = {"acme:kinds/same"}, .wit = wit});
  with.wire({.consumer = "client",
             .import = "acme:kinds/same",
             .provider = "kinds",
             .export_name = "acme:kinds/same@1.2.0"});
  const Composition composition = built(with);
  EXPECT_EQ(call_text_of(composition, "client", "access({b0, b2})"), "{b0, b2}");
  EXPECT_EQ(call_text_of(composition, "client", "keep(days(3))"), "days(3)");
  EXPECT_EQ(
      call_text_of(composition, "client", R"(items([{name: "a", price: none, tags: ["t"]}]))"),
      R"([{name: "a", tags: ["t"]}])");
}

TEST(PackageRemote, AnyValueHasNoTypeForAPeer) {
  CompositionBuilder builder;
  builder.add_package("chain", package_guest("0.21.0", "chain"));
  builder.add_remote("next", "tcp://127.0.0.1:1", {.interfaces = {"next"}});
  EXPECT_THAT(problems_of_plan(builder),
              HasSubstr("imports `next.call` from the remote `next` with a value of any type"));
}

}  // namespace
}  // namespace tenon::package_remote_test
