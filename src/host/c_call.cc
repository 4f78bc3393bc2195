// Calls a C function through libffi, which takes one pointer per argument and reads the argument
// from there. CCall gives each argument a slot of 8 bytes, fills the slots from the WIT values, and
// points libffi at them. A number that needs no conversion is not copied: its pointer leads into
// the value. Structs, C strings and the memory that the function writes to are allocated in the
// memory of the call, so nothing is freed one by one.
//
// After the call, the outcome in the signature decides which case of an option or result it is, and
// the places say where its value is: in the return value or in memory that an argument points to.
// Everything is copied into the memory of the call. Memory that the C function allocated is then
// freed with the function that the library names for it, however the call ends.
#include "host/c_call.h"

#include <ffi.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "host/native_call.h"
#include "host/native_values.h"
#include "support/check.h"
#include "support/limits.h"

namespace tenon::host {

namespace {

// The layout of the last argument of a function that returns a string or a list.
struct CBuffer {
  void* ptr = nullptr;
  std::size_t len = 0;
  void (*free)(void*) = nullptr;
};

// The memory for the return value; libffi writes a whole register of any class.
struct alignas(16) CReturned {
  std::array<std::uint64_t, 2> bits = {};
};

ffi_type* ffi_type_of(CType type) {
  switch (type) {
    case CType::Bool:
    case CType::U8:
      return &ffi_type_uint8;
    case CType::S8:
      return &ffi_type_sint8;
    case CType::S16:
      return &ffi_type_sint16;
    case CType::U16:
      return &ffi_type_uint16;
    case CType::S32:
      return &ffi_type_sint32;
    case CType::U32:
      return &ffi_type_uint32;
    case CType::S64:
      return &ffi_type_sint64;
    case CType::U64:
      return &ffi_type_uint64;
    case CType::F32:
      return &ffi_type_float;
    case CType::F64:
      return &ffi_type_double;
    case CType::Pointer:
      return &ffi_type_pointer;
  }
  return &ffi_type_void;
}

// A C function that is ready to be called.
struct CFunction {
  CSignature signature;
  CSymbols symbols;
  std::vector<ffi_type*> types;
  ffi_cif cif = {};
};

void call_ffi(const CFunction& function, void* returned, void** values) {
  // ffi_call does not change the prepared interface.
  ffi_call(const_cast<ffi_cif*>(&function.cif), FFI_FN(function.symbols.function), returned,
           values);
}

// One call: its argument slots, the memory that they point to, and its result.
class CCall final {
 public:
  CCall(const CFunction& function, tenon_call& call, const tenon_value* params)
      : signature_(function.signature),
        symbols_(function.symbols),
        function_(function),
        call_(call),
        params_(params) {}
  CCall(const CCall&) = delete;
  CCall& operator=(const CCall&) = delete;
  // Memory that the C function allocated is freed, however the call ends.
  ~CCall() {
    if (!is_called_) return;
    for (std::size_t i = 0; i < signature_.places.size(); ++i) free_place(i);
  }

  // False if the call is a trap.
  bool run(tenon_value& result) {
    if (!make_room()) return false;
    for (std::size_t i = 0; i < signature_.arguments.size(); ++i) {
      values_[i] = &slots_[i];
      if (!fill(signature_.arguments[i], i)) return false;
    }
    errno = 0;
    call_ffi(function_, &returned_, values_.data());
    error_number_ = errno;
    is_called_ = true;
    return read_result(result);
  }

 private:
  bool fail(std::string text) {
    call_.fail(std::move(text));
    return false;
  }

  // Null if there is no more memory; the call is then a trap.
  std::uint8_t* allocate(std::size_t size, std::size_t align = 16) {
    void* const memory = call_.memory.allocate(size, align);
    if (memory == nullptr) fail(kOverMemoryLimit);
    return static_cast<std::uint8_t*>(memory);
  }

  // --- Arguments

