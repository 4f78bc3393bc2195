#include "remote/extension.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "remote/frames.h"
#include "support/leb128.h"
#include "support/utf8.h"

namespace tenon::remote {

namespace {

// A note ends with its length, the mark, and nothing after it.
constexpr std::array<std::uint8_t, 8> kMark = {'t', 'e', 'n', 'o', 'n', 0xff, 0x01, 0xfe};
constexpr std::size_t kFooterBytes = 2 + kMark.size();

// The kind of a failure, and the size of its text.
constexpr std::size_t kFailureHead = 4;

enum class Field : std::uint8_t {
  Worker = 1,
  TypeDigest = 2,
  Drop = 3,
  Cause = 4,
  AskForSharing = 5,
  Label = 6,
  TimeLeft = 7,
  CanPause = 8,
};

// The longest label that fits in a field.
constexpr std::size_t kLabelBytes = 255;

// Ten years in nanoseconds: the sum with a time of the clock is one.
constexpr std::uint64_t kLongestTime = 315'360'000'000'000'000;

// A trace and a span, in the order of the digits of a traceparent.
constexpr std::size_t kCauseBytes = 24;

void append_field(Bytes& out, Field field, std::span<const std::uint8_t> value) {
  out.push_back(static_cast<std::uint8_t>(field));
  out.push_back(static_cast<std::uint8_t>(value.size()));
  out.insert(out.end(), value.begin(), value.end());
}

// Eight bytes, little-endian.
void append_number(Bytes& out, Field field, std::uint64_t number) {
  std::array<std::uint8_t, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  append_field(out, field, bytes);
}

std::uint64_t read_number(std::span<const std::uint8_t> value) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number |= std::uint64_t{value[i]} << (8 * i);
  return number;
}

void read_field(std::uint8_t field, std::span<const std::uint8_t> value, CallNote& note) {
  if (field == static_cast<std::uint8_t>(Field::Worker) && value.size() == note.worker.size()) {
    std::ranges::copy(value, note.worker.begin());
  } else if (field == static_cast<std::uint8_t>(Field::TypeDigest) && value.size() == 8) {
    note.type_digest = read_number(value);
  } else if (field == static_cast<std::uint8_t>(Field::Drop)) {
    note.drops.emplace_back(value.begin(), value.end());
  } else if (field == static_cast<std::uint8_t>(Field::Cause) && value.size() == kCauseBytes) {
    TraceContext cause;
    std::ranges::copy(value.first(cause.trace.size()), cause.trace.begin());
    for (const std::uint8_t byte : value.subspan(cause.trace.size()))
      cause.span = cause.span << 8U | byte;
    if (cause.span != 0 && cause.trace != TraceContext().trace) note.cause = cause;
  } else if (field == static_cast<std::uint8_t>(Field::AskForSharing)) {
    note.asks_for_sharing = true;
  } else if (field == static_cast<std::uint8_t>(Field::CanPause)) {
    note.can_pause = true;
  } else if (field == static_cast<std::uint8_t>(Field::Label)) {
    note.label.assign(value.begin(), value.end());
  } else if (field == static_cast<std::uint8_t>(Field::TimeLeft) && value.size() == 8) {
    note.time_left = std::chrono::nanoseconds(
        static_cast<std::int64_t>(std::min(read_number(value), kLongestTime)));
  }
}

}  // namespace

const IndexPath kServerChannel = {UINT32_MAX};
const IndexPath kPaceChannel = {UINT32_MAX - 1};

void append_note(const CallNote& note, Bytes& params) {
  const std::size_t begin = params.size();
  append_field(params, Field::Worker, note.worker);
  if (note.type_digest) append_number(params, Field::TypeDigest, *note.type_digest);
  if (note.time_left)
    append_number(params, Field::TimeLeft, static_cast<std::uint64_t>(note.time_left->count()));
  if (note.cause) {
    std::array<std::uint8_t, kCauseBytes> cause;
    std::ranges::copy(note.cause->trace, cause.begin());
    for (std::size_t i = 0; i < 8; ++i)
      cause[kCauseBytes - 1 - i] = static_cast<std::uint8_t>(note.cause->span >> (8 * i));
    append_field(params, Field::Cause, cause);
  }
  if (!note.label.empty() && note.label.size() <= kLabelBytes)
    append_field(params, Field::Label,
                 std::vector<std::uint8_t>(note.label.begin(), note.label.end()));
  if (note.asks_for_sharing) append_field(params, Field::AskForSharing, {});
  if (note.can_pause) append_field(params, Field::CanPause, {});
  for (const Bytes& handle : note.drops) append_field(params, Field::Drop, handle);
  const std::size_t size = params.size() - begin;
  params.push_back(static_cast<std::uint8_t>(size));
  params.push_back(static_cast<std::uint8_t>(size >> 8U));
  params.insert(params.end(), kMark.begin(), kMark.end());
}

