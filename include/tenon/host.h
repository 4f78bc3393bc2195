// Functions and resources that a C++ program provides to units. They satisfy imports just like the
// exports of a component: `add_host_function` takes a lambda, and a `HostResource` describes a
// class whose objects guests hold as resources.
//
// clang-format off
//   builder.add_host_function("acme:log/log", "write",
//                             [&](std::string_view line) { lines.emplace_back(line); });
//
//   tenon::HostResource<Bucket> bucket("press:kv/store", "bucket");
//   bucket.constructor([] { return std::make_unique<Bucket>(); })
//       .method("get", &Bucket::get)
//       .method("set", [](Bucket& self, std::string_view key, std::uint64_t value) { ... });
//   builder.add_host_resource(bucket);
// clang-format on
//
// The type of a function is derived from the lambda. tenon/record.h lists the C++ type for each WIT
// type; for resources of the program these are added:
//
// | WIT       | C++                                                                              |
// | --------- | -------------------------------------------------------------------------------- |
// | borrow<r> | T& or const T&, where r is HostResource<T>; as a parameter                       |
// | own<r>    | std::unique_ptr<T> or std::shared_ptr<T>; as a parameter, std::shared_ptr<T>     |
//
// Calls into a guest pass objects with the same types: a `function<void(Bucket&)>` takes a
// std::shared_ptr<Bucket>, which the guest borrows for the call. A resource of a guest is a
// `tenon::Resource`. A std::string_view, a std::span of numbers and a T& are views of the caller's
// data, valid during the call.
//
// Whether a function matches its import is checked when the composition is planned
// (type-signature). A function can also take dynamic values, and then has whatever type its import
// has: `[](std::span<const tenon::Value> params) -> tenon::Value { ... }`. It returns a Value, a
// std::optional of one, nothing, or a HostResult of these. Such a function sees resources of the
// program as handles, like those of guests.
//
// All units share the functions of the program, unless a function is for certain units
// (HostFunction::consumers, HostResourceParts::consumers): then each of them can have functions, and
// state, of its own for the same import.
//
//   tenon::HostFunction write = tenon::host_function("acme:log/log", "write",
//       [&](const tenon::Caller& caller, std::string_view line) { log(caller.unit, line); });
//   write.consumers = {"cart", "tax"};
//   builder.add_host_function(std::move(write));
//
// A function can also take packr's encoded values without decoding them: see RawFunction.
//
// An exception from a function becomes a trap in its caller. A function that returns a `HostResult`
// can also return a `Trap`.
//
// A function with C++ types can be a coroutine that returns a Task (tenon/task.h). The call then ends
// with the task, and other guests run meanwhile; a guest that calls it synchronously waits. The
// parameters live as long as the task. If the caller cancels, or ends, the task is destroyed.
//
//   builder.add_host_function("acme:clock/clock", "wait",
//                             [&](std::uint32_t ms) -> tenon::Task<void> { co_await timers.after(ms); });
//
// Functions take and return streams and futures (tenon/stream.h): those with C++ types as Stream<T> and
// Future<T>, those on dynamic values as Values. A coroutine goes on writing after the function has
// returned the other end:
//
//   tenon::Task<void> write_lines(tenon::StreamWriter<std::string> to) {
//     while (...) if (!*co_await to.write(next_line())) co_return;   // nobody reads any more
//   }
//   builder.add_host_function("acme:log/log", "follow", [] {
//     auto [writer, lines] = tenon::make_stream<std::string>();
//     write_lines(std::move(writer)).then([] {});                    // runs without the task
//     return std::move(lines);
//   });
//
// Thread: functions are called on the thread that uses the composition, and by domains that compute
// on their threads (`CompositionBuilder::set_threads`), one at a time. If units are shared between
// compositions, they are called on the threads of all of these, one at a time.
// Lifetime: a composition keeps its functions and the objects of its resources alive.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "tenon/detail/call_port.h"
#include "tenon/detail/host_callable.h"
#include "tenon/detail/host_codec.h"
#include "tenon/detail/signature.h"
#include "tenon/result.h"
#include "tenon/type.h"
#include "tenon/value.h"

