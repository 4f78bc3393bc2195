// demo:kinds: functions that return their argument, one for each type, in C++ over a generated
// header.
#include "gen/kinds_host.h"

#include <algorithm>

namespace {

namespace all = kinds_host::all;
namespace nodes = kinds_host::nodes;

std::string owned(std::string_view text) { return std::string(text); }

template <class To, class From>
std::vector<To> to_vector(const From& from) {
  std::vector<To> list;
  for (const auto& element : from) list.emplace_back(element.begin(), element.end());
  return list;
}

class Node final : public nodes::node {
 public:
  Node(std::uint32_t value, std::uint32_t& alive) : value_(value), alive_(alive) { ++alive_; }
  ~Node() override { --alive_; }
  void paint(all::color color) override { color_ = color; }
  all::color color() override { return color_; }
  std::uint32_t value() override { return value_; }
  std::uint32_t join(std::span<const std::shared_ptr<node>> others) override {
    std::uint32_t sum = value_;
    for (const std::shared_ptr<node>& other : others) sum += other->value();
    return sum;
  }

 private:
  std::uint32_t value_;
  std::uint32_t& alive_;
  all::color color_ = all::color::red;
};

class Instance final : public kinds_host::instance {
 public:
  static std::unique_ptr<Instance> create(const tenon::host_config& /*config*/) {
    return std::make_unique<Instance>();
  }

  bool same_bool(bool value) override { return value; }
  std::int8_t same_s8(std::int8_t value) override { return value; }
  std::uint8_t same_u8(std::uint8_t value) override { return value; }
  std::int16_t same_s16(std::int16_t value) override { return value; }
  std::uint16_t same_u16(std::uint16_t value) override { return value; }
  std::int32_t same_s32(std::int32_t value) override { return value; }
  std::uint32_t same_u32(std::uint32_t value) override { return value; }
  std::int64_t same_s64(std::int64_t value) override { return value; }
  std::uint64_t same_u64(std::uint64_t value) override { return value; }
  float same_f32(float value) override { return value; }
  double same_f64(double value) override { return value; }
  char32_t same_char(char32_t value) override { return value; }
  std::string same_string(std::string_view value) override { return owned(value); }
  all::id same_id(all::id value) override { return value; }
  std::vector<bool> same_bools(std::span<const bool> value) override {
    return {value.begin(), value.end()};
  }
  std::vector<std::uint8_t> same_bytes(std::span<const std::uint8_t> value) override {
    return {value.begin(), value.end()};
  }
  std::vector<std::int16_t> same_shorts(std::span<const std::int16_t> value) override {
    return {value.begin(), value.end()};
  }
  std::vector<std::uint64_t> same_longs(std::span<const std::uint64_t> value) override {
    return {value.begin(), value.end()};
  }
  std::vector<float> same_floats(std::span<const float> value) override {
    return {value.begin(), value.end()};
  }
  std::vector<double> same_doubles(std::span<const double> value) override {
    return {value.begin(), value.end()};
  }
  std::vector<char32_t> same_chars(std::span<const char32_t> value) override {
    return {value.begin(), value.end()};
  }
  std::vector<std::string> same_strings(std::span<const std::string_view> value) override {
    return {value.begin(), value.end()};
  }
  all::words same_words(const all::words& value) override { return value; }
  std::vector<std::vector<std::string>> same_deep(
      std::span<const std::vector<std::string_view>> value) override {
    return to_vector<std::vector<std::string>>(value);
  }
  std::vector<std::vector<std::uint8_t>> same_blobs(
      std::span<const std::span<const std::uint8_t>> value) override {
    return to_vector<std::vector<std::uint8_t>>(value);
  }
  std::array<std::uint8_t, 4> same_quad(const std::array<std::uint8_t, 4>& value) override {
    return value;
  }
  std::array<std::string, 2> same_twins(const std::array<std::string_view, 2>& value) override {
    return {owned(value[0]), owned(value[1])};
  }
  std::vector<std::pair<std::string, std::uint32_t>> same_map(
      std::span<const std::pair<std::string_view, std::uint32_t>> value) override {
    return {value.begin(), value.end()};
  }
  std::optional<std::string> same_option(const std::optional<std::string_view>& value) override {
    return value ? std::optional(owned(*value)) : std::nullopt;
  }
  std::optional<std::optional<std::uint32_t>> same_options(
      const std::optional<std::optional<std::uint32_t>>& value) override {
    return value;
  }
  tenon::expected<std::vector<std::uint8_t>, std::string> same_result(
      const tenon::expected<std::span<const std::uint8_t>, std::string_view>& value) override {
    if (!value) return tenon::unexpected(owned(value.error()));
    return std::vector<std::uint8_t>(value->begin(), value->end());
  }
  tenon::expected<std::string, std::monostate> same_fine(
      const tenon::expected<std::string_view, std::monostate>& value) override {
    if (!value) return tenon::unexpected(std::monostate());
    return owned(*value);
  }
  tenon::expected<void, all::color> same_bad(
      const tenon::expected<void, all::color>& value) override {
    return value;
  }
  tenon::expected<void, std::monostate> same_outcome(
      const tenon::expected<void, std::monostate>& value) override {
    return value;
  }
  std::tuple<std::string, std::int8_t, std::vector<std::uint16_t>, std::optional<char32_t>>
  same_tuple(const std::tuple<std::string_view, std::int8_t, std::span<const std::uint16_t>,
                              std::optional<char32_t>>& value) override {
    const auto& [text, number, list, letter] = value;
    return {owned(text), number, std::vector<std::uint16_t>(list.begin(), list.end()), letter};
  }
  all::item same_item(const all::item& value) override { return value; }
  all::shape same_shape(const all::shape& value) override { return value; }
  all::color same_color(all::color value) override { return value; }
  std::vector<all::color> same_colors(std::span<const all::color> value) override {
    return {value.begin(), value.end()};
  }
  all::access same_access(const all::access& value) override { return value; }
  all::pair same_pair(const all::pair& value) override { return value; }

  std::shared_ptr<nodes::node> make_node(std::uint32_t value) override {
    return std::make_shared<Node>(value, alive_);
  }
  tenon::expected<std::shared_ptr<nodes::node>, std::string> node_try_make(
      std::uint32_t value) override {
    if (value == 0) return tenon::unexpected("none of 0");
    return make_node(value);
  }
  std::vector<std::shared_ptr<nodes::node>> turn(
      std::span<const std::shared_ptr<nodes::node>> all) override {
    return {all.rbegin(), all.rend()};
  }
  tenon::expected<std::tuple<std::string, std::shared_ptr<nodes::node>>, nodes::holder> unwrap(
      const nodes::holder& holder) override {
    if (!holder.held) return tenon::unexpected(holder);
    return std::tuple(holder.label, *holder.held);
  }
  std::uint32_t alive() override { return alive_; }

 private:
  std::uint32_t alive_ = 0;
};

}  // namespace

TENON_HOST_MODULE(kinds, "1.0.0", Instance, TENON_SERIAL_INSTANCE)
