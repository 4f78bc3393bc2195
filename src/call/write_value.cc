#include <fmt/core.h>

#include <cstring>
#include <type_traits>
#include <utility>

#include "call/canonical_values.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "support/utf8.h"
#include "value/check_value.h"
#include "value/scalar_kind.h"

namespace tenon::call {

namespace {

using abi::HandlePart;
using abi::Layout;
using abi::LayoutId;
using abi::LayoutPart;
using abi::Ownership;

// A handle whose place in the arena is yet to be filled.
struct HandleSlot {
  const ValueHandle* handle = nullptr;
  HandlePart part;
  std::uint32_t address = 0;
};

// Writes as long as everything fits, and does not say what does not. No handle is given before all
// values are known to fit.
class Writer {
 public:
  Writer(const Arena<Layout>& layouts, abi::ValueArena& arena) : layouts_(layouts), arena_(arena) {}

  // The address of a new block, all zeroes; nothing if the arena has no room.
  std::optional<std::uint32_t> allocate(std::uint64_t bytes, std::uint32_t align) {
    if (bytes > UINT32_MAX) return fail_room("");
    const auto size = static_cast<std::uint32_t>(bytes);
    const Result<std::uint32_t, abi::AbiError> address = arena_.allocate(size, align);
    if (!address) return fail_room(address.error().message);
    if (size > 0) std::memset(arena_.bytes_at(*address), 0, size);
    return *address;
  }

  bool write_parts(std::span<const Value> values, const Layout& layout, std::uint32_t at) {
    if (values.size() != layout.parts.size()) return false;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!write_part(values[i], layout.parts[i], at, 0)) return false;
    return true;
  }

  // at: address of the value. handles: number of its first handle.
  bool write(const Value& value, LayoutId id, std::uint32_t at, std::uint32_t handles) {
    const Layout& layout = layouts_[id];
    switch (layout.kind) {
      case TypeKind::Bool:
        return write_scalar<bool>(value, at);
      case TypeKind::S8:
        return write_scalar<std::int8_t>(value, at);
      case TypeKind::U8:
        return write_scalar<std::uint8_t>(value, at);
      case TypeKind::S16:
        return write_scalar<std::int16_t>(value, at);
      case TypeKind::U16:
        return write_scalar<std::uint16_t>(value, at);
      case TypeKind::S32:
        return write_scalar<std::int32_t>(value, at);
      case TypeKind::U32:
        return write_scalar<std::uint32_t>(value, at);
      case TypeKind::S64:
        return write_scalar<std::int64_t>(value, at);
      case TypeKind::U64:
        return write_scalar<std::uint64_t>(value, at);
      case TypeKind::F32:
        return write_scalar<float>(value, at);
      case TypeKind::F64:
        return write_scalar<double>(value, at);
      case TypeKind::Char: {
        const auto* character = value.get_if<char32_t>();
        return character != nullptr && is_scalar_value(*character) &&
               write_scalar<char32_t>(value, at);
      }
      case TypeKind::String:
        return write_string(value, at);
      case TypeKind::List:
        return write_list(value, layout, at, handles);
      case TypeKind::Map:
        return write_map(value, layout, at, handles);
      case TypeKind::Record:
        return write_record(value, layout, at, handles);
      case TypeKind::Tuple:
        return write_tuple(value, layout, at, handles);
      case TypeKind::Variant:
        return write_variant(value, layout, at, handles);
      case TypeKind::Enum: {
        const auto* held = value.get_if<ValueEnum>();
        return held != nullptr &&
               write_case(layout.labels->find(held->label), {}, layout, at, handles);
      }
      case TypeKind::Option: {
        const auto* option = value.get_if<ValueOption>();
        return option != nullptr && write_case(option->payload.get() != nullptr ? 1 : 0,
                                               option->payload, layout, at, handles);
      }
      case TypeKind::Result: {
        const auto* result = value.get_if<ValueResult>();
        return result != nullptr &&
               write_case(result->is_ok ? 0 : 1, result->payload, layout, at, handles);
      }
      case TypeKind::Flags:
        return write_flags(value, layout, at);
      case TypeKind::Own:
      case TypeKind::Borrow:
      case TypeKind::Stream:
      case TypeKind::Future: {
        const auto* handle = value.get_if<ValueHandle>();
        const Ownership ownership =
            layout.kind == TypeKind::Borrow ? Ownership::Borrow : Ownership::Own;
        if (handle != nullptr) slots_.push_back({handle, {handles, ownership}, at});
        return handle != nullptr;
      }
      case TypeKind::ErrorContext:
      case TypeKind::Dynamic:
        return false;
    }
    return false;
  }

  // What is wrong with the handles.
  value::HandleProblems give_handles(HandleExchange& exchange) {
    value::HandleProblems problems;
    for (const HandleSlot& slot : slots_) {
      Result<abi::ResourceToken> token = exchange.give(*slot.handle, slot.part);
      if (token)
        arena_.put(slot.address, arena_.add_resource(*token));
      else
        problems.emplace(slot.handle, std::move(token).error());
    }
    return problems;
  }