  // The value of a parameter; null for the `none` of an option.
  [[nodiscard]] const tenon_value* value_of(const CArgument& argument) const {
    const tenon_value& value = params_[argument.param];
    return argument.is_optional ? value.of.payload : &value;
  }
  static std::pair<const void*, std::size_t> elements_in(const tenon_value& value) {
    if (value.kind == TENON_STRING) return {value.of.str.ptr, value.of.str.len};
    if (value.kind == TENON_LIST) return {value.of.items.ptr, value.of.items.len};
    return {value.of.packed.ptr, value.of.packed.len};
  }

  // The size of an element, or of a byte of a string.
  [[nodiscard]] std::size_t size_of_element(const CElements& elements) const {
    if (elements.shape.is_valid()) return signature_.shapes[elements.shape].size;
    return elements.kind == TENON_STRING ? 1 : size_of(natural_type(elements.kind, 0));
  }

  bool make_room() {
    if (!signature_.room) return true;
    const CRoom& room = *signature_.room;
    room_size_ = room.size;
    if (room.param) {
      const tenon_value& value = params_[*room.param];
      std::int64_t size = 0;
      if (!store_number(value, CType::S64, &size) || size < 0)
        return fail("the size of its result buffer is negative or too large");
      room_size_ = static_cast<std::uint64_t>(size);
    }
    const std::size_t size = size_of_element(signature_.places[room.place].elements);
    if (room_size_ > limits::kArenaBytes / size)
      return fail(fmt::format("a result buffer of {} elements exceeds the memory limit of a call",
                              room_size_));
    room_ = allocate(room_size_ * size);
    return room_ != nullptr;
  }

  void set(std::size_t i, const void* pointer) {
    slots_[i] = reinterpret_cast<std::uintptr_t>(pointer);
  }
  bool set_length(std::size_t i, std::uint64_t length, const CArgument& argument) {
    if (store_integer(length, argument.type, &slots_[i])) return true;
    return fail(fmt::format("the length {} does not fit in `{}`", length, name_of(argument.type)));
  }

  bool fill(const CArgument& argument, std::size_t i) {
    switch (argument.kind) {
      case CArgumentKind::Number: {
        const tenon_value& value = params_[argument.param];
        if (argument.has_same_bits) {
          // libffi only reads it.
          values_[i] = const_cast<void*>(bytes_of(value));
          return true;
        }
        return store_number(value, argument.type, &slots_[i]) ||
               fail(fmt::format("the value of `{}` does not fit in `{}`", argument.name,
                                name_of(argument.type)));
      }
      case CArgumentKind::Text:
        return fill_text(argument, i);
      case CArgumentKind::Pointer:
        return fill_elements(argument, i);
      case CArgumentKind::Length: {
        const tenon_value* const value = value_of(argument);
        return set_length(i, value == nullptr ? 0 : elements_in(*value).second, argument);
      }
      case CArgumentKind::Data: {
        const tenon_value* const value = value_of(argument);
        if (value == nullptr) return true;
        const CShape& shape = signature_.shapes[argument.shape];
        std::uint8_t* const data = allocate(shape.size, shape.align);
        if (data == nullptr) return false;
        store_shape(signature_.shapes, argument.shape, *value, data);
        set(i, data);
        return true;
      }
      case CArgumentKind::Handle:
        if (const tenon_value* const value = value_of(argument)) set(i, value->of.rep);
        return true;
      case CArgumentKind::Constant:
        if (argument.type != CType::Pointer)
          TENON_CHECK(store_integer(argument.constant, argument.type, &slots_[i]));
        return true;
      case CArgumentKind::Place:
        places_[argument.place] = allocate(place_size(signature_.places[argument.place]));
        set(i, places_[argument.place]);
        return places_[argument.place] != nullptr;
      case CArgumentKind::RoomStart:
        set(i, room_);
        return true;
      case CArgumentKind::RoomLength: {
        room_length_ = allocate(sizeof(std::uint64_t));
        if (room_length_ == nullptr || !set_length(i, room_size_, argument)) return false;
        room_length_type_ = argument.type;
        std::memcpy(room_length_, &slots_[i], size_of(argument.type));
        set(i, room_length_);
        return true;
      }
      case CArgumentKind::RoomSize:
        return set_length(i, room_size_, argument);
    }
    return false;
  }

