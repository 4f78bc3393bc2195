// The core code of one function of a generated unit: it stores flat values in memory, and loads them.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/layout.h"
#include "tests/differential/world.h"

namespace tenon::differential {

inline std::string_view name_of(abi::CoreType type) {
  switch (type) {
    case abi::CoreType::I32:
      return "i32";
    case abi::CoreType::I64:
      return "i64";
    case abi::CoreType::F32:
      return "f32";
    case abi::CoreType::F64:
      return "f64";
  }
  return {};
}

inline std::string name_all(std::string_view keyword, std::span<const abi::CoreType> types) {
  std::string text;
  for (const abi::CoreType type : types) text += fmt::format(" ({} {})", keyword, name_of(type));
  return text;
}

// Its parameters are the locals 0, 1, ...; $at is their address in memory.
class FunctionCode final {
 public:
  FunctionCode(const World& world, const Function& function)
      : layout_(*abi::lay_out_function(world.types, function.type)),
        params_(layout_.layouts[layout_.params]) {}

  [[nodiscard]] bool has_flat_params() const { return params_.flat.fits(); }
  [[nodiscard]] std::vector<abi::CoreType> params() const {
    return core_types(params_.flat, has_flat_params());
  }
  [[nodiscard]] std::vector<abi::CoreType> result(std::size_t most) const {
    if (!layout_.result) return {};
    const abi::FlatTypes& flat = layout_.layouts[*layout_.result].flat;
    return core_types(flat, flat.fits(most));
  }
  [[nodiscard]] bool has_flat_result(std::size_t most) const {
    return !layout_.result || layout_.layouts[*layout_.result].flat.fits(most);
  }
  [[nodiscard]] const abi::LayoutPart& part(std::size_t param) const {
    return params_.parts[param];
  }
  [[nodiscard]] std::size_t flat_count(std::size_t param) const {
    return layout_.layouts[*part(param).layout].flat.count();
  }
  [[nodiscard]] std::size_t count() const { return params_.parts.size(); }
  // An i32 of a parameter that is a handle.
  [[nodiscard]] std::string handle(std::size_t param) const {
    return has_flat_params()
               ? fmt::format("(local.get {})", part(param).flat_offset)
               : fmt::format("(i32.load offset={} (local.get 0))", part(param).offset);
  }
  [[nodiscard]] std::string set_handle(std::size_t param, std::string_view to) const {
    return has_flat_params()
               ? fmt::format(" (local.set {} {})", part(param).flat_offset, to)
               : fmt::format(" (i32.store offset={} (local.get 0) {})", part(param).offset, to);
  }
  [[nodiscard]] std::string all_params() const {
    std::string text;
    for (std::size_t i = 0; i < params().size(); ++i) text += fmt::format(" (local.get {})", i);
    return text;
  }
  // Whether memory can have something for a parameter that is not a value of its type.
  [[nodiscard]] bool can_be_bad(std::size_t param) const {
    const abi::Layout& layout = layout_.layouts[*part(param).layout];
    const bool has_free_case =
        layout.shape == abi::Shape::Variant &&
        layout.parts.size() < (std::size_t{1} << (8 * layout.discriminant_size));
    return has_free_case || layout.shape == abi::Shape::Char ||
           layout.shape == abi::Shape::String || layout.shape == abi::Shape::List;
  }
  // Changes a parameter in memory.
  [[nodiscard]] std::string store_bad_value(std::size_t param) const {
    const abi::Layout& layout = layout_.layouts[*part(param).layout];
    const std::uint32_t at = part(param).offset;
    if (layout.shape == abi::Shape::Variant)
      return fmt::format(
          " (i32.store{} offset={} (local.get $at) (i32.const -1))",
          layout.discriminant_size == 4 ? "" : std::to_string(8 * layout.discriminant_size), at);
    // A surrogate, or the length of a list.
    return fmt::format(" (i32.store offset={} (local.get $at) (i32.const {}))",
                       layout.shape == abi::Shape::Char ? at : at + 4,
                       layout.shape == abi::Shape::Char ? "0xd800" : "0x7fffffff");
  }
  // Sets $at.
  [[nodiscard]] std::string store_params() const {
    if (!has_flat_params()) return " (local.set $at (local.get 0))";
    return allocate("$at", params_) + store(params_, 0, 0);
  }
  // The flat values of a result that is in memory.
  // base: a local
  [[nodiscard]] std::string load_result(std::string_view base, std::uint32_t at) const {
    const abi::Layout& result = layout_.layouts[*layout_.result];
    return load(result, base, at, result.flat.types());
  }
  // Sets a local to the address of a new result.
  [[nodiscard]] std::string allocate_result(std::string_view local) const {
    return allocate(local, layout_.layouts[*layout_.result]);
  }

 private:
  static std::vector<abi::CoreType> core_types(const abi::FlatTypes& flat, bool is_flat) {
    if (!is_flat) return {abi::CoreType::I32};
    return {flat.types().begin(), flat.types().end()};
  }
  static std::string allocate(std::string_view local, const abi::Layout& layout) {
    return fmt::format(
        " (local.set {} (call $realloc (i32.const 0) (i32.const 0) (i32.const {}) (i32.const {})))",
        local, layout.align, layout.size);
  }

  // A flat value as its own type: cases of a variant share their places.
  [[nodiscard]] std::string get(std::size_t flat, abi::CoreType as) const {
    const abi::CoreType is = params_.flat.types()[flat];
    std::string text = fmt::format("(local.get {})", flat);
    if (is == as) return text;
    if (is == abi::CoreType::I64 && as != abi::CoreType::F64)
      text = fmt::format("(i32.wrap_i64 {})", text);
    if (as == abi::CoreType::F32) text = fmt::format("(f32.reinterpret_i32 {})", text);
    if (as == abi::CoreType::F64) text = fmt::format("(f64.reinterpret_i64 {})", text);
    return text;
  }

