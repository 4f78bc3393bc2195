#include "cli/manifest_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include "cli/test_verb.h"
#include "tests/support/temporary_folder.h"

namespace tenon::cli::manifest_file_test {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kTax = R"((component
  (core module $m (func (export "rate") (result i32) i32.const 19))
  (core instance $i (instantiate $m))
  (func $rate (result u32) (canon lift (core func $i "rate")))
  (instance $lib (export "rate" (func $rate)))
  (export "acme:tax/lib@1.0.0" (instance $lib))))";
constexpr const char* kApp = R"((component
  (import "acme:tax/lib@1.0.0" (instance $tax (export "rate" (func (result u32)))))
  (export "acme:app/tax" (instance $tax))))";

class ManifestFile : public testing::Test {
 protected:
  ManifestFile() {
    folder_.write("app.wat", kApp);
    folder_.write("tax.wat", kTax);
  }
  static std::string read_manifest() {
    std::ifstream file("tenon.toml");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  // The number of files in the folder: nothing temporary is left.
  [[nodiscard]] std::size_t count_files() const {
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder_.path()), {}));
  }

  WorkingFolder folder_;
};

TEST_F(ManifestFile, InitRefusesUnitsOfTheSameName) {
  const Printed twice = run_verb(init_command, {"tax.wat", "app.wat", "./tax.wat", "tax=app.wat"});
  EXPECT_EQ(twice.code, 2);
  EXPECT_THAT(twice.err, HasSubstr("`app.wat` would be called `tax`, as another unit is"));
  EXPECT_THAT(twice.err, HasSubstr("give it another name, such as `tax2=app.wat`"));
  EXPECT_FALSE(std::filesystem::exists("tenon.toml"));
}

TEST_F(ManifestFile, HintsOfInitAreAboutTheNextStep) {
  const Printed made = run_verb(init_command, {"app.wat"});
  EXPECT_EQ(made.code, 1);
  EXPECT_THAT(made.err, HasSubstr("`tax.wat` exports it: `tenon add tax.wat`"));
  EXPECT_THAT(made.err, HasSubstr("exports `acme:tax/lib@1.0.0`: `tenon add FILE`"));
  EXPECT_EQ(run_verb(add_command, {"tax.wat"}).code, 0);
}

