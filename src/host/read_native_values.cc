// Values for native code, out of the arena of a call (native_values.h).
#include <array>
#include <cstring>
#include <utility>

#include "host/native_values.h"
#include "support/check.h"
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

// Whether native code gets a view of the caller's memory. Booleans and characters are copied,
// because lifting normalizes or checks them.
bool is_viewed(TypeKind element) {
  return is_scalar(element) && element != TypeKind::Bool && element != TypeKind::Char;
}

// Reads the parameters from the arena. Recursion is bounded by the depth of types. The memory of
// the arena does not move meanwhile, because nothing is allocated in it.
class Reader final {
 public:
  Reader(const Arena<Layout>& layouts, const LiftedParams& params, CallMemory& memory,
         RepExchange& reps)
      : layouts_(layouts),
        params_(params),
        bytes_(params.arena.memory()),
        memory_(memory),
        reps_(reps) {}

  // False if there is no more memory.
  bool read(LayoutId id, std::uint32_t at, std::uint32_t handles, tenon_value& value) {
    const Layout& layout = layouts_[id];
    value.kind = native_kind(layout.kind);
    if (value::visit_scalar(layout.kind,
                            [&]<class T>(std::type_identity<T>) { read_scalar<T>(at, value); }))
      return true;
    switch (value.kind) {
      case TENON_STRING: {
        const auto [start, length] = pair(at);
        const auto text = params_.has_text_views ? view(start, length, 1) : own(start, length, 1);
        value.of.str = {reinterpret_cast<const char*>(text.data()), text.size()};
        return true;
      }
      case TENON_LIST:
        return read_list(layout, at, handles, value);
      case TENON_MAP:
        return read_map(layout, at, handles, value);
      case TENON_RECORD:
      case TENON_TUPLE:
        return read_parts(layout, at, handles, value);
      case TENON_VARIANT:
      case TENON_ENUM:
      case TENON_OPTION:
      case TENON_RESULT:
        return read_case(layout, at, handles, value);
      case TENON_FLAGS:
        std::memcpy(&value.of.u, own(at, layout.size, 1).data(),
                    std::min<std::size_t>(layout.size, 8));
        return true;
      case TENON_OWN:
      case TENON_BORROW: {
        const HandlePart part{handles,
                              layout.kind == TypeKind::Own ? Ownership::Own : Ownership::Borrow};
        const auto token = params_.arena.lift_handle(part, get<std::uint32_t>(at));
        TENON_CHECK(token.has_value());
        value.of.rep = reps_.take(*token, part);
        return true;
      }
      case TENON_STREAM:
      case TENON_FUTURE: {
        const HandlePart part{handles, Ownership::Own};
        const auto token = params_.arena.lift_handle(part, get<std::uint32_t>(at));
        TENON_CHECK(token.has_value());
        value.of.u = reps_.take_stream(*token, part);
        return true;
      }
      default:
        break;
    }
    TENON_CHECK(false);  // These kinds have no layout.
    return false;
  }

  bool read_parts(const Layout& layout, std::uint32_t at, std::uint32_t handles,
                  tenon_value& value) {
    tenon_value* const items = make_items(layout.parts.size(), value);
    if (items == nullptr) return false;
    for (std::size_t i = 0; i < layout.parts.size(); ++i)
      if (!read_part(layout.parts[i], at, handles, items[i])) return false;
    return true;
  }

