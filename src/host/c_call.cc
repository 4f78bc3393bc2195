// Calls a C function through libffi, which takes one pointer per argument and reads the argument from
// there. CallFrame gives each argument a slot of 8 bytes, fills the slots from the WIT values, and
// points libffi at them. A number that needs no conversion is not copied: its pointer leads into the
// value. Structs, C strings and the memory that the function writes to are allocated in the memory of
// the call, so nothing is freed one by one. The exception is memory that the C function allocated: it
// is copied and then freed with the function that the library names for it, however the call ends.
#include "host/c_call.h"

#include <ffi.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "host/c_result.h"
#include "host/native_call.h"
#include "host/native_values.h"
#include "support/check.h"
#include "support/limits.h"

namespace tenon::host {

namespace {

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

struct Prepared {
  CSignature signature;
  CSymbols symbols;
  std::vector<ffi_type*> types;
  ffi_cif cif = {};
};

void call_ffi(const Prepared& prepared, void* returned, void** values) {
  // ffi_call does not change the prepared interface.
  ffi_call(const_cast<ffi_cif*>(&prepared.cif), FFI_FN(prepared.symbols.function), returned,
           values);
}

// One call: its argument slots, the memory that they point to, and its results.
class CallFrame final {
 public:
  CallFrame(const Prepared& prepared, tenon_call& call, const tenon_value* values)
      : prepared_(prepared), signature_(prepared.signature), call_(call), params_(values) {}
  CallFrame(const CallFrame&) = delete;
  CallFrame& operator=(const CallFrame&) = delete;
  // Memory that the C function handed over is freed, however the call ends.
  ~CallFrame() {
    if (is_called_) free_c_result(signature_, prepared_.symbols, left_);
  }

  // False if the call is a trap.
  bool run(tenon_value& result) {
    if (!make_room()) return false;
    for (std::size_t i = 0; i < signature_.arguments.size(); ++i) {
      values_[i] = &slots_[i];
      if (!fill(signature_.arguments[i], i)) return false;
    }
    errno = 0;
    call_ffi(prepared_, &left_.returned, values_.data());
    left_.error_number = errno;
    is_called_ = true;
    return read_c_result(signature_, prepared_.symbols, left_, call_, result);
  }

 private:
  bool fail(std::string text) { return fail_c_call(call_, std::move(text)); }

  // Null if there is no more memory; the call is then a trap.
  std::uint8_t* allocate(std::size_t size, std::size_t align = 16) {
    void* const made = call_.memory.allocate(size, align);
    if (made == nullptr) fail(kTooMuchResult);
    return static_cast<std::uint8_t*>(made);
  }

  // --- Arguments

  // The value of a parameter; null for the `none` of an option.
  [[nodiscard]] const tenon_value* value_of(const CArgument& argument) const {
    const tenon_value& value = params_[argument.param];
    return argument.is_optional ? value.of.payload : &value;
  }
  static std::pair<const void*, std::size_t> bytes_in(const tenon_value& value) {
    if (value.kind == TENON_STRING) return {value.of.str.ptr, value.of.str.len};
    return {value.of.packed.ptr, value.of.packed.len};
  }

