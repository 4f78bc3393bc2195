// The C API, driven with real guests: calls in both directions, resources, threads, tasks, errors and misuse.
// value_table_test.cc passes values of all types.
#include "tests/support/c_api.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "capi/object.h"
#include "tenon/tenon_c.h"
#include "tests/support/async_gate.h"
#include "tests/support/call_test.h"
#include "tests/support/sanitizers.h"

namespace tenon::c_api_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kLib = "demo:domains/lib";

// A composition of `lib` alone.
BuiltComposition build_lib() { return build(make_guests({"lib"})); }

TEST(CApi, HasAVersion) {
  EXPECT_EQ(tenon_abi_version(), TENON_C_ABI_MAJOR * 65536 + TENON_C_ABI_MINOR);
  EXPECT_THAT(tenon_version(), testing::MatchesRegex("[0-9]+[.][0-9]+[.][0-9]+"));
}

TEST(CApi, CallsFunctionsOfNumbers) {
  const BuiltComposition lib = build_lib();
  const FoundFunction add = find(lib, kLib, "add");
  EXPECT_STREQ(tenon_function_name(add.get()), "add");
  EXPECT_STREQ(tenon_function_interface(add.get()), "demo:domains/lib@1.0.0");
  EXPECT_STREQ(tenon_function_wit(add.get()), "add: func(a: u32, b: u32) -> u32;");
  const tenon_value args[] = {tenon_value_u32(3), tenon_value_u32(UINT32_MAX)};
  tenon_value sum;
  EXPECT_EQ(take(tenon_function_call(add.get(), args, 2, nullptr, &sum)), "");
  EXPECT_EQ(sum.kind, TENON_U32);
  EXPECT_EQ(sum.of.u, 2U);
  const std::uint64_t flat[] = {5, 6};
  std::uint64_t flat_sum = 0;
  EXPECT_EQ(take(tenon_function_call_flat(add.get(), flat, 2, &flat_sum)), "");
  EXPECT_EQ(flat_sum, 11U);
  // The result can be in the place of an argument.
  tenon_value in_place[] = {tenon_value_u32(3), tenon_value_u32(4)};
  EXPECT_EQ(take(tenon_function_call(add.get(), in_place, 2, nullptr, &in_place[0])), "");
  EXPECT_EQ(in_place[0].of.u, 7U);
  char* json = nullptr;
  EXPECT_EQ(take(tenon_function_call_json(add.get(), "[7, 8]", 6, &json)), "");
  EXPECT_STREQ(Text(json).get(), "15");
  EXPECT_EQ(call(lib, "add(1, 2)"), "3");
}

TEST(CApi, ReportsArgumentsOfWrongTypes) {
  const BuiltComposition lib = build_lib();
  const FoundFunction add = find(lib, kLib, "add");
  tenon_value sum;
  const auto call_with = [&](std::vector<tenon_value> args) {
    return take(tenon_function_call(add.get(), args.data(), args.size(), nullptr, &sum));
  };
  EXPECT_THAT(call_with({tenon_value_u32(1)}), HasSubstr("value-type: expected 2 values, found 1"));
  EXPECT_THAT(call_with({tenon_value_u32(1), tenon_value_s8(1)}),
              HasSubstr("value-type: expected u32, found s8"));
  tenon_value large = tenon_value_u32(0);
  large.of.u = UINT64_C(1) << 32;
  EXPECT_THAT(call_with({tenon_value_u32(1), large}), HasSubstr("out of range for u32"));
  const Problem problem(tenon_function_call(add.get(), &large, 1, nullptr, &sum));
  ASSERT_NE(tenon_error_failure(problem.get()), nullptr);
  EXPECT_EQ(tenon_error_failure(problem.get())->kind, TENON_FAILURE_BAD_CALL);
  std::uint64_t result = 0;
  EXPECT_THAT(take(tenon_function_call_flat(add.get(), nullptr, 0, &result)),
              HasSubstr("`add` has 2 flat parameters, not 0"));
  EXPECT_THAT(take(tenon_function_call_json(add.get(), "[1", 2, nullptr)), HasSubstr("api-usage"));
  char* json = nullptr;
  EXPECT_THAT(take(tenon_function_call_json(add.get(), "[1", 2, &json)), HasSubstr("value-syntax"));
  const FoundFunction echo = find(lib, kLib, "echo");
  EXPECT_THAT(take(tenon_function_call_flat(echo.get(), &result, 1, &result)),
              HasSubstr("type-unsupported-value"));
}

// Flat characters are checked when they are copied to the guest, in both kinds of calls.
TEST(CApi, RefusesNumbersThatAreNotCharacters) {
  const Bytes guest = assemble(R"((component
    (core module $code (func (export "next") (param i32) (result i32)
      (i32.add (local.get 0) (i32.const 1))))
    (core instance $core (instantiate $code))
    (func (export "next") (param "c" char) (result char) (canon lift (core func $core "next")))))");
  const Builder builder(tenon_builder_new());
  tenon_builder_add_component_bytes(builder.get(), "guest", guest.data(), guest.size(), nullptr);
  const BuiltComposition composition = build(builder);
  const FoundFunction next = find(composition, "", "next");
  tenon_value c = tenon_value_char('a');
  EXPECT_EQ(take(tenon_function_call(next.get(), &c, 1, nullptr, &c)), "");
  EXPECT_EQ(c.of.u, std::uint64_t{'b'});
  for (const std::uint64_t bad : {UINT64_C(0xd800), UINT64_C(0x110000)}) {
    c = tenon_value_char(static_cast<std::uint32_t>(bad));
    EXPECT_THAT(take(tenon_function_call(next.get(), &c, 1, nullptr, nullptr)),
                StartsWith("value-type: "));
    std::uint64_t result = 0;
    EXPECT_THAT(take(tenon_function_call_flat(next.get(), &bad, 1, &result)),
                StartsWith("value-type: "));
  }
}

