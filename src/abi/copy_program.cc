// Selects the fastest way to copy, and runs it.
//
// Most calls between components pass a few numbers and handles, all in flat values on both sides.
// For these a program has one `FlatStep` per flat value: mask it, convert it, check it, or copy it
// whole. Running the steps is a short loop that needs neither memory nor the interface of the two
// sides; handles are transferred afterwards (`copy_handles`). A type has such steps if none of its
// flat values is an address, a length, or the payload of a variant, whose meaning depends on a
// discriminant.
//
// The loop does not report errors. If a value is invalid it stops, and the call takes the general
// way from the start, which finds the same mistake again and describes it with its path. That is
// safe because steps write only flat values, which no guest has seen yet, and handles come last.
//
// The general way first checks that the places on both sides fit the type (`check_places`), then
// uses a `Copier`: from memory to memory, or part by part if one side is flat.
#include "abi/copy_program.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "abi/copier.h"
#include "abi/transfer.h"
#include "support/check.h"
#include "support/try.h"

namespace tenon::abi {

namespace {

bool fail_places(Transfer& transfer, std::string_view side, const Layout& layout) {
  return transfer.fail(
      AbiErrorKind::BadCall,
      fmt::format(
          "the place on the {} side does not fit: the values take {} bytes{}", side, layout.size,
          layout.flat.fits() ? fmt::format(" or {} flat values", layout.flat.count()) : ""));
}

bool check_places(Transfer& transfer, const Layout& layout, const From& from, const To& to) {
  const auto has_flat = [&](std::size_t count) {
    return layout.flat.fits() && count >= layout.flat.count();
  };
  if (!from.address && !has_flat(from.flat_values.size()))
    return fail_places(transfer, "giving", layout);
  if (from.address && !transfer.check_source(*from.address, layout.size, layout.align))
    return false;
  switch (to.where) {
    case To::Where::Flat:
      return has_flat(to.flat_values.size()) || fail_places(transfer, "taking", layout);
    case To::Where::Bytes:
      return to.host_bytes.size() >= layout.size || fail_places(transfer, "taking", layout);
    case To::Where::Memory:
      return transfer.check_target(to.address, layout.size, layout.align);
    case To::Where::Allocated:
      return to.flat_values.size() > 0 || fail_places(transfer, "taking", layout);
  }
  return false;
}

// Copies, and leaves the error in `transfer`.
bool copy_values(Transfer& transfer, const Arena<Layout>& layouts, const CopyBlocks& blocks,
                 LayoutId id, const From& from, const To& to) {
  const Layout& layout = layouts[id];
  if (!transfer.check_sides() || !check_places(transfer, layout, from, to)) return false;
  Copier copier(transfer, layouts, blocks);
  if (to.where == To::Where::Flat)
    return from.address ? copier.copy_to_flat(id, *from.address, to.flat_values)
                        : copier.copy_flat(id, from.flat_values, to.flat_values);
  TargetPlace place{.at = to.address};
  if (to.where == To::Where::Bytes) place = {.bytes = to.host_bytes.data()};
  if (to.where == To::Where::Allocated && !transfer.allocate(layout.size, layout.align, place.at))
    return false;
  if (!(from.address ? copier.copy_memory(id, *from.address, place)
                     : copier.copy_from_flat(id, from.flat_values, place)))
    return false;
  if (to.where == To::Where::Allocated) to.flat_values.set(0, place.at);
  return true;
}

}  // namespace

CopyProgram CopyProgram::make(FunctionLayout layout) {
  CopyProgram program;
  program.layout_ = std::move(layout);
  program.params_ = program.make_direction(program.layout_.params);
  if (program.layout_.result) program.result_ = program.make_direction(*program.layout_.result);
  program.is_flat_ = program.params_.is_numbers && !program.layout_.has_spilled_result() &&
                     (!program.layout_.result || program.result_.is_numbers);
  program.takes_all_numbers_ =
      program.params_.is_numbers &&
      std::ranges::all_of(program.params_.flat_steps->values, [](const FlatStep& step) {
        return step.rule == FlatStep::Rule::Whole ||
               (step.rule == FlatStep::Rule::Keep && step.mask == UINT32_MAX);
      });
  return program;
}

CopyProgram::Direction CopyProgram::make_direction(LayoutId layout) {
  blocks_.add(layout_.layouts, layout);
  Direction direction{.layout = layout};
  FlatSteps steps;
  if (layout_.layouts[layout].flat.fits() && add_flat_steps(layout, 0, "", steps)) {
    direction.is_numbers = steps.handles.empty();
    direction.flat_steps = std::move(steps);
  }
  return direction;
}

CopyProgram::FlatStep CopyProgram::number_step(Shape shape) {
  switch (shape) {
    case Shape::U8:
      return {.mask = UINT8_MAX};
    case Shape::U16:
      return {.mask = UINT16_MAX};
    case Shape::S32:
    case Shape::U32:
    case Shape::F32:
      return {};
    case Shape::S64:
    case Shape::U64:
    case Shape::F64:
      return {.rule = FlatStep::Rule::Whole};
    case Shape::Char:
      return {.rule = FlatStep::Rule::Char};
    case Shape::Bool:
    case Shape::S8:
    case Shape::S16:
    case Shape::String:
    case Shape::List:
    case Shape::FixedList:
    case Shape::Record:
    case Shape::Variant:
    case Shape::Flags:
    case Shape::Own:
    case Shape::Borrow:
      break;
  }
  return {.rule = FlatStep::Rule::Number, .shape = shape};
}

bool CopyProgram::add_flat_steps(LayoutId id, std::uint32_t handles, const std::string& path,
                                 FlatSteps& steps) const {
  const Layout& layout = layout_.layouts[id];
  if (is_number(layout.shape) || layout.shape == Shape::Char) {
    steps.values.push_back(number_step(layout.shape));
    return true;
  }
  if (layout.shape == Shape::Own || layout.shape == Shape::Borrow) {
    const Ownership ownership = layout.shape == Shape::Own ? Ownership::Own : Ownership::Borrow;
    steps.handles.push_back({.at = static_cast<std::uint32_t>(steps.values.size()),
                             .part = {handles, ownership},
                             .path = path.starts_with('.') ? path.substr(1) : path});
    steps.values.emplace_back();
    return true;
  }
  if (layout.shape == Shape::Flags) {
    for (std::uint32_t left = layout.count, i = 0; i < layout.flat.count(); ++i) {
      const std::uint32_t bits = std::min(left, 32U);
      steps.values.push_back({.mask = static_cast<std::uint32_t>((std::uint64_t{1} << bits) - 1)});
      left -= bits;
    }
    return true;
  }
  if (layout.shape == Shape::Variant) {
    steps.values.push_back(
        {.rule = FlatStep::Rule::Case, .mask = static_cast<std::uint32_t>(layout.parts.size())});
    return layout.flat.count() == 1;
  }
  if (layout.shape == Shape::Record)
    return std::ranges::all_of(layout.parts, [&](const LayoutPart& part) {
      return add_flat_steps(*part.layout, handles + part.handles,
                            path + "." + label_of(layout, part), steps);
    });
  if (layout.shape != Shape::FixedList) return false;
  const LayoutId element = *layout.parts[0].layout;
  if (layout_.layouts[element].flat.count() == 0) return true;
  for (std::uint32_t i = 0; i < layout.count; ++i)
    if (!add_flat_steps(element, handles, fmt::format("{}[{}]", path, i), steps)) return false;
  return true;
}

bool CopyProgram::copy_checked(const FlatStep& step, const std::uint8_t* from, std::uint8_t* to) {
  std::uint32_t value = 0;
  std::memcpy(&value, from, sizeof(value));
  if (step.rule == FlatStep::Rule::Char && !is_char(value)) return false;
  if (step.rule == FlatStep::Rule::Case && value >= step.mask) return false;
  const FlatValue copied =
      step.rule == FlatStep::Rule::Number ? flat_scalar(step.shape, value) : value;
  std::memcpy(to, &copied, sizeof(copied));
  return true;
}

Result<void, AbiError> CopyProgram::copy_handles(std::span<const FlatHandle> handles,
                                                 const From& from, const To& to) {
  const auto in_path = [](AbiError error, const std::string& path) {
    error.path = path;
    return error;
  };
  for (const FlatHandle& handle : handles) {
    to.guest.make_room_for_handle();
    Result<ResourceToken, AbiError> resource = from.guest.lift_handle(
        handle.part, static_cast<std::uint32_t>(from.flat_values[handle.at]));
    if (!resource) return in_path(std::move(resource).error(), handle.path);
    Result<void, AbiError> lowered =
        to.guest.lower_handle(handle.part, *resource, {HandlePlace::Where::Flat, handle.at});
    if (!lowered) return in_path(std::move(lowered).error(), handle.path);
  }
  return {};
}

Result<void, AbiError> CopyProgram::copy(const Direction& direction, const From& from,
                                         const To& to) const {
  // If this fails because of an invalid number, the general way below reports it with its path.
  if (direction.flat_steps && !from.address && to.where == To::Where::Flat &&
      copy_flat(direction, from.flat_values, to.flat_values))
    return copy_handles(direction.flat_steps->handles, from, to);
  Transfer transfer(from.guest, to.guest);
  if (!copy_values(transfer, layout_.layouts, blocks_, direction.layout, from, to))
    return std::move(transfer).take_error();
  return {};
}

Result<void, AbiError> CopyProgram::copy_items(Guest& from, std::uint32_t from_address, Guest& to,
                                               std::uint32_t to_address,
                                               std::uint32_t count) const {
  const Layout& layout = layout_.layouts[layout_.params];
  const std::uint64_t size = std::uint64_t{layout.size} * count;
  Transfer transfer(from, to);
  Copier copier(transfer, layout_.layouts, blocks_);
  if (transfer.check_sides() && transfer.check_source(from_address, size, layout.align) &&
      transfer.check_target(to_address, size, layout.align) &&
      copier.copy_array(layout_.params, from_address, to_address, count))
    return {};
  return std::move(transfer).take_error();
}

Result<std::uint32_t, AbiError> CopyProgram::lift(const Direction& direction, const From& from,
                                                  ValueArena& arena) const {
  TENON_CHECK(direction.layout.is_valid());
  FlatValue address = 0;
  TENON_TRY_VOID(copy(direction, from, To::allocated(arena, address)));
  return static_cast<std::uint32_t>(address);
}

}  // namespace tenon::abi
