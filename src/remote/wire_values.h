// Writes and reads the values of calls in the encoding of wRPC: the value definitions of the component
// model's binary format, one after the other (docs/formats/wrpc.md, "Values").
//
// The values are in an arena, and the layout of the function's type says how they lie there. The
// bytes of a peer arrive in pieces of any size: the reader stops at the end of a piece, and continues
// with the next.
//
//   Bytes out;
//   WireWriter writer(arena, handles);
//   TENON_TRY_VOID(writer.write_params(layout, address, out));
//
//   WireReader reader = WireReader::of_result(layout, arena, handles);
//   TENON_TRY(const std::size_t taken, reader.read(bytes));
//   if (reader.is_done()) ... reader.address() ...
//
// The bytes of a peer are hostile: memory grows with the bytes that arrived, and not with what they
// announce.
//
// Source: component-model Binary.md, "Value Definitions"; wRPC SPEC.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/guest.h"
#include "abi/layout.h"
#include "abi/value_arena.h"
#include "tenon/result.h"

namespace tenon::remote {

using Bytes = std::vector<std::uint8_t>;

// Where the bytes of a peer differ from the specification.
struct Dialect {
  // Peers up to 0.17 write flags with the bytes that they take in memory: 4 for 17 flags.
  bool has_wide_flags = false;
  // Go peers write a `char` as a number.
  bool has_char_numbers = false;
  // Go peers cannot read an empty string at the end of the values.
  bool needs_padding = false;
  // If a direction has more than kShortRead bytes, Go peers lose some of them without an error.
  bool has_short_reads = false;
  // Go servers always send a root frame, so a missing one is a failure.
  bool always_answers = false;
  // The peer is not tenon: it does not support streams as items of streams.
  bool is_foreign = false;
};

inline constexpr std::size_t kShortRead = 4096;

// The place of a stream or future in the parameters or the result, which names its channel: the
// indices of the parameter, the fields and the elements around it.
using IndexPath = std::vector<std::uint32_t>;

class WireHandles;

// The end of a stream or future that a peer writes.
class IncomingEnd {
 public:
  virtual ~IncomingEnd() = default;
  // The layout of `func(item: T)`; null for one without a payload.
  [[nodiscard]] virtual const abi::FunctionLayout* item() const = 0;
  [[nodiscard]] virtual abi::ValueArena& arena() = 0;
  [[nodiscard]] virtual WireHandles& handles() = 0;
  // All its items came with the value: `count` adjacent ones in the arena. No more will follow.
  virtual void complete(std::uint32_t address, std::uint32_t count) = 0;
};

// Converts the handles of one side to bytes of wRPC, and back.
class WireHandles {
 public:
  virtual ~WireHandles() = default;

  // The bytes that stand for a resource. An own handle leaves this side.
  [[nodiscard]] virtual Result<Bytes, abi::AbiError> give(abi::HandlePart part,
                                                          abi::ResourceToken resource) = 0;
  // The resource that a peer means.
  [[nodiscard]] virtual Result<abi::ResourceToken, abi::AbiError> take(
      abi::HandlePart part, std::span<const std::uint8_t> bytes) = 0;
  // Passes a readable end to the peer. Its items are to be sent on the channel.
  [[nodiscard]] virtual Result<void, abi::AbiError> send(abi::HandlePart part,
                                                         abi::ResourceToken end,
                                                         const IndexPath& channel) = 0;
  struct Received {
    abi::ResourceToken token;  // of the readable end
    IncomingEnd* end;          // lives longer than the reader
  };
  // Makes a readable end, whose items arrive on the channel or with the value.
  [[nodiscard]] virtual Result<Received, abi::AbiError> receive(abi::HandlePart part,
                                                                const IndexPath& channel) = 0;
};

// Encoded values. Large lists of bytes and strings can be slices of other memory.
struct WireBytes {
  // A list of bytes or a string to insert before `bytes[at]`, or at the end.
  struct Slice {
    std::size_t at;
    std::span<const std::uint8_t> data;
  };
  Bytes bytes;
  std::vector<Slice> slices;  // in order

