// Inspection of files, WIT, caches, consent and bundles in the C++ API whose allocations fail.
#include "support/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "support/toml_table.h"
#include "tenon/cache.h"
#include "tenon/inspect.h"
#include "tenon/trust.h"
#include "tenon/wit.h"
#include "tests/memory/small_units.h"
#include "tests/support/call_test.h"
#include "tests/support/failing_memory.h"
#include "tests/support/package_test.h"
#include "tests/support/temporary_folder.h"

namespace tenon::memory_test::files_test {
namespace {

using failing_memory::fail_each;
using failing_memory::stride;
using testing::AnyOf;

const std::string kWit = TENON_SOURCE_DIR "/tests/guests/domains/wit/domains.wit";
const std::vector<ManifestRequest> kRequests = {
    {.kind = ManifestRequest::Kind::Network, .text = "*", .folder = "/srv/a/folder"}};

TEST(FilesInCpp, AreInspected) {
  const std::string lib = domain_guest("lib");
  const std::string package = package_guest("0.21.0", "math");
  const Bytes bytes = assemble(kConsumer);
  const Bytes core =
      assemble("(module (func (export \"f\") (param i32) (result i32) local.get 0))");
  fail_each([&] { return inspect_file(lib); });
  fail_each([&] { return inspect_file("no/such/file.wasm"); }, {.expected = "read-file: "});
  fail_each([&] { return inspect_bytes("a name for messages", bytes); });
  fail_each([&] { return inspect_bytes("a name for messages", core); });
  fail_each([&] { return inspect_bytes("a name for messages", {1, 2, 3, 4, 5, 6, 7, 8}); },
            {.expected = "read-"});
  fail_each([&] { return inspect_file(package); });
  fail_each([&] { return print_wat(bytes); });
}

TEST(FilesInCpp, AreChecked) {
  const std::string lib = domain_guest("lib");
  const std::string keeper = domain_guest("keeper");
  fail_each([&] { return check_file(lib); });
  fail_each([&] { return check_subtype(lib, lib); }, {.stride = stride(61)});
  fail_each([&] { return check_subtype(lib, keeper); },
            {.expected = "type-world-missing: ", .stride = stride(61)});
  fail_each([&] { return check_world(lib, kWit, "lib-unit"); }, {.stride = stride(61)});
  fail_each([&] { return check_world(lib, kWit, "no-such-world"); },
            {.expected = "wit-world-missing: ", .stride = stride(61)});
  fail_each([&] { return check_world(keeper, kWit, "lib-unit"); },
            {.expected = "type-world-missing: ", .stride = stride(61)});
  fail_each([&] { return check_owner(lib); });
  fail_each([&] { return check_owner("/no/such/file/with/a/long/path"); },
            {.expected = "read-file: "});
}

TEST(FilesInCpp, HaveWit) {
  fail_each([&] { return read_wit(kWit); }, {.stride = stride(3)});
  fail_each([&] { return print_wit(domain_guest("lib")); }, {.stride = stride(3)});
  const TemporaryFolder folder;
  const std::string broken = folder.write("broken.wit", "package a:b;\ninterface i { f: func( }\n");
  fail_each([&] { return read_wit(broken); }, {.expected = "wit-syntax: "});
}

TEST(FilesInCpp, AreCached) {
  const TemporaryFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
  CompositionBuilder builder = make_pair();
  ASSERT_TRUE(builder.prepare({.cache_dir = folder.path()}));
  const std::string path = folder.path();
  fail_each([&] { return inspect_cache(path); });
  fail_each([&] { return clean_cache(path); },
            {.clean = [&] { ASSERT_TRUE(builder.prepare({.cache_dir = path})); }});
  const Result<CacheInfo> info = inspect_cache(path);
  ASSERT_TRUE(info);
  EXPECT_NE(info->total().files, 0U);
}

TEST(FilesInCpp, AreFoundAsBundles) {
  const TemporaryFolder folder;
  HostSearch search{.folders = {folder.path(), "/no/such/folder/with/a/long/path"}};
  fail_each([&] { return list_host_bundles(search); });
  fail_each([&] { return list_host_bundles({.configs = {"/no/such/folder/hosts.toml"}}); },
            {.expected = "read-file: "});
  fail_each([&] { return inspect_host_bundle("nothing", search); },
            {.expected = "host-bundle-not-found: "});
  fail_each([&] { return check_host_bundle("nothing", search); },
            {.expected = "host-bundle-not-found: "});
  fail_each([&] { return pack_host_bundle("nothing", {"README.md"}, search); },
            {.expected = "host-bundle-not-found: "});
  const ManifestRequest request{.kind = ManifestRequest::Kind::Directory,
                                .text = "rw:/a/path/that/is/long/enough",
                                .folder = "/srv/a/folder"};
  fail_each([&] { return describe_request(request); });
}

TEST(FilesInCpp, AreTrusted) {
  const TemporaryFolder folder;
  const TrustFile trust(folder.path() / "private" / "trust.toml");
  fail_each([&] { return trust.find_new(kRequests); });
  fail_each([&] { return trust.add(kRequests); }, {.clean = [&] {
              for (const auto& file : std::filesystem::recursive_directory_iterator(folder.path()))
                EXPECT_THAT(file.path().filename().string(),
                            AnyOf("private", "trust.toml", "trust.toml.lock"));
              std::filesystem::remove(folder.path() / "private" / "trust.toml");
            }});
}

TEST(FilesInCpp, AreToml) {
  const TemporaryFolder folder;
  const TrustFile trust(folder.path() / "private" / "trust.toml");
  const auto fill = [&] { ASSERT_TRUE(trust.add(kRequests)); };
  fill();
  fail_each([&] { return trust.list(); });
  fail_each([&] { return trust.find_new(kRequests); });
  fail_each([&] { return trust.add(kRequests); });
  fail_each([&] { return trust.remove("/srv/a/folder"); }, {.clean = fill});
  const HostSearch search{.folders = {TENON_BINARY_DIR "/bundles"}};
  fail_each([&] { return list_host_bundles(search); }, {.stride = stride(61)});
  fail_each([&] { return inspect_host_bundle("math", search); }, {.stride = stride(31)});
  fail_each([&] { return check_host_bundle("math", search); }, {.stride = stride(31)});
  fail_each([&] { return pack_host_bundle("math", {}, search); }, {.stride = stride(31)});
  const HostSearch configured{
      .configs = {folder.write("hosts.toml", "[[host]]\nname = \"math\"\nbundle = \"math\"\n")}};
  fail_each([&] { return list_host_bundles(configured); });
  // All kinds of values.
  const std::string text =
      "a = [1, 2.5, true]\nb.c = { d = 2020-01-01 }\n[[e]]\nf = \"a text that is not short "
      "\u00e9\"\n";
  fail_each([&] { return parse_toml(text, "a/path/that/is/not/short.toml"); });
  fail_each([&] { return parse_toml("[a", "a/path/that/is/not/short.toml"); },
            {.expected = "config-syntax: "});
}

}  // namespace
}  // namespace tenon::memory_test::files_test
