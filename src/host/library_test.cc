#include "host/library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "tests/support/temporary_folder.h"

namespace tenon::host::library_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

LibraryRequest of_system(std::string name) {
  return {.host = "x", .path = std::move(name), .place = LibraryPlace::System};
}

TEST(Library, SystemLibrariesAreFoundByName) {
  const auto libm = Library::load(of_system("libm.so.6"));
  ASSERT_TRUE(libm);
  EXPECT_EQ((*libm)->module(), nullptr);
  const LibrarySymbol cos = (*libm)->find_symbol("cos");
  ASSERT_NE(cos.address, nullptr);
  EXPECT_FALSE(cos.is_data);
  EXPECT_EQ(reinterpret_cast<double (*)(double)>(cos.address)(0.5), std::cos(0.5));
  EXPECT_EQ((*libm)->find_symbol("no_such_function").address, nullptr);
  EXPECT_EQ((*libm)->find_symbol(std::string("cos\0x", 5)).address, nullptr);
  EXPECT_TRUE((*libm)->find_symbol("signgam").is_data);
  // A second load returns the same library.
  EXPECT_EQ(*Library::load(of_system("libm.so.6")), *libm);
}

TEST(Library, SystemLibrariesAreCheckedBeforeTheyAreLoaded) {
  // Part of the C library, and not loaded by any other test.
  constexpr const char* kName = "libBrokenLocale.so.1";
  ASSERT_EQ(dlopen(kName, RTLD_NOW | RTLD_NOLOAD), nullptr);
  LibraryRequest request = of_system(kName);
  const Result<LibraryDigests> digests = digest_library(request);
  ASSERT_TRUE(digests);
  request.pins.push_back({std::string(64, '0'), {}});
  const auto refused = Library::load(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "host-pin");
  EXPECT_EQ(dlopen(kName, RTLD_NOW | RTLD_NOLOAD), nullptr);
  request.pins = {{digests->sha256, {}}};
  EXPECT_TRUE(Library::load(request));
}

TEST(Library, SystemLibrariesThatOthersCanChangeAreRejected) {
  const TemporaryFolder folder;
  // A name of its own, because a loaded library is found by its name.
  const std::string name = fmt::format("libchanged{}.so", ::getpid());
  const fs::path file = folder.path() / name;
  const std::string command =
      fmt::format("cc -shared -fPIC -Wl,-soname,{} -o '{}' '{}' 2>&1", name, file.string(),
                  folder.write("changed.c", "int changed(void) { return 1; }"));
  ASSERT_EQ(std::system(command.c_str()), 0) << command;
  fs::permissions(folder.path(), fs::perms::all);
  ASSERT_NE(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL), nullptr) << dlerror();
  const auto loaded = Library::load(of_system(name));
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().front().code, "host-untrusted");
  EXPECT_THAT(loaded.error().front().notes.front().text, HasSubstr(folder.path().string()));
  fs::permissions(folder.path(), fs::perms::owner_all);
  EXPECT_TRUE(Library::load(of_system(name)));
}

// A bundle with a library that needs another library of the bundle.
class LibraryTree : public testing::Test {
 protected:
  // Compiles `source` to lib/NAME. options: of the linker.
  void compile(const std::string& name, std::string_view source, const std::string& options) const {
    const std::string file = folder_.write(name + ".c", source);
    const std::string command = fmt::format("cc -shared -fPIC -o '{}' '{}' -L'{}' {} 2>&1",
                                            library(name), file, library(""), options);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
  }
  // The helper returns `number`; the bundle's own library returns that of the helper.
  void make(int number, const std::string& options = "-Wl,-rpath,'$ORIGIN'") const {
    fs::create_directories(library(""));
    const std::string helper = fmt::format("libhelper{}.so", id_);
    compile(helper, fmt::format("int helper(void) {{ return {}; }}", number),
            "-Wl,-soname," + helper);
    compile("libmain.so", "int helper(void); int answer(void) { return helper(); }",
            fmt::format("-l:{} {}", helper, options));
  }
  [[nodiscard]] std::string library(const std::string& name) const {
    return folder_.path() / "lib" / name;
  }
  [[nodiscard]] std::string helper() const { return fmt::format("libhelper{}.so", id_); }
  [[nodiscard]] LibraryRequest make_request() const {
    LibraryRequest request;
    request.host = "x";
    request.path = library("libmain.so");
    request.root = folder_.path();
    return request;
  }
  static int call(const std::shared_ptr<Library>& library) {
    return reinterpret_cast<int (*)()>(library->find_symbol("answer").address)();
  }
  static Diagnostic problem_of(const LibraryRequest& request) {
    const auto loaded = Library::load(request);
    EXPECT_FALSE(loaded);
    return loaded ? Diagnostic() : loaded.error().front();
  }

  TemporaryFolder folder_;
  // Libraries stay loaded, so each test uses a SONAME of its own.
  std::string id_ = folder_.path().filename().string();
};

TEST_F(LibraryTree, LoadsNeededLibrariesFirst) {
  make(7);
  const auto loaded = Library::load(make_request());
  ASSERT_TRUE(loaded) << loaded.error().front().message;
  EXPECT_EQ(call(*loaded), 7);
}