  [[nodiscard]] std::size_t size() const;
  // Copies the slices into `bytes`.
  void own();
};

// Lifetime: refers to the arguments of its constructor.
class WireWriter final {
 public:
  WireWriter(abi::ValueArena& arena, WireHandles& handles, Dialect dialect = {})
      : arena_(arena), handles_(handles), dialect_(dialect) {}

  // Must be called for an arena that has views. giver: the guest whose memory they view.
  void read_views(abi::Guest& giver);
  // Appends large lists of bytes and strings to `slices` instead of copying them.
  void leave_slices(std::vector<WireBytes::Slice>& slices) { slices_ = &slices; }

  // Appends the values at `address` of the arena to `out`. Errors: those of the handles, with the
  // path of the value; Limit, for views of more bytes than an arena has.
  [[nodiscard]] Result<void, abi::AbiError> write_params(const abi::FunctionLayout& layout,
                                                         std::uint32_t address, Bytes& out);
  // REQUIRES: the function has a result
  [[nodiscard]] Result<void, abi::AbiError> write_result(const abi::FunctionLayout& layout,
                                                         std::uint32_t address, Bytes& out);
  // A chunk of a stream: the count and the items, which are adjacent records of the parameters.
  [[nodiscard]] Result<void, abi::AbiError> write_items(const abi::FunctionLayout& item,
                                                        std::uint32_t address, std::uint32_t count,
                                                        Bytes& out);

 private:
  bool write(const abi::Layout& layout, std::uint32_t at, std::uint32_t handles);
  bool write_part(const abi::LayoutPart& part, std::uint32_t at, std::uint32_t handles);
  bool write_elements(const abi::Layout& element, std::uint32_t at, std::uint32_t count,
                      std::uint32_t handles);
  // Adjacent numbers, bools or chars.
  bool write_numbers(const abi::Layout& element, std::span<const std::uint8_t> bytes);
  Result<void, abi::AbiError> write_handle(const abi::Layout& layout, std::uint32_t at,
                                           std::uint32_t number);
  // Adds a part around the value that failed to the path of the error. Returns false.
  bool fail_in(const std::string& part);
  bool write_bytes(std::span<const std::uint8_t> bytes);
  // Counts towards the size limit: many strings and lists can be views of the same memory.
  bool count_contents(std::uint64_t size);
  [[nodiscard]] std::span<const std::uint8_t> memory(std::uint32_t at, std::uint64_t size) const;
  // Contents of a list of numbers or a string.
  [[nodiscard]] std::span<const std::uint8_t> contents(abi::Shape shape, std::uint32_t at,
                                                       std::uint64_t size) const;
  [[nodiscard]] Result<void, abi::AbiError> outcome(bool is_written);

  abi::ValueArena& arena_;
  WireHandles& handles_;
  Dialect dialect_;
  const Arena<abi::Layout>* layouts_ = nullptr;
  Bytes* out_ = nullptr;
  std::vector<WireBytes::Slice>* slices_ = nullptr;
  abi::Guest* giver_ = nullptr;  // null: nothing is a view
  std::uint64_t counted_ = 0;
  IndexPath path_;
  std::optional<abi::AbiError> error_;
};

// Lifetime: refers to the arguments of its constructors.
class WireReader final {
 public:
  static WireReader of_params(const abi::FunctionLayout& layout, abi::ValueArena& arena,
                              WireHandles& handles, Dialect dialect = {}) {
    return {&layout.layouts, Step{.layout = layout.params}, {}, arena, handles, dialect};
  }
  // REQUIRES: the function has a result
  static WireReader of_result(const abi::FunctionLayout& layout, abi::ValueArena& arena,
                              WireHandles& handles, Dialect dialect = {}) {
    return {&layout.layouts, Step{.layout = *layout.result}, {0}, arena, handles, dialect};
  }
  // A chunk of a stream: a count and the items. item: the layout of `func(item: T)`; null for items
  // without a payload.
  static WireReader of_items(const abi::FunctionLayout* item, abi::ValueArena& arena,
                             WireHandles& handles, Dialect dialect = {});

