#include "host/native_values.h"

#include <fmt/core.h>

#include <array>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "host/native_stream.h"
#include "support/check.h"
#include "support/try.h"
#include "support/utf8.h"
#include "value/scalar_kind.h"

namespace tenon::host {

namespace {

using abi::HandlePart;
using abi::Layout;
using abi::LayoutId;
using abi::LayoutPart;
using abi::Ownership;
using abi::Shape;
using value::is_scalar;

// Checks a result of native code and writes it to the arena. Recursion follows the type and not the
// values, so native code cannot make it deeper than the type.
class Writer final {
 public:
  Writer(const Arena<Layout>& layouts, abi::ValueArena& arena) : layouts_(layouts), arena_(arena) {}

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
    if (size > 0) std::memset(arena_.bytes_at(*address), 0, size);
    return *address;
  }

  bool write(const tenon_value& value, LayoutId id, std::uint32_t at, std::uint32_t handles) {
    const Layout& layout = layouts_[id];
    const std::uint8_t expected = native_kind(layout.kind);
    const bool is_packed = layout.kind == TypeKind::List && value.kind == TENON_PACKED;
    if (value.kind != expected && !is_packed)
      return fail(fmt::format("expected {}, found {}", native_kind_name(expected),
                              native_kind_name(value.kind)));
    bool is_written = false;
    if (value::visit_scalar(layout.kind, [&]<class T>(std::type_identity<T>) {
          is_written = write_scalar<T>(value, at);
        }))
      return is_written;
    switch (expected) {
      case TENON_STRING:
        return write_string(value, at);
      case TENON_LIST:
        return is_packed ? write_packed(value, layout, at) : write_list(value, layout, at, handles);
      case TENON_MAP:
        return write_map(value, layout, at, handles);
      case TENON_RECORD:
      case TENON_TUPLE:
        return write_parts(value, layout, at, handles);
      case TENON_VARIANT:
      case TENON_ENUM:
      case TENON_RESULT:
        return write_case(value, layout, at, handles);
      case TENON_OPTION: {
        tenon_value option = value;
        option.index = value.of.payload != nullptr ? 1 : 0;
        return write_case(option, layout, at, handles);
      }
      case TENON_FLAGS:
        return write_flags(value, layout, at);
      case TENON_OWN:
      case TENON_BORROW:
        handles_.push_back({value.of.rep,
                            0,
                            {handles, expected == TENON_OWN ? Ownership::Own : Ownership::Borrow},
                            at});
        return true;
      case TENON_STREAM:
      case TENON_FUTURE:
        if (!NativeStream::can_pass(value.of.u))
          return fail(fmt::format("{} is not a stream or future that can be passed", value.of.u));
        handles_.push_back({nullptr, value.of.u, {handles, Ownership::Own}, at});
        return true;
      default:
        break;
    }
    TENON_CHECK(false);  // These kinds have no layout.
    return false;
  }

  // One value for each part of a record.
  bool write_all(std::span<const tenon_value> values, const Layout& layout, std::uint32_t at) {
    if (values.size() != layout.parts.size())
      return fail(fmt::format("expected {} values, found {}", layout.parts.size(), values.size()));
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!write_part(values[i], layout.parts[i], at, 0))
        return fail_in_part(layout, layout.parts[i]);
    return true;
  }

  // Elements of a list, into memory for them. REQUIRES: the list has them
  bool write_elements(const tenon_value& list, LayoutId element, std::size_t first,
                      std::size_t count, std::uint32_t address) {
    if (list.kind == TENON_PACKED)
      return check_packed(list, element) && copy_packed(list, element, first, count, address);
    if (!check_pointer(list.of.items.ptr, count)) return false;
    for (std::size_t i = 0; i < count; ++i, address += layouts_[element].size)
      if (!write(list.of.items.ptr[first + i], element, address, 0))
        return fail_in(fmt::format("[{}]", first + i));
    return true;
  }

