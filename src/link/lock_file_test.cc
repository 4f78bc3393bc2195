#include "link/lock_file.h"

#include "tests/support/bundle_test.h"

namespace tenon::lock_file_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Locks : public Bundles {
 protected:
  [[nodiscard]] std::string path() const { return folder_ / "tenon.lock"; }

  std::string lock(CompositionBuilder builder) const {
    const Result<std::string> text = builder.make_lock(path());
    EXPECT_TRUE(text) << whole_text(text.error());
    std::ofstream(path()) << *text;
    return *text;
  }
  [[nodiscard]] std::string locked_problems(CompositionBuilder builder) const {
    const Result<void> read = builder.require_lock(path());
    return read ? problems(std::move(builder)) : whole_text(read.error());
  }
};

// Scripts use absolute paths of a folder, people use relative ones.
TEST_F(Locks, DoNotDependOnTheNameOfTheFolder) {
  fs::create_directories(folder_ / "app/wasm");
  std::ofstream(folder_ / "app/wasm/unit.wat") << "(component)";
  std::ofstream(folder_ / "beside.wat") << "(component)";
  std::ofstream(folder_ / "app/tenon.toml")
      << "schema = 1\n[project]\nroot = \"unit\"\n[components.unit]\npath = \"./wasm/unit.wat\"\n"
      << "[components.beside]\npath = \"../beside.wat\"\n";
  fs::create_symlink("app", folder_ / "other");
  const fs::path before = fs::current_path();
  const auto text_of = [](const std::string& folder) {
    CompositionBuilder builder;
    EXPECT_TRUE(builder.read_manifest(folder + "tenon.toml"));
    const Result<std::string> text = builder.make_lock(folder + "tenon.lock");
    EXPECT_TRUE(text) << whole_text(text.error());
    return text ? *text : std::string();
  };
  const std::string in_full = text_of((folder_ / "app").string() + "/");
  fs::current_path(folder_);
  EXPECT_EQ(text_of("app/"), in_full);
  EXPECT_EQ(text_of("./app/"), in_full);
  EXPECT_EQ(text_of("other/"), in_full);
  fs::current_path(folder_ / "app");
  EXPECT_EQ(text_of(""), in_full);
  EXPECT_EQ(text_of("../other/"), in_full);
  fs::current_path(before);
  EXPECT_THAT(in_full, AllOf(HasSubstr("source = \"wasm/unit.wat\"\n"),
                             HasSubstr("source = \"../beside.wat\"\n")));
}

TEST_F(Locks, HaveUnitsWithDigestsAndEdges) {
  const std::string first = copy("one");
  const std::string text = lock(make_builder(first));
  EXPECT_EQ(text, lock(make_builder(first)));
  EXPECT_THAT(text, AllOf(HasSubstr("[[unit]]\nname = \"lib\"\nkind = \"host-bundle\"\n"
                                    "source = \"one/host.toml\"\n"
                                    "version = \"1.0.0\"\nsha256 = \""),
                          HasSubstr("[[edge]]\nconsumer = \"front\"\nimport = "
                                    "\"demo:domains/keeper@1.0.0\"\nprovider = \"keeper\"\n")));
  EXPECT_EQ(locked_problems(make_builder(first)), "");
}

TEST_F(Locks, AreEnforced) {
  lock(make_builder());
  CompositionBuilder other = make_builder();
  other.add_component("second", domain_guest("lib"));
  other.wire({.import = "demo:domains/lib", .provider = "second"});
  EXPECT_THAT(locked_problems(std::move(other)),
              AllOf(HasSubstr("config-locked: the plan differs from"),
                    HasSubstr("the unit `second` is in the plan, but not locked"),
                    HasSubstr("the import `demo:domains/lib@1.0.0` of `front` has the provider "
                              "`second`, but `lib` is locked"),
                    HasSubstr("has the kind `direct`, but `native` is locked")));
}

TEST_F(Locks, PinNativeLibraries) {
  const std::string first = copy("one");
  lock(make_builder(first));
  CompositionBuilder same = make_builder(first);
  same.require_pins();
  EXPECT_EQ(locked_problems(std::move(same)), "");
  std::ofstream(first + "/lib/libdomains_host.so", std::ios::app) << "more";
  EXPECT_THAT(locked_problems(make_builder(first)),
              AllOf(HasSubstr("config-locked"), HasSubstr("the unit `lib` has the sha256")));
}

TEST_F(Locks, AreReadAgain) {
  const std::string text = lock(make_builder());
  const auto read = link::parse_lock(text, path());
  ASSERT_TRUE(read) << whole_text(read.error());
  EXPECT_EQ(link::print_lock(*read), text);
  EXPECT_TRUE(link::check_lock(*read, *read));
}

TEST_F(Locks, InvalidLocksAreReported) {
  std::ofstream(path()) << "schema = 2\nunits = 1\n[[unit]]\nname = \"a\"\nsha256 = \"zz\"\n";
  EXPECT_THAT(locked_problems(make_builder()),
              AllOf(HasSubstr("`schema` must be 1"), HasSubstr("unknown key `units`"),
                    HasSubstr("`kind` in `[[unit]]` is missing"),
                    HasSubstr("`sha256` in `[[unit]]` must be 64 hexadecimal digits")));
  fs::remove(path());
  EXPECT_THAT(locked_problems(make_builder()),
              AllOf(HasSubstr("read-file"), Not(HasSubstr("config"))));
}

}  // namespace
}  // namespace tenon::lock_file_test
