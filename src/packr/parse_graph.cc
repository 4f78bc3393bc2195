#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "packr/graph_lexer.h"
#include "packr/graph_text.h"
#include "packr/graph_words.h"
#include "support/utf8.h"

namespace tenon::packr {

namespace {

// Every function is false after a problem, which the lexer has. Results go to where they stay, so
// that the frames of the recursion are small; `depth` bounds it.
class GraphParser {
 public:
  GraphParser(std::string_view text, std::uint64_t budget) : in_(text), budget_(budget) {}

  bool read_all(GraphValue& value) {
    if (!read_value(value, 0)) return false;
    in_.skip_blanks();
    return in_.at_end() ||
           in_.fail(fmt::format("expected the end of the text, found {}", in_.describe_here()));
  }
  [[nodiscard]] const GraphLexer& lexer() const { return in_; }

 private:
  bool take(std::uint64_t bytes) {
    if (bytes > budget_) return in_.fail("the value needs too much memory");
    budget_ -= bytes;
    return true;
  }

  bool check_depth(std::uint32_t depth) {
    return depth <= kMaxGraphDepth || in_.fail(fmt::format("more than {} levels", kMaxGraphDepth));
  }

  bool read_value(GraphValue& value, std::uint32_t depth) {
    in_.skip_blanks();
    if (!check_depth(depth) || !take(sizeof(GraphValue))) return false;
    const char first = in_.peek();
    if (first == '\'') return in_.read_character(value.of.emplace<GraphScalar>());
    if (first == '-' || (first >= '0' && first <= '9'))
      return in_.read_number(value.of.emplace<GraphScalar>());
    if (first == '[') return read_list(value, depth);
    if (in_.accept("(")) return read_values(")", value.of.emplace<GraphTuple>().items, depth);
    if (first == '{') return read_record({}, value, depth);
    return read_word(value, depth);
  }

  // What begins with a name or a word.
  bool read_word(GraphValue& value, std::uint32_t depth) {
    const std::size_t begin = in_.offset();
    const bool is_quoted = in_.peek() == '"';
    std::string name;
    if (is_quoted) {
      if (!in_.read_string(name) || !take(name.size())) return false;
    } else {
      name = in_.take_identifier();
    }
    in_.skip_blanks();
    if (in_.peek() == '{') return read_record(std::move(name), value, depth);
    if (in_.accept("::")) return read_variant(std::move(name), value, depth);
    if (is_quoted) {
      value.of = std::move(name);
      return true;
    }
    if (is_value_word(name)) return read_keyword(name, value, depth);
    if (name.empty())
      return in_.fail(fmt::format("expected a value, found {}", in_.describe_here()));
    return in_.fail_at(begin, fmt::format("`{}` is not a value: `{{` begins a record, `::` a "
                                          "variant",
                                          name));
  }

  bool read_keyword(std::string_view word, GraphValue& value, std::uint32_t depth) {
    if (word == "true" || word == "false") {
      value.of = GraphScalar{NodeKind::Bool, std::uint64_t{word == "true"}};
      return true;
    }
    if (word == "some" || word == "none") return read_option(word == "some", value, depth);
    if (word == "ok") return read_result(ResultSide::Ok, value, depth);
    if (word == "err") return read_result(ResultSide::Err, value, depth);
    GraphScalar& scalar = value.of.emplace<GraphScalar>();
    scalar.kind = *find_type_word(word);
    return in_.read_bits(scalar);
  }

  // Items up to `close`. A comma may stand before it.
  template <class ReadItem>
  bool read_row(std::string_view close, ReadItem read_item) {
    while (!in_.accept(close)) {
      if (!read_item()) return false;
      if (!in_.accept(",")) return in_.expect(close);
    }
    return true;
  }
  bool read_values(std::string_view close, std::vector<GraphValue>& values, std::uint32_t depth) {
    return read_row(close, [&] { return read_value(values.emplace_back(), depth + 1); });
  }

  bool read_list(GraphValue& value, std::uint32_t depth) {
    in_.accept("[");
    GraphList& list = value.of.emplace<GraphList>();
    // Where the first item stands, and the first of another kind than that.
    std::size_t first = 0;
    std::optional<std::size_t> other;
    const bool is_read = read_row("]", [&] {
      in_.skip_blanks();
      const std::size_t begin = in_.offset();
      if (!read_value(list.items.emplace_back(), depth + 1)) return false;
      if (list.items.size() == 1) first = begin;
      if (!other && kind_of(list.items.back()) != kind_of(list.items.front())) other = begin;
      return true;
    });
    if (!is_read || !read_element_type(list)) return false;
    if (fixed_width(list.element.kind) == 0) return true;
    if (!list.items.empty() && kind_of(list.items.front()) != list.element.kind) other = first;
    if (other)
      return in_.fail_at(
          *other, fmt::format("expected an item of type `{}`", type_word(list.element.kind)));
    return pack(value);
  }