// A program that was compiled with a header that has fewer members passes smaller structs.
TEST(CApi, OptionsCanBeOfAnOlderHeader) {
  struct Older {
    size_t size;
    int reachable;
  };
  const Older older = {sizeof(Older), 1};
  const Builder builder(tenon_builder_new());
  for (const char* name : {"lib", "other"})
    tenon_builder_add_component(builder.get(), name, domain_guest("lib").c_str(),
                                reinterpret_cast<const tenon_unit_options*>(&older));
  // They have the same exports, are reachable, and need no root.
  const BuiltComposition composition = build(builder);
  EXPECT_EQ(tenon_composition_unit_count(composition.get()), 2U);
}

std::string_view text_of(const tenon_value& value) {
  EXPECT_EQ(value.kind, TENON_STRING);
  return {value.of.str.ptr, value.of.str.len};
}

TEST(CApi, DescribesTypes) {
  const BuiltComposition lib = build_lib();
  const FoundFunction mixed = find(lib, kLib, "echo-mixed");
  ASSERT_EQ(tenon_function_param_count(mixed.get()), 5U);
  EXPECT_STREQ(tenon_function_param_name(mixed.get(), 1), "b");
  EXPECT_EQ(tenon_function_param_name(mixed.get(), 5), nullptr);
  const tenon_type* const trouble = tenon_function_param_type(mixed.get(), 3);
  EXPECT_EQ(tenon_type_kind(trouble), TENON_VARIANT);
  EXPECT_STREQ(tenon_type_name(trouble), "trouble");
  ASSERT_EQ(tenon_type_part_count(trouble), 2U);
  EXPECT_STREQ(tenon_type_part_label(trouble, 0), "gone");
  EXPECT_EQ(tenon_type_kind(tenon_type_part(trouble, 0)), TENON_STRING);
  EXPECT_EQ(tenon_type_part(trouble, 1), nullptr);
  const tenon_type* const result = tenon_function_result_type(mixed.get());
  EXPECT_EQ(tenon_type_kind(result), TENON_TUPLE);
  EXPECT_EQ(tenon_type_part_count(result), 5U);
  EXPECT_STREQ(tenon_type_wit(tenon_type_part(result, 0)), "option<string>");
  EXPECT_EQ(tenon_type_part_count(tenon_type_part(result, 0)), 2U);  // none and some
  EXPECT_EQ(tenon_type_part_count(tenon_function_param_type(mixed.get(), 4)), 3U);
  const FoundFunction points = find(lib, kLib, "echo-points");
  const tenon_type* const list = tenon_function_param_type(points.get(), 0);
  EXPECT_EQ(tenon_type_kind(list), TENON_LIST);
  EXPECT_STREQ(tenon_type_part_label(tenon_type_part(list, 0), 2), "z");
  EXPECT_EQ(tenon_type_length(list), 0U);
  const FoundFunction boom = find(lib, kLib, "boom");
  EXPECT_EQ(tenon_function_result_type(boom.get()), nullptr);
}

TEST(CApi, ListsFunctionsAndUnits) {
  const Builder builder = make_guests({"front", "keeper", "lib"});
  tenon_builder_set_root(builder.get(), "front");
  tenon_builder_isolate(builder.get(), "lib");
  const BuiltComposition composition = build(builder);
  const size_t count = tenon_composition_function_count(composition.get());
  std::vector<std::string> names;
  tenon_function* function = nullptr;
  for (size_t i = 0; i < count; ++i) {
    EXPECT_EQ(take(tenon_composition_function_at(composition.get(), i, &function)), "");
    names.emplace_back(tenon_function_name(FoundFunction(function).get()));
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"add", "echo-mixed", "swallow"}));
  EXPECT_THAT(take(tenon_composition_function_at(composition.get(), count, &function)),
              HasSubstr("api-usage"));
  EXPECT_EQ(function, nullptr);
  EXPECT_EQ(tenon_composition_unit_count(composition.get()), 1U);
  tenon_unit* unit = nullptr;
  EXPECT_EQ(take(tenon_composition_unit(composition.get(), "lib", &unit)), "");
  EXPECT_STREQ(tenon_unit_name(unit), "lib");
  tenon_function* add = nullptr;
  EXPECT_EQ(take(tenon_unit_function(unit, "", "add", &add)), "");
  EXPECT_STREQ(tenon_function_name(FoundFunction(add).get()), "add");
  EXPECT_GT(tenon_unit_function_count(unit), 10U);
  tenon_unit_delete(unit);
  EXPECT_THAT(take(tenon_composition_unit(composition.get(), "libb", &unit)),
              HasSubstr("run-no-unit"));
}

