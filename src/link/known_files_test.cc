#include "link/known_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/sha256.h"
#include "engine/wat.h"
#include "link/inputs.h"
#include "link/lock_file.h"
#include "tenon/builder.h"
#include "tenon/composition.h"
#include "tests/support/opened_files.h"
#include "tests/support/test_units.h"

namespace tenon::link::known_files_test {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

std::string tax_unit(int percent) {
  return function_unit("", "test:u/tax",
                       fmt::format("(i32.mul (local.get 0) (i32.const {}))", percent));
}

class KnownFilesTest : public testing::Test {
 protected:
  KnownFilesTest() {
    folder_.write("tax.wat", tax_unit(2));
    folder_.write("cart.wat", function_unit("test:u/tax", "test:u/cart",
                                            "(i32.add (call $f (local.get 0)) (i32.const 1))"));
    cache_ =
        std::make_shared<const engine::CacheFolder>(*engine::CacheFolder::open(place("cache")));
  }

  [[nodiscard]] std::string place(std::string_view name) const { return folder_.path() / name; }
  [[nodiscard]] Request make_request() const {
    Request request;
    request.name = "shop";
    request.cache = cache_;
    for (const char* const name : {"cart", "tax"}) {
      UnitRequest& unit = request.units.emplace_back();
      unit.name = name;
      unit.path = place(std::string(name) + ".wat");
    }
    return request;
  }
  // Reads the files as a start does that long after now. Returns whether they were known.
  bool start(Request request, std::chrono::seconds after = std::chrono::hours(1)) const {
    const RealFiles files;
    KnownFiles known(request, files, std::chrono::system_clock::now().time_since_epoch() + after);
    Diagnostics warnings;
    const bool is_known = known.use(*cache_, request, warnings);
    EXPECT_THAT(warnings, IsEmpty());
    (void)load_units(request, files);
    const Result<Inputs> inputs = read_inputs(request, files);
    EXPECT_TRUE(inputs) << inputs.error().front().message;
    for (const UnitRequest& unit : request.units) {
      if (unit.kind != UnitKind::Component || !unit.path.ends_with(".wat")) continue;
      EXPECT_EQ(*unit.digest,
                engine::sha256_hex(*engine::read_component_file(files, unit.path, NamedBy::User)));
    }
    known.keep(*cache_, request);
    return is_known;
  }
  // Whether the files of a request are known after a start with it.
  bool are_known_after(const Request& request) const {
    (void)start(request);
    return start(request);
  }

  [[nodiscard]] Composition build(bool lazy = false, LinkForm form = LinkForm::Reference) const {
    CompositionBuilder builder;
    for (const char* const name : {"cart", "tax"})
      builder.add_component(name, place(std::string(name) + ".wat"));
    builder.set_root("cart");
    builder.isolate_all();
    if (lazy) builder.wire({.import = "test:u/tax", .provider = "tax", .lazy = true});
    Result<Composition> composition =
        builder.build({.cache_dir = place("code"), .link_form = form});
    EXPECT_TRUE(composition) << composition.error().front().message;
    return *std::move(composition);
  }
  static std::string call(const Composition& composition) {
    const auto answer = composition.call("test:u/cart", "f", std::vector{Value::u32(10)});
    return answer ? print_wave(**answer) : answer.error().message;
  }

