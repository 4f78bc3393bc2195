#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "call/canonical_values.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/limits.h"
#include "value/scalar_kind.h"

namespace tenon::call {

namespace {

using abi::HandlePart;
using abi::Layout;
using abi::LayoutId;
using abi::LayoutPart;
using abi::Ownership;

// Recursion is bounded by the depth of types. The arena's memory does not move: nothing is
// allocated in it.
class Reader {
 public:
  Reader(const Arena<Layout>& layouts, abi::ValueArena& arena, HandleExchange& exchange,
         ReadBound bound)
      : layouts_(layouts),
        arena_(arena),
        memory_(arena.memory()),
        exchange_(exchange),
        bound_(bound.list_parts) {}

  std::vector<Value> read_parts(const Layout& layout, std::uint32_t at, std::uint32_t handles) {
    std::vector<Value> values;
    values.reserve(layout.parts.size());
    for (const LayoutPart& part : layout.parts) values.push_back(read_part(part, at, handles));
    return values;
  }

  // at: address of the value. handles: number of its first handle.
  Value read(LayoutId id, std::uint32_t at, std::uint32_t handles) {
    const Layout& layout = layouts_[id];
    switch (layout.kind) {
      case TypeKind::Bool:
        return Value::boolean(get<std::uint8_t>(at) != 0);
      case TypeKind::S8:
        return Value::s8(get<std::int8_t>(at));
      case TypeKind::U8:
        return Value::u8(get<std::uint8_t>(at));
      case TypeKind::S16:
        return Value::s16(get<std::int16_t>(at));
      case TypeKind::U16:
        return Value::u16(get<std::uint16_t>(at));
      case TypeKind::S32:
        return Value::s32(get<std::int32_t>(at));
      case TypeKind::U32:
        return Value::u32(get<std::uint32_t>(at));
      case TypeKind::S64:
        return Value::s64(get<std::int64_t>(at));
      case TypeKind::U64:
        return Value::u64(get<std::uint64_t>(at));
      case TypeKind::F32:
        return Value::f32(get<float>(at));
      case TypeKind::F64:
        return Value::f64(get<double>(at));
      case TypeKind::Char:
        return Value::character(get<char32_t>(at));
      case TypeKind::String: {
        const ListScope scope(*this);
        const auto bytes = block(get<std::uint32_t>(at), take(get<std::uint32_t>(at + 4)), 1);
        return Value::string({bytes.begin(), bytes.end()});
      }
      case TypeKind::List:
        return layout.shape == abi::Shape::FixedList
                   ? read_elements(layout, at, layout.count, handles)
                   : read_elements(layout, get<std::uint32_t>(at), get<std::uint32_t>(at + 4),
                                   handles);
      case TypeKind::Map:
        return read_map(layout, at, handles);
      case TypeKind::Record:
        return ValueRecord(layout.labels->shared(), read_parts(layout, at, handles));
      case TypeKind::Tuple:
        return Value::tuple(read_parts(layout, at, handles));
      case TypeKind::Variant: {
        const std::uint32_t number = read_case(layout, at);
        return Value::variant(layout.labels->labels()[number],
                              read_payload(layout, number, at, handles));
      }
      case TypeKind::Enum:
        return Value::enumerator(layout.labels->labels()[read_case(layout, at)]);
      case TypeKind::Option:
        return Value::option(read_payload(layout, read_case(layout, at), at, handles));
      case TypeKind::Result: {
        const std::uint32_t number = read_case(layout, at);
        ValuePayload payload = read_payload(layout, number, at, handles);
        return number == 0 ? Value::ok(std::move(payload)) : Value::err(std::move(payload));
      }
      case TypeKind::Flags:
        return read_flags(layout, at);
      case TypeKind::Own:
      case TypeKind::Borrow:
      case TypeKind::Stream:
      case TypeKind::Future:
        return read_handle(layout, at, handles);
      case TypeKind::ErrorContext:
      case TypeKind::Dynamic:
        break;
    }
    TENON_CHECK(false);  // They have no layout.
    return Value::none();
  }

 private:
  // A list, or a string: the outermost one has what may be read.
  class ListScope {
   public:
    explicit ListScope(Reader& reader) : reader_(reader) {
      if (reader_.lists_++ == 0) reader_.left_ = reader_.bound_;
    }
    ListScope(const ListScope&) = delete;
    ListScope& operator=(const ListScope&) = delete;
    ~ListScope() { --reader_.lists_; }

   private:
    Reader& reader_;
  };
  // How many of `count` parts may be read.
  std::uint32_t take(std::uint32_t count) {
    if (bound_ == std::numeric_limits<std::uint32_t>::max()) return count;
    const std::uint32_t taken = std::min(count, left_);
    left_ -= taken;
    return taken;
  }

  std::span<const std::uint8_t> block(std::uint32_t address, std::uint32_t count,
                                      std::uint32_t size) {
    const std::uint64_t bytes = std::uint64_t{count} * size;
    TENON_CHECK(address + bytes <= memory_.size());
    return memory_.subspan(address, bytes);
  }
  template <class T>
  T get(std::uint32_t at) {
    T value;
    TENON_CHECK(std::uint64_t{at} + sizeof(value) <= memory_.size());
    std::memcpy(&value, memory_.data() + at, sizeof(value));
    return value;
  }

  Value read_part(const LayoutPart& part, std::uint32_t at, std::uint32_t handles) {
    return read(*part.layout, at + part.offset, handles + part.handles);
  }

