// Property: a view opens exactly those bytes that a simple recursive reader accepts, with the same
// value.
//
// The reader in this file shares no code with the view. It follows docs/formats/cgrf.md node by
// node.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "packr/compare_view.h"
#include "require.h"
#include "support/utf8.h"

namespace {

using namespace tenon::packr;

// Shared nodes can represent a tree of any size; such inputs are skipped.
constexpr std::size_t kMaxVisits = 20'000;

struct Refused {};
struct TooManyVisits {};

// A position in a payload. Reading past its end refuses the value.
class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : left_(bytes) {}

  std::span<const std::uint8_t> bytes(std::uint64_t size) {
    if (size > left_.size()) throw Refused();
    const auto taken = left_.first(static_cast<std::size_t>(size));
    left_ = left_.subspan(static_cast<std::size_t>(size));
    return taken;
  }
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const auto taken = bytes(size);
    for (std::size_t i = size; i-- > 0;) value = value << 8U | taken[i];
    return value;
  }
  std::uint32_t u32() { return static_cast<std::uint32_t>(number(4)); }
  std::string text() {
    const auto taken = bytes(u32());
    std::string read(taken.begin(), taken.end());
    if (tenon::find_bad_utf8(read)) throw Refused();
    return read;
  }
  void expect_end() const {
    if (!left_.empty()) throw Refused();
  }

 private:
  std::span<const std::uint8_t> left_;
};

void expect(bool holds) {
  if (!holds) throw Refused();
}

std::size_t width_of(std::uint8_t kind) {
  if (kind == 0x01 || kind == 0x0c || kind == 0x10) return 1;
  if (kind == 0x0d || kind == 0x11) return 2;
  if (kind == 0x02 || kind == 0x04 || kind == 0x0e || kind == 0x12) return 4;
  return kind == 0x03 || kind == 0x05 || kind == 0x0f || kind == 0x13 ? 8 : 0;
}

bool is_character(std::uint64_t code) {
  return code < 0xd800 || (code > 0xdfff && code < 0x110000);
}