  [[nodiscard]] std::vector<WrittenResult::Handle> take_handles() && { return std::move(handles_); }
  // whole: the name of all values.
  [[nodiscard]] NativeProblem take_problem(std::string_view whole = "result") && {
    NativeProblem problem{std::string(whole), std::move(message_)};
    for (auto part = path_.rbegin(); part != path_.rend(); ++part) problem.path += *part;
    return problem;
  }

 private:
  bool fail(std::string message) {
    message_ = std::move(message);
    return false;
  }
  // Called from the innermost part outwards.
  bool fail_in(std::string part) {
    path_.push_back(std::move(part));
    return false;
  }
  // ".price" of a record, ".1" of a tuple, ".some" of an option
  bool fail_in_part(const Layout& layout, const LayoutPart& part) {
    return fail_in("." + abi::label_of(layout, part));
  }

  template <class T>
  bool write_scalar(const tenon_value& value, std::uint32_t at) {
    if constexpr (std::is_same_v<T, float>) {
      arena_.put(at, value.of.f32);
    } else if constexpr (std::is_same_v<T, double>) {
      arena_.put(at, value.of.f64);
    } else if constexpr (std::is_same_v<T, bool>) {
      if (value.of.u > 1) return fail(fmt::format("{} is not a bool (0 or 1)", value.of.u));
      arena_.put(at, static_cast<std::uint8_t>(value.of.u));
    } else if constexpr (std::is_same_v<T, char32_t>) {
      if (value.of.u > UINT32_MAX || !is_scalar_value(static_cast<char32_t>(value.of.u)))
        return fail(fmt::format("{:#x} is not a Unicode scalar value", value.of.u));
      arena_.put(at, static_cast<std::uint32_t>(value.of.u));
    } else if constexpr (std::is_signed_v<T>) {
      if (static_cast<T>(value.of.s) != value.of.s) return fail_range(value.of.s, value.kind);
      arena_.put(at, static_cast<T>(value.of.s));
    } else {
      if (static_cast<T>(value.of.u) != value.of.u) return fail_range(value.of.u, value.kind);
      arena_.put(at, static_cast<T>(value.of.u));
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
    std::memcpy(arena_.bytes_at(*address), text, size);
    arena_.put_pair(at, *address, size);
    return true;
  }

  // The layout of the elements of a list, or of the entries of a map.
  [[nodiscard]] const Layout& element_of(const Layout& layout) const {
    return layouts_[*layout.parts[0].layout];
  }

  // The address for the elements of a list: a new block, or in place if the length is fixed.
  // Nothing on failure.
  std::optional<std::uint32_t> place_elements(const Layout& layout, std::uint32_t at,
                                              std::size_t count) {
    if (layout.shape == Shape::FixedList) {
      if (count == layout.count) return at;
      fail(fmt::format("expected {} elements, found {}", layout.count, count));
      return std::nullopt;
    }
    if (count > UINT32_MAX) {
      fail(fmt::format("a list of {} elements is too long", count));
      return std::nullopt;
    }
    const Layout& element = element_of(layout);
    const auto address = allocate(std::uint64_t{count} * element.size, element.align);
    if (address) arena_.put_pair(at, *address, count);
    return address;
  }

  bool write_packed(const tenon_value& value, const Layout& layout, std::uint32_t at) {
    const std::size_t count = value.of.packed.len;
    if (!check_packed(value, *layout.parts[0].layout)) return false;
    const std::optional<std::uint32_t> address = place_elements(layout, at, count);
    return address && copy_packed(value, *layout.parts[0].layout, 0, count, *address);
  }
  bool check_packed(const tenon_value& value, LayoutId element_id) {
    const TypeKind element = layouts_[element_id].kind;
    const std::uint8_t expected = native_kind(element);
    if (is_scalar(element) && value.elem == expected)
      return check_pointer(value.of.packed.ptr, value.of.packed.len);
    return fail(fmt::format("expected a list of {}, found a packed list of {}",
                            native_kind_name(expected), native_kind_name(value.elem)));
  }
  bool copy_packed(const tenon_value& value, LayoutId element_id, std::size_t first,
                   std::size_t count, std::uint32_t address) {
    const Layout& element = layouts_[element_id];
    if (count == 0) return true;
    std::uint8_t* const to = arena_.bytes_at(address);
    std::memcpy(to, static_cast<const std::uint8_t*>(value.of.packed.ptr) + first * element.size,
                count * element.size);
    if (element.kind == TypeKind::Bool)
      for (std::size_t i = 0; i < count; ++i)
        if (to[i] > 1) return fail_element(i, fmt::format("{} is not a bool (0 or 1)", to[i]));
    if (element.kind == TypeKind::Char)
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

  bool write_list(const tenon_value& value, const Layout& layout, std::uint32_t at,
                  std::uint32_t handles) {
    const auto [items, count] = value.of.items;
    if (!check_pointer(items, count)) return false;
    const std::optional<std::uint32_t> address = place_elements(layout, at, count);
    if (!address) return false;
    const LayoutId element = *layout.parts[0].layout;
    const std::uint32_t size = layouts_[element].size;
    std::uint32_t element_at = *address;
    for (std::size_t i = 0; i < count; ++i, element_at += size)
      if (!write(items[i], element, element_at, handles)) return fail_in(fmt::format("[{}]", i));
    return true;
  }

  bool write_map(const tenon_value& value, const Layout& layout, std::uint32_t at,
                 std::uint32_t handles) {
    const auto [items, count] = value.of.items;
    if (!check_pointer(items, count)) return false;
    if (count % 2 != 0)
      return fail(fmt::format("expected pairs of keys and values, found {} {}", count,
                              count == 1 ? "item" : "items"));
    const std::optional<std::uint32_t> address = place_elements(layout, at, count / 2);
    if (!address) return false;
    const Layout& entry = element_of(layout);
    std::uint32_t entry_at = *address;
    for (std::size_t i = 0; i < count; i += 2, entry_at += entry.size) {
      if (!write_part(items[i], entry.parts[0], entry_at, handles))
        return fail_in(fmt::format("[{}].key", i / 2));
      if (!write_part(items[i + 1], entry.parts[1], entry_at, handles))
        return fail_in(fmt::format("[{}].value", i / 2));
    }
    return true;
  }

  bool write_part(const tenon_value& value, const LayoutPart& part, std::uint32_t at,
                  std::uint32_t handles) {
    return write(value, *part.layout, at + part.offset, handles + part.handles);
  }

  bool write_parts(const tenon_value& value, const Layout& layout, std::uint32_t at,
                   std::uint32_t handles) {
    const auto [items, count] = value.of.items;
    if (count != layout.parts.size())
      return fail(fmt::format("expected {} items, found {}", layout.parts.size(), count));
    if (!check_pointer(items, count)) return false;
    for (std::size_t i = 0; i < count; ++i)
      if (!write_part(items[i], layout.parts[i], at, handles))
        return fail_in_part(layout, layout.parts[i]);
    return true;
  }

  bool write_case(const tenon_value& value, const Layout& layout, std::uint32_t at,
                  std::uint32_t handles) {
    if (value.index >= layout.parts.size())
      return fail(fmt::format("case {} does not exist, the type has {} cases", value.index,
                              layout.parts.size()));
    std::memcpy(arena_.bytes_at(at), &value.index, layout.discriminant_size);
    // Native code does not have to set the payload of an enum.
    if (layout.kind == TypeKind::Enum) return true;
    const LayoutPart& part = layout.parts[value.index];
    if (part.layout.has_value() != (value.of.payload != nullptr)) {
      fail(part.layout ? "expected a payload, found NULL" : "expected no payload, found one");
      return fail_in_part(layout, part);
    }
    return !part.layout || write_part(*value.of.payload, part, at, handles) ||
           fail_in_part(layout, part);
  }

  bool write_flags(const tenon_value& value, const Layout& layout, std::uint32_t at) {
    const std::uint32_t count = layout.count;
    if (count < 64 && value.of.u >> count != 0)
      return fail(
          fmt::format("{:#x} sets bits beyond the {} flags of the type", value.of.u, count));
    std::memcpy(arena_.bytes_at(at), &value.of.u, std::min<std::size_t>(layout.size, 8));
    return true;
  }

  const Arena<Layout>& layouts_;
  abi::ValueArena& arena_;
  std::vector<WrittenResult::Handle> handles_;
  std::string message_;
  std::vector<std::string> path_;
};

// Drops the handles in a result that there was no memory to write. What is not of its type is left out: the result was
// not checked. Recursion follows the type.
class Dropper final {
 public:
  Dropper(const Arena<Layout>& layouts, RepExchange& reps) : layouts_(layouts), reps_(reps) {}

  void drop(const tenon_value& value, LayoutId id, std::uint32_t handles) {
    const Layout& layout = layouts_[id];
    if (value.kind != native_kind(layout.kind)) return;
    switch (value.kind) {
      case TENON_OWN:
        return reps_.drop(value.of.rep, {handles, Ownership::Own});
      case TENON_STREAM:
      case TENON_FUTURE:
        return reps_.drop_stream(value.of.u, {handles, Ownership::Own});
      case TENON_LIST:
        return drop_items(value, layout, handles);
      case TENON_MAP:
        return drop_items(value, layouts_[*layout.parts[0].layout], handles);
      case TENON_RECORD:
      case TENON_TUPLE:
        if (value.of.items.len == layout.parts.size()) drop_items(value, layout, handles);
        return;
      case TENON_OPTION:
        return drop_payload(value, layout.parts[1], handles);
      case TENON_VARIANT:
      case TENON_RESULT:
        if (value.index < layout.parts.size())
          drop_payload(value, layout.parts[value.index], handles);
        return;
      default:
        return;
    }
  }

 private:
  // Their types are the parts, in turn.
  void drop_items(const tenon_value& value, const Layout& layout, std::uint32_t handles) {
    const auto [items, count] = value.of.items;
    for (std::size_t i = 0; items != nullptr && i < count; ++i)
      drop_part(items[i], layout.parts[i % layout.parts.size()], handles);
  }
  void drop_payload(const tenon_value& value, const LayoutPart& part, std::uint32_t handles) {
    if (part.layout && value.of.payload != nullptr) drop_part(*value.of.payload, part, handles);
  }
  void drop_part(const tenon_value& value, const LayoutPart& part, std::uint32_t handles) {
    drop(value, *part.layout, handles + part.handles);
  }

  const Arena<Layout>& layouts_;
  RepExchange& reps_;
};

}  // namespace

FlatNumber FlatNumber::make(TypeKind type) {
  FlatNumber number{.kind = native_kind(type)};
  value::visit_scalar(type, [&]<class T>(std::type_identity<T>) {
    if constexpr (std::is_floating_point_v<T>) return;
    constexpr std::size_t kBits = std::is_same_v<T, bool> ? 1 : sizeof(T) * 8;
    number.unused_bits = static_cast<std::uint8_t>(64 - kBits);
    number.is_signed = std::is_signed_v<T>;
  });
  return number;
}

std::string describe(const NativeProblem& problem) {
  return fmt::format("it returned an invalid value at {}: {}", problem.path, problem.message);
}

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
    case TypeKind::Stream:
      return TENON_STREAM;
    case TypeKind::Future:
      return TENON_FUTURE;
    case TypeKind::ErrorContext:
    case TypeKind::Dynamic:
      break;
  }
  TENON_CHECK(false);  // These kinds have no layout.
  return 0;
}