TEST(CApi, HoldsResourcesOfGuests) {
  const BuiltComposition lib = build_lib();
  const FoundFunction make = find(lib, kLib, "[constructor]counter");
  const FoundFunction next = find(lib, kLib, "[method]counter.next");
  const FoundFunction merge = find(lib, kLib, "[static]counter.merge");
  const Arena arena(tenon_arena_new());
  const auto make_counter = [&](std::uint32_t start) {
    const tenon_value arg = tenon_value_u32(start);
    tenon_value counter;
    EXPECT_EQ(take(tenon_function_call(make.get(), &arg, 1, arena.get(), &counter)), "");
    EXPECT_EQ(counter.kind, TENON_OWN);
    return static_cast<tenon_resource*>(counter.of.rep);
  };
  tenon_resource* const a = make_counter(3);
  tenon_resource* const b = make_counter(10);
  EXPECT_STREQ(tenon_resource_type(a), "demo:domains/lib@1.0.0.counter");
  tenon_value count;
  const tenon_value borrow = tenon_value_borrow(a);
  EXPECT_EQ(take(tenon_function_call(next.get(), &borrow, 1, nullptr, &count)), "");
  EXPECT_EQ(count.of.u, 4U);
  EXPECT_EQ(call(lib, "alive()"), "2");
  // A call that is refused does not keep them, and nor does its task.
  const tenon_value twice[] = {tenon_value_own(a), tenon_value_own(a)};
  std::string problem;
  const auto done = [](void* user, tenon_error* error, const tenon_value*) {
    *static_cast<std::string*>(user) = take(error);
  };
  tenon_task* task = nullptr;
  EXPECT_EQ(take(tenon_function_start(merge.get(), twice, 2, done, &problem, &task)), "");
  EXPECT_THAT(problem, HasSubstr("passed twice"));
  const tenon_value both[] = {tenon_value_own(a), tenon_value_own(b)};
  tenon_value merged;
  EXPECT_EQ(take(tenon_function_call(merge.get(), both, 2, arena.get(), &merged)), "");
  tenon_task_delete(task);
  // They belong to the guest now.
  EXPECT_THAT(take(tenon_function_call(next.get(), &borrow, 1, nullptr, &count)),
              StartsWith("value-handle: "));
  EXPECT_EQ(call(lib, "alive()"), "1");
  tenon_resource* const kept = tenon_resource_keep(static_cast<tenon_resource*>(merged.of.rep));
  tenon_resource_delete(
      static_cast<tenon_resource*>(merged.of.rep));  // does nothing: it is the arena's
  tenon_arena_reset(arena.get());
  const tenon_value of_kept = tenon_value_borrow(kept);
  EXPECT_EQ(take(tenon_function_call(next.get(), &of_kept, 1, nullptr, &count)), "");
  EXPECT_EQ(count.of.u, 15U);
  tenon_resource_delete(kept);
  EXPECT_EQ(call(lib, "alive()"), "0");
  int other = 0;
  // None of these is read.
  const tenon_value bad[] = {tenon_value_borrow(&other), tenon_value_borrow(nullptr),
                             tenon_value_borrow(reinterpret_cast<void*>(std::uintptr_t{42})),
                             tenon_value_borrow(a)};
  for (const tenon_value& value : bad)
    EXPECT_THAT(take(tenon_function_call(next.get(), &value, 1, nullptr, &count)),
                HasSubstr("is not a tenon_resource"));
}

// `lib` of C functions.
class Library {
 public:
  struct Counter {
    std::uint32_t count;
  };

  void add_to(tenon_builder* builder) {
    const auto add = [&](const char* name, tenon_fn function) {
      ++users_;
      tenon_builder_add_function(builder, kLib, name, function, this,
                                 [](void* self) { --static_cast<Library*>(self)->users_; });
    };
    for (const char* name : {"echo", "echo-bytes", "echo-points", "echo-named"}) add(name, echo);
    add("echo-mixed", echo_all);
    add("add", [](void*, tenon_call*, const tenon_value* args, size_t, tenon_value* result) {
      *result = tenon_value_u32(static_cast<std::uint32_t>(args[0].of.u + args[1].of.u));
      return 0;
    });
    add("calls", [](void* self, tenon_call*, const tenon_value*, size_t, tenon_value* result) {
      *result = tenon_value_u32(++static_cast<Library*>(self)->calls_);
      return 0;
    });
    add("boom", [](void*, tenon_call* call, const tenon_value*, size_t, tenon_value*) {
      return tenon_host()->trap(call, "it went off %d times", 2);
    });
    add("spin", [](void*, tenon_call*, const tenon_value*, size_t, tenon_value*) { return 1; });
    add("grow", [](void*, tenon_call*, const tenon_value*, size_t, tenon_value* result) {
      *result = tenon_value_s8(1);  // not a u32
      return 0;
    });
    for (const char* name : {"check-text", "check-trouble", "check-reason"})
      add(name, [](void*, tenon_call* call, const tenon_value* args, size_t, tenon_value* result) {
        auto* const payload = static_cast<tenon_value*>(
            tenon_host()->alloc(call, sizeof(tenon_value), alignof(tenon_value)));
        *payload = args[0];
        *result = tenon_value_case(TENON_RESULT, 0, payload);
        return 0;
      });
    add("alive", [](void* self, tenon_call*, const tenon_value*, size_t, tenon_value* result) {
      *result = tenon_value_u32(static_cast<std::uint32_t>(static_cast<Library*>(self)->alive_));
      return 0;
    });
    add("consume",
        [](void* self, tenon_call*, const tenon_value* args, size_t, tenon_value* result) {
          *result = tenon_value_u32(count_of(args[0]));
          drop(self, args[0].of.rep);
          return 0;
        });
    add("make-bad", [](void* self, tenon_call*, const tenon_value*, size_t, tenon_value* result) {
      *result = tenon_value_own(make(self, 7));
      return 0;
    });
    add("[constructor]counter",
        [](void* self, tenon_call*, const tenon_value* args, size_t, tenon_value* result) {
          *result = tenon_value_own(make(self, static_cast<std::uint32_t>(args[0].of.u)));
          return 0;
        });
    add("[method]counter.next",
        [](void*, tenon_call*, const tenon_value* args, size_t, tenon_value* result) {
          *result = tenon_value_u32(++static_cast<Counter*>(args[0].of.rep)->count);
          return 0;
        });
    add("[method]counter.peek",
        [](void*, tenon_call*, const tenon_value* args, size_t, tenon_value* result) {
          *result = tenon_value_u32(count_of(args[0]) + count_of(args[1]));
          return 0;
        });
    add("[static]counter.merge",
        [](void* self, tenon_call*, const tenon_value* args, size_t, tenon_value* result) {
          *result = tenon_value_own(make(self, count_of(args[0]) + count_of(args[1])));
          drop(self, args[0].of.rep);
          drop(self, args[1].of.rep);
          return 0;
        });
    ++users_;
    tenon_builder_add_resource(builder, kLib, "counter", drop, this,
                               [](void* self) { --static_cast<Library*>(self)->users_; });
  }