class PlainReader {
 public:
  explicit PlainReader(std::span<const std::uint8_t> bytes) {
    Input in(bytes);
    const auto magic = in.bytes(4);
    expect(std::string(magic.begin(), magic.end()) == "CGRF");
    version_ = in.number(2);
    expect(version_ == 2 || version_ == 3);
    in.bytes(2);
    const std::uint32_t count = in.u32();
    root_ = in.u32();
    expect(count <= 10'000'000);
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto kind = static_cast<std::uint8_t>(in.number(1));
      expect(kind >= 0x01 && kind <= (version_ == 2 ? 0x15 : 0x17));
      in.bytes(3);
      nodes_.push_back({kind, in.bytes(in.u32()), false});
    }
    in.expect_end();
    expect(root_ < count);
    for (const Node& node : nodes_) check(node);
  }

  GraphValue read() { return read_node(root_, 0); }

 private:
  struct Node {
    std::uint8_t kind;
    std::span<const std::uint8_t> payload;
    bool is_around;
  };

  void check(const Node& node) const {
    Input in(node.payload);
    if (const std::size_t width = width_of(node.kind); width != 0) {
      const std::uint64_t bits = in.number(width);
      expect(node.kind != 0x01 || bits <= 1);
      expect(node.kind != 0x12 || is_character(bits));
    } else if (node.kind == 0x06) {
      in.text();
    } else if (node.kind == 0x0b) {
      for (std::uint32_t left = in.u32(); left > 0; --left) expect(in.u32() < nodes_.size());
    } else if (node.kind == 0x15) {
      const std::size_t element = width_of(static_cast<std::uint8_t>(in.number(1)));
      expect(element != 0);
      in.bytes(std::uint64_t{in.u32()} * element);
    } else {
      return;
    }
    in.expect_end();
  }

  GraphType read_type(Input& in, std::uint32_t depth) {
    expect(depth <= 1000);
    const auto tag = static_cast<std::uint8_t>(in.number(1));
    expect(tag >= 0x01 && tag <= (version_ == 2 ? 0x14 : 0x17) && tag != 0x15);
    GraphType type = GraphType::of(static_cast<NodeKind>(tag));
    if (tag == 0x08 || tag == 0x09) type.name = in.text();
    std::uint32_t parts = 0;
    if (tag == 0x07 || tag == 0x0a || tag == 0x17) parts = 1;
    if (tag == 0x14 || tag == 0x16) parts = 2;
    if (tag == 0x0b) parts = in.u32();
    for (; parts > 0; --parts) type.parts.push_back(read_type(in, depth + 1));
    return type;
  }

  GraphValue read_node(std::uint32_t i, std::uint32_t depth) {
    expect(i < nodes_.size());
    Node& node = nodes_[i];
    expect(!node.is_around && depth <= 1000);
    if (++visits_ > kMaxVisits) throw TooManyVisits();
    node.is_around = true;
    Input in(node.payload);
    GraphValue value = read_payload(node.kind, in, depth);
    in.expect_end();
    node.is_around = false;
    return value;
  }

  std::vector<GraphValue> read_children(Input& in, std::uint32_t count, std::uint32_t depth) {
    // All of them must exist before any is read.
    Input children(in.bytes(std::uint64_t{4} * count));
    std::vector<GraphValue> values;
    for (; count > 0; --count) values.push_back(read_node(children.u32(), depth + 1));
    return values;
  }

  GraphValue read_payload(std::uint8_t kind, Input& in, std::uint32_t depth) {
    switch (kind) {
      case 0x06:
        return {in.text()};
      case 0x07: {
        GraphType element = read_type(in, 0);
        expect(width_of(static_cast<std::uint8_t>(element.kind)) == 0);
        const std::uint32_t count = in.u32();
        return {GraphList{std::move(element), read_children(in, count, depth)}};
      }
      case 0x08: {
        GraphVariant variant{in.text(), in.text(), in.u32(), {}};
        variant.payload = read_children(in, in.u32(), depth);
        return {std::move(variant)};
      }
      case 0x09:
        return read_record(in, depth);
      case 0x0a: {
        GraphOption option{read_type(in, 0), std::nullopt};
        if (in.number(1) == 1) option.value = GraphBox(read_children(in, 1, depth)[0]);
        return {std::move(option)};
      }
      case 0x0b:
        return {GraphTuple{read_children(in, in.u32(), depth)}};
      case 0x14: {
        GraphType ok = read_type(in, 0);
        GraphType err = read_type(in, 0);
        const ResultSide side = in.u32() == 0 ? ResultSide::Ok : ResultSide::Err;
        expect(in.number(1) == 1);
        return {GraphResult{std::move(ok), std::move(err), side, read_children(in, 1, depth)[0]}};
      }
      case 0x15:
        return read_array(in);
      case 0x16: {
        GraphType key = read_type(in, 0);
        GraphType element = read_type(in, 0);
        const std::uint64_t count = std::uint64_t{2} * in.u32();
        expect(count <= UINT32_MAX);
        return {GraphMap{std::move(key), std::move(element),
                         read_children(in, static_cast<std::uint32_t>(count), depth)}};
      }
      case 0x17: {
        GraphType element = read_type(in, 0);
        const std::uint32_t count = in.u32();
        return {GraphSet{std::move(element), read_children(in, count, depth)}};
      }
      default:
        return {GraphScalar{static_cast<NodeKind>(kind), in.number(width_of(kind))}};
    }
  }

  GraphValue read_record(Input& in, std::uint32_t depth) {
    GraphRecord record{in.text(), {}};
    const std::uint32_t count = in.u32();
    for (std::uint32_t i = 0; i < count; ++i) record.fields.push_back({in.text(), {}});
    std::vector<GraphValue> values = read_children(in, count, depth);
    for (std::uint32_t i = 0; i < count; ++i) record.fields[i].value = std::move(values[i]);
    return {std::move(record)};
  }

  static GraphValue read_array(Input& in) {
    const auto element = static_cast<std::uint8_t>(in.number(1));
    const auto bytes = in.bytes(std::uint64_t{in.u32()} * width_of(element));
    GraphArray array{static_cast<NodeKind>(element), {bytes.begin(), bytes.end()}};
    if (element == 0x01)
      for (std::uint8_t& byte : array.bytes) byte = std::min<std::uint8_t>(byte, 1);
    Input characters(bytes);
    for (std::size_t i = 0; element == 0x12 && i < bytes.size(); i += 4)
      expect(is_character(characters.u32()));
    return {std::move(array)};
  }

  std::vector<Node> nodes_;
  std::uint64_t version_ = 0;
  std::uint32_t root_ = 0;
  std::size_t visits_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::uint8_t> bytes(data, size);
  std::vector<std::uint32_t> index(size / kNodeHeaderBytes);
  const auto view = GraphView::open(bytes, index);
  try {
    const GraphValue value = PlainReader(bytes).read();
    require(view && is_same(view->root(), value));
  } catch (const Refused&) {
    require(!view);
  } catch (const TooManyVisits&) {
    return 0;
  }
  return 0;
}