  // Numbers and text are passed where they are, other elements as an array of their C layout.
  bool fill_elements(const CArgument& argument, std::size_t i) {
    const tenon_value* const value = value_of(argument);
    if (value == nullptr) return true;
    if (!argument.shape.is_valid()) {
      set(i, elements_in(*value).first);
      return true;
    }
    const CShape& shape = signature_.shapes[argument.shape];
    const std::size_t count = value->of.items.len;
    if (count > limits::kArenaBytes / shape.size) return fail(kOverMemoryLimit);
    std::uint8_t* const array = allocate(count * shape.size, shape.align);
    if (array == nullptr) return false;
    for (std::size_t k = 0; k < count; ++k)
      store_shape(signature_.shapes, argument.shape, value->of.items.ptr[k],
                  array + k * shape.size);
    set(i, array);
    return true;
  }

  bool fill_text(const CArgument& argument, std::size_t i) {
    const tenon_value* const value = value_of(argument);
    if (value == nullptr) return true;
    const std::string_view text(value->of.str.ptr, value->of.str.len);
    if (text.find('\0') != text.npos)
      return fail(
          fmt::format("`{}` contains a NUL byte, which would end the C string", argument.name));
    std::uint8_t* const copy = allocate(text.size() + 1, 1);
    if (copy == nullptr) return false;
    std::memcpy(copy, text.data(), text.size());
    set(i, copy);
    return true;
  }

  [[nodiscard]] std::size_t place_size(const CPlace& place) const {
    switch (place.kind) {
      case CPlaceKind::Number:
        return sizeof(std::uint64_t);
      case CPlaceKind::Data:
        return signature_.shapes[place.shape].size;
      case CPlaceKind::Text:
      case CPlaceKind::Handle:
        return sizeof(void*);
      case CPlaceKind::Buffer:
        return sizeof(CBuffer);
      case CPlaceKind::Room:
        break;
    }
    return 0;
  }

  // --- The result

  [[nodiscard]] const std::uint8_t* bytes_at(std::size_t place) const {
    return signature_.places[place].is_returned ? reinterpret_cast<const std::uint8_t*>(&returned_)
                                                : places_[place];
  }
  template <class T>
  [[nodiscard]] T get(std::size_t place) const {
    T value = {};
    std::memcpy(&value, bytes_at(place), sizeof(value));
    return value;
  }

  bool read_result(tenon_value& result) {
    const COutcome& outcome = signature_.outcome;
    const bool succeeded = has_succeeded();
    if (!succeeded) drop_places();
    if (outcome.wrap == 0) return outcome.parts.empty() || read_parts(result);
    result.kind = outcome.wrap;
    result.index = succeeded ? 0 : 1;
    const bool has_payload =
        succeeded ? !outcome.parts.empty() : outcome.error_source != CErrorSource::Nothing;
    if (!has_payload) return true;
    auto* const payload = call_.memory.allocate<tenon_value>(1);
    if (payload == nullptr) return fail(kOverMemoryLimit);
    result.of.payload = payload;
    return succeeded ? read_parts(*payload) : read_error(*payload);
  }

  [[nodiscard]] std::int64_t status() const {
    return load_integer(&returned_, *signature_.returned);
  }

  [[nodiscard]] bool has_succeeded() const {
    switch (signature_.outcome.case_rule) {
      case CCaseRule::Always:
        return true;
      case CCaseRule::Flag:
      case CCaseRule::Null:
        return status() != 0;
      case CCaseRule::Status:
        return status() == 0;
      case CCaseRule::Negative:
        return status() >= 0;
    }
    return false;
  }