  [[nodiscard]] int alive() const { return alive_; }
  [[nodiscard]] int users() const { return users_; }

 private:
  static std::int32_t echo(void*, tenon_call*, const tenon_value* args, size_t,
                           tenon_value* result) {
    *result = args[0];
    return 0;
  }
  static std::int32_t echo_all(void*, tenon_call*, const tenon_value* args, size_t count,
                               tenon_value* result) {
    *result = tenon_value_items(TENON_TUPLE, const_cast<tenon_value*>(args), count);
    return 0;
  }
  static std::uint32_t count_of(const tenon_value& counter) {
    return static_cast<Counter*>(counter.of.rep)->count;
  }
  static Counter* make(void* self, std::uint32_t count) {
    ++static_cast<Library*>(self)->alive_;
    return new Counter{count};
  }
  static void drop(void* self, void* rep) {
    --static_cast<Library*>(self)->alive_;
    delete static_cast<Counter*>(rep);
  }

  std::uint32_t calls_ = 0;
  int alive_ = 0;
  int users_ = 0;  // functions that are not dropped
};

TEST(CApi, FunctionsInCReplaceAGuest) {
  for (const bool isolates : {false, true}) {
    Library library;
    {
      const Builder builder = make_guests({"front", "keeper"});
      library.add_to(builder.get());
      tenon_builder_set_root(builder.get(), "front");
      if (isolates) tenon_builder_isolate_all(builder.get());
      const BuiltComposition composition = build(builder);
      const Builder guests = make_guests({"front", "keeper", "lib"});
      tenon_builder_set_root(guests.get(), "front");
      const BuiltComposition fresh = build(guests);
      for (const std::string_view text : kFrontCalls) {
        const std::string in_front = "front." + std::string(text);
        EXPECT_EQ(call(composition, in_front), call(fresh, in_front)) << text;
      }
      EXPECT_GT(library.alive(), 0);
    }
    EXPECT_EQ(library.alive(), 0);
    EXPECT_EQ(library.users(), 0);
  }
}

// The program and the guest `lib` have a resource of one name.
TEST(CApi, HandleTypesNameTheOwnerOfTheirResource) {
  Library library;
  const Builder builder = make_guests({"front", "keeper", "lib"});
  library.add_to(builder.get());
  tenon_builder_set_root(builder.get(), "front");
  tenon_builder_isolate(builder.get(), "keeper");
  tenon_builder_isolate(builder.get(), "lib");
  const BuiltComposition composition = build(builder);
  const auto find_in = [&](const char* unit_name, const char* interface, const char* name) {
    tenon_unit* unit = nullptr;
    tenon_function* found = nullptr;
    EXPECT_EQ(take(tenon_composition_unit(composition.get(), unit_name, &unit)), "");
    EXPECT_EQ(take(tenon_unit_function(unit, interface, name, &found)), "");
    tenon_unit_delete(unit);
    return FoundFunction(found);
  };
  const FoundFunction sum = find_in("keeper", "demo:domains/keeper", "sum");
  const FoundFunction next = find_in("lib", kLib, "[method]counter.next");
  const tenon_type* const of_program = tenon_function_param_type(sum.get(), 0);
  const tenon_type* const of_guest = tenon_function_param_type(next.get(), 0);
  for (const tenon_type* const type : {of_program, of_guest}) {
    EXPECT_EQ(tenon_type_kind(type), TENON_BORROW);
    EXPECT_STREQ(tenon_type_name(type), "counter");
    EXPECT_STREQ(tenon_type_resource(type), "demo:domains/lib@1.0.0.counter");
  }
  EXPECT_STREQ(tenon_type_owner(of_program), "program");
  EXPECT_STREQ(tenon_type_owner(of_guest), "lib");
  EXPECT_STREQ(tenon_type_owner(tenon_function_result_type(sum.get())), "");

  // Neither can be in the place of the other.
  const FoundFunction make = find_in("lib", kLib, "[constructor]counter");
  const Arena arena(tenon_arena_new());
  const tenon_value start = tenon_value_u32(3);
  tenon_value counter;
  ASSERT_EQ(take(tenon_function_call(make.get(), &start, 1, arena.get(), &counter)), "");
  const tenon_value guests[] = {tenon_value_borrow(counter.of.rep),
                                tenon_value_borrow(counter.of.rep)};
  EXPECT_EQ(take(tenon_function_call(sum.get(), guests, 2, nullptr, nullptr)),
            "value-handle: `of.rep` is a tenon_resource, and not a pointer of the program, which "
            "makes `demo:domains/lib@1.0.0.counter`");
  int object = 0;
  const tenon_value program = tenon_value_borrow(&object);
  EXPECT_EQ(take(tenon_function_call(next.get(), &program, 1, nullptr, nullptr)),
            "value-handle: `of.rep` is not a tenon_resource, and `demo:domains/lib@1.0.0.counter` "
            "is not a resource of the program");
}

TEST(CApi, FailuresOfFunctionsInCAreTraps) {
  for (const auto& [name, message] : std::map<std::string, std::string>{
           {"boom()", "it went off 2 times"},
           {"spin()", "it failed without a message"},
           {"grow(1)", "it returned an invalid value at result: expected u32, found s8"}}) {
    Library library;
    const Builder builder = make_guests({"front", "keeper"});
    library.add_to(builder.get());
    tenon_builder_set_root(builder.get(), "front");
    const BuiltComposition composition = build(builder);
    EXPECT_THAT(call(composition, "front." + name), HasSubstr(message));
  }
}

