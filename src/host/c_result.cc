#include "host/c_result.h"

#include <fmt/core.h>

#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "host/native_values.h"
#include "support/limits.h"

namespace tenon::host {

namespace {

const std::uint8_t* bytes_at(const CSignature& signature, const CLeft& left, std::size_t place) {
  return signature.places[place].is_returned ? reinterpret_cast<const std::uint8_t*>(&left.returned)
                                             : left.places[place];
}
template <class T>
T get(const CSignature& signature, const CLeft& left, std::size_t place) {
  T made = {};
  std::memcpy(&made, bytes_at(signature, left, place), sizeof(made));
  return made;
}

class ResultReader final {
 public:
  ResultReader(const CSignature& signature, const CSymbols& symbols, const CLeft& left,
               tenon_call& call)
      : signature_(signature), symbols_(symbols), left_(left), call_(call) {}

  bool read(tenon_value& result) {
    const COutcome& outcome = signature_.outcome;
    const bool good = is_good();
    if (!good) drop_places();
    if (outcome.wrap == 0) return outcome.parts.empty() || read_parts(result);
    result.kind = outcome.wrap;
    result.index = good ? 0 : 1;
    const bool has_payload = good ? !outcome.parts.empty() : outcome.fault != CFault::Nothing;
    if (!has_payload) return true;
    auto* const payload = call_.memory.allocate<tenon_value>(1);
    if (payload == nullptr) return fail(kTooMuchResult);
    result.of.payload = payload;
    return good ? read_parts(*payload) : read_fault(*payload);
  }

 private:
  bool fail(std::string text) { return fail_c_call(call_, std::move(text)); }

  // Null if there is no more memory; the call is then a trap.
  std::uint8_t* allocate(std::size_t size, std::size_t align = 16) {
    void* const made = call_.memory.allocate(size, align);
    if (made == nullptr) fail(kTooMuchResult);
    return static_cast<std::uint8_t*>(made);
  }

  [[nodiscard]] std::int64_t status() const {
    return load_integer(&left_.returned, *signature_.returned);
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

  bool read_parts(tenon_value& made) {
    const COutcome& outcome = signature_.outcome;
    if (outcome.whole == 0) return read_place(outcome.parts[0], made);
    auto* const items = call_.memory.allocate<tenon_value>(outcome.parts.size());
    if (items == nullptr) return fail(kTooMuchResult);
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
                               get<const char*>(signature_, left_, outcome.fault_place) == nullptr;
        if (!is_silent) return read_place(outcome.fault_place, made);
        return outcome.verdict == CVerdict::Status ? read_status_text(made) : copy_text("", made);
      }
      case CFault::Status:
        return read_number(&left_.returned, *signature_.returned, outcome.fault_value, "result.err",
                           made);
      case CFault::StatusText:
        return read_status_text(made);
      case CFault::Errno:
        return read_number(&left_.error_number, CType::S32, outcome.fault_value, "result.err",
                           made);
      case CFault::ErrnoText:
        return copy_text(std::generic_category().message(left_.error_number), made);
    }
    return false;
  }

  bool read_status_text(tenon_value& made) {
    const char* const text =
        symbols_.error == nullptr ? nullptr : symbols_.error(static_cast<int>(status()));
    return copy_text(text == nullptr ? fmt::format("status {}", status()) : std::string(text),
                     made);
  }