  bool read_parts(tenon_value& result) {
    const COutcome& outcome = signature_.outcome;
    if (outcome.whole == 0) return read_place(outcome.parts[0], result);
    auto* const items = call_.memory.allocate<tenon_value>(outcome.parts.size());
    if (items == nullptr) return fail(kOverMemoryLimit);
    result.kind = outcome.whole;
    result.of.items = {items, outcome.parts.size()};
    for (std::size_t i = 0; i < outcome.parts.size(); ++i)
      if (!read_place(outcome.parts[i], items[i])) return false;
    return true;
  }

  bool read_error(tenon_value& result) {
    const COutcome& outcome = signature_.outcome;
    switch (outcome.error_source) {
      case CErrorSource::Nothing:
        return true;
      case CErrorSource::Place: {
        const CPlace& place = signature_.places[outcome.error_place];
        const bool is_silent = place.kind == CPlaceKind::Text && !place.is_optional &&
                               get<const char*>(outcome.error_place) == nullptr;
        if (!is_silent) return read_place(outcome.error_place, result);
        return outcome.case_rule == CCaseRule::Status ? read_status_text(result)
                                                      : copy_text("", result);
      }
      case CErrorSource::Status:
        return read_number(&returned_, *signature_.returned, outcome.error_kind, "result.err",
                           result);
      case CErrorSource::StatusText:
        return read_status_text(result);
      case CErrorSource::Errno:
        return read_number(&error_number_, CType::S32, outcome.error_kind, "result.err", result);
      case CErrorSource::ErrnoText:
        return copy_text(std::generic_category().message(error_number_), result);
    }
    return false;
  }

  bool read_status_text(tenon_value& result) {
    const char* const text =
        symbols_.error == nullptr ? nullptr : symbols_.error(static_cast<int>(status()));
    return copy_text(text == nullptr ? fmt::format("status {}", status()) : std::string(text),
                     result);
  }

  bool read_number(const void* from, CType type, std::uint8_t kind, std::string_view path,
                   tenon_value& result) {
    const std::optional<std::string> wrong = load_number(from, type, kind, result);
    return !wrong ||
           fail(fmt::format("expected {} at {}, found {}", native_kind_name(kind), path, *wrong));
  }

  bool copy_text(std::string_view text, tenon_value& result) {
    std::uint8_t* const copy = allocate(text.size(), 1);
    if (copy == nullptr) return false;
    std::memcpy(copy, text.data(), text.size());
    result.kind = TENON_STRING;
    result.of.str = {reinterpret_cast<const char*>(copy), text.size()};
    return true;
  }

  bool read_place(std::uint32_t number, tenon_value& result) {
    const CPlace& place = signature_.places[number];
    switch (place.kind) {
      case CPlaceKind::Number:
        return read_number(bytes_at(number), place.type, place.value, place.path, result);
      case CPlaceKind::Data: {
        const std::optional<std::string> wrong =
            load_shape(signature_.shapes, place.shape, bytes_at(number), call_.memory, result);
        return !wrong || fail(fmt::format("invalid value at {}: {}", place.path, *wrong));
      }
      case CPlaceKind::Text:
      case CPlaceKind::Handle:
        return read_pointer(place, get<void*>(number), result);
      case CPlaceKind::Buffer: {
        const auto buffer = get<CBuffer>(number);
        return read_elements(place, buffer.ptr, buffer.len, result);
      }
      case CPlaceKind::Room:
        return read_room(place, result);
    }
    return false;
  }

  bool read_pointer(const CPlace& place, void* pointer, tenon_value& result) {
    tenon_value* value = &result;
    if (place.is_optional) {
      result.kind = TENON_OPTION;
      if (pointer == nullptr) return true;
      value = call_.memory.allocate<tenon_value>(1);
      if (value == nullptr) return fail(kOverMemoryLimit);
      result.of.payload = value;
    }
    if (pointer == nullptr)
      return fail(fmt::format("expected {} at {}, found NULL",
                              place.kind == CPlaceKind::Text ? "a string" : "a handle",
                              place.path));
    if (place.kind == CPlaceKind::Handle) {
      value->kind = TENON_OWN;
      value->of.rep = pointer;
      return true;
    }
    const auto* const text = static_cast<const char*>(pointer);
    return copy_text({text, strnlen(text, limits::kArenaBytes + 1)}, *value);
  }

