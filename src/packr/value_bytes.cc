#include "packr/value_bytes.h"

#include <fmt/core.h>

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "packr/graph_writer.h"
#include "packr/value_reader.h"
#include "packr/value_types.h"
#include "packr/value_writer.h"
#include "support/diagnostics.h"
#include "support/try.h"
#include "types/interface_name.h"
#include "value/type_graph.h"

namespace tenon::packr {

namespace {

Diagnostic refuse_bytes(const GraphError& error) {
  Diagnostic problem = make_diagnostic(
      error.kind == GraphErrorKind::BufferTooSmall ? Code::ReadTruncated : Code::ReadMalformed,
      "invalid packr value: {}", describe(error));
  problem.hints.emplace_back(
      "a value begins with the bytes 43 47 52 46 02 00 or 43 47 52 46 03 00");
  return problem;
}

Diagnostic refuse_part(ValueProblem found) {
  Diagnostic problem = make_diagnostic(Code::ValueType, "{}", found.message);
  problem.where.item = std::move(found.path);
  return problem;
}

ValueTypes types_of(const ValueType& type) {
  return {value::graph_of(type.type)->types, type.names};
}

// Goes through a value until a name is found that WAVE cannot write. Each function returns false
// after it has recorded the problem. The reader bounds the depth.
class LabelChecker {
 public:
  bool check(const Value& value) { return value.visit(*this); }
  [[nodiscard]] std::optional<Diagnostic> take_problem() { return std::move(problem_); }

  template <class Scalar>
  bool operator()(const Scalar& /*held*/) {
    return true;
  }
  bool operator()(const ValueList& list) {
    const std::vector<Value>* const elements = list.get_if<Value>();
    if (elements == nullptr) return true;
    for (std::size_t i = 0; i < elements->size(); ++i)
      if (!check_part(ValuePath::element(i), (*elements)[i])) return false;
    return true;
  }
  bool operator()(const ValueTuple& tuple) {
    for (std::size_t i = 0; i < tuple.values.size(); ++i)
      if (!check_part(ValuePath::position(i), tuple.values[i])) return false;
    return true;
  }
  bool operator()(const ValueMap& map) {
    for (std::size_t i = 0; i < map.entries.size(); ++i)
      if (!check_part(ValuePath::element(i, "key"), map.entries[i].first) ||
          !check_part(ValuePath::element(i, "value"), map.entries[i].second))
        return false;
    return true;
  }
  bool operator()(const ValueRecord& record) {
    std::unordered_set<std::string_view> labels;
    for (std::size_t i = 0; i < record.labels().size(); ++i) {
      const std::string& label = record.labels()[i];
      if (!check_label(label)) return false;
      if (!labels.insert(label).second)
        return fail(fmt::format("the record has two fields {}, which WAVE cannot write",
                                quote_text(label)));
      if (!check_part(ValuePath::label(label), record.values()[i])) return false;
    }
    return true;
  }
  bool operator()(const ValueVariant& variant) {
    return check_label(variant.label) && check_payload(variant.label, variant.payload);
  }
  bool operator()(const ValueEnum& enumerator) { return check_label(enumerator.label); }
  bool operator()(const ValueOption& option) { return check_payload("some", option.payload); }
  bool operator()(const ValueResult& result) {
    return check_payload(result.is_ok ? "ok" : "err", result.payload);
  }
  bool operator()(const ValueFlags& flags) {
    for (const std::string& label : flags.labels)
      if (!check_label(label)) return false;
    return true;
  }

 private:
  bool check_part(ValuePath::Part part, const Value& value) {
    const ValuePath::Step step(path_, part);
    return check(value);
  }
  bool check_payload(std::string_view label, const ValuePayload& payload) {
    return payload.get() == nullptr || check_part(ValuePath::label(label), *payload.get());
  }
  bool check_label(std::string_view label) {
    return types::is_label(label) ||
           fail(fmt::format("the name {} is not a label, which WAVE needs", quote_text(label)));
  }
  bool fail(std::string message) {
    problem_ = make_diagnostic(Code::ValueLabel, "{}", message);
    problem_->where.item = path_.print();
    problem_->hints.emplace_back("`--json` prints a value with any names");
    return false;
  }

  ValuePath path_;
  std::optional<Diagnostic> problem_;
};

}  // namespace

Result<NodeView> OpenBytes::open(std::span<const std::uint8_t> bytes) {
  const auto count = GraphView::count_nodes(bytes);
  if (!count) return refuse_bytes(count.error());
  index_.resize(*count);
  const auto view = GraphView::open(bytes, index_);
  if (!view) return refuse_bytes(view.error());
  return view->root();
}

Result<Bytes> encode_value(const Value& value, const ValueType& type,
                           std::optional<GraphVersion> version) {
  GraphWriter writer(version);
  const ValueTypes types = types_of(type);
  ValueWriter values(types, writer, ValueWriter::From::Text);
  auto written = values.write(value, value::id_of(type.type));
  if (!written) return refuse_part(std::move(written).error());
  const auto bytes = writer.finish();
  if (!bytes)
    return make_diagnostic(Code::ValueType, "packr cannot represent it: {}",
                           describe(bytes.error()));
  return Bytes(bytes->begin(), bytes->end());
}

Result<Value> decode_value(std::span<const std::uint8_t> bytes, const ValueType& type,
                           std::uint64_t budget) {
  OpenBytes graph;
  TENON_TRY(const NodeView root, graph.open(bytes));
  const ValueTypes types = types_of(type);
  auto value = ValueReader(types, budget).read(root, value::id_of(type.type));
  if (!value) return refuse_part(std::move(value).error());
  return *std::move(value);
}

Result<void> check_labels(const Value& value) {
  LabelChecker checker;
  if (checker.check(value)) return {};
  return *checker.take_problem();
}

}  // namespace tenon::packr
