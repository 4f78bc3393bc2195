#include <fmt/core.h>

#include <cstring>
#include <type_traits>
#include <utility>

#include "call/value_program.h"
#include "support/check.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "support/utf8.h"
#include "value/check_value.h"
#include "value/scalar_kind.h"

namespace tenon::call {

namespace {

using abi::HandlePart;
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
  Writer(const Arena<ValueNode>& nodes, abi::ValueArena& arena) : nodes_(nodes), arena_(arena) {}

  // The address of a new block, all zeroes; nothing if the arena has no room.
  std::optional<std::uint32_t> allocate(std::uint64_t bytes, std::uint32_t align) {
    if (bytes > UINT32_MAX) return fail_room("");
    const auto size = static_cast<std::uint32_t>(bytes);
    const Result<std::uint32_t, abi::AbiError> address = arena_.allocate(size, align);
    if (!address) return fail_room(address.error().message);
    if (size > 0) std::memset(bytes_at(*address), 0, size);
    return *address;
  }

  bool write_parts(std::span<const Value> values, ValueNodeId id, std::uint32_t at) {
    const ValueNode& node = nodes_[id];
    if (values.size() != node.parts.size()) return false;
    for (std::size_t i = 0; i < values.size(); ++i)
      if (!write_part(values[i], node.parts[i], at, 0)) return false;
    return true;
  }