  bool read_elements(const CPlace& place, const void* from, std::size_t count,
                     tenon_value& result) {
    const std::size_t size = size_of_element(place.elements);
    if (from == nullptr && count > 0)
      return fail(fmt::format("expected {} elements at {}, found NULL", count, place.path));
    if (count > limits::kArenaBytes / size)
      return fail(
          fmt::format("{} elements at {} exceed the memory limit of a call", count, place.path));
    if (place.elements.shape.is_valid())
      return read_items(place, static_cast<const std::uint8_t*>(from), count, result);
    std::uint8_t* const copy = allocate(count * size);
    if (copy == nullptr) return false;
    if (count > 0) std::memcpy(copy, from, count * size);
    set_elements(place, copy, count, result);
    return true;
  }

  // Reads an array of elements with a shape.
  bool read_items(const CPlace& place, const std::uint8_t* from, std::size_t count,
                  tenon_value& result) {
    auto* const items = call_.memory.allocate<tenon_value>(count);
    if (items == nullptr) return fail(kOverMemoryLimit);
    const std::size_t size = size_of_element(place.elements);
    for (std::size_t i = 0; i < count; ++i)
      if (const auto wrong = load_shape(signature_.shapes, place.elements.shape, from + i * size,
                                        call_.memory, items[i]))
        return fail(fmt::format("invalid value at {}[{}]: {}", place.path, i, *wrong));
    result.kind = TENON_LIST;
    result.of.items = {items, count};
    return true;
  }

  static void set_elements(const CPlace& place, const void* at, std::size_t count,
                           tenon_value& result) {
    if (place.elements.kind == TENON_STRING) {
      result.kind = TENON_STRING;
      result.of.str = {static_cast<const char*>(at), count};
      return;
    }
    result.kind = TENON_PACKED;
    result.elem = place.elements.kind;
    result.of.packed = {at, count};
  }

  // The buffer is memory of the call already, so nothing is copied.
  bool read_room(const CPlace& place, tenon_value& result) {
    std::int64_t used = static_cast<std::int64_t>(room_size_);
    CType type = CType::S64;
    if (signature_.room->is_length_returned) {
      type = *signature_.returned;
      used = status();
    } else if (room_length_ != nullptr) {
      type = room_length_type_;
      used = load_integer(room_length_, type);
    }
    if ((used < 0 && is_signed(type)) || static_cast<std::uint64_t>(used) > room_size_)
      return fail(fmt::format("it reported {} elements in a buffer of {}, at {}",
                              used < 0 && is_signed(type)
                                  ? fmt::format("{}", used)
                                  : fmt::format("{}", static_cast<std::uint64_t>(used)),
                              room_size_, place.path));
    const auto count = static_cast<std::size_t>(used);
    if (place.elements.shape.is_valid()) return read_items(place, room_, count, result);
    set_elements(place, room_, count, result);
    return true;
  }

  // Destroys objects that a failed call created (`out:pointer:drop`).
  void drop_places() {
    for (std::size_t i = 0; i < signature_.places.size(); ++i) {
      if (!signature_.places[i].is_dropped_on_error) continue;
      void* const object = get<void*>(i);
      if (object != nullptr && symbols_.drops[i] != nullptr) symbols_.drops[i](object);
    }
  }

  void free_place(std::size_t i) const {
    if (bytes_at(i) == nullptr) return;
    if (signature_.places[i].kind == CPlaceKind::Buffer) {
      const auto buffer = get<CBuffer>(i);
      if (buffer.ptr != nullptr && buffer.free != nullptr) buffer.free(buffer.ptr);
    } else if (signature_.places[i].kind == CPlaceKind::Text && symbols_.free != nullptr) {
      void* const text = get<void*>(i);
      if (text != nullptr) symbols_.free(text);
    }
  }