TEST_F(LibraryTree, NeededLibrariesCanBePinned) {
  make(7);
  const Result<LibraryDigests> digests = digest_library(make_request());
  ASSERT_TRUE(digests);
  ASSERT_EQ(digests->needed.size(), 1U);
  EXPECT_EQ(digests->needed.begin()->first, helper());
  LibraryRequest pinned = make_request();
  pinned.pins.push_back({digests->sha256, {}});
  pinned.require_needed_pins = true;
  EXPECT_EQ(problem_of(pinned).code, "host-pin");
  pinned.needed_pins[helper()].push_back({digests->needed.begin()->second, {}});
  make(666);
  const Diagnostic problem = problem_of(pinned);
  EXPECT_EQ(problem.code, "host-pin");
  EXPECT_THAT(problem.where.file, HasSubstr(helper()));
  make(7);
  const auto loaded = Library::load(pinned);
  ASSERT_TRUE(loaded) << loaded.error().front().message;
  EXPECT_EQ(call(*loaded), 7);
}

TEST_F(LibraryTree, NeededLibrariesThatOthersCanChangeAreRejected) {
  make(7);
  fs::permissions(library(helper()), fs::perms(0666));
  const Diagnostic problem = problem_of(make_request());
  EXPECT_EQ(problem.code, "host-untrusted");
  EXPECT_THAT(problem.notes.front().text, HasSubstr(helper()));
  LibraryRequest trusting = make_request();
  trusting.trusted.push_back(folder_.path());
  EXPECT_TRUE(Library::load(trusting));
}

TEST_F(LibraryTree, ASearchPathRelativeToTheWorkingFolderIsRejected) {
  make(7, "-Wl,-rpath,lib");
  EXPECT_THAT(problem_of(make_request()).message, HasSubstr("which depends on the working folder"));
}

TEST_F(LibraryTree, ASearchPathThatOnlyTheLoaderKnowsIsRejected) {
  for (const char* const path : {"$ORIGIN/$LIB", "${PLATFORM}/x:$ORIGIN", "/x/$ORIGIN_OF_OTHERS"}) {
    make(7, fmt::format("-Wl,-rpath,'{}'", path));
    EXPECT_THAT(problem_of(make_request()).message, HasSubstr("which depends on the machine"))
        << path;
  }
  make(7, "-Wl,-rpath,'/nowhere/${ORIGIN}/../$ORIGIN:${ORIGIN}'");
  const auto loaded = Library::load(make_request());
  EXPECT_TRUE(loaded) << loaded.error().front().message;
}

// The loader would load a library for this processor instead of the one that was checked.
TEST_F(LibraryTree, LibrariesForSomeProcessorsAreRejected) {
  for (const char* const folder : {"glibc-hwcaps", "tls", "x86_64", "aarch64"}) {
    make(7);
    fs::create_directories(library(folder));
    const Diagnostic problem = problem_of(make_request());
    EXPECT_EQ(problem.code, "host-library");
    EXPECT_THAT(problem.message, HasSubstr(fmt::format("{}` is in its search path", folder)));
    fs::remove(library(folder));
  }
  EXPECT_TRUE(Library::load(make_request()));
}

// A library can also name others whose symbols come before its own.
TEST_F(LibraryTree, FiltersAreCheckedLikeNeededLibraries) {
  make(7);
  compile("libmain.so", "int answer(void) { return 1; }",
          fmt::format("-Wl,-f,{} -Wl,-rpath,'$ORIGIN'", helper()));
  fs::permissions(library(helper()), fs::perms(0666));
  EXPECT_EQ(problem_of(make_request()).code, "host-untrusted");
}

TEST_F(LibraryTree, TwoLibrariesWithOneSonameAreRejected) {
  make(7);
  ASSERT_TRUE(Library::load(make_request()));
  TemporaryFolder other;
  fs::copy(folder_.path() / "lib", other.path() / "lib");
  LibraryRequest second = make_request();
  second.path = other.path() / "lib" / "libmain.so";
  second.root = other.path();
  // The same bytes are the same library.
  const auto loaded = Library::load(second);
  ASSERT_TRUE(loaded) << loaded.error().front().message;
  make(8);
  EXPECT_THAT(problem_of(make_request()).message, HasSubstr("another library is loaded as"));
}

TEST_F(LibraryTree, FoldersAboveTheBundleAreChecked) {
  make(7);
  fs::create_directory(folder_.path() / "open");
  fs::permissions(folder_.path() / "open", fs::perms(0777));
  fs::create_directory(folder_.path() / "open" / "bundle");
  fs::rename(folder_.path() / "lib", folder_.path() / "open" / "bundle" / "lib");
  LibraryRequest moved = make_request();
  moved.root = folder_.path() / "open" / "bundle";
  moved.path = *moved.root + "/lib/libmain.so";
  const Diagnostic problem = problem_of(moved);
  EXPECT_EQ(problem.code, "host-untrusted");
  EXPECT_THAT(problem.notes.front().text, HasSubstr("drwxrwxrwx"));
}

TEST_F(LibraryTree, TheManifestIsCheckedLikeTheLibrary) {
  make(7);
  LibraryRequest described = make_request();
  described.described_by.push_back(folder_.write("host.toml", "schema = 1\n"));
  fs::permissions(described.described_by.front(), fs::perms(0666));
  EXPECT_EQ(problem_of(described).code, "host-untrusted");
  fs::permissions(described.described_by.front(), fs::perms(0644));
  EXPECT_TRUE(Library::load(described));
}

}  // namespace
}  // namespace tenon::host::library_test