  bool make_room() {
    if (!signature_.room) return true;
    const CRoom& room = *signature_.room;
    left_.room_size = room.size;
    if (room.param) {
      const tenon_value& value = params_[*room.param];
      std::int64_t size = 0;
      if (!store_number(value, CType::S64, &size) || size < 0)
        return fail("the size of its result buffer is negative or too large");
      left_.room_size = static_cast<std::uint64_t>(size);
    }
    const std::size_t size = element_size(signature_.places[room.place].value);
    if (left_.room_size > limits::kArenaBytes / size)
      return fail(fmt::format("a result buffer of {} elements exceeds the memory limit of a call",
                              left_.room_size));
    left_.room = allocate(left_.room_size * size);
    return left_.room != nullptr;
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
        if (const tenon_value* const value = value_of(argument)) set(i, bytes_in(*value).first);
        return true;
      case CArgumentKind::Length: {
        const tenon_value* const value = value_of(argument);
        return set_length(i, value == nullptr ? 0 : bytes_in(*value).second, argument);
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
        left_.places[argument.place] = allocate(place_size(signature_.places[argument.place]));
        set(i, left_.places[argument.place]);
        return left_.places[argument.place] != nullptr;
      case CArgumentKind::RoomStart:
        set(i, left_.room);
        return true;
      case CArgumentKind::RoomLength: {
        left_.room_length = allocate(sizeof(std::uint64_t));
        if (left_.room_length == nullptr || !set_length(i, left_.room_size, argument)) return false;
        left_.room_length_type = argument.type;
        std::memcpy(left_.room_length, &slots_[i], size_of(argument.type));
        set(i, left_.room_length);
        return true;
      }
      case CArgumentKind::RoomSize:
        return set_length(i, left_.room_size, argument);
    }
    return false;
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

  const Prepared& prepared_;
  const CSignature& signature_;
  tenon_call& call_;
  const tenon_value* params_;
  std::array<std::uint64_t, kMostCArguments> slots_ = {};
  std::array<void*, kMostCArguments> values_ = {};
  CLeft left_;
  bool is_called_ = false;
};

std::int32_t run(void* self, tenon_call* call, const tenon_value* values, std::size_t /*count*/,
                 tenon_value* result) {
  const auto& prepared = *static_cast<const Prepared*>(self);
  return CallFrame(prepared, *call, values).run(*result) ? 0 : 1;
}

// The fast path, for a function that takes and returns only numbers with the bits of their values:
// libffi reads the arguments in place, and no memory is allocated.
std::int32_t run_flat(void* self, tenon_call* call, const tenon_value* values,
                      std::size_t /*count*/, tenon_value* result) {
  const auto& prepared = *static_cast<const Prepared*>(self);
  const CSignature& signature = prepared.signature;
  std::array<void*, kMostCArguments> pointers;
  for (std::size_t i = 0; i < signature.arguments.size(); ++i)
    pointers[i] = const_cast<void*>(bytes_of(values[signature.arguments[i].param]));
  CReturned returned;
  call_ffi(prepared, &returned, pointers.data());
  if (signature.outcome.parts.empty()) return 0;
  const CPlace& place = signature.places[0];
  const std::optional<std::string> wrong = load_number(&returned, place.type, place.value, *result);
  if (!wrong) return 0;
  fail_c_call(*call, fmt::format("expected {} at {}, found {}", native_kind_name(place.value),
                                 place.path, *wrong));
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
  return takes_numbers && gives_number && signature.outcome.verdict == CVerdict::Always &&
         signature.outcome.whole == 0;
}

}  // namespace

PreparedCall prepare_c_call(CSignature signature, CSymbols symbols) {
  auto made = std::make_shared<Prepared>();
  made->signature = std::move(signature);
  made->symbols = std::move(symbols);
  for (const CArgument& argument : made->signature.arguments) {
    const bool is_pointer = argument.kind == CArgumentKind::RoomLength;
    made->types.push_back(ffi_type_of(is_pointer ? CType::Pointer : argument.type));
  }
  ffi_type* const returned =
      made->signature.returned ? ffi_type_of(*made->signature.returned) : &ffi_type_void;
  const ffi_status status =
      ffi_prep_cif(&made->cif, FFI_DEFAULT_ABI, static_cast<unsigned>(made->types.size()), returned,
                   made->types.data());
  // It rejects only unknown calling conventions and types, and is given neither.
  TENON_CHECK(status == FFI_OK);
  void* const self = made.get();
  const bool flat = is_flat(made->signature);
  return {{flat ? run_flat : run, self}, std::move(made)};
}

}  // namespace tenon::host
