#include "host/instance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tenon::host::instance_test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr const char* kInterface = "test:host/lib";

// The drops and the destruction that native code saw, in order.
std::vector<std::string>& said() {
  static std::vector<std::string> all;
  return all;
}

std::int32_t throws(void*, tenon_call*, const tenon_value*, std::size_t, tenon_value*) {
  throw std::runtime_error("from native code");
}
std::size_t said_while_it_ran = 0;
std::int32_t waits(void* self, tenon_call*, const tenon_value*, std::size_t, tenon_value*) {
  static_cast<std::promise<void>*>(self)->set_value();
  const std::size_t before = said().size();
  std::this_thread::sleep_for(200ms);
  said_while_it_ran = said().size() - before;
  return 0;
}
std::int32_t says(void*, tenon_call* call, const tenon_value*, std::size_t, tenon_value*) {
  host_api().trap(call, "%s %d", "first", 1);
  return host_api().trap(call, "second");
}
void drops(void*, void* rep) { said().push_back("drop " + *static_cast<std::string*>(rep)); }
void destroys(void*) { said().emplace_back("destroy"); }

constexpr tenon_func_def kFunctions[] = {{kInterface, "throws", throws, 0, 0},
                                         {kInterface, "waits", waits, 0, TENON_MAY_BLOCK},
                                         {kInterface, "says", says, 0, 0}};
constexpr tenon_resource_def kResources[] = {{kInterface, "thing", drops}};

std::promise<void>* made_self = nullptr;
std::int32_t creates(const tenon_host_api*, const tenon_config*, tenon_call*, void** self) {
  *self = made_self;
  return 0;
}

constexpr tenon_host_module kModule = {sizeof(tenon_host_module),
                                       TENON_HOST_ABI_MAJOR,
                                       TENON_HOST_ABI_MINOR,
                                       TENON_SERIAL_LIBRARY,
                                       "lib",
                                       "1.0.0",
                                       creates,
                                       destroys,
                                       kFunctions,
                                       3,
                                       kResources,
                                       1};

RequiredItems wanted_items() {
  RequiredItems required;
  for (const tenon_func_def& function : kFunctions)
    required.functions.push_back({.interface = kInterface, .name = function.name});
  required.resources.push_back({.interface = kInterface, .name = "thing"});
  return required;
}

std::shared_ptr<HostInstance> make_instance(const std::shared_ptr<Library>& library) {
  auto table = ModuleTable::bind("lib", "lib.so", "lib.wit", kModule, wanted_items());
  EXPECT_TRUE(table);
  auto instance = HostInstance::create("lib", library, *std::move(table), {});
  EXPECT_TRUE(instance);
  return *instance;
}

NativeEnd call(HostInstance& instance, const char* name,
               std::optional<std::chrono::milliseconds> time = {}) {
  tenon_call call;
  if (time) call.deadline = std::chrono::steady_clock::now() + *time;
  tenon_value result = {};
  return instance.call(instance.table().function(kInterface, name), call, {}, result);
}

TEST(HostInstance, ACppExceptionIsATrap) {
  const auto instance = make_instance(Library::of_program(kModule));
  const NativeEnd end = call(*instance, "throws");
  EXPECT_EQ(end.kind, NativeEnd::Kind::Trapped);
  EXPECT_EQ(end.text, "it threw a C++ exception");
  // The lock of the library is free again.
  EXPECT_EQ(call(*instance, "throws", 1ms).kind, NativeEnd::Kind::Trapped);
}

TEST(HostInstance, ATrapKeepsItsFirstMessage) {
  const auto instance = make_instance(Library::of_program(kModule));
  EXPECT_EQ(call(*instance, "says").text, "first 1");
}

TEST(HostInstance, SerialCallsOfALibraryWaitUntilTheirDeadline) {
  const auto library = Library::of_program(kModule);
  std::promise<void> is_in;
  made_self = &is_in;
  const auto a = make_instance(library);
  made_self = nullptr;
  const auto b = make_instance(library);
  auto waiting = std::async(std::launch::async, [&] { return call(*a, "waits").kind; });
  is_in.get_future().wait();
  EXPECT_EQ(call(*b, "says", 5ms).kind, NativeEnd::Kind::WaitedTooLong);
  EXPECT_EQ(call(*b, "says").kind, NativeEnd::Kind::Trapped);
  EXPECT_EQ(waiting.get(), NativeEnd::Kind::Returned);
}

TEST(HostInstance, ADropWaitsForARunningCall) {
  said().clear();
  const auto library = Library::of_program(kModule);
  std::promise<void> is_in;
  made_self = &is_in;
  const auto instance = make_instance(library);
  made_self = nullptr;
  std::string name = "thing";
  auto thing = std::make_unique<HostedResource>(
      *instance, instance->table().resource(kInterface, "thing"), &name);
  auto waiting = std::async(std::launch::async, [&] { return call(*instance, "waits").kind; });
  is_in.get_future().wait();
  thing.reset();
  EXPECT_EQ(waiting.get(), NativeEnd::Kind::Returned);
  EXPECT_THAT(said(), ElementsAre("drop thing"));
  EXPECT_EQ(said_while_it_ran, 0U);
}

TEST(HostInstance, AnEarlierMinorVersionIsAccepted) {
  tenon_host_module earlier = kModule;
  earlier.abi_minor = 0;
  EXPECT_TRUE(ModuleTable::bind("lib", "lib.so", "lib.wit", earlier, wanted_items()));
}

// A later minor version of the ABI appends fields to the table.
TEST(HostInstance, ALaterMinorVersionIsAccepted) {
  struct Later {
    tenon_host_module known;
    void (*more)();
  };
  Later later = {kModule, nullptr};
  later.known.size = sizeof later;
  later.known.abi_minor = TENON_HOST_ABI_MINOR + 7;
  const auto bind = [](const tenon_host_module& module) {
    return ModuleTable::bind("lib", "lib.so", "lib.wit", module, wanted_items());
  };
  const auto table = bind(later.known);
  ASSERT_TRUE(table);
  auto instance = HostInstance::create("lib", Library::of_program(later.known), *table, {});
  ASSERT_TRUE(instance);
  EXPECT_EQ(call(**instance, "says").text, "first 1");

  tenon_host_module earlier = kModule;
  earlier.size = offsetof(tenon_host_module, resources);
  const auto refused = bind(earlier);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().front().code, "host-abi-version");
  EXPECT_THAT(refused.error().front().notes.front().text,
              testing::HasSubstr("fewer than that version"));
}

TEST(HostInstance, RemainingResourcesAreDroppedYoungestFirst) {
  said().clear();
  std::string names[] = {"a", "b", "c", "d"};
  std::vector<std::unique_ptr<HostedResource>> things;
  {
    const auto instance = make_instance(Library::of_program(kModule));
    for (std::string& name : names)
      things.push_back(std::make_unique<HostedResource>(
          *instance, instance->table().resource(kInterface, "thing"), &name));
    // A resource that is passed as `own` is destroyed by native code.
    things[1]->release();
    things[2].reset();
  }
  things.clear();
  EXPECT_THAT(said(), ElementsAre("drop c", "drop d", "drop a", "destroy"));
}

}  // namespace
}  // namespace tenon::host::instance_test