  const CSignature& signature_;
  const CSymbols& symbols_;
  const CFunction& function_;
  tenon_call& call_;
  const tenon_value* params_;
  std::array<std::uint64_t, kMostCArguments> slots_ = {};
  std::array<void*, kMostCArguments> values_ = {};

  // The outcome of the call: the return value, `errno`, and the arguments that it wrote.
  CReturned returned_;
  int error_number_ = 0;  // errno
  // By place: the memory that an argument points to.
  std::array<std::uint8_t*, kMostCArguments + 1> places_ = {};
  std::uint8_t* room_ = nullptr;
  std::uint64_t room_size_ = 0;          // elements
  std::uint8_t* room_length_ = nullptr;  // null if no argument points to it
  CType room_length_type_ = CType::U64;
  bool is_called_ = false;
};

std::int32_t run(void* self, tenon_call* call, const tenon_value* values, std::size_t /*count*/,
                 tenon_value* result) {
  const auto& function = *static_cast<const CFunction*>(self);
  return CCall(function, *call, values).run(*result) ? 0 : 1;
}

// The fast path, for a function that takes and returns only numbers with the bits of their values:
// libffi reads the arguments in place, and no memory is allocated.
std::int32_t run_flat(void* self, tenon_call* call, const tenon_value* values,
                      std::size_t /*count*/, tenon_value* result) {
  const auto& function = *static_cast<const CFunction*>(self);
  const CSignature& signature = function.signature;
  std::array<void*, kMostCArguments> pointers;
  for (std::size_t i = 0; i < signature.arguments.size(); ++i)
    pointers[i] = const_cast<void*>(bytes_of(values[signature.arguments[i].param]));
  CReturned returned;
  call_ffi(function, &returned, pointers.data());
  if (signature.outcome.parts.empty()) return 0;
  const CPlace& place = signature.places[0];
  const std::optional<std::string> wrong = load_number(&returned, place.type, place.value, *result);
  if (!wrong) return 0;
  call->fail(fmt::format("expected {} at {}, found {}", native_kind_name(place.value), place.path,
                         *wrong));
  return 1;
}

bool is_flat(const CSignature& signature) {
  const bool takes_numbers =
      std::ranges::all_of(signature.arguments, [](const CArgument& argument) {
        return argument.kind == CArgumentKind::Number && argument.has_same_bits;
      });
  const bool gives_number =
      signature.places.empty() ||
      (signature.places.size() == 1 && signature.places[0].kind == CPlaceKind::Number &&
       signature.places[0].is_returned);
  return takes_numbers && gives_number && signature.outcome.case_rule == CCaseRule::Always &&
         signature.outcome.whole == 0;
}

}  // namespace

PreparedCall prepare_c_call(CSignature signature, CSymbols symbols) {
  auto function = std::make_shared<CFunction>();
  function->signature = std::move(signature);
  function->symbols = std::move(symbols);
  for (const CArgument& argument : function->signature.arguments) {
    const bool is_pointer = argument.kind == CArgumentKind::RoomLength;
    function->types.push_back(ffi_type_of(is_pointer ? CType::Pointer : argument.type));
  }
  ffi_type* const returned =
      function->signature.returned ? ffi_type_of(*function->signature.returned) : &ffi_type_void;
  const ffi_status status =
      ffi_prep_cif(&function->cif, FFI_DEFAULT_ABI, static_cast<unsigned>(function->types.size()),
                   returned, function->types.data());
  // It rejects only unknown calling conventions and types, and is given neither.
  TENON_CHECK(status == FFI_OK);
  void* const self = function.get();
  const bool flat = is_flat(function->signature);
  return {{flat ? run_flat : run, self}, std::move(function)};
}

}  // namespace tenon::host