TEST(CApi, ErrorsHaveAllParts) {
  const Builder builder = make_guests({"front", "keeper"});
  tenon_plan* plan = nullptr;
  const Problem problem(tenon_builder_plan(builder.get(), &plan));
  ASSERT_NE(problem, nullptr);
  EXPECT_EQ(plan, nullptr);
  ASSERT_GE(tenon_error_count(problem.get()), 2U);  // an import of each
  const tenon_problem* const first = tenon_error_problem(problem.get(), 0);
  EXPECT_STREQ(first->code, "resolve-no-provider");
  EXPECT_THAT(first->file, HasSubstr("front.wasm"));
  EXPECT_STREQ(first->unit, "front");
  EXPECT_STREQ(first->item, "demo:domains/lib@1.0.0");
  EXPECT_EQ(first->severity, TENON_SEVERITY_ERROR);
  ASSERT_GE(first->nhints, 1U);
  EXPECT_THAT(first->hints[0], HasSubstr("`tenon_builder_add_component`"));
  EXPECT_EQ(tenon_error_problem(problem.get(), 1000), nullptr);
  EXPECT_EQ(tenon_error_failure(problem.get()), nullptr);
  EXPECT_THAT(tenon_error_text(problem.get()), HasSubstr("error[resolve-no-provider]"));
  EXPECT_THAT(tenon_error_text(problem.get()), HasSubstr("tenon_builder_add_component"));
  EXPECT_THAT(tenon_error_json(problem.get()), StartsWith(R"([{"code":"resolve-no-provider")"));
  EXPECT_THAT(Text(tenon_explain_code("resolve-cycle")).get(), HasSubstr("cycle"));
  EXPECT_EQ(tenon_explain_code("no-such-code"), nullptr);
}

TEST(CApi, FailedCallsHaveTheirStack) {
  const BuiltComposition lib = build_lib();
  const FoundFunction boom = find(lib, kLib, "boom");
  const Problem problem(tenon_function_call(boom.get(), nullptr, 0, nullptr, nullptr));
  const tenon_failure* const failure = tenon_error_failure(problem.get());
  ASSERT_NE(failure, nullptr);
  EXPECT_EQ(failure->kind, TENON_FAILURE_TRAP);
  EXPECT_STREQ(failure->unit, "lib");
  EXPECT_THAT(failure->message, HasSubstr("unreachable"));
  ASSERT_GE(failure->nframes, 1U);
  EXPECT_STREQ(failure->frames[0].unit, "lib");
  EXPECT_STREQ(tenon_error_code(problem.get()), "run-trap");
}

TEST(CApi, HintsNameFunctionsOfC) {
  const auto translate = [](const char* program) {
    return capi::make_c_hint(
        Hint("do", {.program = program, .command = {}, .manifest = {"key = 1"}}));
  };
  EXPECT_EQ(translate("`set_root(\"app\")`"), "do: `tenon_builder_set_root(builder, \"app\")`");
  EXPECT_EQ(translate("`trust()`"), "do: `tenon_builder_trust(builder)`");
  EXPECT_EQ(translate("`wire` with `Wire::via`"), "do: `tenon_builder_wire` with `tenon_wire.via`");
  EXPECT_EQ(translate("`wire({.import = \"a\"})`"),
            "do: `tenon_builder_wire(builder, &(tenon_wire){.import = \"a\"})`");
  EXPECT_EQ(translate("`Limits::memory`"), "do: `tenon_builder_set_limit`");
  EXPECT_EQ(translate("`make_lock` and `require_lock`"), "do, in a tenon.toml\nkey = 1");
}

TEST(CApi, MisuseIsAnError) {
  tenon_composition* composition = nullptr;
  EXPECT_EQ(take(tenon_builder_build(nullptr, &composition)), "api-usage: `builder` is NULL");
  const BuiltComposition lib = build_lib();
  // Another kind of object.
  EXPECT_EQ(take(tenon_builder_build(reinterpret_cast<tenon_builder*>(lib.get()), &composition)),
            "api-usage: `builder` was deleted, or is of another kind");
  tenon_function* function = nullptr;
  EXPECT_EQ(take(tenon_composition_function(lib.get(), kLib, nullptr, &function)),
            "api-usage: `name` is NULL");
  EXPECT_EQ(take(tenon_composition_function(lib.get(), kLib, "add", nullptr)),
            "api-usage: an out parameter is NULL");
  const Builder builder(tenon_builder_new());
  tenon_builder_hide(builder.get(), nullptr, "item");
  EXPECT_EQ(take(tenon_builder_build(builder.get(), &composition)),
            "api-usage: `tenon_builder_hide` got NULL where it needs text");
  const FoundFunction echo = find(lib, kLib, "echo");
  const tenon_value text = tenon_value_string("a", 1);
  tenon_value result;
  EXPECT_EQ(take(tenon_function_call(echo.get(), &text, 1, nullptr, &result)),
            "api-usage: `arena` is NULL, and the result needs memory");
  EXPECT_EQ(take(tenon_function_call(echo.get(), nullptr, 1, nullptr, &result)),
            "api-usage: `args` is NULL");
  const tenon_value null_text = tenon_value_string(nullptr, 5);
  EXPECT_THAT(take(tenon_function_call(echo.get(), &null_text, 1, nullptr, nullptr)),
              HasSubstr("found NULL"));
  tenon_value kind = tenon_value_make(200);
  EXPECT_THAT(take(tenon_function_call(echo.get(), &kind, 1, nullptr, nullptr)),
              HasSubstr("a value of kind 200"));
  // NULL where nothing can be returned.
  tenon_builder_delete(nullptr);
  tenon_composition_delete(nullptr);
  tenon_error_delete(nullptr);
  EXPECT_EQ(tenon_error_count(nullptr), 0U);
  EXPECT_STREQ(tenon_function_name(nullptr), "");
  EXPECT_EQ(tenon_composition_run_for(nullptr, 0), 0);
}