std::string native_kind_name(std::uint8_t kind) {
  constexpr std::array<std::string_view, 28> kNames = {
      "",       "bool",        "s8",     "u8",    "s16",    "u16",     "s32",
      "u32",    "s64",         "u64",    "f32",   "f64",    "char",    "string",
      "list",   "packed list", "record", "tuple", "map",    "variant", "enum",
      "option", "result",      "flags",  "own",   "borrow", "stream",  "future"};
  static_assert(kNames[TENON_FUTURE] == "future" && kNames[TENON_PACKED] == "packed list");
  if (kind == 0) return "nothing";
  return kind < kNames.size() ? std::string(kNames[kind]) : fmt::format("a value of kind {}", kind);
}

Result<WrittenResult, NativeProblem> write_native_result(const abi::FunctionLayout& layout,
                                                         const tenon_value& result,
                                                         abi::ValueArena& arena) {
  TENON_CHECK(layout.result.has_value());
  const Layout& type = layout.layouts[*layout.result];
  Writer writer(layout.layouts, arena);
  const std::optional<std::uint32_t> address = writer.allocate(type.size, type.align);
  if (!address || !writer.write(result, *layout.result, *address, 0))
    return std::move(writer).take_problem();
  return WrittenResult{*address, std::move(writer).take_handles()};
}

