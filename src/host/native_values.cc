#include "host/native_values.h"

#include <fmt/core.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "support/check.h"
#include "support/utf8.h"
#include "value/scalar_kind.h"

namespace tenon::host {

namespace {

using abi::HandlePart;
using abi::Ownership;
using call::ValueNode;
using call::ValueNodeId;
using call::ValuePart;

// Whether a list of this element type is packed.
bool is_scalar(TypeKind kind) {
  return value::visit_scalar(kind, [](auto /*type*/) {});
}

// Whether native code gets a view of the caller's memory. Booleans and characters are copied, because
// lifting normalizes or checks them.
bool is_viewed(TypeKind element) {
  return is_scalar(element) && element != TypeKind::Bool && element != TypeKind::Char;
}

// Reads the parameters from the arena. Recursion is bounded by the depth of types. The memory of the
// arena does not move meanwhile, because nothing is allocated in it.
class Reader final {
 public:
  Reader(const call::ValueProgram& program, const LiftedParams& params, CallMemory& memory,
         RepExchange& reps)
      : nodes_(program.nodes()),
        params_(params),
        bytes_(params.arena.memory()),
        memory_(memory),
        reps_(reps) {}

  // False if there is no more memory.
  bool read(ValueNodeId id, std::uint32_t at, std::uint32_t handles, tenon_value& made) {
    const ValueNode& node = nodes_[id];
    made.kind = native_kind(node.kind);
    if (value::visit_scalar(node.kind,
                            [&]<class T>(std::type_identity<T>) { read_scalar<T>(at, made); }))
      return true;
    switch (made.kind) {
      case TENON_STRING: {
        const auto [start, length] = pair(at);
        const auto text = params_.has_text_views ? view(start, length, 1) : own(start, length, 1);
        made.of.str = {reinterpret_cast<const char*>(text.data()), text.size()};
        return true;
      }
      case TENON_LIST:
        return read_list(node, at, handles, made);
      case TENON_MAP:
        return read_map(node, at, handles, made);
      case TENON_RECORD:
      case TENON_TUPLE:
        return read_parts(node, at, handles, made);
      case TENON_VARIANT:
      case TENON_ENUM:
      case TENON_OPTION:
      case TENON_RESULT:
        return read_case(node, at, handles, made);
      case TENON_FLAGS:
        std::memcpy(&made.of.u, own(at, node.size, 1).data(), std::min<std::size_t>(node.size, 8));
        return true;
      case TENON_OWN:
      case TENON_BORROW: {
        const HandlePart part{handles,
                              node.kind == TypeKind::Own ? Ownership::Own : Ownership::Borrow};
        const auto token = params_.arena.lift_handle(part, get<std::uint32_t>(at));
        TENON_CHECK(token.has_value());
        made.of.rep = reps_.take(*token, part);
        return true;
      }
      default:
        break;
    }
    TENON_CHECK(false);  // These kinds have no layout.
    return false;
  }

  bool read_parts(const ValueNode& node, std::uint32_t at, std::uint32_t handles,
                  tenon_value& made) {
    tenon_value* const items = make_items(node.parts.size(), made);
    if (items == nullptr) return false;
    for (std::size_t i = 0; i < node.parts.size(); ++i)
      if (!read_part(node.parts[i], at, handles, items[i])) return false;
    return true;
  }

 private:
  std::span<const std::uint8_t> block(std::span<const std::uint8_t> of, std::uint32_t address,
                                      std::uint32_t count, std::uint32_t size) {
    const std::uint64_t bytes = std::uint64_t{count} * size;
    if (bytes == 0) return {kNothing.data(), 0};
    TENON_CHECK(address + bytes <= of.size());
    return of.subspan(address, bytes);
  }
  std::span<const std::uint8_t> own(std::uint32_t address, std::uint32_t count,
                                    std::uint32_t size) {
    return block(bytes_, address, count, size);
  }
  std::span<const std::uint8_t> view(std::uint32_t address, std::uint32_t count,
                                     std::uint32_t size) {
    return block(params_.caller_memory, address, count, size);
  }

