#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <string_view>

#include "remote/wire_values.h"
#include "support/check.h"
#include "support/leb128.h"
#include "support/limits.h"
#include "support/utf8.h"

namespace tenon::remote {

namespace {

using abi::AbiError;
using abi::AbiErrorKind;
using abi::Layout;
using abi::LayoutPart;
using abi::Shape;

// Bytes that a peer may use for one handle. Known peers use 8 to 32.
constexpr std::uint32_t kHandleBytes = 1024;

// The memory that is allocated for a value before its bytes arrive. Later it is doubled as needed.
constexpr std::uint32_t kRoomBytes = std::uint32_t{1} << 17;

bool is_end(const Layout& layout) {
  return layout.kind == TypeKind::Stream || layout.kind == TypeKind::Future;
}

// Whether a value needs a step of its own.
bool has_parts(const Layout& layout) {
  if (is_end(layout)) return true;
  switch (layout.shape) {
    case Shape::String:
    case Shape::List:
    case Shape::FixedList:
    case Shape::Record:
    case Shape::Variant:
      return true;
    default:
      return false;
  }
}

// Whether a value takes the same bytes in both forms, so that many can be copied at once. A bool is
// checked one by one.
bool is_copied(Shape shape) {
  return shape == Shape::U8 || shape == Shape::S8 || shape == Shape::F32 || shape == Shape::F64;
}

// The length in bytes of the character that begins with `first`; nothing for an invalid byte.
std::optional<std::size_t> character_size(std::uint8_t first) {
  if (first < 0x80) return 1;
  if (first < 0xc2) return std::nullopt;
  if (first < 0xe0) return 2;
  if (first < 0xf0) return 3;
  if (first < 0xf5) return 4;
  return std::nullopt;
}

}  // namespace

// The bytes that are left.
class WireReader::Input final {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes), all_(bytes.size()) {}

  [[nodiscard]] std::size_t left() const { return bytes_.size(); }
  [[nodiscard]] std::size_t taken() const { return all_ - bytes_.size(); }
  [[nodiscard]] std::span<const std::uint8_t> peek(std::size_t count) const {
    return bytes_.first(count);
  }
  std::span<const std::uint8_t> take(std::size_t count) {
    const std::span<const std::uint8_t> first = bytes_.first(count);
    bytes_ = bytes_.subspan(count);
    return first;
  }
  template <class Integer>
  [[nodiscard]] Leb128<Integer> peek_integer() const {
    return read_leb128<Integer>(bytes_);
  }

 private:
  std::span<const std::uint8_t> bytes_;
  std::size_t all_;
};

WireReader WireReader::of_items(const abi::FunctionLayout* item, abi::ValueArena& arena,
                                WireHandles& handles, Dialect dialect) {
  Step root;
  root.is_items = true;
  if (item == nullptr) return {nullptr, root, {}, arena, handles, dialect};
  root.layout = *item->layouts[item->params].parts[0].layout;
  return {&item->layouts, root, {}, arena, handles, dialect};
}

Result<std::size_t, AbiError> WireReader::read(std::span<const std::uint8_t> bytes) {
  Input in(bytes);
  try {
    if (!error_) (void)run(in);
  } catch (const std::bad_alloc&) {
    // The peer has given away the handles in the rest. Whoever takes them drops them.
    (void)run(in);
    throw;
  }
  if (error_) return *error_;
  return in.taken();
}

// If there is no memory, nothing is lost: the next run begins with the same value, whose handle it can take
// a second time.
WireReader::State WireReader::run(Input& in) {
  if (!has_begun_) {
    if (begin() == State::Failed) return State::Failed;
    has_begun_ = true;
  }
  while (!steps_.empty()) {
    const State state = read_value(steps_.back(), in);
    if (state == State::Part) continue;
    if (state != State::Done) return state;
    steps_.pop_back();
    if (!steps_.empty()) ++steps_.back().next;
  }
  return State::Done;
}

WireReader::State WireReader::begin() {
  Step& root = steps_.front();
  if (root.is_items) return State::Done;
  const Layout& layout = (*layouts_)[root.layout];
  const auto address = arena_->allocate(layout.size, layout.align);
  if (!address) return fail(address.error());
  if (layout.size > 0) std::memset(arena_->memory().data() + *address, 0, layout.size);
  root.at = address_ = *address;
  return State::Done;
}

