// Property: for any memory and flat values of one guest, and any realloc of the other, copying ends
// with values or with an error, the arena stays within its limit, and lifted values can be lowered,
// twice with equal bytes.
//
// The input consists of choices for a function type and for addresses, followed by the memory.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "abi/copy_program.h"
#include "require.h"
#include "types/type.h"

namespace {

using namespace tenon;
using namespace tenon::abi;
using types::TypeId;

constexpr std::uint64_t kArenaBytes = 1 << 16;
constexpr std::uint32_t kMostBytes = 1 << 20;

class FuzzGuest final : public Guest {
 public:
  // tricks: one byte for each call of realloc, which decides what that call does.
  FuzzGuest(Encoding encoding, std::vector<std::uint8_t> memory, std::vector<std::uint8_t> tricks)
      : encoding_(encoding), memory_(std::move(memory)), tricks_(std::move(tricks)) {}

  std::span<std::uint8_t> memory() override { return memory_; }
  [[nodiscard]] Encoding encoding() const override { return encoding_; }
  [[nodiscard]] std::uint64_t copy_limit() const override { return kMostBytes; }
  Result<std::uint32_t, AbiError> reallocate(std::uint32_t old, std::uint32_t old_size,
                                             std::uint32_t align, std::uint32_t size) override {
    require(std::uint64_t{old} + old_size <= memory_.size());
    const std::uint8_t trick = calls_ < tricks_.size() ? tricks_[calls_] : 0;
    ++calls_;
    if (trick >= 0xf0) return AbiError{AbiErrorKind::Guest, "a trap"};
    if (trick >= 0xe0) std::ranges::fill(memory_, trick);
    if (trick >= 0xd0) return std::uint32_t{trick} << (trick & 0x0f);
    if (size > 2 * kMostBytes) return UINT32_MAX;
    const std::size_t start = (memory_.size() + align - 1) / align * align;
    if (start > 8 * kMostBytes) return AbiError{AbiErrorKind::Guest, "out of memory"};
    memory_.resize(start + size);
    std::copy_n(memory_.begin() + old, std::min(old_size, size),
                memory_.begin() + static_cast<std::ptrdiff_t>(start));
    return static_cast<std::uint32_t>(start);
  }
  Result<ResourceToken, AbiError> lift_handle(HandlePart part, std::uint32_t handle) override {
    if (handle % 16 == 15) return AbiError{AbiErrorKind::Guest, "no handle"};
    return std::uint64_t{part.number} << 32 | handle;
  }
  Result<void, AbiError> lower_handle(HandlePart part, ResourceToken resource,
                                      HandlePlace place) override {
    require(resource >> 32 == part.number);
    if (place.where == HandlePlace::Where::Memory)
      require(std::uint64_t{place.at} + 4 <= memory_.size());
    return {};
  }