std::optional<CallNote> read_note(std::span<const std::uint8_t> params) {
  if (params.size() < kFooterBytes ||
      !std::ranges::equal(params.last(kMark.size()), std::span(kMark)))
    return std::nullopt;
  params = params.first(params.size() - kMark.size());
  const std::size_t size = params[params.size() - 2] | std::size_t{params.back()} << 8U;
  params = params.first(params.size() - 2);
  if (size > params.size() || size > kNoteBytes - kFooterBytes) return std::nullopt;
  std::span<const std::uint8_t> fields = params.last(size);
  CallNote note;
  while (!fields.empty()) {
    if (fields.size() < 2 || fields.size() - 2 < fields[1]) return std::nullopt;
    // Fields of later versions are skipped.
    read_field(fields[0], fields.subspan(2, fields[1]), note);
    fields = fields.subspan(std::size_t{2} + fields[1]);
  }
  return note;
}

Bytes write_failure(const ServerFailure& failure) {
  Bytes bytes = {static_cast<std::uint8_t>(failure.kind)};
  const std::string_view text =
      std::string_view(failure.message).substr(0, kFailureBytes - kFailureHead);
  append_leb128(bytes, static_cast<std::uint32_t>(text.size()));
  bytes.insert(bytes.end(), text.begin(), text.end());
  return bytes;
}

std::optional<ServerFailure> read_failure(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return std::nullopt;
  ServerFailure failure;
  // Kinds of later versions are failures too.
  if (bytes[0] <= static_cast<std::uint8_t>(ServerFailure::Kind::BadCall))
    failure.kind = static_cast<ServerFailure::Kind>(bytes[0]);
  const auto size = read_leb128<std::uint32_t>(bytes.subspan(1));
  const std::span<const std::uint8_t> text =
      size.fault == Leb128<std::uint32_t>::Fault::None ? bytes.subspan(1 + size.size) : bytes;
  if (size.fault != Leb128<std::uint32_t>::Fault::None ||
      size.value > kFailureBytes - kFailureHead || text.size() < size.value)
    return std::nullopt;
  failure.message.assign(text.begin(), text.begin() + size.value);
  if (!is_utf8(failure.message)) return std::nullopt;
  return failure;
}

Bytes write_pace(const PaceRequest& request) {
  Bytes bytes;
  append_leb128(bytes, static_cast<std::uint32_t>(request.channel.size()));
  for (const std::uint32_t index : request.channel) append_leb128(bytes, index);
  bytes.push_back(static_cast<std::uint8_t>(request.pace));
  return bytes;
}

Result<std::optional<PaceRequest>, std::string> read_pace(std::span<const std::uint8_t>& bytes) {
  using Number = Leb128<std::uint32_t>;
  const auto refuse = [] { return std::string("a request to pause a stream cannot be read"); };
  std::span<const std::uint8_t> rest = bytes;
  PaceRequest request;
  std::optional<std::uint32_t> left;  // absent before their number was read
  while (!left || *left != 0) {
    const Number number = read_leb128<std::uint32_t>(rest);
    if (number.fault == Number::Fault::Short) return std::optional<PaceRequest>();
    if (number.fault != Number::Fault::None) return refuse();
    rest = rest.subspan(number.size);
    if (left) {
      request.channel.push_back(number.value);
      --*left;
    } else {
      if (number.value == 0 || number.value > kChannelDepth) return refuse();
      left = number.value;
    }
  }
  if (rest.empty()) return std::optional<PaceRequest>();
  if (rest.front() > static_cast<std::uint8_t>(Pace::Pause)) return refuse();
  request.pace = static_cast<Pace>(rest.front());
  bytes = rest.subspan(1);
  return std::optional(std::move(request));
}

}  // namespace tenon::remote