  // Reads as much as it can, and returns the number of bytes read. Pass the others again, followed by
  // the next ones.
  // Errors: BadDiscriminant (also a bool or flags), BadChar, BadText, TooLong, Limit, and those of the
  // handles. Nothing can be read after an error.
  [[nodiscard]] Result<std::size_t, abi::AbiError> read(std::span<const std::uint8_t> bytes);
  // The memory to which `read` would copy the next bytes, at most `most`. Empty: it would not copy
  // them unchanged. Bytes that were received there are not copied. Lifetime: until `read`.
  [[nodiscard]] std::span<std::uint8_t> room(std::size_t most);
  // Values that take no bytes need one `read`.
  [[nodiscard]] bool is_done() const { return steps_.empty(); }
  // The address of the values in the arena, and the number of items. REQUIRES: `is_done`
  [[nodiscard]] std::uint32_t address() const { return address_; }
  [[nodiscard]] std::uint32_t item_count() const { return count_; }
  // The value that is being read, such as `items[3].name`; empty for all of them.
  [[nodiscard]] std::string place() const;

 private:
  enum class State : std::uint8_t {
    Done,    // the value is complete
    Part,    // a part of it is read first, by a step of its own
    Short,   // the bytes end
    Failed,  // see error_
  };
  // A value that is being read.
  struct Step {
    abi::LayoutId layout;        // of the elements for Items
    bool is_items = false;       // the items of a chunk
    bool has_count = false;      // List, String, Items: its length was read; Variant: its case
    std::uint32_t at = 0;        // address
    std::uint32_t handles = 0;   // number of its first handle
    std::uint32_t next = 0;      // the part or element that is read
    std::uint32_t count = 0;     // elements; Variant: the case
    std::uint32_t block = 0;     // address of the elements
    std::uint32_t capacity = 0;  // elements that the block has room for
  };
  class Input;

  WireReader(const Arena<abi::Layout>* layouts, const Step& root, IndexPath channel,
             abi::ValueArena& arena, WireHandles& handles, Dialect dialect)
      : layouts_(layouts),
        channel_(std::move(channel)),
        arena_(&arena),
        handles_(&handles),
        dialect_(dialect),
        steps_{root} {}

  State run(Input& in);
  State begin();
  State read_value(Step& step, Input& in);
  State read_record(Step& step, const abi::Layout& layout, Input& in);
  State read_variant(Step& step, const abi::Layout& layout, Input& in);
  State read_elements(Step& step, abi::LayoutId element, Input& in);
  State read_text(Step& step, Input& in);
  State read_count(Step& step, Input& in);
  // Values of fixed size, which are the same in memory.
  State copy_elements(Step& step, std::uint32_t size, std::uint32_t align, Input& in);
  // The bytes of new elements are undefined.
  bool make_room(Step& step, std::uint64_t elements, std::uint32_t size, std::uint32_t align);
  void end_list(const Step& step);
  // A stream or future.
  State read_end(const Step& step, const abi::Layout& layout, Input& in);
  void begin_contents(IncomingEnd& end, bool is_stream);

  // A value without parts.
  State read_leaf(const abi::Layout& layout, std::uint32_t at, std::uint32_t number, Input& in);
  template <class Integer>
  State read_integer(std::uint32_t at, Input& in);
  State read_bool(std::uint32_t at, Input& in);
  State read_fixed(std::uint32_t size, std::uint32_t at, Input& in);
  State read_char(std::uint32_t at, Input& in);
  State read_flags(const abi::Layout& layout, std::uint32_t at, Input& in);
  State read_resource(abi::HandlePart part, std::uint32_t at, Input& in);

  template <class T>
  void put(std::uint32_t at, const T& value);
  [[nodiscard]] IndexPath channel() const;
  State fail(abi::AbiErrorKind kind, std::string_view message);
  State fail(abi::AbiError error);

  const Arena<abi::Layout>* layouts_;
  IndexPath channel_;
  abi::ValueArena* arena_;
  WireHandles* handles_;
  Dialect dialect_;
  std::vector<Step> steps_;  // from the outermost value to the innermost
  bool has_begun_ = false;
  std::uint32_t address_ = 0;
  std::uint32_t count_ = 0;
  std::size_t resources_ = 0;  // that were read
  // A stream or future whose contents come with the value.
  IncomingEnd* completed_ = nullptr;
  std::unique_ptr<WireReader> contents_;
  std::optional<abi::AbiError> error_;
};

}  // namespace tenon::remote