 private:
  Encoding encoding_;
  std::vector<std::uint8_t> memory_;
  std::vector<std::uint8_t> tricks_;
  std::size_t calls_ = 0;
};

TypeId add_type(types::Types& types, std::vector<TypeId>& made, Choices& choices) {
  const auto part = [&] {
    return made[made.size() - 1 -
                choices.below(static_cast<std::uint32_t>(std::min<std::size_t>(made.size(), 250)))];
  };
  const auto maybe = [&]() -> std::optional<TypeId> {
    if (choices.below(2) == 0) return std::nullopt;
    return part();
  };
  const auto labels = [&] { return std::vector<std::string>(choices.below(70) + 1, "l"); };
  const auto add = [&](auto kind) { return types.types.add({std::move(kind)}); };
  switch (choices.below(14)) {
    case 0:
      return types.primitive(static_cast<types::Primitive>(choices.below(13)));
    case 1:
      return add(types::Record{{{"a", part()}, {"b", part()}}});
    case 2:
      return add(types::Variant{{{"a", maybe()}, {"b", maybe()}, {"c", maybe()}}});
    case 3:
    case 4:
      return add(types::List{part(), std::nullopt});
    case 5:
      return add(types::List{part(), choices.below(20)});
    case 6:
      return add(types::Map{part(), part()});
    case 7:
      return add(types::Tuple{{part(), part(), part()}});
    case 8:
      return add(types::Flags{labels()});
    case 9:
      return add(types::Enum{labels()});
    case 10:
      return add(types::Option{part()});
    case 11:
      return add(types::ResultType{maybe(), maybe()});
    case 12:
      return add(types::Own{{0}});
    default:
      return add(types::Borrow{{0}});
  }
}

types::Function make_function(types::Types& types, Choices& choices) {
  types.resources.add({"r"});
  std::vector<TypeId> made = {types.primitive(types::Primitive::U8),
                              types.primitive(types::Primitive::String),
                              types.primitive(types::Primitive::Char)};
  for (std::uint32_t i = choices.below(16); i > 0; --i)
    made.push_back(add_type(types, made, choices));
  types::Function function;
  for (std::uint32_t i = choices.below(3); i < 3; ++i)
    function.params.push_back({"p", made[made.size() - 1 - i]});
  return function;
}

// Lifts into an arena, and lowers the values with every encoding, in memory and flat.
void check_arena(const CopyProgram& program, const From& from, const Layout& layout) {
  ValueArena first(kArenaBytes);
  ValueArena second(kArenaBytes);
  const Result<std::uint32_t, AbiError> lifted = program.lift_params(from, first);
  const Result<std::uint32_t, AbiError> again = program.lift_params(from, second);
  require(lifted.has_value() == again.has_value());
  require(first.memory().size() <= kArenaBytes);
  require(std::ranges::equal(first.bytes(), second.bytes()));
  if (!lifted) return;
  for (const Encoding encoding : {Encoding::Utf8, Encoding::Utf16, Encoding::Latin1Utf16}) {
    if (layout.handles > 0 && encoding != Encoding::Utf8)
      break;  // own handles can be lowered only once
    FuzzGuest guest(encoding, {}, {});
    FlatValue address = 0;
    const Result<void, AbiError> lowered =
        program.copy_params(From::memory(first, *lifted), To::allocated(guest, address));
    require(lowered.has_value());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(data, size);
  types::Types types;
  const types::Function function = make_function(types, choices);
  Result<FunctionLayout> layout_made = lay_out_function(types, function);
  if (!layout_made) return 0;
  const CopyProgram program = CopyProgram::make(*std::move(layout_made));
  const Layout& layout = program.layout().layouts[program.layout().params];
  if (layout.size > kMostBytes) return 0;

  const auto encoding = [&] { return static_cast<Encoding>(choices.below(3)); };
  const Encoding from_encoding = encoding();
  const Encoding to_encoding = encoding();
  const bool is_flat = choices.below(2) == 0 && layout.flat.fits();
  const std::uint32_t to_place = choices.below(3);
  const std::uint32_t address = choices.word() % 256;
  std::vector<FlatValue> values(kMaxFlatParams);
  if (is_flat)
    for (FlatValue& value : values) value = choices.word();
  std::vector<std::uint8_t> tricks(choices.below(8));
  for (std::uint8_t& trick : tricks) trick = static_cast<std::uint8_t>(choices.byte());

  FuzzGuest from(from_encoding, {choices.rest().begin(), choices.rest().end()}, {});
  const From source = is_flat ? From::flat(from, values) : From::memory(from, address);
  FuzzGuest to(to_encoding, std::vector<std::uint8_t>(64, 0xcc), tricks);
  std::vector<FlatValue> flat(kMaxFlatParams);
  std::vector<std::uint8_t> bytes(layout.size);
  FlatValue pointer = 0;
  static_cast<void>(program.copy_params(source, to_place == 0   ? To::flat(to, flat)
                                                : to_place == 1 ? To::bytes(to, bytes)
                                                                : To::allocated(to, pointer)));
  check_arena(program, source, layout);
  return 0;
}