// Goes on with a value. `step` is not used after another was added.
WireReader::State WireReader::read_value(Step& step, Input& in) {
  if (step.is_items) return read_elements(step, step.layout, in);
  const Layout& layout = (*layouts_)[step.layout];
  if (is_end(layout)) return read_end(step, layout, in);
  switch (layout.shape) {
    case Shape::Record:
      return read_record(step, layout, in);
    case Shape::Variant:
      return read_variant(step, layout, in);
    case Shape::String:
      return read_text(step, in);
    case Shape::List:
    case Shape::FixedList:
      return read_elements(step, *layout.parts[0].layout, in);
    default:
      return read_leaf(layout, step.at, step.handles, in);
  }
}

WireReader::State WireReader::read_record(Step& step, const Layout& layout, Input& in) {
  for (; step.next < layout.parts.size(); ++step.next) {
    const LayoutPart& part = layout.parts[step.next];
    const Layout& inner = (*layouts_)[*part.layout];
    const std::uint32_t at = step.at + part.offset;
    const std::uint32_t handles = step.handles + part.handles;
    if (has_parts(inner)) {
      steps_.push_back({.layout = *part.layout, .at = at, .handles = handles});
      return State::Part;
    }
    const State state = read_leaf(inner, at, handles, in);
    if (state != State::Done) return state;
  }
  return State::Done;
}

WireReader::State WireReader::read_variant(Step& step, const Layout& layout, Input& in) {
  if (step.next == 1) return State::Done;
  if (!step.has_count) {
    const State state = read_count(step, in);
    if (state != State::Done) return state;
    if (step.count >= layout.parts.size())
      return fail(AbiErrorKind::BadDiscriminant,
                  fmt::format("invalid discriminant {}: the type has {} {}", step.count,
                              layout.parts.size(), layout.parts.size() == 1 ? "case" : "cases"));
    std::memcpy(arena_->memory().data() + step.at, &step.count, layout.discriminant_size);
  }
  const LayoutPart& part = layout.parts[step.count];
  if (!part.layout) return State::Done;
  steps_.push_back({.layout = *part.layout,
                    .at = step.at + part.offset,
                    .handles = step.handles + part.handles});
  return State::Part;
}

WireReader::State WireReader::read_elements(Step& step, abi::LayoutId element, Input& in) {
  if (!step.has_count) {
    if (!step.is_items && (*layouts_)[step.layout].shape == Shape::FixedList) {
      step.count = step.capacity = (*layouts_)[step.layout].count;
      step.block = step.at;
      step.has_count = true;
    } else {
      const State state = read_count(step, in);
      if (state != State::Done) return state;
    }
  }
  if (layouts_ == nullptr) {
    count_ = step.count;
    return State::Done;
  }
  const Layout& layout = (*layouts_)[element];
  if (is_copied(layout.shape)) {
    const State state = copy_elements(step, layout.size, layout.align, in);
    if (state != State::Done) return state;
  }
  for (; step.next < step.count; ++step.next) {
    // Each element takes a byte at least.
    if (in.left() == 0) return State::Short;
    if (step.next == step.capacity) {
      if (!make_room(step, step.next + std::uint64_t{1}, layout.size, layout.align))
        return State::Failed;
      // Padding is zero.
      std::memset(arena_->memory().data() + step.block + std::size_t{step.next} * layout.size, 0,
                  std::size_t{step.capacity - step.next} * layout.size);
    }
    const std::uint32_t at = step.block + step.next * layout.size;
    if (has_parts(layout)) {
      steps_.push_back({.layout = element, .at = at, .handles = step.handles});
      return State::Part;
    }
    const State state = read_leaf(layout, at, step.handles, in);
    if (state != State::Done) return state;
  }
  end_list(step);
  return State::Done;
}