TEST(CApi, ObjectsOutliveTheirComposition) {
  BuiltComposition lib = build_lib();
  const FoundFunction add = find(lib, kLib, "add");
  const FoundFunction make = find(lib, kLib, "[constructor]counter");
  const Arena arena(tenon_arena_new());
  const tenon_value start = tenon_value_u32(1);
  tenon_value counter;
  EXPECT_EQ(take(tenon_function_call(make.get(), &start, 1, arena.get(), &counter)), "");
  lib.reset();
  const tenon_value args[] = {tenon_value_u32(3), tenon_value_u32(4)};
  EXPECT_THAT(take(tenon_function_call(add.get(), args, 2, nullptr, nullptr)),
              HasSubstr("run-no-function"));
}

TEST(CApi, ReadsAManifestAsText) {
  const Builder builder(tenon_builder_new());
  const std::string text = R"(
schema = 1
[project]
root = "front"
[components.front]
path = "front.wasm"
[components.keeper]
path = "keeper.wasm"
[components.lib]
path = "lib.wasm"
isolated = true
[domains.main]
net = ["*"]
)";
  const std::string guest = domain_guest("lib");
  const std::string folder = guest.substr(0, guest.rfind('/'));
  EXPECT_EQ(take(tenon_builder_read_manifest_text(builder.get(), text.data(), text.size(),
                                                  folder.c_str())),
            "");
  // The text of the program needs no consent.
  const BuiltComposition composition = build(builder);
  EXPECT_EQ(call(composition, "front.add(1, 2)"), "3");
  EXPECT_THAT(take(tenon_builder_read_manifest_text(builder.get(), "schema = ", 9, "x")),
              HasSubstr("config-syntax"));
}

TEST(CApi, PrintsPlans) {
  const Builder builder = make_guests({"front", "keeper", "lib"});
  tenon_builder_set_root(builder.get(), "front");
  tenon_plan* plan = nullptr;
  ASSERT_EQ(take(tenon_builder_plan(builder.get(), &plan)), "");
  char* text = nullptr;
  EXPECT_EQ(take(tenon_plan_text(plan, &text)), "");
  EXPECT_THAT(Text(text).get(), HasSubstr("demo:domains/lib@1.0.0"));
  EXPECT_EQ(take(tenon_plan_json(plan, &text)), "");
  EXPECT_THAT(Text(text).get(), HasSubstr("\"schema\": 1"));
  const std::string svg_problem = take(tenon_plan_svg(plan, &text));
  if (svg_problem.empty())
    EXPECT_THAT(Text(text).get(), StartsWith("<svg"));
  else
    EXPECT_THAT(svg_problem, HasSubstr("Graphviz"));
  tenon_plan_delete(plan);
  EXPECT_EQ(take(tenon_builder_explain_import(builder.get(), "demo:domains/keeper", &text)), "");
  EXPECT_THAT(Text(text).get(), HasSubstr("keeper"));
  std::uint8_t* bytes = nullptr;
  size_t size = 0;
  EXPECT_EQ(take(tenon_builder_compose(builder.get(), &bytes, &size)), "");
  ASSERT_GT(size, 8U);
  EXPECT_EQ(std::memcmp(bytes, "\0asm", 4), 0);
  tenon_free(bytes);
}

TEST(CApi, SwapsUnits) {
  const Builder builder = make_guests({"front", "keeper", "lib"});
  tenon_builder_set_root(builder.get(), "front");
  tenon_builder_isolate(builder.get(), "lib");
  const BuiltComposition composition = build(builder);
  EXPECT_EQ(call(composition, "front.calls()"), "1");
  EXPECT_EQ(call(composition, "front.calls()"), "2");
  EXPECT_EQ(
      take(tenon_composition_swap(composition.get(), "lib", domain_guest("lib").c_str(), nullptr)),
      "");
  EXPECT_EQ(call(composition, "front.calls()"), "1");
  EXPECT_NE(take(tenon_composition_swap(composition.get(), "lib", domain_guest("keeper").c_str(),
                                        nullptr)),
            "");
  EXPECT_EQ(call(composition, "front.calls()"), "2");
}

TEST(CApi, AnyNumberOfThreadsCall) {
  const BuiltComposition lib = build_lib();
  constexpr int kThreads = 4;
  constexpr std::uint32_t kCalls = 500;
  const FoundFunction add = find(lib, kLib, "add");
  const FoundFunction echo = find(lib, kLib, "echo");
  std::atomic<std::uint64_t> sum = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([&] {
        const Arena arena(tenon_arena_new());
        for (std::uint32_t n = 0; n < kCalls; ++n) {
          const tenon_value args[] = {tenon_value_u32(n), tenon_value_u32(1)};
          tenon_value result;
          EXPECT_EQ(take(tenon_function_call(add.get(), args, 2, nullptr, &result)), "");
          sum += result.of.u;
          const std::string text = std::to_string(n);
          const tenon_value arg = tenon_value_string(text.data(), text.size());
          tenon_arena_reset(arena.get());
          EXPECT_EQ(take(tenon_function_call(echo.get(), &arg, 1, arena.get(), &result)), "");
          EXPECT_EQ(text_of(result), text);
        }
      });
  }
  EXPECT_EQ(sum, std::uint64_t{kThreads} * kCalls * (kCalls + 1) / 2);
}

// The outcomes of calls that were started, in order.
struct Ends {
  std::vector<std::string> all;

  static void add(void* user, tenon_error* error, const tenon_value* result) {
    auto& ends = *static_cast<Ends*>(user);
    ends.all.push_back(error != nullptr ? take(error) : std::to_string(result->of.u));
  }
};