  template <class T>
  T get(std::uint32_t at) {
    T value;
    std::memcpy(&value, own(at, 1, sizeof(T)).data(), sizeof(T));
    return value;
  }
  std::pair<std::uint32_t, std::uint32_t> pair(std::uint32_t at) {
    return {get<std::uint32_t>(at), get<std::uint32_t>(at + 4)};
  }

  template <class T>
  void read_scalar(std::uint32_t at, tenon_value& made) {
    if constexpr (std::is_same_v<T, float>)
      made.of.f32 = get<float>(at);
    else if constexpr (std::is_same_v<T, double>)
      made.of.f64 = get<double>(at);
    else if constexpr (std::is_same_v<T, bool>)
      made.of.u = get<std::uint8_t>(at);
    else if constexpr (std::is_signed_v<T>)
      made.of.s = get<T>(at);
    else
      made.of.u = get<T>(at);
  }

  tenon_value* make_items(std::size_t count, tenon_value& made) {
    auto* const items = memory_.allocate<tenon_value>(count);
    made.of.items = {items, count};
    return items;
  }

  bool read_part(const ValuePart& part, std::uint32_t at, std::uint32_t handles,
                 tenon_value& made) {
    return read(part.node, at + part.offset, handles + part.handles, made);
  }

  bool read_list(const ValueNode& node, std::uint32_t at, std::uint32_t handles,
                 tenon_value& made) {
    auto [start, count] = node.length ? std::pair(at, *node.length) : pair(at);
    const TypeKind element = nodes_[node.parts[0].node].kind;
    if (is_scalar(element)) {
      const auto elements = !node.length && is_viewed(element)
                                ? view(start, count, node.element_size)
                                : own(start, count, node.element_size);
      made.kind = TENON_PACKED;
      made.elem = native_kind(element);
      made.of.packed = {elements.data(), count};
      return true;
    }
    own(start, count, node.element_size);
    tenon_value* const items = make_items(count, made);
    if (items == nullptr) return false;
    for (std::uint32_t i = 0; i < count; ++i, start += node.element_size)
      if (!read(node.parts[0].node, start, handles, items[i])) return false;
    return true;
  }

  bool read_map(const ValueNode& node, std::uint32_t at, std::uint32_t handles, tenon_value& made) {
    auto [start, count] = pair(at);
    own(start, count, node.element_size);
    tenon_value* const items = make_items(std::size_t{count} * 2, made);
    if (items == nullptr) return false;
    for (std::uint32_t i = 0; i < count; ++i, start += node.element_size)
      if (!read_part(node.parts[0], start, handles, items[std::size_t{i} * 2]) ||
          !read_part(node.parts[1], start, handles, items[std::size_t{i} * 2 + 1]))
        return false;
    return true;
  }

  bool read_case(const ValueNode& node, std::uint32_t at, std::uint32_t handles,
                 tenon_value& made) {
    std::uint32_t number = 0;
    std::memcpy(&number, own(at, node.discriminant_size, 1).data(), node.discriminant_size);
    made.index = number;
    if (node.parts.empty()) return true;
    const ValuePart& part = node.parts[number];
    if (!part.node.is_valid()) return true;
    made.of.payload = memory_.allocate<tenon_value>(1);
    return made.of.payload != nullptr && read_part(part, at, handles, *made.of.payload);
  }

  // The address of empty strings and lists; aligned for any element.
  alignas(8) static constexpr std::array<std::uint8_t, 8> kNothing = {};

  const Arena<ValueNode>& nodes_;
  const LiftedParams& params_;
  std::span<const std::uint8_t> bytes_;
  CallMemory& memory_;
  RepExchange& reps_;
};

// Checks a result of native code and writes it to the arena. Recursion follows the type and not the
// values, so native code cannot make it deeper than the type.
class Writer final {
 public:
  Writer(const call::ValueProgram& program, abi::ValueArena& arena)
      : nodes_(program.nodes()), arena_(arena) {}

