#include "host/library.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <string>

#include "tests/support/temporary_folder.h"

namespace tenon::host::library_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

LibraryWishes of_system(std::string name) {
  return {.host = "x", .path = std::move(name), .place = LibraryPlace::System};
}

TEST(Library, OfTheSystemIsFoundByItsName) {
  const auto libm = Library::load(of_system("libm.so.6"));
  ASSERT_TRUE(libm);
  EXPECT_EQ((*libm)->module(), nullptr);
  const FoundSymbol cos = (*libm)->find_symbol("cos");
  ASSERT_NE(cos.address, nullptr);
  EXPECT_FALSE(cos.is_data);
  EXPECT_EQ(reinterpret_cast<double (*)(double)>(cos.address)(0.5), std::cos(0.5));
  EXPECT_EQ((*libm)->find_symbol("no_such_function").address, nullptr);
  EXPECT_EQ((*libm)->find_symbol(std::string("cos\0x", 5)).address, nullptr);
  EXPECT_TRUE((*libm)->find_symbol("signgam").is_data);
  // It is one, whoever asks.
  EXPECT_EQ(*Library::load(of_system("libm.so.6")), *libm);
}

TEST(Library, OfTheSystemIsLookedAtBeforeItIsLoaded) {
  constexpr const char* kName = "libsqlite3.so.0";
  ASSERT_EQ(dlopen(kName, RTLD_NOW | RTLD_NOLOAD), nullptr);
  LibraryWishes wishes = of_system(kName);
  const Result<std::string> digest = digest_library(wishes);
  ASSERT_TRUE(digest);
  wishes.pins.push_back({std::string(64, '0'), {}});
  const auto refused = Library::load(wishes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "host-pin");
  EXPECT_EQ(dlopen(kName, RTLD_NOW | RTLD_NOLOAD), nullptr);
  wishes.pins = {{*digest, {}}};
  EXPECT_TRUE(Library::load(wishes));
}

TEST(Library, OfTheSystemMayNotBeChangedByOthers) {
  const TemporaryFolder folder;
  const fs::path file = folder.path() / "libplain_host.so";
  fs::copy(fs::path(TENON_BINARY_DIR) / "bundles/plain/lib/libplain_host.so", file);
  fs::permissions(folder.path(), fs::perms::all);
  // What is loaded is found by its name.
  ASSERT_NE(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL), nullptr) << dlerror();
  const auto loaded = Library::load(of_system("libplain_host.so"));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().front().code, "host-untrusted");
  EXPECT_THAT(loaded.error().front().notes.front().text, HasSubstr(folder.path().string()));
  fs::permissions(folder.path(), fs::perms::owner_all);
  EXPECT_TRUE(Library::load(of_system("libplain_host.so")));
}

}  // namespace
}  // namespace tenon::host::library_test
