// The base of all objects of the C API, with a mark that identifies their kind, and the conversion of
// C++ failures to `tenon_error`.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <utility>

#include "capi/error.h"
#include "tenon/result.h"
#include "tenon/tenon_c.h"

namespace tenon::capi {

// The marks are arbitrary: other memory should not have them.
enum class Mark : std::uint32_t {
  Builder = 0x7e4e0b01,
  Plan,
  Composition,
  Unit,
  Function,
  Type,
  Arena,
  Resource,
  Task,
  Server,
  Error,
  Imports,
};

// The base of an object. It is the first member of each, so that it can be read whatever the kind.
template <Mark M>
class Object {
 public:
  static constexpr Mark kMark = M;

  Object() = default;
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;
  ~Object() { mark_ = 0; }

  [[nodiscard]] bool is_alive() const { return mark_ == static_cast<std::uint32_t>(M); }

 private:
  // Written when the object ends, although nobody should read it then.
  volatile std::uint32_t mark_ = static_cast<std::uint32_t>(M);
};

// api-usage, if the object is NULL, deleted or of another kind.
template <class T>
[[nodiscard]] tenon_error* find_misuse(const T* object, const char* parameter) {
  if (object != nullptr && object->is_alive()) return nullptr;
  return make_misuse(object == nullptr
                         ? fmt::format("`{}` is NULL", parameter)
                         : fmt::format("`{}` was deleted, or is of another kind", parameter));
}
[[nodiscard]] inline tenon_error* find_misuse(const char* text, const char* parameter) {
  return text != nullptr ? nullptr : make_misuse(fmt::format("`{}` is NULL", parameter));
}

// Calls a function that returns a tenon_error. No exception leaves it.
template <class F>
tenon_error* guard(F&& function) noexcept {
  try {
    return function();
  } catch (const std::bad_alloc&) {
    return out_of_memory();
  } catch (const std::exception& thrown) {
    return make_internal(thrown.what());
  } catch (...) {
    return make_internal("an exception that is not a std::exception");
  }
}

// The same for a function that has a value for the case that it fails.
template <class T, class F>
T guard_or(T otherwise, F&& function) noexcept {
  try {
    return function();
  } catch (...) {
    return otherwise;
  }
}

[[nodiscard]] inline std::string_view view_of(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

// Text for tenon_free.
[[nodiscard]] char* copy_text(std::string_view text);

// Stores the object of a successful result. make: called with the value.
template <class T, class Value, class Make>
tenon_error* store(Result<Value> result, T** out, Make&& make) {
  if (!result) return make_error(std::move(result).error());
  *out = make(*std::move(result));
  return nullptr;
}

// The options that a caller passed, of which it may know only the first members.
template <class T>
[[nodiscard]] T read_options(const T* options) {
  T read = {};
  if (options != nullptr)
    std::memcpy(static_cast<void*>(&read), options, std::min(sizeof(T), options->size));
  read.size = sizeof(T);
  return read;
}

}  // namespace tenon::capi