  [[nodiscard]] std::string store_number(std::uint32_t size, abi::CoreType type, std::size_t flat,
                                         std::uint32_t at) const {
    const bool is_whole =
        size == (type == abi::CoreType::I32 || type == abi::CoreType::F32 ? 4 : 8);
    return fmt::format(" ({}.store{} offset={} (local.get $at) {})", name_of(type),
                       is_whole ? "" : std::to_string(8 * size), at, get(flat, type));
  }

  [[nodiscard]] std::string store(const abi::Layout& layout, std::size_t flat,
                                  std::uint32_t at) const {
    using S = abi::Shape;
    std::string text;
    switch (layout.shape) {
      case S::String:
      case S::List:
        return store_number(4, abi::CoreType::I32, flat, at) +
               store_number(4, abi::CoreType::I32, flat + 1, at + 4);
      case S::FixedList: {
        const abi::Layout& element = layout_.layouts[*layout.parts[0].layout];
        for (std::uint32_t i = 0; i < layout.count; ++i)
          text += store(element, flat + i * element.flat.count(), at + i * element.size);
        return text;
      }
      case S::Record:
        for (const abi::LayoutPart& part : layout.parts)
          text += store(layout_.layouts[*part.layout], flat + part.flat_offset, at + part.offset);
        return text;
      case S::Variant: {
        text = store_number(layout.discriminant_size, abi::CoreType::I32, flat, at);
        for (std::size_t i = 0; i < layout.parts.size(); ++i) {
          const abi::LayoutPart& part = layout.parts[i];
          if (!part.layout) continue;
          text += fmt::format(
              " (if (i32.eq {} (i32.const {})) (then{}))", get(flat, abi::CoreType::I32), i,
              store(layout_.layouts[*part.layout], flat + part.flat_offset, at + part.offset));
        }
        return text;
      }
      default:
        return store_number(layout.size, layout.flat.types()[0], flat, at);
    }
  }

  using CoreTypes = std::span<const abi::CoreType>;

  // as: the types of the places that the flat values are for.
  [[nodiscard]] std::string load(const abi::Layout& layout, std::string_view base, std::uint32_t at,
                                 CoreTypes as) const {
    using S = abi::Shape;
    using C = abi::CoreType;
    std::string text;
    const auto load_part = [&](const abi::LayoutPart& part, CoreTypes places) {
      const abi::Layout& inner = layout_.layouts[*part.layout];
      return load(inner, base, at + part.offset,
                  places.subspan(part.flat_offset, inner.flat.count()));
    };
    switch (layout.shape) {
      case S::String:
      case S::List:
        return load_number(base, 4, "", C::I32, at, as[0]) +
               load_number(base, 4, "", C::I32, at + 4, as[1]);
      case S::FixedList: {
        const abi::Layout& element = layout_.layouts[*layout.parts[0].layout];
        for (std::uint32_t i = 0; i < layout.count; ++i)
          text += load(element, base, at + i * element.size,
                       as.subspan(i * element.flat.count(), element.flat.count()));
        return text;
      }
      case S::Record:
        for (const abi::LayoutPart& part : layout.parts) text += load_part(part, as);
        return text;
      case S::Variant: {
        text = load_number(base, layout.discriminant_size, "_u", C::I32, at, as[0]);
        if (as.size() == 1) return text;
        const std::string number =
            load_number(base, layout.discriminant_size, "_u", C::I32, at, C::I32);
        std::string end;
        for (std::size_t i = 0; i < layout.parts.size(); ++i) {
          const abi::LayoutPart& part = layout.parts[i];
          std::size_t done = 1;
          std::string payload;
          if (part.layout) {
            payload = load_part(part, as);
            done = part.flat_offset + layout_.layouts[*part.layout].flat.count();
          }
          for (const C place : as.subspan(done))
            payload += fmt::format(" ({}.const 0)", name_of(place));
          text += fmt::format(" (if{} (i32.eq{} (i32.const {})) (then{}) (else",
                              name_all("result", as.subspan(1)), number, i, payload);
          end += "))";
        }
        return text + " unreachable" + end;
      }
      default: {
        const bool is_signed = layout.shape == S::S8 || layout.shape == S::S16;
        return load_number(base, layout.size, is_signed ? "_s" : "_u", layout.flat.types()[0], at,
                           as[0]);
      }
    }
  }

  static std::string load_number(std::string_view base, std::uint32_t size, std::string_view sign,
                                 abi::CoreType type, std::uint32_t at, abi::CoreType as) {
    using C = abi::CoreType;
    const bool is_whole = size == (type == C::I32 || type == C::F32 ? 4 : 8);
    std::string text = fmt::format("({}.load{} offset={} (local.get {}))", name_of(type),
                                   is_whole ? "" : fmt::format("{}{}", 8 * size, sign), at, base);
    if (type != as && type == C::F32) text = fmt::format("(i32.reinterpret_f32 {})", text);
    if (type != as && type == C::F64) text = fmt::format("(i64.reinterpret_f64 {})", text);
    if (as == C::I64 && (type == C::I32 || type == C::F32))
      text = fmt::format("(i64.extend_i32_u {})", text);
    return " " + text;
  }

  abi::FunctionLayout layout_;
  const abi::Layout& params_;
};

}  // namespace tenon::differential
