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
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/try.h"

namespace tenon::abi {

namespace {

using types::Primitive;

constexpr std::uint64_t align_to(std::uint64_t offset, std::uint64_t align) {
  return (offset + align - 1) / align * align;
}

// The size in bytes, for at most 2^32 cases.
std::uint8_t discriminant_size(std::size_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

Diagnostic unsupported(std::string_view what) {
  Diagnostic problem = make_diagnostic(
      Code::TypeUnsupportedValue,
      "a function that is called from outside its domain takes or returns a value of type `{}`",
      what);
  problem.notes.push_back(
      {"streams, futures and error contexts can be passed only between units of the same domain",
       {},
       {}});
  return problem;
}

struct Leaf {
  Shape shape;
  std::uint32_t size;
};

Result<Leaf> leaf_of(Primitive kind) {
  switch (kind) {
    case Primitive::Bool:
      return Leaf{Shape::Bool, 1};
    case Primitive::S8:
      return Leaf{Shape::S8, 1};
    case Primitive::U8:
      return Leaf{Shape::U8, 1};
    case Primitive::S16:
      return Leaf{Shape::S16, 2};
    case Primitive::U16:
      return Leaf{Shape::U16, 2};
    case Primitive::S32:
      return Leaf{Shape::S32, 4};
    case Primitive::U32:
      return Leaf{Shape::U32, 4};
    case Primitive::S64:
      return Leaf{Shape::S64, 8};
    case Primitive::U64:
      return Leaf{Shape::U64, 8};
    case Primitive::F32:
      return Leaf{Shape::F32, 4};
    case Primitive::F64:
      return Leaf{Shape::F64, 8};
    case Primitive::Char:
      return Leaf{Shape::Char, 4};
    case Primitive::String:
      return Leaf{Shape::String, kPointerPair};
    case Primitive::ErrorContext:
      break;
  }
  return unsupported("error-context");
}

// A part that has no offset yet.
struct UnplacedPart {
  std::string label;
  std::optional<LayoutId> layout;
};

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
    Result<Layout> layout =
        std::visit([&](const auto& kind) { return make(kind); }, types_.types[id].kind);
    --depth_;
    if (!layout) return std::move(layout).error();
    layout->flat = flattener_.flatten(id);
    TENON_TRY(const LayoutId added, add(*std::move(layout)));
    done_.emplace(id, added);
    return added;
  }