  std::optional<std::uint32_t> allocate(std::uint64_t bytes, std::uint32_t align) {
    if (bytes > UINT32_MAX) {
      fail("the values of one call take more than 4 GiB");
      return std::nullopt;
    }
    const auto size = static_cast<std::uint32_t>(bytes);
    const Result<std::uint32_t, abi::AbiError> address = arena_.allocate(size, align);
    if (!address) {
      fail(address.error().message);
      return std::nullopt;
    }
    if (size > 0) std::memset(bytes_at(*address), 0, size);
    return *address;
  }

  bool write(const tenon_value& value, ValueNodeId id, std::uint32_t at, std::uint32_t handles) {
    const ValueNode& node = nodes_[id];
    const std::uint8_t expected = native_kind(node.kind);
    const bool is_packed = node.kind == TypeKind::List && value.kind == TENON_PACKED;
    if (value.kind != expected && !is_packed)
      return fail(fmt::format("expected {}, found {}", native_kind_name(expected),
                              native_kind_name(value.kind)));
    bool is_written = false;
    if (value::visit_scalar(node.kind, [&]<class T>(std::type_identity<T>) {
          is_written = write_scalar<T>(value, at);
        }))
      return is_written;
    switch (expected) {
      case TENON_STRING:
        return write_string(value, at);
      case TENON_LIST:
        return is_packed ? write_packed(value, node, at) : write_list(value, node, at, handles);
      case TENON_MAP:
        return write_map(value, node, at, handles);
      case TENON_RECORD:
      case TENON_TUPLE:
        return write_parts(value, node, at, handles);
      case TENON_VARIANT:
      case TENON_ENUM:
      case TENON_RESULT:
        return write_case(value, node, at, handles);
      case TENON_OPTION: {
        tenon_value option = value;
        option.index = value.of.payload != nullptr ? 1 : 0;
        return write_case(option, node, at, handles);
      }
      case TENON_FLAGS:
        return write_flags(value, node, at);
      case TENON_OWN:
        slots_.push_back({value.of.rep, {handles, Ownership::Own}, at});
        return true;
      default:  // borrow
        break;
    }
    return fail(fmt::format("{} cannot be returned", native_kind_name(expected)));
  }

  void give_handles(RepExchange& reps) {
    for (const Slot& slot : slots_)
      put(slot.address, arena_.add_resource(reps.give(slot.rep, slot.part)));
  }

  [[nodiscard]] NativeProblem take_problem() && {
    NativeProblem problem{"result", std::move(message_)};
    for (auto part = path_.rbegin(); part != path_.rend(); ++part) problem.path += *part;
    return problem;
  }

 private:
  // A returned handle. Its token is written only after the whole result was checked, so that a
  // rejected result takes no resource away from native code.
  struct Slot {
    void* rep = nullptr;
    HandlePart part;
    std::uint32_t address = 0;
  };

  bool fail(std::string message) {
    message_ = std::move(message);
    return false;
  }
  // Called from the innermost part outwards.
  bool fail_in(std::string part) {
    path_.push_back(std::move(part));
    return false;
  }

  // Lifetime: until the next allocation.
  std::uint8_t* bytes_at(std::uint32_t address) { return arena_.memory().data() + address; }
  template <class T>
  void put(std::uint32_t address, T value) {
    std::memcpy(bytes_at(address), &value, sizeof(value));
  }
  void put_pair(std::uint32_t at, std::uint32_t address, std::size_t length) {
    put(at, address);
    put(at + 4, static_cast<std::uint32_t>(length));
  }