TEST_F(ManifestFile, InitWritesUnitsAndChoices) {
  const Printed made =
      run_verb(init_command, {"app.wat", "fee=tax.wat", "--root", "app", "--isolate=fee", "--dir",
                              "ro:data", "--env", "LOG=info", "--wire", "app:acme:tax/lib=fee"});
  EXPECT_EQ(made.code, 0) << made.err;
  EXPECT_EQ(made.out, "wrote tenon.toml with 2 units\n");
  const std::string text = read_manifest();
  EXPECT_THAT(text, StartsWith("# `tenon plan` shows this composition, `tenon run` runs it. "
                               "`tenon help manifest` has all keys.\nschema = 1\n\n[project]\n"));
  EXPECT_THAT(text, EndsWith(R"(root = "app"

[components.app]
path = "app.wat"

[components.fee]
path = "tax.wat"
isolated = true

[domains.main]
dirs = ["ro:data"]
env = { "LOG" = "info" }

[[wire]]
consumer = "app"
import = "acme:tax/lib"
provider = "fee"
)"));
  EXPECT_EQ(run_verb(plan_command, {}).code, 0);
  EXPECT_EQ(count_files(), 3U);
}

TEST_F(ManifestFile, GrantsGoToTheDomainOfTheRoot) {
  EXPECT_EQ(
      run_verb(init_command, {"app.wat", "tax.wat", "--isolate", "--allow-net=a.example"}).code, 0);
  EXPECT_THAT(read_manifest(), HasSubstr("[domains.app]\nnet = [\"a.example\"]\n"));
}

TEST_F(ManifestFile, SaveWritesTheAnswerToAnAmbiguity) {
  folder_.write("vat.wat", kTax);
  const Printed made = run_verb(init_command, {});
  EXPECT_EQ(made.code, 1);
  EXPECT_THAT(made.err, HasSubstr("resolve-ambiguous"));
  const std::string before = read_manifest();
  const Printed saved = run_verb(plan_command, {"--wire", "acme:tax/lib=vat", "--root", "app"});
  EXPECT_EQ(saved.code, 0) << saved.err;
  EXPECT_EQ(read_manifest(), before);
  // `tax` is not needed then, so that there are two roots.
  const Printed refused =
      run_verb(plan_command, {"--wire", "acme:tax/lib=vat", "--root", "app", "--save"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("`--save` does not write `--root`"));
  EXPECT_EQ(read_manifest(), before);
  // The ambiguity hid that there are two roots; the answer is kept.
  const Printed answered = run_verb(plan_command, {"--wire", "acme:tax/lib=vat", "--save"});
  EXPECT_EQ(answered.code, 1);
  EXPECT_THAT(answered.err, HasSubstr("saved in "));
  EXPECT_THAT(answered.err, HasSubstr("resolve-root"));
  EXPECT_THAT(read_manifest(), EndsWith("provider = \"vat\"\n"));
  const Printed wrong = run_verb(plan_command, {"--wire", "acme:tax/lib=vet", "--save"});
  EXPECT_THAT(wrong.err, HasSubstr("did you mean `vat`"));
  EXPECT_THAT(read_manifest(), EndsWith("provider = \"vat\"\n"));
  folder_.write("tenon.toml", before + "# a comment of mine\n[policy]\nunresolved = \"error\"\n");
  std::string rooted = read_manifest();
  const std::string_view line = "# root = \"NAME\"";
  rooted.replace(rooted.find(line), line.size(), "root = \"app\"");
  folder_.write("tenon.toml", rooted);
  EXPECT_EQ(run_verb(plan_command, {"--wire", "acme:tax/lib=vat", "--save"}).code, 0);
  EXPECT_EQ(read_manifest(),
            rooted + "\n[[wire]]\nimport = \"acme:tax/lib\"\nprovider = \"vat\"\n");
  EXPECT_EQ(run_verb(plan_command, {}).code, 0);
  EXPECT_EQ(count_files(), 4U);
}

TEST_F(ManifestFile, AddKeepsWhatIsThere) {
  const std::string before =
      "schema = 1  # mine\n\n[components.app]\npath   = 'app.wat' # as I like it";
  folder_.write("tenon.toml", before);
  std::filesystem::create_directory("sub");
  std::filesystem::current_path("sub");
  const Printed added = run_verb(add_command, {"../tax.wat", "--isolate=tax"});
  EXPECT_EQ(added.code, 0) << added.err;
  std::filesystem::current_path("..");
  EXPECT_EQ(read_manifest(),
            before + "\n\n[components.tax]\npath = \"tax.wat\"\nisolated = true\n");
}

TEST_F(ManifestFile, NothingIsWrittenForAFileThatIsNotThere) {
  const Printed made = run_verb(init_command, {"app.wat", "taxes.wat"});
  EXPECT_EQ(made.code, 1);
  EXPECT_THAT(made.err, HasSubstr("there is no file `taxes.wat`"));
  EXPECT_EQ(count_files(), 2U);
}

TEST_F(ManifestFile, ALinkStaysOneAndPermissionsStay) {
  namespace fs = std::filesystem;
  fs::create_directory("shared");
  folder_.write("shared/real.toml", "schema = 1\n[components.app]\npath = \"app.wat\"\n");
  fs::permissions("shared/real.toml", fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink("shared/real.toml", "tenon.toml");
  EXPECT_EQ(run_verb(add_command, {"tax.wat"}).code, 0);
  EXPECT_TRUE(fs::is_symlink("tenon.toml"));
  EXPECT_EQ(fs::status("shared/real.toml").permissions(),
            fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(read_manifest(), HasSubstr("[components.tax]"));
}

TEST_F(ManifestFile, AddRefusesAUnitOfTheSameName) {
  EXPECT_EQ(run_verb(init_command, {}).code, 0);
  const std::string before = read_manifest();
  const Printed added = run_verb(add_command, {"tax.wat"});
  EXPECT_EQ(added.code, 2);
  EXPECT_THAT(added.err, HasSubstr("`tax.wat` would be called `tax`, as another unit is"));
  EXPECT_EQ(read_manifest(), before);
  EXPECT_EQ(count_files(), 3U);
}

}  // namespace
}  // namespace tenon::cli::manifest_file_test
