#include "host/c_call.h"

#include <ffi.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
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

// Trailing argument of results that a library allocates.
struct Buffer {
  void* ptr = nullptr;
  std::size_t len = 0;
  void (*free)(void*) = nullptr;
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

std::size_t element_size(std::uint8_t element) {
  return element == TENON_STRING ? 1 : size_of(natural_type(element, 0));
}

// What libffi writes a returned value to: a register of any class.
struct alignas(16) Returned {
  std::array<std::uint64_t, 2> bits = {};
};

struct Prepared {
  CSignature signature;
  CSymbols symbols;
  std::vector<ffi_type*> types;
  ffi_cif cif = {};
  bool is_flat = false;  // numbers that are passed where they are, and at most one comes back
};

void call_ffi(const Prepared& prepared, void* returned, void** values) {
  // It does not change what was prepared.
  ffi_call(const_cast<ffi_cif*>(&prepared.cif), FFI_FN(prepared.symbols.function), returned,
           values);
}

std::int32_t trap(tenon_call& call, std::string text) {
  if (!call.trap) call.trap = std::move(text);
  return 1;
}

constexpr const char* kTooMuch = "its result takes too much memory";

// One call.
class Frame final {
 public:
  Frame(const Prepared& prepared, tenon_call& call, const tenon_value* values)
      : prepared_(prepared), signature_(prepared.signature), call_(call), given_(values) {}
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  // What C gave away is freed, however the call ends.
  ~Frame() {
    if (!is_called_) return;
    for (std::size_t i = 0; i < signature_.places.size(); ++i) free_place(i);
  }

  // False: it is a trap.
  bool run(tenon_value& result) {
    if (!make_room()) return false;
    for (std::size_t i = 0; i < signature_.arguments.size(); ++i) {
      values_[i] = &slots_[i];
      if (!fill(signature_.arguments[i], i)) return false;
    }
    errno = 0;
    call_ffi(prepared_, &returned_, values_.data());
    errno_ = errno;
    is_called_ = true;
    return read_outcome(result);
  }

 private:
  bool fail(std::string text) {
    trap(call_, std::move(text));
    return false;
  }

  // Null: it is a trap.
  std::uint8_t* allocate(std::size_t size, std::size_t align = 16) {
    void* const made = call_.memory.allocate(size, align);
    if (made == nullptr) fail(kTooMuch);
    return static_cast<std::uint8_t*>(made);
  }

  // --- Arguments

  // The value of a param; null: it is none.
  [[nodiscard]] const tenon_value* value_of(const CArgument& argument) const {
    const tenon_value& value = given_[argument.param];
    return argument.is_optional ? value.of.payload : &value;
  }
  static std::pair<const void*, std::size_t> bytes_in(const tenon_value& value) {
    if (value.kind == TENON_STRING) return {value.of.str.ptr, value.of.str.len};
    return {value.of.packed.ptr, value.of.packed.len};
  }

  bool make_room() {
    if (!signature_.room) return true;
    const CRoom& room = *signature_.room;
    room_size_ = room.size;
    if (room.param) {
      const tenon_value& value = given_[*room.param];
      std::int64_t size = 0;
      if (!store_number(value, CType::S64, &size) || size < 0)
        return fail("it is told to make room for a negative number of elements, or too many");
      room_size_ = static_cast<std::uint64_t>(size);
    }
    const std::size_t one = element_size(signature_.places[room.place].value);
    if (room_size_ > limits::kArenaBytes / one)
      return fail(fmt::format("room for {} elements takes too much memory", room_size_));
    room_ = allocate(room_size_ * one);
    return room_ != nullptr;
  }

  void set(std::size_t i, const void* pointer) {
    slots_[i] = reinterpret_cast<std::uintptr_t>(pointer);
  }
  bool set_length(std::size_t i, std::uint64_t length, const CArgument& argument) {
    if (store_integer(length, argument.type, &slots_[i])) return true;
    return fail(
        fmt::format("{} elements are more than `{}` can be", length, name_of(argument.type)));
  }