  template <class T>
  bool write_scalar(const tenon_value& value, std::uint32_t at) {
    if constexpr (std::is_same_v<T, float>) {
      put(at, value.of.f32);
    } else if constexpr (std::is_same_v<T, double>) {
      put(at, value.of.f64);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (value.of.u > 1) return fail(fmt::format("{} is not a bool (0 or 1)", value.of.u));
      put(at, static_cast<std::uint8_t>(value.of.u));
    } else if constexpr (std::is_same_v<T, char32_t>) {
      if (value.of.u > UINT32_MAX || !is_scalar_value(static_cast<char32_t>(value.of.u)))
        return fail(fmt::format("{:#x} is not a Unicode scalar value", value.of.u));
      put(at, static_cast<std::uint32_t>(value.of.u));
    } else if constexpr (std::is_signed_v<T>) {
      if (static_cast<T>(value.of.s) != value.of.s) return fail_range(value.of.s, value.kind);
      put(at, static_cast<T>(value.of.s));
    } else {
      if (static_cast<T>(value.of.u) != value.of.u) return fail_range(value.of.u, value.kind);
      put(at, static_cast<T>(value.of.u));
    }
    return true;
  }
  bool fail_range(auto number, std::uint8_t kind) {
    return fail(fmt::format("{} is out of range for {}", number, native_kind_name(kind)));
  }

  // Rejects NULL as the address of one or more elements. Any other pointer has to be trusted.
  bool check_pointer(const void* pointer, std::size_t count) {
    if (pointer != nullptr || count == 0) return true;
    return fail(fmt::format("expected {} elements, found NULL", count));
  }

  bool write_string(const tenon_value& value, std::uint32_t at) {
    const auto [text, size] = value.of.str;
    if (!check_pointer(text, size)) return false;
    if (size == 0) return true;
    const std::optional<std::uint32_t> address = allocate(size, 1);
    if (!address) return false;
    if (const auto bad = find_bad_utf8(std::string_view(text, size)))
      return fail(fmt::format("the string is not valid UTF-8 at byte {}", *bad));
    std::memcpy(bytes_at(*address), text, size);
    put_pair(at, *address, size);
    return true;
  }

  // The address for the elements of a list: a new block, or in place if the length is fixed. Nothing on
  // failure.
  std::optional<std::uint32_t> place_elements(const ValueNode& node, std::uint32_t at,
                                              std::size_t count) {
    if (node.length) {
      if (count == *node.length) return at;
      fail(fmt::format("expected {} elements, found {}", *node.length, count));
      return std::nullopt;
    }
    if (count > UINT32_MAX) {
      fail(fmt::format("a list of {} elements is too long", count));
      return std::nullopt;
    }
    const auto address = allocate(std::uint64_t{count} * node.element_size, node.element_align);
    if (address) put_pair(at, *address, count);
    return address;
  }

  bool write_packed(const tenon_value& value, const ValueNode& node, std::uint32_t at) {
    const TypeKind element = nodes_[node.parts[0].node].kind;
    const std::uint8_t expected = native_kind(element);
    if (!is_scalar(element) || value.elem != expected)
      return fail(fmt::format("expected a list of {}, found a packed list of {}",
                              native_kind_name(expected), native_kind_name(value.elem)));
    const auto [from, count] = value.of.packed;
    if (!check_pointer(from, count)) return false;
    const std::optional<std::uint32_t> address = place_elements(node, at, count);
    if (!address) return false;
    if (count == 0) return true;
    std::uint8_t* const to = bytes_at(*address);
    std::memcpy(to, from, count * node.element_size);
    if (element == TypeKind::Bool)
      for (std::size_t i = 0; i < count; ++i)
        if (to[i] > 1) return fail_element(i, fmt::format("{} is not a bool (0 or 1)", to[i]));
    if (element == TypeKind::Char)
      for (std::size_t i = 0; i < count; ++i) {
        char32_t code = 0;
        std::memcpy(&code, to + i * sizeof(code), sizeof(code));
        if (!is_scalar_value(code))
          return fail_element(i, fmt::format("{:#x} is not a Unicode scalar value",
                                             static_cast<std::uint32_t>(code)));
      }
    return true;
  }
  bool fail_element(std::size_t i, std::string message) {
    fail(std::move(message));
    return fail_in(fmt::format("[{}]", i));
  }