WireReader::State WireReader::read_text(Step& step, Input& in) {
  if (!step.has_count) {
    const State state = read_count(step, in);
    if (state != State::Done) return state;
    if (step.count > limits::kStringBytes)
      return fail(AbiErrorKind::TooLong, "the string is too long");
  }
  const State state = copy_elements(step, 1, 1, in);
  if (state != State::Done) return state;
  const char* const text = reinterpret_cast<const char*>(arena_->memory().data()) + step.block;
  if (!is_utf8({text, step.count})) return fail(AbiErrorKind::BadText, "the string is not UTF-8");
  end_list(step);
  return State::Done;
}

WireReader::State WireReader::read_count(Step& step, Input& in) {
  const Leb128<std::uint32_t> count = in.peek_integer<std::uint32_t>();
  if (count.fault == Leb128<std::uint32_t>::Fault::Short) return State::Short;
  if (count.fault != Leb128<std::uint32_t>::Fault::None)
    return fail(AbiErrorKind::TooLong, "the length or case number does not fit in 32 bits");
  (void)in.take(count.size);
  step.count = count.value;
  step.has_count = true;
  return State::Done;
}

WireReader::State WireReader::copy_elements(Step& step, std::uint32_t size, std::uint32_t align,
                                            Input& in) {
  const auto count =
      static_cast<std::uint32_t>(std::min<std::size_t>(step.count - step.next, in.left() / size));
  if (count > 0) {
    if (!make_room(step, std::uint64_t{step.next} + count, size, align)) return State::Failed;
    const auto bytes = in.take(std::size_t{count} * size);
    std::uint8_t* const to = arena_->memory().data() + step.block + std::size_t{step.next} * size;
    // Bytes that were received into `room` are already in place.
    if (bytes.data() != to) std::memcpy(to, bytes.data(), bytes.size());
    step.next += count;
  }
  return step.next == step.count ? State::Done : State::Short;
}

std::span<std::uint8_t> WireReader::room(std::size_t most) {
  if (contents_) return contents_->room(most);
  if (steps_.empty() || error_ || layouts_ == nullptr || !steps_.back().has_count) return {};
  Step& step = steps_.back();
  const Layout& layout = (*layouts_)[step.layout];
  std::uint32_t size = 1;
  std::uint32_t align = 1;
  if (step.is_items || layout.shape == Shape::List || layout.shape == Shape::FixedList) {
    const Layout& element = step.is_items ? layout : (*layouts_)[*layout.parts[0].layout];
    if (!is_copied(element.shape)) return {};
    size = element.size;
    align = element.align;
  } else if (layout.shape != Shape::String) {
    return {};
  }
  // A peer must send these bytes before it can begin another value, which bounds the memory.
  const std::uint64_t next = std::min<std::uint64_t>(
      step.count - step.next, std::min<std::size_t>(most, kRoomBytes - 1) / size + 1);
  if (!make_room(step, step.next + next, size, align)) return {};
  const std::size_t free = std::size_t{step.capacity - step.next} * size;
  return arena_->memory().subspan(step.block + std::size_t{step.next} * size, std::min(most, free));
}

bool WireReader::make_room(Step& step, std::uint64_t elements, std::uint32_t size,
                           std::uint32_t align) {
  if (elements <= step.capacity) return true;
  const std::uint64_t doubled = std::max<std::uint64_t>(elements, 2 * std::uint64_t{step.capacity});
  const std::uint64_t wanted =
      std::min<std::uint64_t>(std::max<std::uint64_t>(doubled, 16), step.count);
  const std::uint64_t bytes = wanted * size;
  if (bytes > UINT32_MAX) {
    fail(AbiErrorKind::Limit, "the values are too large");
    return false;
  }
  const std::uint32_t old = step.capacity * size;
  const auto block = arena_->reallocate(step.block, old, align, static_cast<std::uint32_t>(bytes));
  if (!block) {
    fail(block.error());
    return false;
  }
  step.block = *block;
  step.capacity = static_cast<std::uint32_t>(wanted);
  return true;
}

void WireReader::end_list(const Step& step) {
  if (step.is_items) {
    address_ = step.block;
    count_ = step.count;
  } else if ((*layouts_)[step.layout].shape != Shape::FixedList) {
    put(step.at, step.block);
    put(step.at + 4, step.count);
  }
}

