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

// For at most 2^32 cases.
std::uint8_t discriminant_size(std::size_t cases) {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

Diagnostic unsupported(std::string_view what) {
  Diagnostic problem = make_diagnostic(
      Code::TypeUnsupportedValue,
      "a function that is called from outside its domain takes or returns a value of type `{}`",
      what);
  problem.notes.push_back(
      {"streams, futures and error contexts can be passed between units of one "
       "domain only",
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

// A part before it has a place.
struct Item {
  std::string label;
  std::optional<LayoutId> layout;
};

// Lays out each type once.
class Builder {
 public:
  Builder(const types::Types& types, FunctionLayout& made)
      : types_(types), flattener_(types), made_(made) {}

  Result<LayoutId> lay_out(types::TypeId id) {
    const auto found = done_.find(id);
    if (found != done_.end()) return found->second;
    if (depth_ > limits::kNestingDepth)
      return make_diagnostic(Code::TypeTooLarge, "value types nest deeper than {}",
                             limits::kNestingDepth);
    ++depth_;
    Result<Layout> layout =
        std::visit([&](const auto& kind) { return make(kind); }, types_.types[id].kind);
    --depth_;
    if (!layout) return std::move(layout).error();
    layout->flat = flattener_.flatten(id);
    TENON_TRY(const LayoutId made, add(*std::move(layout)));
    done_.emplace(id, made);
    return made;
  }

  // Errors: type-too-large.
  Result<LayoutId> add_record(std::vector<Item> items) {
    TENON_TRY(Layout layout, make_record(std::move(items)));
    for (const LayoutPart& part : layout.parts)
      layout.flat.append(made_.layouts[*part.layout].flat);
    return add(std::move(layout));
  }

 private:
  Result<LayoutId> add(Layout layout) {
    if (layout.handles > limits::kTypeNodes)
      return make_diagnostic(Code::TypeTooLarge, "a type has more than {} handles",
                             limits::kTypeNodes);
    return made_.layouts.add(std::move(layout));
  }

  Result<std::uint32_t> check_size(std::uint64_t size) {
    if (size > limits::kValueBytes)
      return make_diagnostic(Code::TypeTooLarge,
                             "a value of one type takes {} bytes without what its lists hold, and "
                             "at most {} are allowed",
                             size, limits::kValueBytes);
    return static_cast<std::uint32_t>(size);
  }

  Result<Layout> make(Primitive kind) {
    TENON_TRY(const Leaf leaf, leaf_of(kind));
    const std::uint32_t align = leaf.shape == Shape::String ? 4 : leaf.size;
    return Layout{.shape = leaf.shape, .size = leaf.size, .align = align};
  }

  Result<Layout> make(const types::Record& kind) {
    std::vector<Item> items;
    for (const types::Field& field : kind.fields) {
      TENON_TRY(const LayoutId layout, lay_out(field.type));
      items.push_back({field.label, layout});
    }
    return make_record(std::move(items));
  }

  Result<Layout> make(const types::Tuple& kind) {
    std::vector<Item> items;
    for (const types::TypeId part : kind.types) {
      TENON_TRY(const LayoutId layout, lay_out(part));
      items.push_back({fmt::format("{}", items.size()), layout});
    }
    return make_record(std::move(items));
  }

  Result<Layout> make(const types::Variant& kind) {
    std::vector<Item> items;
    for (const types::Case& one : kind.cases) TENON_TRY_VOID(add_case(items, one.label, one.type));
    return make_variant(std::move(items));
  }

  Result<Layout> make(const types::Enum& kind) {
    std::vector<Item> items;
    for (const std::string& label : kind.labels) items.push_back({label, {}});
    return make_variant(std::move(items));
  }

  Result<Layout> make(const types::Option& kind) {
    std::vector<Item> items = {{"none", {}}};
    TENON_TRY_VOID(add_case(items, "some", kind.type));
    return make_variant(std::move(items));
  }

  Result<Layout> make(const types::ResultType& kind) {
    std::vector<Item> items;
    TENON_TRY_VOID(add_case(items, "ok", kind.ok));
    TENON_TRY_VOID(add_case(items, "error", kind.error));
    return make_variant(std::move(items));
  }

  Result<Layout> make(const types::List& kind) {
    TENON_TRY(const LayoutId element, lay_out(kind.element));
    if (!kind.length) return make_list(element);
    const Layout& one = made_.layouts[element];
    TENON_TRY(const std::uint32_t size, check_size(std::uint64_t{one.size} * *kind.length));
    Layout layout{.shape = Shape::FixedList,
                  .size = size,
                  .align = one.align,
                  .handles = one.handles,
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
                  .handles = made_.layouts[element].handles};
    layout.parts.push_back({.layout = element});
    return layout;
  }

  Result<void> add_case(std::vector<Item>& items, std::string label,
                        std::optional<types::TypeId> payload) {
    std::optional<LayoutId> layout;
    if (payload) {
      TENON_TRY(layout, lay_out(*payload));
    }
    items.push_back({std::move(label), layout});
    return {};
  }

  Result<Layout> make_record(std::vector<Item> items) {
    Layout made{.shape = Shape::Record};
    std::uint64_t end = 0;
    std::size_t flat = 0;
    for (Item& item : items) {
      const Layout& one = made_.layouts[*item.layout];
      TENON_TRY(const std::uint32_t offset, check_size(align_to(end, one.align)));
      made.parts.push_back({.label = std::move(item.label),
                            .layout = item.layout,
                            .offset = offset,
                            .flat_offset = static_cast<std::uint32_t>(flat),
                            .handles = made.handles});
      end = std::uint64_t{offset} + one.size;
      flat = std::min(flat + one.flat.count(), kMaxFlatParams + 1);
      made.align = std::max(made.align, one.align);
      TENON_TRY_VOID(count_handles(made, one));
    }
    TENON_TRY(made.size, check_size(align_to(end, made.align)));
    return made;
  }

  Result<Layout> make_variant(std::vector<Item> items) {
    const std::uint8_t discriminant = discriminant_size(items.size());
    Layout made{.shape = Shape::Variant, .discriminant_size = discriminant, .align = discriminant};
    std::uint32_t align = 1;
    std::uint64_t size = 0;
    for (const Item& item : items) {
      if (!item.layout) continue;
      align = std::max(align, made_.layouts[*item.layout].align);
      size = std::max<std::uint64_t>(size, made_.layouts[*item.layout].size);
    }
    const auto payload = static_cast<std::uint32_t>(align_to(discriminant, align));
    made.align = std::max(made.align, align);
    TENON_TRY(made.size, check_size(align_to(payload + size, made.align)));
    for (Item& item : items) {
      made.parts.push_back({.label = std::move(item.label),
                            .layout = item.layout,
                            .offset = payload,
                            .flat_offset = 1,
                            .handles = made.handles});
      if (item.layout) TENON_TRY_VOID(count_handles(made, made_.layouts[*item.layout]));
    }
    return made;
  }

  // Stops before the sum could overflow.
  Result<void> count_handles(Layout& made, const Layout& part) {
    made.handles += part.handles;
    if (made.handles <= limits::kTypeNodes) return {};
    return make_diagnostic(Code::TypeTooLarge, "a type has more than {} handles",
                           limits::kTypeNodes);
  }

  const types::Types& types_;
  Flattener flattener_;
  FunctionLayout& made_;
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
  FunctionLayout made;
  Builder builder(types, made);
  std::vector<Item> params;
  for (const types::Field& param : function.params) {
    TENON_TRY(const LayoutId layout, builder.lay_out(param.type));
    params.push_back({param.label, layout});
  }
  TENON_TRY(made.params, builder.add_record(std::move(params)));
  if (function.result) {
    TENON_TRY(made.result, builder.lay_out(*function.result));
    list_handles(made.layouts, *made.result, made.result_handles);
  }
  list_handles(made.layouts, made.params, made.param_handles);
  return made;
}

}  // namespace tenon::abi