  bool write_list(const tenon_value& value, const ValueNode& node, std::uint32_t at,
                  std::uint32_t handles) {
    const auto [items, count] = value.of.items;
    if (!check_pointer(items, count)) return false;
    const std::optional<std::uint32_t> address = place_elements(node, at, count);
    if (!address) return false;
    std::uint32_t element = *address;
    for (std::size_t i = 0; i < count; ++i, element += node.element_size)
      if (!write(items[i], node.parts[0].node, element, handles))
        return fail_in(fmt::format("[{}]", i));
    return true;
  }

  bool write_map(const tenon_value& value, const ValueNode& node, std::uint32_t at,
                 std::uint32_t handles) {
    const auto [items, count] = value.of.items;
    if (!check_pointer(items, count)) return false;
    if (count % 2 != 0)
      return fail(fmt::format("expected pairs of keys and values, found {} items", count));
    const std::optional<std::uint32_t> address = place_elements(node, at, count / 2);
    if (!address) return false;
    std::uint32_t entry = *address;
    for (std::size_t i = 0; i < count; i += 2, entry += node.element_size) {
      if (!write_part(items[i], node.parts[0], entry, handles))
        return fail_in(fmt::format("[{}].key", i / 2));
      if (!write_part(items[i + 1], node.parts[1], entry, handles))
        return fail_in(fmt::format("[{}].value", i / 2));
    }
    return true;
  }

  bool write_part(const tenon_value& value, const ValuePart& part, std::uint32_t at,
                  std::uint32_t handles) {
    return write(value, part.node, at + part.offset, handles + part.handles);
  }

  // ".price" of a record, ".1" of a tuple, ".some" of an option
  static std::string part_name(const ValueNode& node, std::size_t i) {
    if (node.labels) return "." + node.labels->labels()[i];
    if (node.kind == TypeKind::Option) return ".some";
    if (node.kind == TypeKind::Result) return i == 0 ? ".ok" : ".err";
    return fmt::format(".{}", i);
  }

  bool write_parts(const tenon_value& value, const ValueNode& node, std::uint32_t at,
                   std::uint32_t handles) {
    const auto [items, count] = value.of.items;
    if (count != node.parts.size())
      return fail(fmt::format("expected {} items, found {}", node.parts.size(), count));
    if (!check_pointer(items, count)) return false;
    for (std::size_t i = 0; i < count; ++i)
      if (!write_part(items[i], node.parts[i], at, handles)) return fail_in(part_name(node, i));
    return true;
  }

  bool write_case(const tenon_value& value, const ValueNode& node, std::uint32_t at,
                  std::uint32_t handles) {
    const std::size_t cases = node.parts.empty() ? node.labels->labels().size() : node.parts.size();
    if (value.index >= cases)
      return fail(fmt::format("case {} does not exist, the type has {} cases", value.index, cases));
    std::memcpy(bytes_at(at), &value.index, node.discriminant_size);
    if (node.parts.empty()) return true;
    const ValuePart& part = node.parts[value.index];
    const bool has_payload = part.node.is_valid();
    if (has_payload != (value.of.payload != nullptr)) {
      fail(has_payload ? "expected a payload, found NULL" : "expected no payload, found one");
      return fail_in(part_name(node, value.index));
    }
    return !has_payload || write_part(*value.of.payload, part, at, handles) ||
           fail_in(part_name(node, value.index));
  }