  // A list of elements in the arena.
  bool read_elements(LayoutId element_id, std::uint32_t start, std::uint32_t count,
                     std::uint32_t handles, tenon_value& value) {
    const Layout& element = layouts_[element_id];
    const auto elements = own(start, count, element.size);
    if (is_scalar(element.kind)) {
      pack(element, elements, count, value);
      return true;
    }
    value.kind = TENON_LIST;
    tenon_value* const items = make_items(count, value);
    if (items == nullptr) return false;
    for (std::uint32_t i = 0; i < count; ++i, start += element.size)
      if (!read(element_id, start, handles, items[i])) return false;
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
  void read_scalar(std::uint32_t at, tenon_value& value) {
    if constexpr (std::is_same_v<T, float>)
      value.of.f32 = get<float>(at);
    else if constexpr (std::is_same_v<T, double>)
      value.of.f64 = get<double>(at);
    else if constexpr (std::is_same_v<T, bool>)
      value.of.u = get<std::uint8_t>(at);
    else if constexpr (std::is_signed_v<T>)
      value.of.s = get<T>(at);
    else
      value.of.u = get<T>(at);
  }

  tenon_value* make_items(std::size_t count, tenon_value& value) {
    auto* const items = memory_.allocate<tenon_value>(count);
    value.of.items = {items, count};
    return items;
  }

  bool read_part(const LayoutPart& part, std::uint32_t at, std::uint32_t handles,
                 tenon_value& value) {
    return read(*part.layout, at + part.offset, handles + part.handles, value);
  }

  bool read_list(const Layout& layout, std::uint32_t at, std::uint32_t handles,
                 tenon_value& value) {
    const bool is_fixed = layout.shape == Shape::FixedList;
    const auto [start, count] = is_fixed ? std::pair(at, layout.count) : pair(at);
    const LayoutId element_id = *layout.parts[0].layout;
    const Layout& element = layouts_[element_id];
    if (!is_fixed && is_viewed(element.kind)) {
      pack(element, view(start, count, element.size), count, value);
      return true;
    }
    return read_elements(element_id, start, count, handles, value);
  }

  static void pack(const Layout& element, std::span<const std::uint8_t> elements,
                   std::uint32_t count, tenon_value& value) {
    value.kind = TENON_PACKED;
    value.elem = native_kind(element.kind);
    value.of.packed = {elements.data(), count};
  }

  bool read_map(const Layout& layout, std::uint32_t at, std::uint32_t handles, tenon_value& value) {
    const Layout& entry = layouts_[*layout.parts[0].layout];
    auto [start, count] = pair(at);
    own(start, count, entry.size);
    tenon_value* const items = make_items(std::size_t{count} * 2, value);
    if (items == nullptr) return false;
    for (std::uint32_t i = 0; i < count; ++i, start += entry.size)
      if (!read_part(entry.parts[0], start, handles, items[std::size_t{i} * 2]) ||
          !read_part(entry.parts[1], start, handles, items[std::size_t{i} * 2 + 1]))
        return false;
    return true;
  }

  bool read_case(const Layout& layout, std::uint32_t at, std::uint32_t handles,
                 tenon_value& value) {
    std::uint32_t number = 0;
    std::memcpy(&number, own(at, layout.discriminant_size, 1).data(), layout.discriminant_size);
    value.index = number;
    const LayoutPart& part = layout.parts[number];
    if (!part.layout) return true;
    value.of.payload = memory_.allocate<tenon_value>(1);
    return value.of.payload != nullptr && read_part(part, at, handles, *value.of.payload);
  }

  // The address of empty strings and lists; aligned for any element.
  alignas(8) static constexpr std::array<std::uint8_t, 8> kNothing = {};

  const Arena<Layout>& layouts_;
  const LiftedParams& params_;
  std::span<const std::uint8_t> bytes_;
  CallMemory& memory_;
  RepExchange& reps_;
};

}  // namespace

std::optional<std::span<tenon_value>> read_native_params(const abi::FunctionLayout& layout,
                                                         const LiftedParams& params,
                                                         CallMemory& memory, RepExchange& reps) {
  tenon_value value = {};
  Reader reader(layout.layouts, params, memory, reps);
  if (!reader.read_parts(layout.layouts[layout.params], params.address, 0, value))
    return std::nullopt;
  return std::span(value.of.items.ptr, value.of.items.len);
}

std::optional<tenon_value> read_native_result(const abi::FunctionLayout& layout,
                                              const LiftedParams& result, CallMemory& memory,
                                              RepExchange& reps) {
  tenon_value value = {};
  Reader reader(layout.layouts, result, memory, reps);
  if (!reader.read(*layout.result, result.address, 0, value)) return std::nullopt;
  return value;
}

std::optional<tenon_value> read_native_items(const abi::FunctionLayout& item,
                                             const LiftedParams& items, std::size_t count,
                                             CallMemory& memory, RepExchange& reps) {
  tenon_value list = {};
  Reader reader(item.layouts, items, memory, reps);
  if (!reader.read_elements(*item.layouts[item.params].parts[0].layout, items.address,
                            static_cast<std::uint32_t>(count), 0, list))
    return std::nullopt;
  return list;
}

}  // namespace tenon::host
