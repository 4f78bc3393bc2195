// Computes layouts by the definitions of the Canonical ABI (CanonicalABI.md, "Alignment", "Element
// Size"): alignment and size follow from those of the parts, bottom up. Fields of a record come in
// order, each at the next multiple of its alignment. A variant is a discriminant and then the
// payloads of all its cases at the same offset, as in a C union. Strings and lists are an address
// and a length, whatever they contain.
//
// Types form a graph in which one type can be part of many others, so each is laid out once and
// kept by id; a walk over every path would be exponential. All sums are 64-bit and checked against
// the limit for values, so they cannot overflow.
#include "abi/layout.h"

#include <fmt/core.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"
#include "types/uses.h"

namespace tenon::abi {

namespace {

constexpr std::uint64_t align_to(std::uint64_t offset, std::uint64_t align) {
  return (offset + align - 1) / align * align;
}

// The size in bytes, for at most 2^32 cases.
std::uint8_t discriminant_size(std::size_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

// kind: of a type that cannot be despecialized.
Diagnostic unsupported(TypeKind kind) {
  const std::string_view what = kind == TypeKind::ErrorContext ? "error-context" : "value";
  Diagnostic problem = make_diagnostic(
      Code::TypeUnsupportedValue,
      "a function that is called from outside its domain takes or returns a value of type `{}`",
      what);
  if (kind == TypeKind::ErrorContext)
    problem.notes.push_back(
        {"an error context can be passed only between units of the same domain", {}, {}});
  return problem;
}

// Lays out each type once.
class LayoutBuilder {
 public:
  LayoutBuilder(const types::Types& types, FunctionLayout& function)
      : types_(types), flattener_(types), function_(function) {}

  Result<LayoutId> lay_out(types::TypeId id) {
    const auto cached = done_.find(id);
    if (cached != done_.end()) return cached->second;
    if (depth_ > limits::kNestingDepth)
      return make_diagnostic(Code::TypeTooLarge, "value types are nested more than {} levels deep",
                             limits::kNestingDepth);
    ++depth_;
    Result<Layout> layout = make(id);
    --depth_;
    if (!layout) return std::move(layout).error();
    layout->kind = types::kind_of(types_.types[id]);
    layout->type = id;
    if (auto labels = types::labels_of(types_.types[id]))
      layout->labels.emplace(*std::move(labels));
    layout->flat = flattener_.flatten(id);
    TENON_TRY(const LayoutId added, add(*std::move(layout)));
    done_.emplace(id, added);
    return added;
  }

  // A tuple of values that is not a type itself. Errors: type-too-large.
  Result<LayoutId> add_tuple(std::vector<std::string> labels, const std::vector<LayoutId>& parts) {
    TENON_TRY(Layout layout, make_record(parts));
    layout.kind = TypeKind::Tuple;
    layout.labels.emplace(std::move(labels));
    for (const LayoutId part : parts) layout.flat.append(function_.layouts[part].flat);
    return add(std::move(layout));
  }

 private:
  Result<LayoutId> add(Layout layout) {
    if (layout.handles > limits::kTypeNodes)
      return make_diagnostic(Code::TypeTooLarge, "a type has more than {} handles",
                             limits::kTypeNodes);
    return function_.layouts.add(std::move(layout));
  }

  Result<std::uint32_t> check_size(std::uint64_t size) {
    if (size > limits::kValueBytes)
      return make_diagnostic(
          Code::TypeTooLarge,
          "a value takes {} bytes without the contents of its lists, more than the "
          "limit of {}",
          size, limits::kValueBytes);
    return static_cast<std::uint32_t>(size);
  }

  Result<Layout> make(types::TypeId id) {
    const std::optional<PlainType> plain = despecialize(types_.types[id]);
    if (!plain) return unsupported(types::kind_of(types_.types[id]));
    switch (plain->shape) {
      case Shape::Bool:
      case Shape::U8:
      case Shape::S8:
        return make_scalar(plain->shape, 1);
      case Shape::U16:
      case Shape::S16:
        return make_scalar(plain->shape, 2);
      case Shape::U32:
      case Shape::S32:
      case Shape::F32:
      case Shape::Char:
        return make_scalar(plain->shape, 4);
      case Shape::U64:
      case Shape::S64:
      case Shape::F64:
        return make_scalar(plain->shape, 8);
      case Shape::String:
        return Layout{.shape = Shape::String, .size = kPointerPair, .align = 4};
      case Shape::List:
        return make_list(plain->parts);
      case Shape::FixedList:
        return make_fixed_list(*plain->parts[0], plain->count);
      case Shape::Record: {
        TENON_TRY(const std::vector<LayoutId> fields, lay_out_all(plain->parts));
        return make_record(fields);
      }
      case Shape::Variant:
        return make_variant(plain->parts);
      case Shape::Flags:
        return make_flags(plain->count);
      case Shape::Own:
      case Shape::Borrow:
        return make_handle(plain->shape,
                           types::handled_resource(types_, id).value_or(types::ResourceId()));
    }
    return Layout();
  }

  // parts: without an absent one.
  Result<std::vector<LayoutId>> lay_out_all(
      const std::vector<std::optional<types::TypeId>>& parts) {
    std::vector<LayoutId> layouts;
    layouts.reserve(parts.size());
    for (const std::optional<types::TypeId>& part : parts) {
      TENON_TRY(const LayoutId layout, lay_out(*part));
      layouts.push_back(layout);
    }
    return layouts;
  }

  static Layout make_scalar(Shape shape, std::uint32_t size) {
    return {.shape = shape, .size = size, .align = size};
  }

  static Layout make_handle(Shape shape, types::ResourceId resource) {
    return {.shape = shape, .size = 4, .align = 4, .handles = 1, .resource = resource};
  }

  // parts: the element, or key and value of a map.
  Result<Layout> make_list(const std::vector<std::optional<types::TypeId>>& parts) {
    TENON_TRY(const std::vector<LayoutId> layouts, lay_out_all(parts));
    LayoutId element = layouts[0];
    if (layouts.size() > 1) {
      TENON_TRY(element, add_tuple({"key", "value"}, layouts));
    }
    Layout layout{.shape = Shape::List,
                  .size = kPointerPair,
                  .align = 4,
                  .handles = function_.layouts[element].handles};
    layout.parts.push_back({.layout = element});
    return layout;
  }

  Result<Layout> make_fixed_list(types::TypeId type, std::uint32_t length) {
    TENON_TRY(const LayoutId element, lay_out(type));
    const Layout& element_layout = function_.layouts[element];
    TENON_TRY(const std::uint32_t size, check_size(std::uint64_t{element_layout.size} * length));
    Layout layout{.shape = Shape::FixedList,
                  .size = size,
                  .align = element_layout.align,
                  .handles = element_layout.handles,
                  .count = length};
    layout.parts.push_back({.layout = element});
    return layout;
  }

  Result<Layout> make_flags(std::uint32_t labels) {
    const std::uint32_t align = labels <= 8 ? 1 : labels <= 16 ? 2 : 4;
    TENON_TRY(const std::uint32_t size, check_size(labels <= 16 ? align : (labels + 31) / 32 * 4));
    return Layout{.shape = Shape::Flags, .size = size, .align = align, .count = labels};
  }

  Result<Layout> make_record(const std::vector<LayoutId>& parts) {
    Layout record{.shape = Shape::Record};
    std::uint64_t end = 0;
    std::size_t flat = 0;
    for (const LayoutId id : parts) {
      const Layout& part = function_.layouts[id];
      TENON_TRY(const std::uint32_t offset, check_size(align_to(end, part.align)));
      record.parts.push_back({.layout = id,
                              .offset = offset,
                              .flat_offset = static_cast<std::uint32_t>(flat),
                              .handles = record.handles});
      end = std::uint64_t{offset} + part.size;
      flat = std::min(flat + part.flat.count(), kMaxFlatParams + 1);
      record.align = std::max(record.align, part.align);
      TENON_TRY_VOID(count_handles(record, part));
    }
    TENON_TRY(record.size, check_size(align_to(end, record.align)));
    return record;
  }

  // payloads: the type of each case.
  Result<Layout> make_variant(const std::vector<std::optional<types::TypeId>>& payloads) {
    const std::uint8_t discriminant = discriminant_size(payloads.size());
    Layout variant{
        .shape = Shape::Variant, .discriminant_size = discriminant, .align = discriminant};
    std::uint32_t align = 1;
    std::uint64_t size = 0;
    for (const std::optional<types::TypeId>& payload : payloads) {
      LayoutPart& part =
          variant.parts.emplace_back(LayoutPart{.flat_offset = 1, .handles = variant.handles});
      if (!payload) continue;
      TENON_TRY(part.layout, lay_out(*payload));
      const Layout& layout = function_.layouts[*part.layout];
      align = std::max(align, layout.align);
      size = std::max<std::uint64_t>(size, layout.size);
      TENON_TRY_VOID(count_handles(variant, layout));
    }
    const auto offset = static_cast<std::uint32_t>(align_to(discriminant, align));
    for (LayoutPart& part : variant.parts) part.offset = offset;
    variant.align = std::max(variant.align, align);
    TENON_TRY(variant.size, check_size(align_to(offset + size, variant.align)));
    return variant;
  }

  // Adds up handles, and fails before the sum can overflow.
  Result<void> count_handles(Layout& whole, const Layout& part) {
    whole.handles += part.handles;
    if (whole.handles <= limits::kTypeNodes) return {};
    return make_diagnostic(Code::TypeTooLarge, "a type has more than {} handles",
                           limits::kTypeNodes);
  }

  const types::Types& types_;
  Flattener flattener_;
  FunctionLayout& function_;
  std::unordered_map<types::TypeId, LayoutId> done_;
  std::uint32_t depth_ = 0;
};

// Recursion is bounded: types nest at most limits::kNestingDepth deep.
void list_handles(const Arena<Layout>& layouts, LayoutId id, std::vector<HandleType>& handles) {
  const Layout& layout = layouts[id];
  if (layout.handles == 0) return;
  if (layout.shape == Shape::Own || layout.shape == Shape::Borrow)
    handles.push_back({.shape = layout.shape,
                       .resource = layout.resource,
                       .transmitted = layout.resource.is_valid() ? types::TypeId() : layout.type});
  for (const LayoutPart& part : layout.parts)
    if (part.layout) list_handles(layouts, *part.layout, handles);
}

}  // namespace

std::string label_of(const Layout& layout, const LayoutPart& part) {
  const auto position = static_cast<std::size_t>(&part - layout.parts.data());
  if (layout.labels) return layout.labels->labels()[position];
  if (layout.kind == TypeKind::Option) return position == 0 ? "none" : "some";
  if (layout.kind == TypeKind::Result) return position == 0 ? "ok" : "err";
  return fmt::format("{}", position);
}

Result<FunctionLayout> lay_out_function(const types::Types& types,
                                        const types::Function& function) {
  FunctionLayout layout;
  LayoutBuilder builder(types, layout);
  std::vector<std::string> names;
  std::vector<LayoutId> params;
  for (const types::Field& param : function.params) {
    TENON_TRY(const LayoutId param_layout, builder.lay_out(param.type));
    names.push_back(param.label);
    params.push_back(param_layout);
  }
  TENON_TRY(layout.params, builder.add_tuple(std::move(names), params));
  if (function.result) {
    TENON_TRY(layout.result, builder.lay_out(*function.result));
    list_handles(layout.layouts, *layout.result, layout.result_handles);
  }
  list_handles(layout.layouts, layout.params, layout.param_handles);
  return layout;
}

}  // namespace tenon::abi