WireReader::State WireReader::read_leaf(const Layout& layout, std::uint32_t at,
                                        std::uint32_t number, Input& in) {
  switch (layout.shape) {
    case Shape::Bool:
      return read_bool(at, in);
    case Shape::U8:
    case Shape::S8:
    case Shape::F32:
    case Shape::F64:
      return read_fixed(layout.size, at, in);
    case Shape::U16:
      return read_integer<std::uint16_t>(at, in);
    case Shape::S16:
      return read_integer<std::int16_t>(at, in);
    case Shape::U32:
      return read_integer<std::uint32_t>(at, in);
    case Shape::S32:
      return read_integer<std::int32_t>(at, in);
    case Shape::U64:
      return read_integer<std::uint64_t>(at, in);
    case Shape::S64:
      return read_integer<std::int64_t>(at, in);
    case Shape::Char:
      return read_char(at, in);
    case Shape::Flags:
      return read_flags(layout, at, in);
    case Shape::Own:
      return read_resource({number, abi::Ownership::Own}, at, in);
    case Shape::Borrow:
      return read_resource({number, abi::Ownership::Borrow}, at, in);
    default:
      TENON_CHECK(false);  // It has parts.
      return State::Failed;
  }
}

template <class Integer>
WireReader::State WireReader::read_integer(std::uint32_t at, Input& in) {
  const Leb128<Integer> read = in.peek_integer<Integer>();
  if (read.fault == Leb128<Integer>::Fault::Short) return State::Short;
  if (read.fault != Leb128<Integer>::Fault::None)
    return fail(AbiErrorKind::TooLong,
                fmt::format("the number does not fit in {} bits", 8 * sizeof(Integer)));
  (void)in.take(read.size);
  put(at, read.value);
  return State::Done;
}

WireReader::State WireReader::read_bool(std::uint32_t at, Input& in) {
  if (in.left() == 0) return State::Short;
  const std::uint8_t value = in.take(1)[0];
  if (value > 1) return fail(AbiErrorKind::BadDiscriminant, fmt::format("invalid bool {}", value));
  put(at, value);
  return State::Done;
}

WireReader::State WireReader::read_fixed(std::uint32_t size, std::uint32_t at, Input& in) {
  if (in.left() < size) return State::Short;
  std::memcpy(arena_->memory().data() + at, in.take(size).data(), size);
  return State::Done;
}

WireReader::State WireReader::read_char(std::uint32_t at, Input& in) {
  if (dialect_.has_char_numbers) {
    const State state = read_integer<std::uint32_t>(at, in);
    if (state != State::Done) return state;
    std::uint32_t code = 0;
    std::memcpy(&code, arena_->memory().data() + at, sizeof code);
    return is_scalar_value(code)
               ? State::Done
               : fail(AbiErrorKind::BadChar, fmt::format("invalid char {:#x}", code));
  }
  if (in.left() == 0) return State::Short;
  const std::optional<std::size_t> size = character_size(in.peek(1)[0]);
  if (size && in.left() < *size) return State::Short;
  std::optional<std::uint32_t> code;
  if (size) {
    const auto bytes = in.take(*size);
    code = next_character({reinterpret_cast<const char*>(bytes.data()), bytes.size()}).code;
  }
  if (!code) return fail(AbiErrorKind::BadChar, "the char is not UTF-8");
  put(at, *code);
  return State::Done;
}

WireReader::State WireReader::read_flags(const Layout& layout, std::uint32_t at, Input& in) {
  const std::size_t needed = (layout.count + 7) / 8;
  const std::size_t size = dialect_.has_wide_flags && needed <= 16 ? std::bit_ceil(needed) : needed;
  if (in.left() < size) return State::Short;
  const auto bytes = in.take(size);
  for (std::size_t bit = layout.count; bit < size * 8; ++bit)
    if ((bytes[bit / 8] >> (bit % 8) & 1U) != 0)
      return fail(AbiErrorKind::BadDiscriminant,
                  fmt::format("flag {} is set: the type has {}", bit, layout.count));
  std::memcpy(arena_->memory().data() + at, bytes.data(), needed);
  return State::Done;
}