class TasksInC : public testing::Test {
 protected:
  TasksInC() {
    const Bytes gate = assemble(kGate);
    tenon_builder_add_component_bytes(builder_.get(), "gate", gate.data(), gate.size(), nullptr);
  }
  void build_gate() {
    gate_ = build(builder_);
    hold_ = find(gate_, "", "hold");
  }
  tenon_task* start(std::uint32_t number) {
    const tenon_value arg = tenon_value_u32(number);
    tenon_task* task = nullptr;
    EXPECT_EQ(take(tenon_function_start(hold_.get(), &arg, 1, Ends::add, &ends_, &task)), "");
    return task;
  }

  Builder builder_{tenon_builder_new()};
  BuiltComposition gate_;
  FoundFunction hold_;
  Ends ends_;
};

TEST_F(TasksInC, EndLater) {
  build_gate();
  tenon_task* const first = start(1);
  tenon_task* const second = start(2);
  EXPECT_EQ(tenon_task_wait(first, 1'000'000), 0);
  EXPECT_THAT(ends_.all, testing::IsEmpty());
  EXPECT_EQ(call(gate_, "release()"), "2");
  EXPECT_EQ(tenon_task_wait(first, UINT64_MAX), 1);
  EXPECT_EQ(tenon_task_wait(second, UINT64_MAX), 1);
  EXPECT_THAT(ends_.all, testing::UnorderedElementsAre("101", "102"));
  tenon_task_delete(first);
  tenon_task_delete(second);
}

TEST_F(TasksInC, AreCancelledFromAnyThread) {
  build_gate();
  tenon_task* const task = start(1);
  std::thread([&] { tenon_task_cancel(task); }).join();
  EXPECT_EQ(tenon_task_wait(task, UINT64_MAX), 1);
  ASSERT_EQ(ends_.all.size(), 1U);
  EXPECT_THAT(ends_.all[0], StartsWith("run-interrupted: "));
  tenon_task_delete(task);
}

// `done` is called in the wait.
TEST_F(TasksInC, AreDeletedWhenTheyEnd) {
  build_gate();
  const tenon_value arg = tenon_value_u32(1);
  tenon_task* task = nullptr;
  const auto done = [](void* user, tenon_error* error, const tenon_value*) {
    EXPECT_EQ(take(error), "");
    tenon_task_delete(*static_cast<tenon_task**>(user));
  };
  ASSERT_EQ(take(tenon_function_start(hold_.get(), &arg, 1, done, &task, &task)), "");
  EXPECT_EQ(call(gate_, "release()"), "1");
  EXPECT_EQ(tenon_task_wait(task, UINT64_MAX), 1);
}

TEST_F(TasksInC, EndWithTheirComposition) {
  build_gate();
  tenon_task_delete(start(1));
  gate_.reset();
  ASSERT_EQ(ends_.all.size(), 1U);
  EXPECT_THAT(ends_.all[0], StartsWith("run-ended: "));
  // A call that cannot be started ends at once.
  tenon_task_delete(start(2));
  ASSERT_EQ(ends_.all.size(), 2U);
  EXPECT_THAT(ends_.all[1], StartsWith("run-no-function: "));
}

TEST_F(TasksInC, RunOnAnEventLoop) {
  struct Loop {
    std::deque<std::pair<void (*)(void*), void*>> work;
  } loop;
  const tenon_executor executor{[](void* user, void (*run)(void*), void* work) {
                                  static_cast<Loop*>(user)->work.emplace_back(run, work);
                                },
                                &loop};
  tenon_builder_set_executor(builder_.get(), &executor);
  build_gate();
  const auto run_all = [&] {
    while (!loop.work.empty()) {
      const auto [run, work] = loop.work.front();
      loop.work.pop_front();
      run(work);
    }
  };
  tenon_task_delete(start(1));
  run_all();
  EXPECT_THAT(ends_.all, testing::IsEmpty());
  EXPECT_EQ(call(gate_, "release()"), "1");
  run_all();
  EXPECT_THAT(ends_.all, ElementsAre("101"));
  gate_.reset();
  run_all();
}

// An event loop that has nothing else to do: the library cannot know that nobody will call `release`.
TEST_F(TasksInC, ThatCannotEndFailWhenTheLoopSaysSo) {
  std::deque<std::pair<void (*)(void*), void*>> loop;
  const tenon_executor executor{[](void* user, void (*run)(void*), void* work) {
                                  static_cast<decltype(loop)*>(user)->emplace_back(run, work);
                                },
                                &loop};
  tenon_builder_set_executor(builder_.get(), &executor);
  build_gate();
  tenon_task_delete(start(1));
  const auto run_all = [&] {
    for (; !loop.empty(); loop.pop_front()) loop.front().first(loop.front().second);
  };
  run_all();
  EXPECT_THAT(ends_.all, testing::IsEmpty());
  EXPECT_EQ(tenon_composition_run_for(gate_.get(), 0), 0);
  tenon_composition_end_deadlock(gate_.get());
  run_all();
  ASSERT_EQ(ends_.all.size(), 1U);
  EXPECT_THAT(ends_.all[0], StartsWith("run-deadlock: "));
  // The composition goes on.
  tenon_task_delete(start(2));
  (void)call(gate_, "release()");
  run_all();
  EXPECT_EQ(ends_.all.back(), "102");
  tenon_composition_end_deadlock(nullptr);
  gate_.reset();
  run_all();
}

TEST(CApi, TracesCallsAsJson) {
  const Builder builder = make_guests({"front", "keeper", "lib"});
  tenon_builder_set_root(builder.get(), "front");
  tenon_builder_isolate(builder.get(), "lib");
  std::vector<std::string> traced;
  tenon_builder_on_trace(
      builder.get(),
      [](void* user, const char* json, size_t size) {
        static_cast<std::vector<std::string>*>(user)->emplace_back(json, size);
      },
      &traced, nullptr);
  const BuiltComposition composition = build(builder);
  EXPECT_EQ(call(composition, "front.add(1, 2)"), "3");
  ASSERT_EQ(traced.size(), 1U);
  EXPECT_THAT(traced[0], HasSubstr(R"("arguments":"1, 2","result":"3")"));
}

