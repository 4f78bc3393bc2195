#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "call/canonical_values.h"
#include "call/fake_port.h"
#include "tenon/host.h"

namespace acme::host {

struct Entry {
  std::string key;
  std::uint64_t value = 0;
};
TENON_RECORD(Entry, key, value)

// No type of values: an object.
class Bucket {
 public:
  explicit Bucket(std::string name = {}) : name_(std::move(name)) {}

  [[nodiscard]] std::optional<std::uint64_t> get(std::string_view key) const {
    const auto found = values_.find(std::string(key));
    return found == values_.end() ? std::nullopt : std::optional(found->second);
  }
  void set(const Entry& entry) { values_[entry.key] = entry.value; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  std::string name_;
  std::map<std::string, std::uint64_t> values_;
};

class Other {};

}  // namespace acme::host

namespace tenon::host_test {
namespace {

using acme::host::Bucket;
using acme::host::Entry;
using detail::ValuesAt;

// Objects by number, as a composition keeps them.
class Objects final : public call::HandleExchange {
 public:
  Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart /*part*/) override {
    if (handle.id != 0) return handle.id;
    objects.push_back(handle.keep);
    return objects.size();
  }
  ValueHandle take(abi::ResourceToken token, abi::HandlePart part) override {
    ValueHandle handle{"bucket", token, objects.at(token - 1)};
    if (part.ownership == abi::Ownership::Own) objects[token - 1].reset();
    return handle;
  }

  std::vector<std::shared_ptr<const void>> objects;
};

// Calls a function of the program as a guest would: with values.
class Caller {
 public:
  HostResult<std::optional<Value>> call(const HostFunction& function, const char* type_text,
                                        const std::vector<Value>& arguments) {
    const FunctionType type = value::function_of(type_text);
    const Diagnostics problems = function.check(type, find_class, this);
    if (!problems.empty()) return Trap{problems[0].message};
    const auto shape = call::shape_of(type);
    const abi::CopyProgram& program = shape->program;
    const call::CanonicalValues values(type, shape);
    GuestHandles guest_handles;
    abi::ValueArena guest;
    call::ArenaBuffer buffer(objects);
    const std::uint32_t written = *values.write_params(arguments, guest, guest_handles);
    detail::CallFrame frame;
    std::array<std::uint64_t, 16> flat = {};
    frame.flat_params = flat;
    const abi::From params = abi::From::memory(guest, written);
    if (function.signature->params_at == ValuesAt::Flat) {
      EXPECT_TRUE(program.copy_params(params, abi::To::flat(buffer.arena(), flat)));
    } else {
      frame.params = *program.lift_params(params, buffer.arena());
      buffer.refresh();
    }
    HostResult<void> called = function.typed->call(&buffer, frame);
    if (!called) return std::move(called).error();
    if (!type.result()) return std::optional<Value>();
    const std::array result = {frame.result};
    const abi::From from =
        function.signature->result_at == ValuesAt::Flat
            ? abi::From::flat(buffer.arena(), result)
            : abi::From::memory(buffer.arena(), static_cast<std::uint32_t>(frame.result));
    guest.clear();
    const auto lifted = program.lift_result(from, guest);
    if (!lifted) return Trap{lifted.error().message};
    return std::optional(*values.read_result(*lifted, guest, guest_handles));
  }

  Objects objects;
  const void* bucket_class = detail::host_class<Bucket>();

 private:
  // A guest has numbers.
  struct GuestHandles final : call::HandleExchange {
    Result<abi::ResourceToken> give(const ValueHandle& handle, abi::HandlePart) override {
      return handle.id;
    }
    ValueHandle take(abi::ResourceToken token, abi::HandlePart) override {
      return {"bucket", token, nullptr};
    }
  };