  Value read_elements(const Layout& layout, std::uint32_t at, std::uint32_t count,
                      std::uint32_t handles) {
    const LayoutId element_id = *layout.parts[0].layout;
    const Layout& element = layouts_[element_id];
    block(at, count, element.size);
    const ListScope scope(*this);
    std::optional<Value> packed;
    if (value::visit_scalar(element.kind, [&]<class T>(std::type_identity<T>) {
          packed = read_packed<T>(block(at, take(count), element.size));
        }))
      return *std::move(packed);
    std::vector<Value> elements;
    elements.reserve(std::min(count, left_));
    for (std::uint32_t i = 0; i < count && take(1) == 1; ++i) {
      elements.push_back(read(element_id, at, handles));
      at += element.size;
    }
    return Value::list(std::move(elements));
  }

  template <class T>
  static Value read_packed(std::span<const std::uint8_t> bytes) {
    std::vector<T> elements(bytes.size() / sizeof(T));
    if constexpr (std::is_same_v<T, bool>) {
      for (std::size_t i = 0; i < bytes.size(); ++i) elements[i] = bytes[i] != 0;
    } else if (!bytes.empty()) {
      std::memcpy(elements.data(), bytes.data(), bytes.size());
    }
    return Value::list(std::move(elements));
  }

  Value read_map(const Layout& layout, std::uint32_t at, std::uint32_t handles) {
    const Layout& entry = layouts_[*layout.parts[0].layout];
    auto entry_at = get<std::uint32_t>(at);
    const auto count = get<std::uint32_t>(at + 4);
    block(entry_at, count, entry.size);
    const ListScope scope(*this);
    std::vector<std::pair<Value, Value>> entries;
    entries.reserve(std::min(count, left_));
    for (std::uint32_t i = 0; i < count && take(1) == 1; ++i) {
      Value key = read_part(entry.parts[0], entry_at, handles);
      entries.emplace_back(std::move(key), read_part(entry.parts[1], entry_at, handles));
      entry_at += entry.size;
    }
    return Value::map(std::move(entries));
  }

  std::uint32_t read_case(const Layout& layout, std::uint32_t at) {
    std::uint32_t number = 0;
    std::memcpy(&number, block(at, layout.discriminant_size, 1).data(), layout.discriminant_size);
    TENON_CHECK(number < layout.parts.size());
    return number;
  }

  ValuePayload read_payload(const Layout& layout, std::uint32_t number, std::uint32_t at,
                            std::uint32_t handles) {
    const LayoutPart& part = layout.parts[number];
    return part.layout ? ValuePayload(read_part(part, at, handles)) : ValuePayload();
  }

  Value read_flags(const Layout& layout, std::uint32_t at) {
    std::vector<std::string> set;
    const std::vector<std::string>& labels = layout.labels->labels();
    for (std::uint32_t bit = 0; bit < labels.size(); ++bit)
      if ((get<std::uint8_t>(at + bit / 8) >> (bit % 8) & 1U) != 0) set.push_back(labels[bit]);
    return Value::flags(std::move(set));
  }

  Value read_handle(const Layout& layout, std::uint32_t at, std::uint32_t handles) {
    const HandlePart part{handles,
                          layout.kind == TypeKind::Borrow ? Ownership::Borrow : Ownership::Own};
    const auto token = arena_.lift_handle(part, get<std::uint32_t>(at));
    TENON_CHECK(token.has_value());
    return Value::handle(exchange_.take(*token, part));
  }

  const Arena<Layout>& layouts_;
  abi::ValueArena& arena_;
  std::span<const std::uint8_t> memory_;
  HandleExchange& exchange_;
  std::uint32_t bound_;
  std::uint32_t left_ = 0;
  std::uint32_t lists_ = 0;  // that are being read, one inside the other
};

// Whoever shows the beginning of a value reads a bounded part of it, however large it is.
bool is_bounded(ReadBound bound) { return bound.list_parts != ReadBound().list_parts; }

Diagnostic too_large(const char* values) {
  return make_diagnostic(Code::ValueTooLarge, "{} take more than {} bytes of memory", values,
                         limits::kReadValueBytes);
}

}  // namespace

Result<std::vector<Value>> CanonicalValues::read_params(std::uint32_t address,
                                                        abi::ValueArena& arena,
                                                        HandleExchange& handles,
                                                        ReadBound bound) const {
  if (!is_bounded(bound) && !params_fit(address, arena, limits::kReadValueBytes))
    return too_large("the parameters");
  return Reader(layout().layouts, arena, handles, bound)
      .read_parts(layout().layouts[layout().params], address, 0);
}

Result<Value> CanonicalValues::read_result(std::uint32_t address, abi::ValueArena& arena,
                                           HandleExchange& handles, ReadBound bound) const {
  TENON_CHECK(layout().result.has_value());
  if (!is_bounded(bound) && !result_fits(address, arena, limits::kReadValueBytes))
    return too_large("the values of the result");
  return Reader(layout().layouts, arena, handles, bound).read(*layout().result, address, 0);
}

Result<Value> read_item(const FunctionShape& shape, std::uint32_t address, abi::ValueArena& arena,
                        HandleExchange& handles) {
  const abi::FunctionLayout& layout = shape.program.layout();
  const LayoutId id = *layout.layouts[layout.params].parts[0].layout;
  if (!value_fits(layout.layouts, id, address, arena, limits::kReadValueBytes))
    return too_large("the values of an item");
  return Reader(layout.layouts, arena, handles, {}).read(id, address, 0);
}

}  // namespace tenon::call