TEST(CApi, LimitsAndInterruptsCalls) {
  const Builder builder = make_guests({"lib"});
  tenon_builder_set_limit(builder.get(), nullptr, "call-timeout", "50ms");
  const BuiltComposition lib = build(builder);
  EXPECT_THAT(call(lib, "spin()"), StartsWith("run-deadline: "));
  const Builder bad = make_guests({"lib"});
  tenon_builder_set_limit(bad.get(), nullptr, "memory", "much");
  tenon_builder_set_limit(bad.get(), nullptr, "colour", "1");
  tenon_composition* none = nullptr;
  const Problem problem(tenon_builder_build(bad.get(), &none));
  ASSERT_EQ(tenon_error_count(problem.get()), 2U);
  EXPECT_STREQ(tenon_error_problem(problem.get(), 0)->code, "config-value");
  EXPECT_STREQ(tenon_error_problem(problem.get(), 1)->code, "api-usage");
}

// A guest of one composition calls a C function, which calls into another composition.
TEST(CApi, InterruptsCallsInsideOfAnotherComposition) {
  const Builder builder = make_guests({"lib"});
  tenon_builder_allow_interrupt(builder.get());
  const BuiltComposition inner = build(builder);
  struct Relay {
    FoundFunction spin;
    std::string problem = {};
  } relay{find(inner, kLib, "spin")};
  const Bytes guest = assemble(R"((component
    (import "call" (func $call))
    (core func $lowered (canon lower (func $call)))
    (func (export "run") (canon lift (core func $lowered)))))");
  const Builder outer_builder(tenon_builder_new());
  tenon_builder_add_component_bytes(outer_builder.get(), "relay", guest.data(), guest.size(),
                                    nullptr);
  tenon_builder_allow_interrupt(outer_builder.get());
  const auto call_spin = [](void* user, tenon_call*, const tenon_value*, size_t,
                            tenon_value*) -> std::int32_t {
    auto& to = *static_cast<Relay*>(user);
    to.problem = take(tenon_function_call(to.spin.get(), nullptr, 0, nullptr, nullptr));
    return 0;
  };
  tenon_builder_add_function(outer_builder.get(), "", "call", call_spin, &relay, nullptr);
  const BuiltComposition outer = build(outer_builder);
  std::atomic<bool> has_ended = false;
  std::thread interrupter([&] {
    while (!has_ended) {
      tenon_composition_interrupt(inner.get());
      std::this_thread::yield();
    }
  });
  EXPECT_EQ(call(outer, "run()"), "");
  has_ended = true;
  interrupter.join();
  EXPECT_THAT(relay.problem, StartsWith("run-interrupted: "));
}

// The compiler of the engine has threads, which a child does not have.
TEST(CApi, AChildProcessLinksAndCalls) {
  // The sanitizer ends a process that was forked from one with threads.
  if (kHasThreadSanitizer) GTEST_SKIP() << "not under the thread sanitizer";
  const BuiltComposition lib = build_lib();
  const pid_t child = fork();
  if (child == 0) {
    // Exit codes say how far it came. A hang ends by the alarm.
    alarm(60);
    if (call(lib, "add(1, 2)") != "3") _exit(1);
    const Builder builder = make_guests({"front", "keeper", "lib"});
    tenon_builder_set_root(builder.get(), "front");
    tenon_composition* built = nullptr;
    if (tenon_builder_build(builder.get(), &built) != nullptr) _exit(2);
    char* result = nullptr;
    if (tenon_composition_call(built, "front.add(3, 4)", &result) != nullptr) _exit(3);
    _exit(std::string_view(result) == "7" ? 0 : 4);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(CApi, ExceptionsAreErrors) {
  EXPECT_EQ(take(capi::guard([]() -> tenon_error* { throw std::bad_alloc(); })),
            "api-memory: out of memory");
  const Problem bug(capi::guard([]() -> tenon_error* { throw std::runtime_error("a bug"); }));
  EXPECT_STREQ(tenon_error_code(bug.get()), "api-internal");
  EXPECT_STREQ(tenon_error_message(bug.get()), "tenon failed: a bug");
  // Without memory, an error says so in every form.
  tenon_error* const error = capi::out_of_memory();
  EXPECT_EQ(tenon_error_count(error), 1U);
  EXPECT_STREQ(tenon_error_problem(error, 0)->code, "api-memory");
  EXPECT_STREQ(tenon_error_text(error), "out of memory");
  EXPECT_THAT(tenon_error_json(error), HasSubstr("api-memory"));
  tenon_error_delete(error);
  EXPECT_STREQ(tenon_error_code(error), "api-memory");
}

// The names that the library exports are those of the header.
TEST(CApi, ExportsWhatTheHeaderDeclares) {
  const auto read = [](const char* path) {
    std::ifstream file(std::string(TENON_SOURCE_DIR) + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  };
  const std::string header = read("/include/tenon/tenon_c.h");
  std::vector<std::string> declared;
  for (std::size_t at = header.find("TENON_API "); at != std::string::npos;
       at = header.find("TENON_API ", at + 1)) {
    if (at >= 8 && header.substr(at - 8, 8) == "#define ") continue;
    const std::size_t end = header.find('(', at);
    const std::size_t begin = header.find_last_of(" *", end) + 1;
    declared.push_back(header.substr(begin, end - begin));
  }
  std::ranges::sort(declared);
  std::vector<std::string> listed;
  std::istringstream lines(read("/src/capi/exports.txt"));
  for (std::string line; std::getline(lines, line);) listed.push_back(line);
  EXPECT_EQ(listed, declared);
}

}  // namespace
}  // namespace tenon::c_api_test
