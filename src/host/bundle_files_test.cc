// Packed bundles: the files of a folder that other users need.
#include <algorithm>

#include "tenon/inspect.h"
#include "tests/support/bundle_test.h"

namespace tenon::bundle_files_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class PackedBundles : public Bundles {
 protected:
  static void write(const fs::path& path, std::string_view content) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << content;
  }
  static std::vector<std::string> paths(const HostPackage& package) {
    std::vector<std::string> paths;
    for (const HostPackageFile& file : package.files) paths.push_back(file.path);
    return paths;
  }
  static HostPackage pack(const std::string& bundle, const std::vector<std::string>& added = {}) {
    Result<HostPackage> packed = pack_host_bundle(bundle, added, {});
    EXPECT_TRUE(packed) << whole_text(packed.error());
    return packed ? *std::move(packed) : HostPackage();
  }
  static std::string report(const std::string& bundle, const std::vector<std::string>& added = {}) {
    const Result<HostPackage> packed = pack_host_bundle(bundle, added, {});
    return packed ? "packed" : whole_text(packed.error());
  }
};

TEST_F(PackedBundles, ContainTheFilesThatOthersNeed) {
  const fs::path folder = copy("whole");
  for (const char* const name : {"README.md", "LICENSE", "NOTICE.txt", "READMENOT", "src/lib.c",
                                 "data/deep/table", "lib/libother.so.1", "lib/.keep"})
    write(folder / name, name);
  const HostPackage plain = pack(folder);
  EXPECT_THAT(paths(plain),
              ElementsAre("LICENSE", "NOTICE.txt", "README.md", "host.toml",
                          "lib/libdomains_host.so", "lib/libother.so.1", "wit/domains.wit"));
  EXPECT_THAT(plain.left_out, ElementsAre("READMENOT", "data", "src"));
  const auto library =
      std::ranges::find(plain.files, "lib/libdomains_host.so", &HostPackageFile::path);
  EXPECT_EQ(library->digest, plain.bundle.digest);
  EXPECT_EQ(plain.bundle.name, "lib");

  const HostPackage more = pack(folder, {"data", "READMENOT"});
  EXPECT_THAT(more.left_out, ElementsAre("src"));
  // The copy is the same bundle.
  for (const HostPackageFile& file : more.files) write(folder_ / "there" / file.path, file.content);
  EXPECT_EQ(paths(pack(folder_ / "there", {"data", "READMENOT"})), paths(more));
  EXPECT_EQ(call_front(build(make_builder((folder_ / "there").string())), "calls()"), "1");
}

TEST_F(PackedBundles, ContainTheLibrariesForAllMachines) {
  const fs::path folder = copy("machines");
  write(folder / "other/libdomains_host.so", "for another machine");
  const auto libraries = [&](const std::string& other) {
    const std::string manifest = fmt::format(
        "[host.lib]\nlinux-x86_64 = {{ path = \"lib/libdomains_host.so\" }}\n{}\n[config]", other);
    replace(folder / "host.toml", "[config]", manifest);
  };
  replace(folder / "host.toml", "lib = \"lib/libdomains_host.so\"\n", "");
  libraries("linux-other = { path = \"other/libdomains_host.so\" }");
  EXPECT_THAT(paths(pack(folder)), ElementsAre("host.toml", "lib/libdomains_host.so",
                                               "other/libdomains_host.so", "wit/domains.wit"));
  replace(folder / "host.toml", "linux-other = { path = \"other/libdomains_host.so\" }",
          "linux-a = { path = \"a/none.so\" }\nlinux-b = { path = \"other/libdomains_host.so\", "
          "sha256 = \"" +
              std::string(64, '0') + "\" }");
  EXPECT_THAT(report(folder), AllOf(HasSubstr("host-library: the library of `lib`"),
                                    HasSubstr("there is no such file"), HasSubstr("host-pin"),
                                    HasSubstr("found    sha256")));
}

TEST_F(PackedBundles, RejectFilesOutsideOfTheBundle) {
  const fs::path folder = copy("links");
  write(folder_ / "secret/key", "secret");
  fs::create_symlink("../secret/key", folder / "README");
  fs::create_symlink("../../secret", folder / "lib/more");
  fs::create_symlink(".", folder / "again");
  EXPECT_THAT(report(folder, {"nowhere", "again", "../secret/key", "/etc/passwd"}),
              AllOf(HasSubstr("links/README` cannot be packed: it leads to"),
                    HasSubstr("links/lib/more` cannot be packed: it leads to"),
                    HasSubstr("links/nowhere` cannot be packed: there is no such file"),
                    HasSubstr("again` cannot be packed: it is neither a file nor a folder"),
                    HasSubstr("links/../secret/key` cannot be packed: it leads to"),
                    HasSubstr("/etc/passwd` cannot be packed: it leads to")));
  fs::remove(folder / "README");
  fs::remove(folder / "lib/more");
  // A link that stays in the bundle is packed as its target.
  fs::create_symlink("host.toml", folder / "README");
  const HostPackage packed = pack(folder);
  EXPECT_EQ(packed.files.front().path, "README");
  EXPECT_THAT(packed.files.front().content, HasSubstr("[host]"));
}

TEST_F(PackedBundles, MustBeFolders) {
  const std::string config = folder_ / "hosts.toml";
  write(config, fmt::format("[[host]]\nname = \"lib\"\nlib = \"{0}/lib/libdomains_host.so\"\n"
                            "wit = \"{0}/wit\"\nworld = \"lib-unit\"\n",
                            bundle()));
  const Result<HostPackage> packed = pack_host_bundle("lib", {}, {.configs = {config}});
  ASSERT_FALSE(packed);
  EXPECT_THAT(whole_text(packed.error()), HasSubstr("has no host.toml"));
  // A library of the system is not packed.
  const fs::path math = folder_ / "math";
  write(math / "host.toml",
        "[host]\nname = \"math\"\nabi = \"c\"\nlib = \"libm.so.6\"\n"
        "wit = \"math.wit\"\n");
  write(math / "math.wit", "package a:b;\ninterface i { sqrt: func(x: f64) -> f64; }\n");
  EXPECT_THAT(paths(pack(math)), ElementsAre("host.toml", "math.wit"));
}

}  // namespace
}  // namespace tenon::bundle_files_test