namespace tenon {

// The unit of a composition that calls a function of the program. A function gets it if its first
// parameter is a `const tenon::Caller&`, which is not part of its type for the guest. Lifetime: that of
// the composition.
struct Caller {
  std::string unit;
  std::string domain;  // of the unit
};

// A borrow<r> within another value, such as a list: `object` is the object of the program.
template <class T>
using HostBorrow = detail::HostBorrow<T>;

// The bytes of the result of a RawFunction.
class RawBytes final {
 public:
  RawBytes(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  // Refers to bytes without copying them: a part of the parameters, or memory of the program that
  // does not change until the call has ended.
  [[nodiscard]] static RawBytes view(std::span<const std::uint8_t> bytes) {
    RawBytes viewed({});
    viewed.view_ = bytes;
    return viewed;
  }

  [[nodiscard]] std::span<const std::uint8_t> bytes() const {
    return view_.data() != nullptr ? view_ : std::span<const std::uint8_t>(bytes_);
  }

 private:
  std::vector<std::uint8_t> bytes_;
  std::span<const std::uint8_t> view_;
};

// A function of the program that takes and returns values in the wire form of packr packages
// (tenon/packr.h), without decoding them. It fits every import whose types packr has. If a package
// calls it, `params` are the bytes in the memory of the package, and the result is copied there once.
// If a component calls it, its values are encoded first.
//
//   builder.add_host_function("store", "put", tenon::RawFunction(
//       [&](std::span<const std::uint8_t> params) -> tenon::RawBytes {
//         log.write(params);
//         return kDone;
//       }));
//
// The function can have a first parameter `const tenon::Caller&`, like other functions.
//
// params: one value, whose type has been checked against the import; a tuple for any number of
//         parameters other than one. Valid until the function returns or calls into the composition.
// Returns: one value, which is checked against the type of the import before the caller gets it; an
//          empty tuple if the import has no result. A value of another type traps, and so do a `Trap`
//          and an exception.
class RawFunction final {
 public:
  using Params = std::span<const std::uint8_t>;
  using Call = std::function<HostResult<RawBytes>(const Caller&, Params)>;

  template <class F>
    requires std::is_invocable_r_v<HostResult<RawBytes>, F&, Params> ||
             std::is_invocable_r_v<HostResult<RawBytes>, F&, const Caller&, Params>
  explicit RawFunction(F function)
      : call_(std::make_shared<const Call>(
            [function = std::move(function)](const Caller& caller, Params params) mutable {
              return detail::invoke_for<HostResult<RawBytes>>(caller, function, params);
            })) {}

  [[nodiscard]] const std::shared_ptr<const Call>& call() const { return call_; }

 private:
  std::shared_ptr<const Call> call_;
};

namespace detail {

// A handler of HTTP requests (tenon/http.h).
struct HttpFunctionPart;

// The library's description of the type of an import.
struct ImportShape;

// A callable that was made for one import, and where its values are.
struct BoundCallable {
  std::shared_ptr<HostCallable> callable;
  const CppSignature* signature = nullptr;  // static
};

}  // namespace detail

// A function that the program provides, in the form that `CompositionBuilder` takes; `host_function`
// makes one. Copies share the function.
struct HostFunction {
  using Dynamic =
      std::function<HostResult<std::optional<Value>>(const Caller&, std::span<const Value>)>;

  std::string interface;  // "acme:log/log", "acme:log/log@1.0.0"; empty: a bare function
  std::string name;       // "write", "[method]bucket.get"
  // The units that can import it, by name; empty: all. For one unit, a function that names it wins over
  // others, so that units can have different functions for one import.
  std::vector<std::string> consumers = {};
  // With C++ types; null otherwise.
  const detail::CppSignature* signature = nullptr;  // static
  std::shared_ptr<detail::HostCallable> typed;
  // With dynamic values; null otherwise.
  std::shared_ptr<const Dynamic> dynamic;
  // With recursive C++ types: makes the function on dynamic values; null otherwise.
  using BindTree = std::function<Dynamic(std::shared_ptr<const detail::TreeLabels>)>;
  std::shared_ptr<const BindTree> tree = {};
  // With encoded values; null otherwise.
  std::shared_ptr<const RawFunction::Call> raw = {};
  // With requests of HTTP: a handler; null otherwise.
  std::shared_ptr<const detail::HttpFunctionPart> http = {};
  // With values of the C API: makes a callable for each import; null otherwise.
  using BindShape = std::function<Result<detail::BoundCallable>(const detail::ImportShape&)>;
  std::shared_ptr<const BindShape> bind = {};