WireReader::State WireReader::read_resource(abi::HandlePart part, std::uint32_t at, Input& in) {
  const Leb128<std::uint32_t> size = in.peek_integer<std::uint32_t>();
  if (size.fault == Leb128<std::uint32_t>::Fault::Short) return State::Short;
  if (size.fault != Leb128<std::uint32_t>::Fault::None || size.value > kHandleBytes)
    return fail(AbiErrorKind::Limit,
                fmt::format("the handle has more than {} bytes", kHandleBytes));
  if (in.left() < size.size + size.value) return State::Short;
  if (++resources_ > limits::kReceivedHandles)
    return fail(AbiErrorKind::Limit,
                fmt::format("there are more than {} handles", limits::kReceivedHandles));
  const auto bytes = in.peek(size.size + size.value).subspan(size.size);
  const auto token = handles_->take(part, bytes);
  if (!token) return fail(token.error());
  put(at, arena_->add_resource(*token));
  (void)in.take(size.size + size.value);
  return State::Done;
}

WireReader::State WireReader::read_end(const Step& step, const Layout& layout, Input& in) {
  if (!contents_) {
    if (in.left() == 0) return State::Short;
    const bool is_stream = layout.kind == TypeKind::Stream;
    const std::uint8_t status = in.peek(1)[0];
    if (status > 1)
      return fail(AbiErrorKind::BadDiscriminant, fmt::format("invalid status {} of a {}", status,
                                                             is_stream ? "stream" : "future"));
    const auto received = handles_->receive({step.handles, abi::Ownership::Own}, channel());
    if (!received) return fail(received.error());
    put(step.at, arena_->add_resource(received->token));
    (void)in.take(1);
    if (status == 0) return State::Done;
    begin_contents(*received->end, is_stream);
  }
  const State state = contents_->run(in);
  if (state == State::Failed) return fail(*contents_->error_);
  if (state == State::Short) return state;
  completed_->complete(contents_->address_, contents_->count_);
  contents_.reset();
  return State::Done;
}

void WireReader::begin_contents(IncomingEnd& end, bool is_stream) {
  completed_ = &end;
  const abi::FunctionLayout* const item = end.item();
  WireReader reader = is_stream || item == nullptr
                          ? of_items(item, end.arena(), end.handles(), dialect_)
                          : of_params(*item, end.arena(), end.handles(), dialect_);
  if (!is_stream) {
    reader.count_ = 1;
    if (item == nullptr) reader.steps_.clear();
  }
  contents_ = std::make_unique<WireReader>(std::move(reader));
}

template <class T>
void WireReader::put(std::uint32_t at, const T& value) {
  std::memcpy(arena_->memory().data() + at, &value, sizeof value);
}

std::string WireReader::place() const {
  std::string place;
  for (const Step& step : steps_) {
    if (step.is_items) {
      place += fmt::format("[{}]", step.next);
      continue;
    }
    const Layout& layout = (*layouts_)[step.layout];
    if (layout.shape == Shape::Record && step.next < layout.parts.size())
      place += "." + abi::label_of(layout, layout.parts[step.next]);
    else if (layout.shape == Shape::Variant && step.has_count && step.count < layout.parts.size())
      place += "." + abi::label_of(layout, layout.parts[step.count]);
    else if ((layout.shape == Shape::List || layout.shape == Shape::FixedList) && step.has_count)
      place += fmt::format("[{}]", step.next);
  }
  if (!place.empty() && place.front() == '.') place.erase(0, 1);
  return place;
}

IndexPath WireReader::channel() const {
  IndexPath path = channel_;
  for (const Step& step : steps_) {
    const Shape shape = step.is_items ? Shape::List : (*layouts_)[step.layout].shape;
    if (shape == Shape::Record || shape == Shape::List || shape == Shape::FixedList)
      path.push_back(step.next);
  }
  return path;
}

WireReader::State WireReader::fail(AbiErrorKind kind, std::string_view message) {
  return fail(AbiError{.kind = kind, .message = std::string(message)});
}

WireReader::State WireReader::fail(AbiError error) {
  if (error.path.empty()) error.path = place();
  error_ = std::move(error);
  return State::Failed;
}

}  // namespace tenon::remote