  static const void* find_class(const void* context, const Type& handle) {
    return handle.resource() == "bucket" ? static_cast<const Caller*>(context)->bucket_class
                                         : nullptr;
  }
};

TEST(HostFunction, TakesAndGivesWhatTheLambdaSays) {
  Caller caller;
  std::vector<std::string> lines;
  const HostFunction write = host_function(
      "acme:log/log", "write", [&](std::string_view line) { lines.emplace_back(line); });
  EXPECT_EQ(write.interface, "acme:log/log");
  EXPECT_TRUE(caller.call(write, "(line: string)", {Value::string("tea")}));
  EXPECT_THAT(lines, testing::ElementsAre("tea"));

  const HostFunction add =
      host_function("", "add", [](std::uint8_t a, double b) -> double { return a + b; });
  EXPECT_EQ(add.signature->params_at, ValuesAt::Flat);
  EXPECT_EQ(**caller.call(add, "(a: u8, b: f64) -> f64", {Value::u8(1), Value::f64(0.5)}),
            Value::f64(1.5));

  const HostFunction sum = host_function("", "sum", [](std::span<const std::uint32_t> numbers) {
    std::uint64_t total = 0;
    for (const std::uint32_t number : numbers) total += number;
    return total;
  });
  EXPECT_EQ(**caller.call(sum, "(a: list<u32>) -> u64",
                          {Value::list(std::vector<std::uint32_t>{1, 2, 3})}),
            Value::u64(6));

  const HostFunction reverse = host_function("", "reverse", [](std::vector<Entry> entries) {
    std::reverse(entries.begin(), entries.end());
    return entries;
  });
  const auto entry = [](const char* key, std::uint64_t number) {
    return Value::record({{"key", Value::string(key)}, {"value", Value::u64(number)}});
  };
  EXPECT_EQ(**caller.call(reverse,
                          "(a: list<record{key: string, value: u64}>) -> "
                          "list<record{key: string, value: u64}>",
                          {Value::list({entry("a", 1), entry("b", 2)})}),
            Value::list({entry("b", 2), entry("a", 1)}));
}

std::uint32_t twice(std::uint32_t number) noexcept { return 2 * number; }

TEST(HostFunction, MayBeAPlainFunction) {
  Caller caller;
  EXPECT_EQ(**caller.call(host_function("", "twice", twice), "(a: u32) -> u32", {Value::u32(4)}),
            Value::u32(8));
}

TEST(HostFunction, WhatItThrowsOrReturnsAsATrapIsATrap) {
  Caller caller;
  const HostFunction thrower =
      host_function("", "f", [](std::uint32_t) { throw std::runtime_error("no room"); });
  const auto thrown = caller.call(thrower, "(a: u32)", {Value::u32(1)});
  ASSERT_FALSE(thrown);
  EXPECT_EQ(thrown.error().message, "a host function threw: no room");
  const HostFunction odd = host_function("", "f", [](std::string) { throw 3; });
  EXPECT_FALSE(caller.call(odd, "(a: string)", {Value::string("x")}));
  const HostFunction trapper =
      host_function("", "f", [](std::uint32_t number) -> HostResult<std::string> {
        if (number == 0) return Trap{"zero"};
        return std::to_string(number);
      });
  EXPECT_EQ(caller.call(trapper, "(a: u32) -> string", {Value::u32(0)}).error().message, "zero");
  EXPECT_EQ(**caller.call(trapper, "(a: u32) -> string", {Value::u32(7)}), Value::string("7"));
}

TEST(HostFunction, AResultThatIsNoValueIsATrap) {
  Caller caller;
  const HostFunction text = host_function("", "f", [] { return std::string("\xff"); });
  EXPECT_FALSE(caller.call(text, "() -> string", {}));
}

TEST(HostFunction, MayTakeValues) {
  const HostFunction dynamic =
      host_function("", "f", [](std::span<const Value> values) -> HostResult<std::optional<Value>> {
        return std::optional(values[0]);
      });
  EXPECT_EQ(dynamic.signature, nullptr);
  EXPECT_TRUE(dynamic.check(value::function_of("(a: u8) -> u8")).empty());
  const Value argument = Value::u8(5);
  EXPECT_EQ(**(*dynamic.dynamic)({}, {&argument, 1}), argument);
}

TEST(HostResource, MethodsAreFunctionsOfItsObjects) {
  Caller caller;
  HostResource<Bucket> bucket("press:kv/store", "bucket");
  std::weak_ptr<Bucket> opened;
  bucket.constructor([](std::string name) { return std::make_unique<Bucket>(std::move(name)); })
      .method("get", &Bucket::get)
      .method("set", &Bucket::set)
      .method("name", &Bucket::name)
      .method("same", [](const Bucket& self, const Bucket& other) { return &self == &other; })
      .static_function("open",
                       [&](bool is_there) -> Expected<std::shared_ptr<Bucket>, std::string> {
                         if (!is_there) return Unexpected("not there");
                         auto made = std::make_shared<Bucket>("opened");
                         opened = made;
                         return made;
                       })
      .static_function("close", [](std::shared_ptr<Bucket> closed) { return closed->name(); });
  const std::vector<HostFunction>& functions = bucket.parts().functions;
  EXPECT_EQ(functions[0].name, "[constructor]bucket");
  EXPECT_EQ(functions[1].name, "[method]bucket.get");
  EXPECT_EQ(functions[5].name, "[static]bucket.open");

  const Value made =
      **caller.call(functions[0], "(name: string) -> own<bucket>", {Value::string("b")});
  EXPECT_EQ(made, Value::handle({"bucket", 1, nullptr}));
  const Value entry = Value::record({{"key", Value::string("k")}, {"value", Value::u64(5)}});
  EXPECT_TRUE(caller.call(functions[2],
                          "(self: borrow<bucket>, entry: record{key: string, value: u64})",
                          {made, entry}));
  const char* get = "(self: borrow<bucket>, key: string) -> option<u64>";
  EXPECT_EQ(**caller.call(functions[1], get, {made, Value::string("k")}),
            Value::some(Value::u64(5)));
  EXPECT_EQ(**caller.call(functions[3], "(self: borrow<bucket>) -> string", {made}),
            Value::string("b"));
  EXPECT_EQ(**caller.call(functions[4], "(self: borrow<bucket>, other: borrow<bucket>) -> bool",
                          {made, made}),
            Value::boolean(true));
  const char* open = "(is-there: bool) -> result<own<bucket>, string>";
  EXPECT_EQ(**caller.call(functions[5], open, {Value::boolean(false)}),
            Value::err(Value::string("not there")));
  const Value second = **caller.call(functions[5], open, {Value::boolean(true)});
  EXPECT_FALSE(opened.expired());
  const Value handle = *second.get_if<ValueResult>()->payload.get();
  EXPECT_EQ(**caller.call(functions[6], "(closed: own<bucket>) -> string", {handle}),
            Value::string("opened"));
  EXPECT_TRUE(opened.expired());
}

TEST(HostResource, ItsClassIsChecked) {
  Caller caller;
  const HostFunction name = host_function("", "f", [](const Bucket& self) { return self.name(); });
  const FunctionType other = value::function_of("(self: borrow<other>) -> string");
  const FunctionType own = value::function_of("(self: own<bucket>) -> string");
  const FunctionType number = value::function_of("(self: u32) -> string");
  for (const FunctionType& type : {other, own, number}) {
    const Diagnostics problems = name.check(
        type,
        [](const void* found, const Type& handle) -> const void* {
          return handle.resource() == "bucket" ? found : nullptr;
        },
        caller.bucket_class);
    ASSERT_EQ(problems.size(), 1U) << type.wit("f");
    EXPECT_EQ(problems[0].where.item, "$.self");
  }
  EXPECT_NE(detail::host_class<Bucket>(), detail::host_class<acme::host::Other>());
}

}  // namespace
}  // namespace tenon::host_test
