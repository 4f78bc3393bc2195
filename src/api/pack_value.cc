// packr's values for tools: from its notation to the wire form, and back.
#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "packr/graph_text.h"
#include "packr/graph_value.h"
#include "packr/graph_view.h"
#include "packr/graph_words.h"
#include "packr/graph_writer.h"
#include "packr/payload_reader.h"
#include "support/diagnostics.h"
#include "support/files.h"
#include "support/try.h"
#include "tenon/pack.h"
#include "tenon/text.h"

namespace tenon {

namespace {

using Json = nlohmann::ordered_json;
using packr::GraphError;
using packr::GraphErrorKind;
using packr::GraphType;
using packr::GraphValue;
using packr::NodeKind;

Diagnostic refuse_bytes(const GraphError& error) {
  Diagnostic problem = make_diagnostic(
      error.kind == GraphErrorKind::BufferTooSmall ? Code::ReadTruncated : Code::ReadMalformed,
      "invalid packr value: {}", packr::describe(error));
  problem.hints.emplace_back("a value begins with the bytes 43 47 52 46 02 00");
  return problem;
}

Result<GraphValue> read_bytes(const Bytes& bytes) {
  const auto count = packr::GraphView::count_nodes(bytes);
  if (!count) return refuse_bytes(count.error());
  std::vector<std::uint32_t> index(*count);
  const auto view = packr::GraphView::open(bytes, index);
  if (!view) return refuse_bytes(view.error());
  auto value = packr::read_value(view->root());
  if (!value) return refuse_bytes(value.error());
  return *std::move(value);
}

Json make_type_json(const GraphType& type) {
  if (type.kind == NodeKind::Record) return {{"record", type.name}};
  if (type.kind == NodeKind::Variant) return {{"variant", type.name}};
  std::string word(packr::type_word(type.kind));
  if (type.parts.empty() && type.kind != NodeKind::Tuple) return word;
  if (type.kind == NodeKind::List || type.kind == NodeKind::Option)
    return {{word, make_type_json(type.parts[0])}};
  Json parts = Json::array();
  for (const GraphType& part : type.parts) parts.push_back(make_type_json(part));
  return {{word, std::move(parts)}};
}

// The bits of a signed integer of some bytes.
std::int64_t extend_sign(std::uint64_t bits, std::size_t width) {
  const unsigned unused = 64 - 8 * static_cast<unsigned>(width);
  return static_cast<std::int64_t>(bits << unused) >> unused;
}

Json make_scalar_json(NodeKind kind, std::uint64_t bits) {
  const std::string word(packr::type_word(kind));
  switch (kind) {
    case NodeKind::Bool:
      return {{word, bits != 0}};
    case NodeKind::F32:
      return {{word, fmt::format("0x{:08x}", bits)}};
    case NodeKind::F64:
      return {{word, fmt::format("0x{:016x}", bits)}};
    case NodeKind::U64:
      return {{word, fmt::format("{}", bits)}};
    case NodeKind::Flags:
      return {{word, fmt::format("{}", bits)}};
    case NodeKind::S64:
      return {{word, fmt::format("{}", static_cast<std::int64_t>(bits))}};
    case NodeKind::S8:
    case NodeKind::S16:
    case NodeKind::S32:
      return {{word, extend_sign(bits, packr::fixed_width(kind))}};
    case NodeKind::U8:
    case NodeKind::U16:
    case NodeKind::U32:
    case NodeKind::Char:
    case NodeKind::String:
    case NodeKind::List:
    case NodeKind::Variant:
    case NodeKind::Record:
    case NodeKind::Option:
    case NodeKind::Tuple:
    case NodeKind::Result:
    case NodeKind::Array:
      break;
  }
  return {{word, bits}};
}

Json make_value_json(const GraphValue& value);

Json make_values_json(const std::vector<GraphValue>& values) {
  Json made = Json::array();
  for (const GraphValue& value : values) made.push_back(make_value_json(value));
  return made;
}

// A value as JSON; depth is bounded by the reader.
struct JsonMaker {
  Json operator()(const packr::GraphScalar& scalar) const {
    return make_scalar_json(scalar.kind, scalar.bits);
  }
  Json operator()(const std::string& text) const { return {{"string", text}}; }
  Json operator()(const packr::GraphTuple& tuple) const {
    return {{"tuple", make_values_json(tuple.items)}};
  }
  Json operator()(const packr::GraphList& list) const {
    return {{"list",
             {{"elem", make_type_json(list.element)}, {"items", make_values_json(list.items)}}}};
  }
  Json operator()(const packr::GraphArray& array) const {
    Json items = Json::array();
    const std::size_t width = packr::fixed_width(array.element);
    for (std::size_t at = 0; at < array.bytes.size(); at += width) {
      std::uint64_t bits = 0;
      for (std::size_t i = 0; i < width; ++i) bits |= std::uint64_t{array.bytes[at + i]} << (8 * i);
      items.push_back(make_scalar_json(array.element, bits));
    }
    return {
        {"list",
         {{"elem", std::string(packr::type_word(array.element))}, {"items", std::move(items)}}}};
  }
  Json operator()(const packr::GraphRecord& record) const {
    Json fields = Json::array();
    for (const packr::GraphField& field : record.fields) {
      Json pair = Json::array();
      pair.push_back(field.name);
      pair.push_back(make_value_json(field.value));
      fields.push_back(std::move(pair));
    }
    return {{"record", {{"type", record.type_name}, {"fields", std::move(fields)}}}};
  }
  Json operator()(const packr::GraphVariant& variant) const {
    return {{"variant",
             {{"type", variant.type_name},
              {"case", variant.case_name},
              {"tag", variant.tag},
              {"payload", make_values_json(variant.payload)}}}};
  }
  Json operator()(const packr::GraphOption& option) const {
    Json made = {{"inner", make_type_json(option.inner)}};
    made["value"] = option.value ? make_value_json(**option.value) : Json();
    return {{"option", std::move(made)}};
  }
  Json operator()(const packr::GraphResult& result) const {
    Json made = {{"ok_type", make_type_json(result.ok)}, {"err_type", make_type_json(result.err)}};
    made[result.side == packr::ResultSide::Ok ? "ok" : "err"] = make_value_json(*result.value);
    return {{"result", std::move(made)}};
  }
};

Json make_value_json(const GraphValue& value) { return std::visit(JsonMaker(), value.of); }

}  // namespace

Result<std::vector<std::uint8_t>> encode_pack_value(std::string_view text) {
  const auto value = packr::parse_graph_value(text);
  if (!value) {
    Diagnostic problem = make_diagnostic(Code::PackSyntax, "{}", value.error().message);
    show_place(problem, text, value.error().offset, value.error().offset);
    problem.hints.emplace_back(
        "values are written as in `7s64`, `\"a\"`, `[1u8, 2u8]`, `(1u8, true)`, `point{x: 1s32}`, "
        "`shape::circle(1.5f64)`, `some<u8>(1u8)`");
    return problem;
  }
  packr::GraphWriter writer;
  packr::write_value(*value, writer);
  const auto bytes = writer.finish();
  if (!bytes)
    return make_diagnostic(Code::PackSyntax, "the wire form cannot hold the value: {}",
                           packr::describe(bytes.error()));
  return Bytes(bytes->begin(), bytes->end());
}

Result<std::string> decode_pack_value(const std::vector<std::uint8_t>& bytes) {
  TENON_TRY(const GraphValue value, read_bytes(bytes));
  std::string text = packr::print_graph_value(value);
  // packr writes control characters as they are.
  const bool is_safe = sanitize_text(text) == text;
  const auto again = packr::parse_graph_value(text);
  if (is_safe && again && *again == value) return text;
  return packr::print_graph_value(value, packr::GraphTextForm::Exact);
}

Result<std::string> decode_pack_value_json(const std::vector<std::uint8_t>& bytes) {
  TENON_TRY(const GraphValue value, read_bytes(bytes));
  return make_value_json(value).dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace tenon