  bool write_flags(const tenon_value& value, const ValueNode& node, std::uint32_t at) {
    const std::size_t count = node.labels->labels().size();
    if (count < 64 && value.of.u >> count != 0)
      return fail(
          fmt::format("{:#x} sets bits beyond the {} flags of the type", value.of.u, count));
    std::memcpy(bytes_at(at), &value.of.u, std::min<std::size_t>(node.size, 8));
    return true;
  }

  const Arena<ValueNode>& nodes_;
  abi::ValueArena& arena_;
  std::vector<Slot> slots_;
  std::string message_;
  std::vector<std::string> path_;
};

}  // namespace

std::uint8_t native_kind(TypeKind kind) {
  switch (kind) {
    case TypeKind::Bool:
      return TENON_BOOL;
    case TypeKind::S8:
      return TENON_S8;
    case TypeKind::U8:
      return TENON_U8;
    case TypeKind::S16:
      return TENON_S16;
    case TypeKind::U16:
      return TENON_U16;
    case TypeKind::S32:
      return TENON_S32;
    case TypeKind::U32:
      return TENON_U32;
    case TypeKind::S64:
      return TENON_S64;
    case TypeKind::U64:
      return TENON_U64;
    case TypeKind::F32:
      return TENON_F32;
    case TypeKind::F64:
      return TENON_F64;
    case TypeKind::Char:
      return TENON_CHAR;
    case TypeKind::String:
      return TENON_STRING;
    case TypeKind::List:
      return TENON_LIST;
    case TypeKind::Map:
      return TENON_MAP;
    case TypeKind::Record:
      return TENON_RECORD;
    case TypeKind::Tuple:
      return TENON_TUPLE;
    case TypeKind::Variant:
      return TENON_VARIANT;
    case TypeKind::Enum:
      return TENON_ENUM;
    case TypeKind::Option:
      return TENON_OPTION;
    case TypeKind::Result:
      return TENON_RESULT;
    case TypeKind::Flags:
      return TENON_FLAGS;
    case TypeKind::Own:
      return TENON_OWN;
    case TypeKind::Borrow:
      return TENON_BORROW;
    case TypeKind::ErrorContext:
    case TypeKind::Stream:
    case TypeKind::Future:
    case TypeKind::Dynamic:
      break;
  }
  TENON_CHECK(false);  // These kinds have no layout.
  return 0;
}

std::string native_kind_name(std::uint8_t kind) {
  constexpr std::array<std::string_view, 26> kNames = {
      "",    "bool",    "s8",   "u8",     "s16",    "u16",   "s32",         "u32",    "s64",
      "u64", "f32",     "f64",  "char",   "string", "list",  "packed list", "record", "tuple",
      "map", "variant", "enum", "option", "result", "flags", "own",         "borrow"};
  static_assert(kNames[TENON_BORROW] == "borrow" && kNames[TENON_PACKED] == "packed list");
  if (kind == 0) return "nothing";
  return kind < kNames.size() ? std::string(kNames[kind]) : fmt::format("a value of kind {}", kind);
}

std::optional<std::span<tenon_value>> read_native_params(const call::ValueProgram& program,
                                                         const LiftedParams& params,
                                                         CallMemory& memory, RepExchange& reps) {
  tenon_value made = {};
  Reader reader(program, params, memory, reps);
  if (!reader.read_parts(program.nodes()[program.params()], params.address, 0, made))
    return std::nullopt;
  return std::span(made.of.items.ptr, made.of.items.len);
}

Result<std::uint32_t, NativeProblem> write_native_result(const call::ValueProgram& program,
                                                         const tenon_value& result,
                                                         abi::ValueArena& arena,
                                                         RepExchange& reps) {
  TENON_CHECK(program.result().is_valid());
  const ValueNode& node = program.nodes()[program.result()];
  Writer writer(program, arena);
  const std::optional<std::uint32_t> address = writer.allocate(node.size, node.align);
  if (!address || !writer.write(result, program.result(), *address, 0))
    return std::move(writer).take_problem();
  writer.give_handles(reps);
  return *address;
}

}  // namespace tenon::host