  // The type behind a list, or else that of its first item.
  bool read_element_type(GraphList& list) {
    if (in_.accept("<")) return read_type(list.element, 0) && in_.expect(">");
    if (list.items.empty()) return in_.fail("an empty list needs its item type, such as `[]<u8>`");
    if (!take(measure_inferred_type(list.items.front()))) return false;
    list.element = infer_type(list.items.front());
    return true;
  }

  // A list of scalars becomes an array.
  bool pack(GraphValue& value) {
    const GraphList& list = std::get<GraphList>(value.of);
    const std::size_t width = fixed_width(list.element.kind);
    if (!take(std::uint64_t{width} * list.items.size())) return false;
    GraphArray array{list.element.kind, std::vector<std::uint8_t>(width * list.items.size())};
    std::uint8_t* at = array.bytes.data();
    for (const GraphValue& item : list.items) {
      const std::uint64_t bits = std::get<GraphScalar>(item.of).bits;
      for (std::size_t i = 0; i < width; ++i) *at++ = static_cast<std::uint8_t>(bits >> (8 * i));
    }
    value.of = std::move(array);
    return true;
  }

  bool read_name(std::string& name) {
    in_.skip_blanks();
    if (in_.peek() == '"') return in_.read_string(name) && take(name.size());
    name = in_.take_identifier();
    return !name.empty() || in_.fail(fmt::format("expected a name, found {}", in_.describe_here()));
  }

  bool read_record(std::string type_name, GraphValue& value, std::uint32_t depth) {
    GraphRecord& record = value.of.emplace<GraphRecord>();
    record.type_name = std::move(type_name);
    in_.accept("{");
    return read_row("}", [&] {
      GraphField& field = record.fields.emplace_back();
      return take(sizeof(GraphField)) && read_name(field.name) && in_.expect(":") &&
             read_value(field.value, depth + 1);
    });
  }

  bool read_variant(std::string type_name, GraphValue& value, std::uint32_t depth) {
    GraphVariant& variant = value.of.emplace<GraphVariant>();
    variant.type_name = std::move(type_name);
    return read_name(variant.case_name) && in_.read_tag(variant.tag) &&
           (!in_.accept("(") || read_values(")", variant.payload, depth));
  }

  bool read_option(bool has_value, GraphValue& value, std::uint32_t depth) {
    GraphOption& option = value.of.emplace<GraphOption>();
    if (!in_.expect("<") || !read_type(option.inner, 0) || !in_.expect(">")) return false;
    if (!has_value) return true;
    return in_.expect("(") && read_value(*option.value.emplace(GraphValue{}), depth + 1) &&
           in_.expect(")");
  }

  bool read_result(ResultSide side, GraphValue& value, std::uint32_t depth) {
    value.of = GraphResult{{}, {}, side, GraphValue{}};
    GraphResult& result = std::get<GraphResult>(value.of);
    return in_.expect("<") && read_type(result.ok, 0) && in_.expect(",") &&
           read_type(result.err, 0) && in_.expect(">") && in_.expect("(") &&
           read_value(*result.value, depth + 1) && in_.expect(")");
  }

  bool read_type(GraphType& type, std::uint32_t depth) {
    if (!check_depth(depth) || !take(sizeof(GraphType))) return false;
    in_.skip_blanks();
    const bool is_quoted = in_.peek() == '"';
    if (!read_name(type.name)) return false;
    const std::optional<NodeKind> kind = is_quoted ? std::nullopt : find_type_word(type.name);
    const bool has_parts = kind && *kind != NodeKind::String && fixed_width(*kind) == 0;
    // A word that has types behind it is a name without them.
    if (!kind || (has_parts && in_.peek() != '<')) {
      type.kind = NodeKind::Record;
      return true;
    }
    type.kind = *kind;
    type.name.clear();
    if (!has_parts) return true;
    in_.accept("<");
    if (type.kind == NodeKind::Variant) return read_name(type.name) && in_.expect(">");
    if (!read_row(">", [&] { return read_type(type.parts.emplace_back(), depth + 1); }))
      return false;
    const std::size_t wanted = type.kind == NodeKind::Result ? 2 : 1;
    if (type.kind == NodeKind::Tuple || type.parts.size() == wanted) return true;
    return in_.fail(fmt::format("`{}` has {} within `<>`", type_word(type.kind),
                                wanted == 2 ? "two types" : "one type"));
  }

  GraphLexer in_;
  std::uint64_t budget_;
};

GraphTextError make_error(std::string_view text, std::size_t offset, std::string message) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line_begin = before.rfind('\n') + 1;
  return {offset, static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
          count_characters(before.substr(line_begin)) + 1, std::move(message)};
}

}  // namespace

Result<GraphValue, GraphTextError> parse_graph_value(std::string_view text, std::uint64_t budget) {
  if (const std::optional<std::size_t> bad = find_bad_utf8(text))
    return make_error(text, *bad, "a byte that is not UTF-8");
  GraphParser parser(text, budget);
  GraphValue value;
  if (parser.read_all(value)) return value;
  return make_error(text, parser.lexer().problem_offset(), parser.lexer().message());
}

}  // namespace tenon::packr