  // Returns each mismatch with a function type. A function on dynamic values fits every type.
  // labels: as check_signature, for a function with recursive types.
  [[nodiscard]] Diagnostics check(const FunctionType& type,
                                  detail::FindHostClass find_host_class = nullptr,
                                  const void* context = nullptr,
                                  detail::TreeLabels* labels = nullptr) const {
    if (signature == nullptr) return {};
    detail::TreeLabels unused;
    if (tree != nullptr && labels == nullptr) labels = &unused;
    return detail::check_signature(*signature, type, find_host_class, context, labels);
  }
};

// A resource type that the program provides, in the form that `CompositionBuilder` takes;
// `HostResource` makes one.
struct HostResourceParts {
  std::string interface;
  std::string name;                  // "bucket"
  const void* host_class = nullptr;  // identifies the C++ class of its objects
  std::vector<HostFunction> functions;
  std::vector<std::string> consumers = {};  // as of HostFunction; also for `functions`
};

namespace detail {

template <class Traits, class F>
HostFunction make_typed_function(std::string_view interface, std::string name, F&& function) {
  HostFunction result;
  result.interface = interface;
  result.name = std::move(name);
  if constexpr (Traits::kIsTree) {
    using Tree = typename Traits::template Tree<std::decay_t<F>>;
    result.signature = &Tree::Signature::kSignature;
    result.tree = std::make_shared<const HostFunction::BindTree>(
        [shared = std::make_shared<std::decay_t<F>>(std::forward<F>(function))](
            std::shared_ptr<const TreeLabels> labels) -> HostFunction::Dynamic {
          return Tree{shared, std::move(labels)};
        });
  } else {
    using Callable = typename Traits::template Callable<std::decay_t<F>>;
    result.signature = &Callable::Signature::kSignature;
    result.typed = std::make_shared<Callable>(std::forward<F>(function));
  }
  return result;
}

}  // namespace detail

// Makes a function of the program that can be passed to `CompositionBuilder::add_host_function`.
// interface: the interface of the import, in any form of its name; empty: the import is a bare
// function.
// name: as in WIT's binary form.
// function: a lambda, a function object or a function.
template <class F>
[[nodiscard]] HostFunction host_function(std::string_view interface, std::string_view name,
                                         F&& function) {
  using Plain = std::decay_t<F>;
  if constexpr (std::same_as<Plain, RawFunction>) {
    HostFunction result;
    result.interface = interface;
    result.name = name;
    result.raw = function.call();
    return result;
  } else if constexpr (detail::TakesValues<Plain>) {
    HostFunction result;
    result.interface = interface;
    result.name = name;
    result.dynamic = std::make_shared<const HostFunction::Dynamic>(
        detail::DynamicHostFunction<Plain>(std::make_shared<Plain>(std::forward<F>(function))));
    return result;
  } else {
    return detail::make_typed_function<detail::CallableTraits<Plain>>(interface, std::string(name),
                                                                      std::forward<F>(function));
  }
}

// A resource whose objects have class T. An object is destroyed once the last guest has dropped its
// handle and the program has no std::shared_ptr to it.
template <class T>
class HostResource final {
 public:
  HostResource(std::string_view interface, std::string_view name) {
    parts_.interface = interface;
    parts_.name = name;
    parts_.host_class = detail::host_class<T>();
  }

  // Adds the constructor.
  // function: returns a std::unique_ptr<T>, a std::shared_ptr<T> or an Expected of one.
  template <class F>
  HostResource& constructor(F&& function) {
    return add<detail::CallableTraits<std::decay_t<F>>>("[constructor]" + parts_.name,
                                                        std::forward<F>(function));
  }
  // Adds a method.
  // function: a member function of T, or a function whose first parameter is T& or const T&.
  template <class F>
  HostResource& method(std::string_view name, F&& function) {
    using Traits = detail::MethodTraits<T, std::decay_t<F>>;
    static_assert(Traits::template kIsMethod<T>,
                  "tenon: the first parameter of a method must be the object, `T&` or `const T&`");
    return add<Traits>("[method]" + parts_.name + "." + std::string(name),
                       std::forward<F>(function));
  }
  template <class F>
  HostResource& static_function(std::string_view name, F&& function) {
    return add<detail::CallableTraits<std::decay_t<F>>>(
        "[static]" + parts_.name + "." + std::string(name), std::forward<F>(function));
  }

  [[nodiscard]] const HostResourceParts& parts() const { return parts_; }
  operator const HostResourceParts&() const { return parts_; }

 private:
  template <class Traits, class F>
  HostResource& add(std::string name, F&& function) {
    parts_.functions.push_back(detail::make_typed_function<Traits>(
        parts_.interface, std::move(name), std::forward<F>(function)));
    return *this;
  }

  HostResourceParts parts_;
};

}  // namespace tenon