  // Errors: type-too-large.
  Result<LayoutId> add_record(std::vector<UnplacedPart> items) {
    TENON_TRY(Layout layout, make_record(std::move(items)));
    for (const LayoutPart& part : layout.parts)
      layout.flat.append(function_.layouts[*part.layout].flat);
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

  Result<Layout> make(Primitive kind) {
    TENON_TRY(const Leaf leaf, leaf_of(kind));
    const std::uint32_t align = leaf.shape == Shape::String ? 4 : leaf.size;
    return Layout{.shape = leaf.shape, .size = leaf.size, .align = align};
  }

  Result<Layout> make(const types::Record& kind) {
    std::vector<UnplacedPart> items;
    for (const types::Field& field : kind.fields) {
      TENON_TRY(const LayoutId layout, lay_out(field.type));
      items.push_back({field.label, layout});
    }
    return make_record(std::move(items));
  }

  Result<Layout> make(const types::Tuple& kind) {
    std::vector<UnplacedPart> items;
    for (const types::TypeId part : kind.types) {
      TENON_TRY(const LayoutId layout, lay_out(part));
      items.push_back({fmt::format("{}", items.size()), layout});
    }
    return make_record(std::move(items));
  }

  Result<Layout> make(const types::Variant& kind) {
    std::vector<UnplacedPart> items;
    for (const types::Case& alternative : kind.cases)
      TENON_TRY_VOID(add_case(items, alternative.label, alternative.type));
    return make_variant(std::move(items));
  }

  Result<Layout> make(const types::Enum& kind) {
    std::vector<UnplacedPart> items;
    for (const std::string& label : kind.labels) items.push_back({label, {}});
    return make_variant(std::move(items));
  }

  Result<Layout> make(const types::Option& kind) {
    std::vector<UnplacedPart> items = {{"none", {}}};
    TENON_TRY_VOID(add_case(items, "some", kind.type));
    return make_variant(std::move(items));
  }

  Result<Layout> make(const types::ResultType& kind) {
    std::vector<UnplacedPart> items;
    TENON_TRY_VOID(add_case(items, "ok", kind.ok));
    TENON_TRY_VOID(add_case(items, "error", kind.error));
    return make_variant(std::move(items));
  }

  Result<Layout> make(const types::List& kind) {
    TENON_TRY(const LayoutId element, lay_out(kind.element));
    if (!kind.length) return make_list(element);
    const Layout& element_layout = function_.layouts[element];
    TENON_TRY(const std::uint32_t size,
              check_size(std::uint64_t{element_layout.size} * *kind.length));
    Layout layout{.shape = Shape::FixedList,
                  .size = size,
                  .align = element_layout.align,
                  .handles = element_layout.handles,
                  .count = *kind.length};
    layout.parts.push_back({.layout = element});
    return layout;
  }

  Result<Layout> make(const types::Map& kind) {
    TENON_TRY(const LayoutId key, lay_out(kind.key));
    TENON_TRY(const LayoutId value, lay_out(kind.value));
    TENON_TRY(const LayoutId entry, add_record({{"key", key}, {"value", value}}));
    return make_list(entry);
  }

  Result<Layout> make(const types::Flags& kind) {
    const std::size_t labels = kind.labels.size();
    const std::uint32_t align = labels <= 8 ? 1 : labels <= 16 ? 2 : 4;
    TENON_TRY(const std::uint32_t size, check_size(labels <= 16 ? align : (labels + 31) / 32 * 4));
    return Layout{.shape = Shape::Flags,
                  .size = size,
                  .align = align,
                  .count = static_cast<std::uint32_t>(labels)};
  }

  Result<Layout> make(const types::Own& kind) { return make_handle(Shape::Own, kind.resource); }
  Result<Layout> make(const types::Borrow& kind) {
    return make_handle(Shape::Borrow, kind.resource);
  }
  static Result<Layout> make(const types::Stream&) { return unsupported("stream"); }
  static Result<Layout> make(const types::Future&) { return unsupported("future"); }
  static Result<Layout> make(const types::Dynamic&) { return unsupported("value"); }

  static Layout make_handle(Shape shape, types::ResourceId resource) {
    return {.shape = shape, .size = 4, .align = 4, .handles = 1, .resource = resource};
  }

  Layout make_list(LayoutId element) {
    Layout layout{.shape = Shape::List,
                  .size = kPointerPair,
                  .align = 4,
                  .handles = function_.layouts[element].handles};
    layout.parts.push_back({.layout = element});
    return layout;
  }

  Result<void> add_case(std::vector<UnplacedPart>& items, std::string label,
                        std::optional<types::TypeId> payload) {
    std::optional<LayoutId> layout;
    if (payload) {
      TENON_TRY(layout, lay_out(*payload));
    }
    items.push_back({std::move(label), layout});
    return {};
  }

  Result<Layout> make_record(std::vector<UnplacedPart> items) {
    Layout record{.shape = Shape::Record};
    std::uint64_t end = 0;
    std::size_t flat = 0;
    for (UnplacedPart& item : items) {
      const Layout& part = function_.layouts[*item.layout];
      TENON_TRY(const std::uint32_t offset, check_size(align_to(end, part.align)));
      record.parts.push_back({.label = std::move(item.label),
                              .layout = item.layout,
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

  Result<Layout> make_variant(std::vector<UnplacedPart> items) {
    const std::uint8_t discriminant = discriminant_size(items.size());
    Layout variant{
        .shape = Shape::Variant, .discriminant_size = discriminant, .align = discriminant};
    std::uint32_t align = 1;
    std::uint64_t size = 0;
    for (const UnplacedPart& item : items) {
      if (!item.layout) continue;
      align = std::max(align, function_.layouts[*item.layout].align);
      size = std::max<std::uint64_t>(size, function_.layouts[*item.layout].size);
    }
    const auto payload = static_cast<std::uint32_t>(align_to(discriminant, align));
    variant.align = std::max(variant.align, align);
    TENON_TRY(variant.size, check_size(align_to(payload + size, variant.align)));
    for (UnplacedPart& item : items) {
      variant.parts.push_back({.label = std::move(item.label),
                               .layout = item.layout,
                               .offset = payload,
                               .flat_offset = 1,
                               .handles = variant.handles});
      if (item.layout) TENON_TRY_VOID(count_handles(variant, function_.layouts[*item.layout]));
    }
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
    handles.push_back({layout.shape, layout.resource});
  for (const LayoutPart& part : layout.parts)
    if (part.layout) list_handles(layouts, *part.layout, handles);
}

}  // namespace

Result<FunctionLayout> lay_out_function(const types::Types& types,
                                        const types::Function& function) {
  FunctionLayout layout;
  LayoutBuilder builder(types, layout);
  std::vector<UnplacedPart> params;
  for (const types::Field& param : function.params) {
    TENON_TRY(const LayoutId param_layout, builder.lay_out(param.type));
    params.push_back({param.label, param_layout});
  }
  TENON_TRY(layout.params, builder.add_record(std::move(params)));
  if (function.result) {
    TENON_TRY(layout.result, builder.lay_out(*function.result));
    list_handles(layout.layouts, *layout.result, layout.result_handles);
  }
  list_handles(layout.layouts, layout.params, layout.param_handles);
  return layout;
}

}  // namespace tenon::abi
