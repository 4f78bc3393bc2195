// Inspection of files, WIT, caches, consent, bundles and extensions in the C++ API whose allocations fail.
#include "support/files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tenon/cache.h"
#include "tenon/extension.h"
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

using failing_memory::ends_process;
using failing_memory::fail_each;
using failing_memory::stride;

const std::string kWit = TENON_SOURCE_DIR "/tests/guests/domains/wit/domains.wit";

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
  fail_each([&] { return inspect_host_bundle("nothing", search); },
            {.expected = "host-bundle-not-found: "});
  const ManifestRequest request{.kind = ManifestRequest::Kind::Directory,
                                .text = "rw:/a/path/that/is/long/enough",
                                .folder = "/srv/a/folder"};
  fail_each([&] { return describe_request(request); });
  const std::vector<ManifestRequest> requests = {request};
  fail_each([&] {
    return TrustFile(folder.path() / "no-such-folder" / "trust.toml").find_new(requests);
  });
}

TEST(FilesInCpp, AreGenerated) {
  for (const ExtensionLanguage language : {ExtensionLanguage::C, ExtensionLanguage::Rust})
    fail_each(
        [&] { return make_extension_skeleton("acme:square", ExtensionKind::Library, language); },
        {.stride = stride(3)});
  fail_each(
      [] {
        return make_extension_skeleton("not a name", ExtensionKind::Command, ExtensionLanguage::C);
      },
      {.expected = "config-usage: "});
}

TEST(FilesInCpp, AreExtensions) {
  const TemporaryFolder folder;
  ExtensionStore store({.folder = folder.path() / "store"});
  fail_each([&] { return store.list(); });
  fail_each([&] { return store.libraries(); });
  fail_each([&] { return store.find("square"); }, {.expected = "ext-none: "});
  fail_each([&] { return store.remove({"square"}); }, {.expected = "ext-none: "});
  fail_each([&] { return store.grant("square", {"net=example.org:443"}); },
            {.expected = "ext-none: "});
  fail_each([&] { return store.link("square"); }, {.expected = "ext-none: "});
  fail_each([&] { return store.check(); });
  fail_each([&] { return search_extensions({.text = "math"}, {}); },
            {.expected = "ext-not-found: "});
  fail_each([&] { return publish_extension("/no/such/file.wasm", "acme:math", {}); },
            {.expected = "read-file: "});
}

// The index of a store is JSON; trust.toml, host.toml and hosts.toml are TOML (tenon/result.h, "Memory").
TEST(FilesInCpp, NeedMemoryForJsonAndToml) {
  const TemporaryFolder folder;
  const Bytes provider = assemble(kProvider);
  const std::string source =
      folder.write("lib.wasm", {reinterpret_cast<const char*>(provider.data()), provider.size()});
  ExtensionStore store({.folder = folder.path() / "store"});
  const AddOptions options{.compile = false};
  ASSERT_TRUE(store.add({{.source = source}}, options));
  fail_each([&] { return store.list(); });
  fail_each([&] { return store.find("lib"); });
  fail_each([&] { return store.load_order(""); });
  fail_each([&] { return store.print_wit("lib"); }, {.stride = stride(3)});
  fail_each([&] { return store.link("lib"); });
  fail_each([&] { return store.check(); }, {.stride = stride(3)});
  AddOptions trial = options;
  trial.dry_run = trial.replace = true;
  fail_each([&] { return store.add({{.source = source}}, trial); }, {.stride = stride(31)});
  const TrustFile trust(folder.path() / "private" / "trust.toml");
  const std::vector<ManifestRequest> requests = {
      {.kind = ManifestRequest::Kind::Network, .text = "*", .folder = "/srv/a/folder"}};
  ASSERT_TRUE(trust.add(requests));
  EXPECT_TRUE(ends_process([&] { (void)trust.list(); }));
  EXPECT_TRUE(ends_process([&] { (void)trust.remove("/srv/a/folder"); }));
  EXPECT_TRUE(ends_process(
      [&] { (void)inspect_host_bundle(TENON_SOURCE_DIR "/tests/bundles/math", HostSearch{}); }));
}

}  // namespace
}  // namespace tenon::memory_test::files_test