  bool fill(const CArgument& argument, std::size_t i) {
    switch (argument.kind) {
      case CArgumentKind::Number: {
        const tenon_value& value = given_[argument.param];
        if (argument.has_same_bits) {
          // It is read alone.
          values_[i] = const_cast<void*>(bytes_of(value));
          return true;
        }
        return store_number(value, argument.type, &slots_[i]) ||
               fail(fmt::format("`{}` has a value that `{}` cannot be", argument.name,
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

  bool fill_text(const CArgument& argument, std::size_t i) {
    const tenon_value* const value = value_of(argument);
    if (value == nullptr) return true;
    const std::string_view text(value->of.str.ptr, value->of.str.len);
    if (text.find('\0') != text.npos)
      return fail(fmt::format("`{}` has a NUL inside, where C would end it", argument.name));
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
        return sizeof(Buffer);
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
    T made = {};
    std::memcpy(&made, bytes_at(place), sizeof(made));
    return made;
  }
  [[nodiscard]] std::int64_t status() const {
    return load_integer(&returned_, *signature_.returned);
  }

  [[nodiscard]] bool is_good() const {
    switch (signature_.outcome.verdict) {
      case CVerdict::Always:
        return true;
      case CVerdict::Flag:
      case CVerdict::Null:
        return status() != 0;
      case CVerdict::Status:
        return status() == 0;
      case CVerdict::Negative:
        return status() >= 0;
    }
    return false;
  }

  bool read_outcome(tenon_value& result) {
    const COutcome& outcome = signature_.outcome;
    const bool good = is_good();
    if (!good) drop_places();
    if (outcome.wrap == 0) return outcome.parts.empty() || read_parts(result);
    result.kind = outcome.wrap;
    result.index = good ? 0 : 1;
    const bool has_payload = good ? !outcome.parts.empty() : outcome.fault != CFault::Nothing;
    if (!has_payload) return true;
    auto* const payload = call_.memory.allocate<tenon_value>(1);
    if (payload == nullptr) return fail(kTooMuch);
    result.of.payload = payload;
    return good ? read_parts(*payload) : read_fault(*payload);
  }

  bool read_parts(tenon_value& made) {
    const COutcome& outcome = signature_.outcome;
    if (outcome.whole == 0) return read_place(outcome.parts[0], made);
    auto* const items = call_.memory.allocate<tenon_value>(outcome.parts.size());
    if (items == nullptr) return fail(kTooMuch);
    made.kind = outcome.whole;
    made.of.items = {items, outcome.parts.size()};
    for (std::size_t i = 0; i < outcome.parts.size(); ++i)
      if (!read_place(outcome.parts[i], items[i])) return false;
    return true;
  }

  bool read_fault(tenon_value& made) {
    const COutcome& outcome = signature_.outcome;
    switch (outcome.fault) {
      case CFault::Nothing:
        return true;
      case CFault::Place: {
        const CPlace& place = signature_.places[outcome.fault_place];
        const bool is_silent = place.kind == CPlaceKind::Text && !place.is_optional &&
                               get<const char*>(outcome.fault_place) == nullptr;
        if (!is_silent) return read_place(outcome.fault_place, made);
        return outcome.verdict == CVerdict::Status ? read_status_text(made) : copy_text("", made);
      }
      case CFault::Status:
        return read_number(&returned_, *signature_.returned, outcome.fault_value, "result.err",
                           made);
      case CFault::StatusText:
        return read_status_text(made);
      case CFault::Errno:
        return read_number(&errno_, CType::S32, outcome.fault_value, "result.err", made);
      case CFault::ErrnoText:
        return copy_text(std::generic_category().message(errno_), made);
    }
    return false;
  }

  bool read_status_text(tenon_value& made) {
    const char* const text = prepared_.symbols.error == nullptr
                                 ? nullptr
                                 : prepared_.symbols.error(static_cast<int>(status()));
    return copy_text(text == nullptr ? fmt::format("status {}", status()) : std::string(text),
                     made);
  }

  bool read_number(const void* from, CType type, std::uint8_t kind, std::string_view path,
                   tenon_value& made) {
    const std::optional<std::string> wrong = load_number(from, type, kind, made);
    return !wrong || fail(fmt::format("it gave {}, where {} is expected, at {}", *wrong,
                                      native_kind_name(kind), path));
  }

  bool copy_text(std::string_view text, tenon_value& made) {
    std::uint8_t* const copy = allocate(text.size(), 1);
    if (copy == nullptr) return false;
    std::memcpy(copy, text.data(), text.size());
    made.kind = TENON_STRING;
    made.of.str = {reinterpret_cast<const char*>(copy), text.size()};
    return true;
  }

  bool read_place(std::uint32_t number, tenon_value& made) {
    const CPlace& place = signature_.places[number];
    switch (place.kind) {
      case CPlaceKind::Number:
        return read_number(bytes_at(number), place.type, place.value, place.path, made);
      case CPlaceKind::Data: {
        const std::optional<std::string> wrong =
            load_shape(signature_.shapes, place.shape, bytes_at(number), call_.memory, made);
        return !wrong || fail(fmt::format("it gave {}, at {}", *wrong, place.path));
      }
      case CPlaceKind::Text:
      case CPlaceKind::Handle:
        return read_pointer(place, get<void*>(number), made);
      case CPlaceKind::Buffer: {
        const auto buffer = get<Buffer>(number);
        return read_elements(place, buffer.ptr, buffer.len, made);
      }
      case CPlaceKind::Room:
        return read_room(place, made);
    }
    return false;
  }

  bool read_pointer(const CPlace& place, void* pointer, tenon_value& made) {
    tenon_value* value = &made;
    if (place.is_optional) {
      made.kind = TENON_OPTION;
      if (pointer == nullptr) return true;
      value = call_.memory.allocate<tenon_value>(1);
      if (value == nullptr) return fail(kTooMuch);
      made.of.payload = value;
    }
    if (pointer == nullptr)
      return fail(fmt::format("it gave NULL where {} is expected, at {}",
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

  bool read_elements(const CPlace& place, const void* from, std::size_t count, tenon_value& made) {
    const std::size_t one = element_size(place.value);
    if (from == nullptr && count > 0)
      return fail(fmt::format("it gave {} values or bytes at NULL, at {}", count, place.path));
    if (count > limits::kArenaBytes / one)
      return fail(
          fmt::format("it gave {} values or bytes, which is too much, at {}", count, place.path));
    std::uint8_t* const copy = allocate(count * one);
    if (copy == nullptr) return false;
    if (count > 0) std::memcpy(copy, from, count * one);
    set_elements(place, copy, count, made);
    return true;
  }

  static void set_elements(const CPlace& place, const void* at, std::size_t count,
                           tenon_value& made) {
    if (place.value == TENON_STRING) {
      made.kind = TENON_STRING;
      made.of.str = {static_cast<const char*>(at), count};
      return;
    }
    made.kind = TENON_PACKED;
    made.elem = place.value;
    made.of.packed = {at, count};
  }

  // The memory is the call's own: nothing is copied.
  bool read_room(const CPlace& place, tenon_value& made) {
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
      return fail(fmt::format("it says that it wrote {} elements to a room of {}, at {}",
                              used < 0 && is_signed(type)
                                  ? fmt::format("{}", used)
                                  : fmt::format("{}", static_cast<std::uint64_t>(used)),
                              room_size_, place.path));
    set_elements(place, room_, static_cast<std::size_t>(used), made);
    return true;
  }

  // --- What is given back

  // An object that was made though the call failed.
  void drop_places() {
    for (std::size_t i = 0; i < signature_.places.size(); ++i) {
      if (!signature_.places[i].is_dropped_on_error) continue;
      void* const object = get<void*>(i);
      if (object != nullptr && prepared_.symbols.drops[i] != nullptr)
        prepared_.symbols.drops[i](object);
    }
  }

  void free_place(std::size_t i) {
    if (bytes_at(i) == nullptr) return;
    if (signature_.places[i].kind == CPlaceKind::Buffer) {
      const auto buffer = get<Buffer>(i);
      if (buffer.ptr != nullptr && buffer.free != nullptr) buffer.free(buffer.ptr);
    } else if (signature_.places[i].kind == CPlaceKind::Text && prepared_.symbols.free != nullptr) {
      void* const text = get<void*>(i);
      if (text != nullptr) prepared_.symbols.free(text);
    }
  }

  const Prepared& prepared_;
  const CSignature& signature_;
  tenon_call& call_;
  const tenon_value* given_;
  std::array<std::uint64_t, kMostCArguments> slots_ = {};
  std::array<void*, kMostCArguments> values_ = {};
  std::array<std::uint8_t*, kMostCArguments + 1> places_ = {};
  std::uint8_t* room_ = nullptr;
  std::uint64_t room_size_ = 0;
  std::uint8_t* room_length_ = nullptr;
  CType room_length_type_ = CType::U64;
  Returned returned_;
  int errno_ = 0;
  bool is_called_ = false;
};

std::int32_t run(void* self, tenon_call* call, const tenon_value* values, std::size_t /*count*/,
                 tenon_value* result) {
  const auto& prepared = *static_cast<const Prepared*>(self);
  return Frame(prepared, *call, values).run(*result) ? 0 : 1;
}

// Of a function whose numbers are passed where they are.
std::int32_t run_flat(void* self, tenon_call* call, const tenon_value* values,
                      std::size_t /*count*/, tenon_value* result) {
  const auto& prepared = *static_cast<const Prepared*>(self);
  const CSignature& signature = prepared.signature;
  std::array<void*, kMostCArguments> pointers;
  for (std::size_t i = 0; i < signature.arguments.size(); ++i)
    pointers[i] = const_cast<void*>(bytes_of(values[signature.arguments[i].param]));
  Returned returned;
  call_ffi(prepared, &returned, pointers.data());
  if (signature.outcome.parts.empty()) return 0;
  const CPlace& place = signature.places[0];
  const std::optional<std::string> wrong = load_number(&returned, place.type, place.value, *result);
  if (!wrong) return 0;
  return trap(*call, fmt::format("it gave {}, where {} is expected, at {}", *wrong,
                                 native_kind_name(place.value), place.path));
}

bool is_flat(const CSignature& signature) {
  const bool takes_numbers = std::ranges::all_of(signature.arguments, [](const CArgument& one) {
    return one.kind == CArgumentKind::Number && one.has_same_bits;
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
  // It refuses what it is not given: other conventions, and types that are none.
  TENON_CHECK(status == FFI_OK);
  void* const self = made.get();
  const bool flat = is_flat(made->signature);
  return {{flat ? run_flat : run, self}, std::move(made)};
}

}  // namespace tenon::host