Result<WrittenResult, NativeProblem> write_native_params(const abi::FunctionLayout& layout,
                                                         std::span<const tenon_value> params,
                                                         abi::ValueArena& arena) {
  const Layout& type = layout.layouts[layout.params];
  Writer writer(layout.layouts, arena);
  const std::optional<std::uint32_t> address = writer.allocate(type.size, type.align);
  if (!address || !writer.write_all(params, type, *address))
    return std::move(writer).take_problem("$");
  return WrittenResult{*address, std::move(writer).take_handles()};
}

Result<WrittenResult, NativeProblem> write_native_items(const abi::FunctionLayout& item,
                                                        const tenon_value& list, std::size_t first,
                                                        std::size_t count, abi::ValueArena& arena) {
  const Layout& type = item.layouts[item.params];
  Writer writer(item.layouts, arena);
  const auto address = writer.allocate(std::uint64_t{count} * type.size, type.align);
  if (!address || !writer.write_elements(list, *type.parts[0].layout, first, count, *address))
    return std::move(writer).take_problem();
  return WrittenResult{*address, std::move(writer).take_handles()};
}

void give_handles(const WrittenResult& result, abi::ValueArena& arena, RepExchange& reps) {
  std::span<const WrittenResult::Handle> rest = result.handles;
  try {
    while (!rest.empty()) {
      const WrittenResult::Handle& handle = rest.front();
      rest = rest.subspan(1);
      const abi::ResourceToken given = handle.stream != 0
                                           ? reps.give_stream(handle.stream, handle.part)
                                           : reps.give(handle.rep, handle.part);
      const std::uint32_t token = arena.add_resource(given);
      std::memcpy(arena.memory().data() + handle.address, &token, sizeof(token));
    }
  } catch (const std::bad_alloc&) {
    drop_handles(rest, reps);
    throw;
  }
}

Result<std::uint32_t, NativeProblem> give_native_result(const abi::FunctionLayout& layout,
                                                        const tenon_value& result,
                                                        abi::ValueArena& arena, RepExchange& reps) {
  WrittenResult written;
  try {
    TENON_TRY(written, write_native_result(layout, result, arena));
  } catch (const std::bad_alloc&) {
    Dropper(layout.layouts, reps).drop(result, *layout.result, 0);
    throw;
  }
  give_handles(written, arena, reps);
  return written.address;
}

void drop_handles(std::span<const WrittenResult::Handle> handles, RepExchange& reps) {
  for (const WrittenResult::Handle& handle : handles)
    if (handle.stream != 0)
      reps.drop_stream(handle.stream, handle.part);
    else if (handle.part.ownership == Ownership::Own)
      reps.drop(handle.rep, handle.part);
}

}  // namespace tenon::host