  // at: address of the value. handles: number of its first handle.
  bool write(const Value& value, ValueNodeId id, std::uint32_t at, std::uint32_t handles) {
    const ValueNode& node = nodes_[id];
    switch (node.kind) {
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
        return write_list(value, node, at, handles);
      case TypeKind::Map:
        return write_map(value, node, at, handles);
      case TypeKind::Record:
        return write_record(value, node, at, handles);
      case TypeKind::Tuple:
        return write_tuple(value, node, at, handles);
      case TypeKind::Variant:
        return write_variant(value, node, at, handles);
      case TypeKind::Enum: {
        const auto* held = value.get_if<ValueEnum>();
        return held != nullptr && write_case(node.labels->find(held->label), {}, node, at, handles);
      }
      case TypeKind::Option: {
        const auto* option = value.get_if<ValueOption>();
        return option != nullptr && write_case(option->payload.get() != nullptr ? 1 : 0,
                                               option->payload, node, at, handles);
      }
      case TypeKind::Result: {
        const auto* result = value.get_if<ValueResult>();
        return result != nullptr &&
               write_case(result->is_ok ? 0 : 1, result->payload, node, at, handles);
      }
      case TypeKind::Flags:
        return write_flags(value, node, at);
      case TypeKind::Own:
      case TypeKind::Borrow: {
        const auto* handle = value.get_if<ValueHandle>();
        const Ownership ownership = node.kind == TypeKind::Own ? Ownership::Own : Ownership::Borrow;
        if (handle != nullptr) slots_.push_back({handle, {handles, ownership}, at});
        return handle != nullptr;
      }
      case TypeKind::ErrorContext:
      case TypeKind::Stream:
      case TypeKind::Future:
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
        put(slot.address, arena_.add_resource(*token));
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

  std::optional<std::uint32_t> allocate_elements(std::size_t count, const ValueNode& node) {
    if (count > UINT32_MAX) return fail_room("");
    return allocate(std::uint64_t{count} * node.element_size, node.element_align);
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
  bool write_scalar(const Value& value, std::uint32_t at) {
    const T* held = value.get_if<T>();
    if (held == nullptr) return false;
    put(at, *held);
    return true;
  }

  bool write_part(const Value& value, const ValuePart& part, std::uint32_t at,
                  std::uint32_t handles) {
    return write(value, part.node, at + part.offset, handles + part.handles);
  }

  bool write_string(const Value& value, std::uint32_t at) {
    const auto* text = value.get_if<std::string>();
    if (text == nullptr || find_bad_utf8(*text)) return false;
    if (text->empty()) return true;
    const std::optional<std::uint32_t> address = allocate(text->size(), 1);
    if (!address) return false;
    std::memcpy(bytes_at(*address), text->data(), text->size());
    put_pair(at, *address, text->size());
    return true;
  }

  bool write_list(const Value& value, const ValueNode& node, std::uint32_t at,
                  std::uint32_t handles) {
    const auto* list = value.get_if<ValueList>();
    if (list == nullptr) return false;
    if (node.length)
      return *node.length == list->size() && write_elements(*list, node, at, handles);
    if (list->empty()) return true;
    const std::optional<std::uint32_t> address = allocate_elements(list->size(), node);
    if (!address) return false;
    put_pair(at, *address, list->size());
    return write_elements(*list, node, *address, handles);
  }

  bool write_elements(const ValueList& list, const ValueNode& node, std::uint32_t at,
                      std::uint32_t handles) {
    if (list.empty()) return true;
    bool is_written = false;
    if (value::visit_scalar(nodes_[node.parts[0].node].kind, [&]<class T>(std::type_identity<T>) {
          is_written = write_packed<T>(list, at);
        }))
      return is_written;
    const auto* elements = list.get_if<Value>();
    if (elements == nullptr) return false;
    for (const Value& element : *elements) {
      if (!write(element, node.parts[0].node, at, handles)) return false;
      at += node.element_size;
    }
    return true;
  }

  // A list of scalars of the right kind is packed, however it was made.
  template <class T>
  bool write_packed(const ValueList& list, std::uint32_t at) {
    const std::vector<T>* elements = list.get_if<T>();
    if (elements == nullptr) return false;
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t* to = bytes_at(at);
      for (const bool element : *elements) *to++ = element ? 1 : 0;
    } else {
      if constexpr (std::is_same_v<T, char32_t>)
        for (const char32_t element : *elements)
          if (!is_scalar_value(element)) return false;
      std::memcpy(bytes_at(at), elements->data(), elements->size() * sizeof(T));
    }
    return true;
  }

  bool write_map(const Value& value, const ValueNode& node, std::uint32_t at,
                 std::uint32_t handles) {
    const auto* map = value.get_if<ValueMap>();
    if (map == nullptr) return false;
    if (map->entries.empty()) return true;
    const std::optional<std::uint32_t> address = allocate_elements(map->entries.size(), node);
    if (!address) return false;
    put_pair(at, *address, map->entries.size());
    std::uint32_t entry_at = *address;
    for (const auto& [key, mapped] : map->entries) {
      if (!write_part(key, node.parts[0], entry_at, handles) ||
          !write_part(mapped, node.parts[1], entry_at, handles))
        return false;
      entry_at += node.element_size;
    }
    return true;
  }

  bool write_record(const Value& value, const ValueNode& node, std::uint32_t at,
                    std::uint32_t handles) {
    const auto* record = value.get_if<ValueRecord>();
    if (record == nullptr || record->values().size() != node.parts.size()) return false;
    const std::vector<std::string>& labels = record->labels();
    const std::vector<std::string>& wanted = node.labels->labels();
    if (&labels == &wanted || labels == wanted) {
      for (std::size_t i = 0; i < labels.size(); ++i)
        if (!write_part(record->values()[i], node.parts[i], at, handles)) return false;
      return true;
    }
    std::vector<bool> is_given(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const std::optional<std::uint32_t> field = node.labels->find(labels[i]);
      if (!field || is_given[*field]) return false;
      is_given[*field] = true;
      if (!write_part(record->values()[i], node.parts[*field], at, handles)) return false;
    }
    return true;
  }

  bool write_tuple(const Value& value, const ValueNode& node, std::uint32_t at,
                   std::uint32_t handles) {
    const auto* tuple = value.get_if<ValueTuple>();
    if (tuple == nullptr || tuple->values.size() != node.parts.size()) return false;
    for (std::size_t i = 0; i < node.parts.size(); ++i)
      if (!write_part(tuple->values[i], node.parts[i], at, handles)) return false;
    return true;
  }

  bool write_variant(const Value& value, const ValueNode& node, std::uint32_t at,
                     std::uint32_t handles) {
    const auto* variant = value.get_if<ValueVariant>();
    return variant != nullptr &&
           write_case(node.labels->find(variant->label), variant->payload, node, at, handles);
  }

  bool write_case(std::optional<std::uint32_t> number, const ValuePayload& payload,
                  const ValueNode& node, std::uint32_t at, std::uint32_t handles) {
    if (!number) return false;
    std::memcpy(bytes_at(at), &*number, node.discriminant_size);
    const bool has_payload = !node.parts.empty() && node.parts[*number].node.is_valid();
    if (has_payload != (payload.get() != nullptr)) return false;
    return !has_payload || write_part(*payload.get(), node.parts[*number], at, handles);
  }

  bool write_flags(const Value& value, const ValueNode& node, std::uint32_t at) {
    const auto* flags = value.get_if<ValueFlags>();
    if (flags == nullptr) return false;
    for (const std::string& label : flags->labels) {
      const std::optional<std::uint32_t> bit = node.labels->find(label);
      if (!bit) return false;
      std::uint8_t& byte = *bytes_at(at + *bit / 8);
      byte = static_cast<std::uint8_t>(byte | (1U << (*bit % 8)));
    }
    return true;
  }

  const Arena<ValueNode>& nodes_;
  abi::ValueArena& arena_;
  std::vector<HandleSlot> slots_;
  std::optional<std::string> room_problem_;
};

// write: writes at an address. find_problems: says what is wrong with the values, and with the
// handles that it is told of.
template <class Write, class FindProblems>
Result<std::uint32_t> write_block(Writer& writer, const ValueNode& node, HandleExchange& exchange,
                                  Write&& write, FindProblems&& find_problems) {
  const std::optional<std::uint32_t> address = writer.allocate(node.size, node.align);
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

Result<std::uint32_t> ValueProgram::write_params(std::span<const Value> arguments,
                                                 abi::ValueArena& arena,
                                                 HandleExchange& handles) const {
  Writer writer(nodes_, arena);
  return write_block(
      writer, nodes_[params_], handles,
      [&](std::uint32_t at) { return writer.write_parts(arguments, params_, at); },
      [&](const value::HandleProblems& problems) {
        return value::check_arguments(arguments, type_, problems);
      });
}

Result<std::uint32_t> ValueProgram::write_result(const Value& result, abi::ValueArena& arena,
                                                 HandleExchange& handles) const {
  TENON_CHECK(result_.is_valid());
  Writer writer(nodes_, arena);
  return write_block(
      writer, nodes_[result_], handles,
      [&](std::uint32_t at) { return writer.write(result, result_, at, 0); },
      [&](const value::HandleProblems& problems) {
        return value::check_part(result, *type_.result(), problems);
      });
}

}  // namespace tenon::call