  // Why the arena had no room; empty if it had.
  [[nodiscard]] const std::optional<std::string>& room_problem() const { return room_problem_; }

 private:
  std::nullopt_t fail_room(std::string why) {
    if (why.empty())
      why = fmt::format("the values of one call take more than {} bytes", UINT32_MAX);
    room_problem_ = std::move(why);
    return std::nullopt;
  }

  std::optional<std::uint32_t> allocate_elements(std::size_t count, const Layout& element) {
    if (count > UINT32_MAX) return fail_room("");
    return allocate(std::uint64_t{count} * element.size, element.align);
  }

  template <class T>
  bool write_scalar(const Value& value, std::uint32_t at) {
    const T* held = value.get_if<T>();
    if (held == nullptr) return false;
    arena_.put(at, *held);
    return true;
  }

  bool write_part(const Value& value, const LayoutPart& part, std::uint32_t at,
                  std::uint32_t handles) {
    return write(value, *part.layout, at + part.offset, handles + part.handles);
  }

  bool write_string(const Value& value, std::uint32_t at) {
    const auto* text = value.get_if<std::string>();
    if (text == nullptr || find_bad_utf8(*text)) return false;
    if (text->empty()) return true;
    const std::optional<std::uint32_t> address = allocate(text->size(), 1);
    if (!address) return false;
    std::memcpy(arena_.bytes_at(*address), text->data(), text->size());
    arena_.put_pair(at, *address, text->size());
    return true;
  }

  bool write_list(const Value& value, const Layout& layout, std::uint32_t at,
                  std::uint32_t handles) {
    const auto* list = value.get_if<ValueList>();
    if (list == nullptr) return false;
    if (layout.shape == abi::Shape::FixedList)
      return layout.count == list->size() && write_elements(*list, layout, at, handles);
    if (list->empty()) return true;
    const std::optional<std::uint32_t> address =
        allocate_elements(list->size(), layouts_[*layout.parts[0].layout]);
    if (!address) return false;
    arena_.put_pair(at, *address, list->size());
    return write_elements(*list, layout, *address, handles);
  }

  bool write_elements(const ValueList& list, const Layout& layout, std::uint32_t at,
                      std::uint32_t handles) {
    if (list.empty()) return true;
    const LayoutId element_id = *layout.parts[0].layout;
    const Layout& element = layouts_[element_id];
    bool is_written = false;
    if (value::visit_scalar(element.kind, [&]<class T>(std::type_identity<T>) {
          is_written = write_packed<T>(list, at);
        }))
      return is_written;
    const auto* values = list.get_if<Value>();
    if (values == nullptr) return false;
    for (const Value& value : *values) {
      if (!write(value, element_id, at, handles)) return false;
      at += element.size;
    }
    return true;
  }

  // A list of scalars of the right kind is packed, however it was made.
  template <class T>
  bool write_packed(const ValueList& list, std::uint32_t at) {
    const std::vector<T>* elements = list.get_if<T>();
    if (elements == nullptr) return false;
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t* to = arena_.bytes_at(at);
      for (const bool element : *elements) *to++ = element ? 1 : 0;
    } else {
      if constexpr (std::is_same_v<T, char32_t>)
        for (const char32_t element : *elements)
          if (!is_scalar_value(element)) return false;
      std::memcpy(arena_.bytes_at(at), elements->data(), elements->size() * sizeof(T));
    }
    return true;
  }

  bool write_map(const Value& value, const Layout& layout, std::uint32_t at,
                 std::uint32_t handles) {
    const auto* map = value.get_if<ValueMap>();
    if (map == nullptr) return false;
    if (map->entries.empty()) return true;
    const Layout& entry = layouts_[*layout.parts[0].layout];
    const std::optional<std::uint32_t> address = allocate_elements(map->entries.size(), entry);
    if (!address) return false;
    arena_.put_pair(at, *address, map->entries.size());
    std::uint32_t entry_at = *address;
    for (const auto& [key, mapped] : map->entries) {
      if (!write_part(key, entry.parts[0], entry_at, handles) ||
          !write_part(mapped, entry.parts[1], entry_at, handles))
        return false;
      entry_at += entry.size;
    }
    return true;
  }

  bool write_record(const Value& value, const Layout& layout, std::uint32_t at,
                    std::uint32_t handles) {
    const auto* record = value.get_if<ValueRecord>();
    if (record == nullptr || record->values().size() != layout.parts.size()) return false;
    const std::vector<std::string>& labels = record->labels();
    const std::vector<std::string>& wanted = layout.labels->labels();
    if (&labels == &wanted || labels == wanted) {
      for (std::size_t i = 0; i < labels.size(); ++i)
        if (!write_part(record->values()[i], layout.parts[i], at, handles)) return false;
      return true;
    }
    std::vector<bool> is_given(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::optional<std::uint32_t> field = layout.labels->find(labels[i]);
      if (!field || is_given[*field]) return false;
      is_given[*field] = true;
      if (!write_part(record->values()[i], layout.parts[*field], at, handles)) return false;
    }
    return true;
  }