  bool read_number(const void* from, CType type, std::uint8_t kind, std::string_view path,
                   tenon_value& made) {
    const std::optional<std::string> wrong = load_number(from, type, kind, made);
    return !wrong ||
           fail(fmt::format("expected {} at {}, found {}", native_kind_name(kind), path, *wrong));
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
        return read_number(bytes_at(signature_, left_, number), place.type, place.value, place.path,
                           made);
      case CPlaceKind::Data: {
        const std::optional<std::string> wrong =
            load_shape(signature_.shapes, place.shape, bytes_at(signature_, left_, number),
                       call_.memory, made);
        return !wrong || fail(fmt::format("invalid value at {}: {}", place.path, *wrong));
      }
      case CPlaceKind::Text:
      case CPlaceKind::Handle:
        return read_pointer(place, get<void*>(signature_, left_, number), made);
      case CPlaceKind::Buffer: {
        const auto buffer = get<CBuffer>(signature_, left_, number);
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
      if (value == nullptr) return fail(kTooMuchResult);
      made.of.payload = value;
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

  bool read_elements(const CPlace& place, const void* from, std::size_t count, tenon_value& made) {
    const std::size_t size = element_size(place.value);
    if (from == nullptr && count > 0)
      return fail(fmt::format("expected {} elements at {}, found NULL", count, place.path));
    if (count > limits::kArenaBytes / size)
      return fail(
          fmt::format("{} elements at {} exceed the memory limit of a call", count, place.path));
    std::uint8_t* const copy = allocate(count * size);
    if (copy == nullptr) return false;
    if (count > 0) std::memcpy(copy, from, count * size);
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

  // The buffer is memory of the call already, so nothing is copied.
  bool read_room(const CPlace& place, tenon_value& made) {
    std::int64_t used = static_cast<std::int64_t>(left_.room_size);
    CType type = CType::S64;
    if (signature_.room->is_length_returned) {
      type = *signature_.returned;
      used = status();
    } else if (left_.room_length != nullptr) {
      type = left_.room_length_type;
      used = load_integer(left_.room_length, type);
    }
    if ((used < 0 && is_signed(type)) || static_cast<std::uint64_t>(used) > left_.room_size)
      return fail(fmt::format("it reported {} elements in a buffer of {}, at {}",
                              used < 0 && is_signed(type)
                                  ? fmt::format("{}", used)
                                  : fmt::format("{}", static_cast<std::uint64_t>(used)),
                              left_.room_size, place.path));
    set_elements(place, left_.room, static_cast<std::size_t>(used), made);
    return true;
  }

  // Destroys objects that a failed call created (`out:pointer:drop`).
  void drop_places() {
    for (std::size_t i = 0; i < signature_.places.size(); ++i) {
      if (!signature_.places[i].is_dropped_on_error) continue;
      void* const object = get<void*>(signature_, left_, i);
      if (object != nullptr && symbols_.drops[i] != nullptr) symbols_.drops[i](object);
    }
  }

  const CSignature& signature_;
  const CSymbols& symbols_;
  const CLeft& left_;
  tenon_call& call_;
};

void free_place(const CSignature& signature, const CSymbols& symbols, const CLeft& left,
                std::size_t i) {
  if (bytes_at(signature, left, i) == nullptr) return;
  if (signature.places[i].kind == CPlaceKind::Buffer) {
    const auto buffer = get<CBuffer>(signature, left, i);
    if (buffer.ptr != nullptr && buffer.free != nullptr) buffer.free(buffer.ptr);
  } else if (signature.places[i].kind == CPlaceKind::Text && symbols.free != nullptr) {
    void* const text = get<void*>(signature, left, i);
    if (text != nullptr) symbols.free(text);
  }
}

}  // namespace

std::size_t element_size(std::uint8_t element) {
  return element == TENON_STRING ? 1 : size_of(natural_type(element, 0));
}

bool fail_c_call(tenon_call& call, std::string text) {
  if (!call.trap) call.trap = std::move(text);
  return false;
}

bool read_c_result(const CSignature& signature, const CSymbols& symbols, const CLeft& left,
                   tenon_call& call, tenon_value& result) {
  return ResultReader(signature, symbols, left, call).read(result);
}

void free_c_result(const CSignature& signature, const CSymbols& symbols, const CLeft& left) {
  for (std::size_t i = 0; i < signature.places.size(); ++i) free_place(signature, symbols, left, i);
}

}  // namespace tenon::host