  TemporaryFolder folder_;
  std::shared_ptr<const engine::CacheFolder> cache_;
  Diagnostics warnings_;
};

TEST_F(KnownFilesTest, AreNotOpened) {
  EXPECT_FALSE(start(make_request()));
  OpenedFiles opened;
  opened.add("cart", place("cart.wat"));
  Request request = make_request();
  KnownFiles known(request, RealFiles(), {});
  EXPECT_TRUE(known.use(*cache_, request, warnings_));
  (void)load_units(request, RealFiles());
  const Result<Inputs> inputs = read_inputs(request, RealFiles());
  ASSERT_TRUE(inputs);
  EXPECT_EQ(inputs->units.units[1].type.exports[0].name, "test:u/tax");
  EXPECT_THAT(opened.take(), IsEmpty());
  EXPECT_TRUE(inputs->binaries.find("cart")->second.read_late());
}

TEST_F(KnownFilesTest, AreReadAfterEachChange) {
  const std::vector<std::function<void(const std::string&)>> changes = {
      // In place, with the same size.
      [&](const std::string&) { folder_.write("tax.wat", tax_unit(3)); },
      [&](const std::string& path) {
        folder_.write("new.wat", tax_unit(4));
        fs::rename(place("new.wat"), path);
      },
      // With the time that it had before.
      [&](const std::string& path) {
        const fs::file_time_type time = fs::last_write_time(path);
        folder_.write("tax.wat", tax_unit(5));
        fs::last_write_time(path, time);
      },
      [&](const std::string&) { folder_.write("tax.wat", tax_unit(10)); },
      // Its content stays.
      [&](const std::string& path) { fs::last_write_time(path, fs::file_time_type::clock::now()); },
  };
  EXPECT_TRUE(are_known_after(make_request()));
  for (std::size_t i = 0; i < changes.size(); ++i) {
    // The clock of the file system ticks every few milliseconds.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    changes[i](place("tax.wat"));
    EXPECT_FALSE(start(make_request())) << i;
    EXPECT_TRUE(start(make_request())) << i;
  }
}

TEST_F(KnownFilesTest, AreNotKeptSoonAfterAChange) {
  EXPECT_FALSE(start(make_request(), std::chrono::seconds(0)));
  EXPECT_FALSE(start(make_request(), std::chrono::seconds(1)));
  EXPECT_FALSE(start(make_request(), std::chrono::seconds(4)));
  EXPECT_TRUE(start(make_request(), std::chrono::seconds(0)));
}

TEST_F(KnownFilesTest, AreReadIfTheirContentIsPinned) {
  const RealFiles files;
  Request request = make_request();
  request.units[0].sha256 =
      engine::sha256_hex(*engine::read_component_file(files, request.units[0].path, NamedBy::User));
  EXPECT_FALSE(are_known_after(request));
  request = make_request();
  request.lock = std::make_shared<const LockFile>();
  EXPECT_FALSE(are_known_after(request));
}

TEST_F(KnownFilesTest, AreUsedForComponentsFromFilesOnly) {
  Request request = make_request();
  request.units[0].bytes = std::make_shared<const Bytes>(
      *engine::read_component_file(RealFiles(), request.units[0].path, NamedBy::User));
  EXPECT_FALSE(are_known_after(request));
  request.units[0].path.clear();
  EXPECT_FALSE(are_known_after(request));
  request = make_request();
  request.units.push_back(request.units[1]);
  request.units.back().name = "other";
  EXPECT_TRUE(are_known_after(request));
  request.units.back().path = "/dev/null";
  EXPECT_FALSE(KnownFiles(request, RealFiles(), {}).use(*cache_, request, warnings_));
}

TEST_F(KnownFilesTest, DamagedEntriesAreIgnored) {
  EXPECT_TRUE(are_known_after(make_request()));
  std::string name;
  for (const engine::CacheFolder::Entry& entry : cache_->list())
    if (entry.name.ends_with(".files")) name = entry.name;
  ASSERT_FALSE(name.empty());
  Bytes content;
  {
    const engine::CacheFile file = cache_->read(name);
    content.assign(file.content().begin(), file.content().end());
  }
  for (std::size_t size = 0; size < content.size(); size += 1 + size / 50) {
    ASSERT_FALSE(cache_->write(name, std::span(content).first(size)));
    Request request = make_request();
    EXPECT_FALSE(KnownFiles(request, RealFiles(), {}).use(*cache_, request, warnings_)) << size;
  }
  // The record of one unit is not one: its file is read.
  content.back() ^= 0xffU;
  ASSERT_FALSE(cache_->write(name, content));
  EXPECT_TRUE(start(make_request()));
}

TEST_F(KnownFilesTest, CompositionsOutliveThem) {
  // The least time after which files are known.
  std::this_thread::sleep_for(KnownFiles::kSettleTime + std::chrono::milliseconds(100));
  for (int i = 0; i < 2; ++i) EXPECT_EQ(call(build()), "21");
  OpenedFiles opened;
  for (const char* const name : {"cart", "tax"})
    opened.add(name, place(std::string(name) + ".wat"));
  Composition composition = build();
  EXPECT_EQ(call(composition), "21");
  EXPECT_THAT(opened.take(), IsEmpty());

  folder_.write("tax.wat", tax_unit(3));
  fs::remove(place("cart.wat"));
  EXPECT_EQ(composition.plan().edges.size(), 1U);
  EXPECT_EQ(call(composition), "21");
  {
    folder_.write("other.wat", function_unit("test:u/tax", "test:u/cart",
                                             "(i32.add (call $f (local.get 0)) (i32.const 2))"));
    CompositionBuilder builder;
    builder.add_component("other", place("other.wat"));
    builder.add_unit("tax", *composition.unit("tax"));
    builder.set_root("other");
    const Result<Composition> other = builder.build();
    ASSERT_TRUE(other) << other.error().front().message;
    EXPECT_EQ(call(*other), "22");
  }
  const Result<void> swapped = composition.swap("tax", place("tax.wat"));
  ASSERT_TRUE(swapped) << swapped.error().front().message;
  EXPECT_EQ(call(composition), "31");
}

TEST_F(KnownFilesTest, LazyUnitsWithoutCodeKeepTheirBytes) {
  std::this_thread::sleep_for(KnownFiles::kSettleTime + std::chrono::milliseconds(100));
  for (int i = 0; i < 2; ++i) (void)build(true);
  const Composition composition = build(true);
  EXPECT_EQ(composition.times().front().phase, "load");  // known
  folder_.write("tax.wat", tax_unit(3));
  EXPECT_EQ(call(composition), "21");
}

TEST_F(KnownFilesTest, CodeThatIsGoneIsCompiledWithoutReadingTheOthers) {
  std::this_thread::sleep_for(KnownFiles::kSettleTime + std::chrono::milliseconds(100));
  const auto list_code = [&] {
    std::set<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(place("code")))
      if (entry.path().extension() == ".code") files.insert(entry.path());
    return files;
  };
  for (int i = 0; i < 2; ++i) (void)build();
  const std::set<fs::path> code = list_code();
  ASSERT_EQ(code.size(), 4U);  // of each domain: its component, and the module of its unit
  fs::remove(*code.begin());
  OpenedFiles opened;
  for (const char* const name : {"cart", "tax"})
    opened.add(name, place(std::string(name) + ".wat"));
  const Composition composition = build(false, LinkForm::Auto);
  EXPECT_LT(opened.take().size(), 2U);
  EXPECT_EQ(call(composition), "21");
  // The embedded code of both is compiled in the background; it needs the bytes of both.
  for (int i = 0; i < 2000 && list_code().size() < 6; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(list_code().size(), 6U);
}

}  // namespace
}  // namespace tenon::link::known_files_test