  bool write_tuple(const Value& value, const Layout& layout, std::uint32_t at,
                   std::uint32_t handles) {
    const auto* tuple = value.get_if<ValueTuple>();
    if (tuple == nullptr || tuple->values.size() != layout.parts.size()) return false;
    for (std::size_t i = 0; i < layout.parts.size(); ++i)
      if (!write_part(tuple->values[i], layout.parts[i], at, handles)) return false;
    return true;
  }

  bool write_variant(const Value& value, const Layout& layout, std::uint32_t at,
                     std::uint32_t handles) {
    const auto* variant = value.get_if<ValueVariant>();
    return variant != nullptr &&
           write_case(layout.labels->find(variant->label), variant->payload, layout, at, handles);
  }

  bool write_case(std::optional<std::uint32_t> number, const ValuePayload& payload,
                  const Layout& layout, std::uint32_t at, std::uint32_t handles) {
    if (!number) return false;
    std::memcpy(arena_.bytes_at(at), &*number, layout.discriminant_size);
    const bool has_payload = layout.parts[*number].layout.has_value();
    if (has_payload != (payload.get() != nullptr)) return false;
    return !has_payload || write_part(*payload.get(), layout.parts[*number], at, handles);
  }

  bool write_flags(const Value& value, const Layout& layout, std::uint32_t at) {
    const auto* flags = value.get_if<ValueFlags>();
    if (flags == nullptr) return false;
    for (const std::string& label : flags->labels) {
      const std::optional<std::uint32_t> bit = layout.labels->find(label);
      if (!bit) return false;
      std::uint8_t& byte = *arena_.bytes_at(at + *bit / 8);
      byte = static_cast<std::uint8_t>(byte | (1U << (*bit % 8)));
    }
    return true;
  }

  const Arena<Layout>& layouts_;
  abi::ValueArena& arena_;
  std::vector<HandleSlot> slots_;
  std::optional<std::string> room_problem_;
};

// write: writes at an address. find_problems: says what is wrong with the values, and with the
// handles that it is told of.
template <class Write, class FindProblems>
Result<std::uint32_t> write_block(Writer& writer, const Layout& layout, HandleExchange& exchange,
                                  Write&& write, FindProblems&& find_problems) {
  const std::optional<std::uint32_t> address = writer.allocate(layout.size, layout.align);
  if (!address || !write(*address)) {
    Diagnostics problems = find_problems(value::HandleProblems());
    if (!problems.empty()) return problems;
    TENON_CHECK(writer.room_problem().has_value());
    Diagnostic problem = make_diagnostic(Code::ValueTooLarge, "{}", *writer.room_problem());
    problem.hints.emplace_back("pass less in one call");
    return problem;
  }
  const value::HandleProblems problems = writer.give_handles(exchange);
  if (!problems.empty()) return find_problems(problems);
  return *address;
}

}  // namespace

Result<std::uint32_t> CanonicalValues::write_params(std::span<const Value> arguments,
                                                    abi::ValueArena& arena,
                                                    HandleExchange& handles) const {
  Writer writer(layout().layouts, arena);
  const Layout& params = layout().layouts[layout().params];
  return write_block(
      writer, params, handles,
      [&](std::uint32_t at) { return writer.write_parts(arguments, params, at); },
      [&](const value::HandleProblems& problems) {
        return value::check_arguments(arguments, type_, problems);
      });
}

Result<std::uint32_t> CanonicalValues::write_result(const Value& result, abi::ValueArena& arena,
                                                    HandleExchange& handles) const {
  TENON_CHECK(layout().result.has_value());
  Writer writer(layout().layouts, arena);
  const LayoutId id = *layout().result;
  return write_block(
      writer, layout().layouts[id], handles,
      [&](std::uint32_t at) { return writer.write(result, id, at, 0); },
      [&](const value::HandleProblems& problems) {
        return value::check_part(result, *type_.result(), problems);
      });
}

Result<std::uint32_t> write_item(const Value& item, const Type& type, const FunctionShape& shape,
                                 abi::ValueArena& arena, HandleExchange& handles) {
  const abi::FunctionLayout& layout = shape.program.layout();
  const LayoutId id = *layout.layouts[layout.params].parts[0].layout;
  Writer writer(layout.layouts, arena);
  return write_block(
      writer, layout.layouts[id], handles,
      [&](std::uint32_t at) { return writer.write(item, id, at, 0); },
      [&](const value::HandleProblems& problems) {
        return value::check_part(item, type, problems);
      });
}

}  // namespace tenon::call
