// Wraps toml++ 3.3. Several of its assertions and recursions are reachable from hostile text, so
// `parse_toml` checks the text first: its size, the depth of keys and brackets, and characters that
// are not ASCII outside of strings and comments. Text with such characters inside is parsed twice:
// first a copy in which they are replaced by private ones, which reaches none of the broken code
// paths and so shows whether the text is valid, then the text itself.
#include "support/toml_table.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
// A stream without memory would take any number for invalid text.
#define TOML_FLOAT_CHARCONV 1
// toml++ 3.3 asserts that a name follows `[`; without the assertion it reports the mistake.
#define TOML_ASSERT(expression) static_assert(true)
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "support/diagnostics.h"
#include "support/limits.h"
#include "support/measures.h"
#include "support/names.h"
#include "support/terminal_text.h"
#include "support/utf8.h"

namespace tenon {

namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// The name of an inner table: "http.route" for "route" in "[http]", and "route" in a table without a title.
std::string name_inner(std::string_view title, std::string_view key) {
  const std::size_t begin = std::min(title.find_first_not_of('['), title.size());
  const std::string_view outer = title.substr(begin, title.find(']') - begin);
  return fmt::format("{}{}{}", outer, outer.empty() ? "" : ".", key);
}

// The line at a position, with a caret under its column.
Excerpt excerpt_at(std::string_view text, std::uint32_t line, std::uint32_t column) {
  for (std::uint32_t current = 1; current < line && !text.empty(); ++current) {
    const std::size_t end = text.find('\n');
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  const std::string row(text.substr(0, text.find('\n')));
  return {{row, std::string(column > 0 ? column - 1 : 0, ' ') + "^"}};
}

// The value of a node, without its name and place; nothing for a list, a table or a time.
std::optional<TomlScalar> read_scalar(const toml::node& node) {
  TomlScalar scalar;
  if (const auto* const text = node.as_string()) {
    scalar.text = text->get();
  } else if (const auto* const number = node.as_integer()) {
    scalar.kind = TomlKind::Integer;
    scalar.text = fmt::format("{}", number->get());
  } else if (const auto* const real = node.as_floating_point()) {
    scalar.kind = TomlKind::Float;
    scalar.text = fmt::format("{}", real->get());
  } else if (const auto* const flag = node.as_boolean()) {
    scalar.kind = TomlKind::Flag;
    scalar.text = flag->get() ? "true" : "false";
  } else {
    return std::nullopt;
  }
  return scalar;
}

// Calls `visit` for every value in the table and its inner tables, with its dotted name.
void walk_leaves(const toml::table& table, const std::string& prefix,
                 const std::function<void(const std::string&, const toml::node&)>& visit) {
  for (const auto& [key, value] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* const inner = value.as_table())
      walk_leaves(*inner, name + '.', visit);
    else
      visit(name, value);
  }
}

// The end of the comment or string that begins at `at`; `at` itself if none begins there.
std::size_t skip_text(std::string_view text, std::size_t at) {
  if (text[at] == '#') return std::min(text.find('\n', at), text.size());
  if (text[at] != '"' && text[at] != '\'') return at;
  const bool has_escapes = text[at] == '"';
  const std::string_view mark(text.data() + at, 1);
  const std::string threefold(3, text[at]);
  const bool is_long = text.substr(at).starts_with(threefold);
  const std::string_view end = is_long ? std::string_view(threefold) : mark;
  for (std::size_t k = at + end.size(); k < text.size(); ++k) {
    if (text.substr(k).starts_with(end)) return k + end.size();
    if (!is_long && text[k] == '\n') return k;
    if (has_escapes && text[k] == '\\') ++k;
  }
  return text.size();
}

// The first character that is not ASCII outside of strings and comments, where TOML allows none.
// toml++ 3.3 takes some of these for the beginning of a key.
std::optional<std::size_t> find_foreign_letter(std::string_view text) {
  for (std::size_t at = text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
       at < text.size();) {
    const std::size_t past = skip_text(text, at);
    if (past == at && static_cast<unsigned char>(text[at]) >= 0x80) return at;
    at = past == at ? at + 1 : past;
  }
  return std::nullopt;
}

struct TomlFault {
  std::size_t at;  // offset into the text
  std::string_view why;
};

// Finds a dotted key with too many parts, or brackets that are nested too deeply. toml++ 3.3
// recurses for every part and every bracket, and would overflow the stack.
std::optional<TomlFault> find_depth_fault(std::string_view text) {
  std::size_t parts = 1;
  std::size_t depth = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t past = skip_text(text, at);
    if (past != at) {
      at = past;
      continue;
    }
    const char c = text[at];
    if (c == '.') ++parts;
    if (c == '[' || c == '{') ++depth;
    if ((c == ']' || c == '}') && depth > 0) --depth;
    if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) parts = 1;
    if (parts > limits::kTomlKeyParts) return TomlFault{at, "a dotted key has too many parts"};
    if (depth > limits::kTomlNesting) return TomlFault{at, "brackets are nested too deeply"};
    ++at;
  }
  return std::nullopt;
}

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// The text with every character above ASCII moved to plane 15, which is private use. Where toml++
// 3.3 skips to the end of an invalid value, as in `0["é"]`, other such characters lead to code that
// it marks as unreachable, which is undefined behavior.
std::string move_letters(std::string_view text) {
  constexpr std::uint32_t kPlane = 0xf0000;
  std::string moved;
  if (text.starts_with(kByteOrderMark)) {
    moved = kByteOrderMark;
    text.remove_prefix(kByteOrderMark.size());
  }
  while (!text.empty()) {
    const Utf8Character next = next_character(text);
    text.remove_prefix(next.bytes.size());
    if (next.code.value_or(0) >= 0x80 && *next.code <= 0xffff)
      append_utf8(moved, kPlane + *next.code);
    else
      moved += next.bytes;
  }
  return moved;
}

// Turns a token of toml++, such as "'x'", into "`x`", and a line break into words.
std::string quote_token(std::string_view token) {
  if (token == R"('\n')" || token == R"('\r')") return "the end of the line";
  if (token.size() > 2 && token.starts_with('\'') && token.ends_with('\''))
    token = token.substr(1, token.size() - 2);
  return fmt::format("`{}`", token);
}

// Rewords an error of toml++, such as "Error while parsing array: expected ']', saw 'x'", in the
// form of our messages: "expected `]`, found `x`".
std::string reword(std::string_view text) {
  constexpr std::string_view kWhile = "Error while parsing ";
  constexpr std::string_view kTwice = "cannot redefine existing ";
  constexpr std::string_view kExpected = "expected ";
  constexpr std::string_view kSaw = ", saw ";
  std::string_view subject;
  if (text.starts_with(kWhile)) {
    text.remove_prefix(kWhile.size());
    const std::size_t colon = std::min(text.find(": "), text.size());
    subject = text.substr(0, colon);
    text.remove_prefix(std::min(colon + 2, text.size()));
  }
  if (text.starts_with(kTwice) && text.ends_with('\'')) {
    text.remove_suffix(1);
    return fmt::format("`{}` is already defined", text.substr(text.find('\'') + 1));
  }
  if (text == "encountered end-of-file") return fmt::format("unterminated {}", subject);
  // toml++ takes a word without quotes for the start of `nan`, `inf`, `true` or `false`.
  const bool is_word = text.starts_with("expected 'nan'") || text.starts_with("expected 'inf'") ||
                       text.starts_with("expected 'true'") || text.starts_with("expected 'false'");
  if (is_word || subject == "value")
    return "expected a value: a string in quotes, a number, a date, `true`, `false`, an array or a "
           "table";
  if (text.starts_with(kExpected) && text.find(kSaw) != text.npos) {
    const std::size_t saw = text.find(kSaw);
    const std::string_view expected = text.substr(kExpected.size(), saw - kExpected.size());
    const std::string required =
        expected.starts_with('\'') ? quote_token(expected) : std::string(expected);
    return fmt::format("expected {}, found {}", required,
                       quote_token(text.substr(saw + kSaw.size())));
  }
  return subject.empty() ? std::string(text) : fmt::format("{}, in a {}", text, subject);
}

constexpr std::size_t kLongLine = 200;  // shown in part

std::size_t offset_of(std::string_view text, std::uint32_t line, std::uint32_t column) {
  std::size_t offset = 0;
  for (std::uint32_t current = 1; current < line; ++current) {
    const std::size_t end = text.find('\n', offset);
    if (end == text.npos) break;
    offset = end + 1;
  }
  return std::min(offset + (column > 0 ? column - 1 : 0), text.size());
}

Diagnostic make_syntax_problem(std::string_view text, const std::string& file, std::string_view why,
                               std::uint32_t line, std::uint32_t column) {
  Diagnostic problem = make_diagnostic(Code::ConfigSyntax, "`{}` is not valid TOML: {}", file, why);
  problem.where.file = file;
  problem.where.line = line;
  problem.where.column = column;
  problem.excerpt = excerpt_at(text, line, column);
  if (problem.excerpt.lines.front().size() > kLongLine)
    show_place(problem, text, offset_of(text, line, column), offset_of(text, line, column));
  problem.hints.emplace_back("fix this line, or close a string or bracket that is open before it");
  return problem;
}

}  // namespace

TomlDocument::TomlDocument(toml::table root)
    : root_(std::make_unique<const toml::table>(std::move(root))) {}
TomlDocument::TomlDocument(TomlDocument&& other) noexcept = default;
TomlDocument::~TomlDocument() = default;

Result<TomlDocument> parse_toml(std::string_view text, const std::string& file) {
  const auto refuse_at = [&](std::size_t at, std::string_view why) {
    const std::string_view before = text.substr(0, at);
    const std::size_t row = before.rfind('\n') + 1;
    return make_syntax_problem(text, file, why,
                               static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1),
                               static_cast<std::uint32_t>(at - row + 1));
  };
  if (text.size() > limits::kTextBytes) return refuse_at(0, "it is larger than 16 MiB");
  if (const std::optional<TomlFault> fault = find_depth_fault(text))
    return refuse_at(fault->at, fault->why);
  if (const std::optional<std::size_t> at = find_foreign_letter(text))
    return refuse_at(*at, "a character that is not ASCII outside of a string");
  // Without the name of the file, which toml++ copies in a function that is `noexcept`.
  toml::parse_result parsed = toml::parse(move_letters(text));
  if (parsed && !is_ascii(text)) parsed = toml::parse(text);
  if (parsed) return TomlDocument(std::move(parsed).table());
  const toml::source_position at = parsed.error().source().begin;
  return make_syntax_problem(text, file, reword(parsed.error().description()), at.line, at.column);
}

TomlTable::TomlTable(const std::string& file, const toml::table& table, std::string title,
                     Diagnostics& problems)
    : file_(file), table_(table), title_(std::move(title)), problems_(problems) {}

TomlTable::TomlTable(const std::string& file, const TomlDocument& document, Diagnostics& problems)
    : TomlTable(file, document.root(), "", problems) {}

const toml::node* TomlTable::take(std::string_view key) {
  known_.emplace_back(key);
  return table_.get(key);
}

Location TomlTable::locate(const toml::node& node) const {
  Location location;
  location.file = file_;
  location.line = node.source().begin.line;
  location.column = node.source().begin.column;
  return location;
}

Location TomlTable::where() const { return locate(table_); }

Location TomlTable::where(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return node == nullptr ? where() : locate(*node);
}

std::string TomlTable::describe(std::string_view key) const {
  return title_.empty() ? fmt::format("`{}`", key) : fmt::format("`{}` in `{}`", key, title_);
}

void TomlTable::complain_value(std::string_view key, const std::string& rule,
                               std::string_view hint) {
  Diagnostic problem = make_diagnostic(Code::ConfigValue, "{} {}", describe(key), rule);
  problem.hints.push_back(fmt::format("write `{}`", hint));
  problem.where = where(key);
  problem.where.item = std::string(key);
  problems_.push_back(std::move(problem));
}

std::optional<std::string> TomlTable::take_text(std::string_view key, Presence presence) {
  const toml::node* node = take(key);
  if (node == nullptr) {
    if (presence == Presence::Required)
      complain_value(key, "is missing", fmt::format("{} = \"...\"", key));
    return std::nullopt;
  }
  if (const auto* text = node->as_string()) return text->get();
  complain_value(key, "must be a string in quotes", fmt::format("{} = \"...\"", key));
  return std::nullopt;
}

std::string TomlTable::take_name(std::string_view key) {
  const std::optional<std::string> name = take_text(key);
  if (name && name->empty())
    complain_value(key, "must not be empty", fmt::format("{} = \"...\"", key));
  return name.value_or("");
}

std::optional<bool> TomlTable::take_flag(std::string_view key) {
  const toml::node* node = take(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* flag = node->as_boolean()) return flag->get();
  complain_value(key, "must be true or false", fmt::format("{} = true", key));
  return std::nullopt;
}

std::optional<std::int64_t> TomlTable::take_number(std::string_view key) {
  const toml::node* node = take(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* number = node->as_integer()) return number->get();
  complain_value(key, "must be an integer", fmt::format("{} = 1", key));
  return std::nullopt;
}

std::optional<std::uint64_t> TomlTable::take_count(std::string_view key, std::int64_t least,
                                                   std::int64_t most) {
  const std::optional<std::int64_t> number = take_number(key);
  if (!number) return std::nullopt;
  if (*number >= least && *number <= most) return static_cast<std::uint64_t>(*number);
  complain_value(key,
                 *number < least ? fmt::format("must be {} or more", least)
                                 : fmt::format("must be {} or less", most),
                 fmt::format("{} = 100", key));
  return std::nullopt;
}

std::optional<std::uint64_t> TomlTable::take_size(std::string_view key, std::string_view example) {
  const std::optional<std::string> text = take_text(key);
  if (!text) return std::nullopt;
  const std::optional<std::uint64_t> size = parse_size(*text);
  if (!size)
    complain_value(key, "must be a number of B, KiB, MiB or GiB",
                   fmt::format("{} = \"{}\"", key, example));
  return size;
}

std::optional<std::chrono::milliseconds> TomlTable::take_duration(std::string_view key) {
  const std::optional<std::string> text = take_text(key);
  if (!text) return std::nullopt;
  std::optional<std::chrono::milliseconds> duration = parse_duration(*text);
  if (!duration || duration->count() == 0) {
    complain_value(key, "must be a time in ms, s, m or h", fmt::format("{} = \"30s\"", key));
    return std::nullopt;
  }
  return duration;
}

std::vector<std::pair<std::string, Location>> TomlTable::take_texts(std::string_view key) {
  std::vector<std::pair<std::string, Location>> texts;
  const toml::node* node = take(key);
  if (node == nullptr) return texts;
  const toml::array* list = node->as_array();
  const bool all_texts =
      list != nullptr && std::all_of(list->begin(), list->end(),
                                     [](const toml::node& item) { return item.is_string(); });
  if (!all_texts) {
    complain_value(key, "must be a list of strings", fmt::format("{} = [\"a\", \"b\"]", key));
    return texts;
  }
  for (const toml::node& item : *list) texts.emplace_back(item.as_string()->get(), locate(item));
  return texts;
}

std::vector<std::pair<std::string, std::string>> TomlTable::take_text_map(std::string_view key) {
  std::vector<std::pair<std::string, std::string>> rows;
  const toml::node* node = take(key);
  if (node == nullptr) return rows;
  const toml::table* table = node->as_table();
  if (table == nullptr) {
    complain_value(key, "must be a table of strings",
                   fmt::format("{} = {{ LOG = \"info\" }}", key));
    return rows;
  }
  for (const auto& [name, value] : *table) {
    if (const auto* text = value.as_string()) {
      rows.emplace_back(std::string(name.str()), text->get());
    } else {
      complain_value(key,
                     fmt::format("must contain only strings; `{}` is not a string", name.str()),
                     fmt::format("{} = {{ {} = \"...\" }}", key, name.str()));
    }
  }
  return rows;
}

std::optional<TomlScalar> TomlTable::take_scalar(std::string_view key) {
  const toml::node* node = take(key);
  if (node == nullptr) return std::nullopt;
  std::optional<TomlScalar> scalar = read_scalar(*node);
  if (!scalar) {
    complain_value(key, "must be a string, a number or a boolean",
                   fmt::format("{} = \"...\"", key));
    return std::nullopt;
  }
  scalar->name = key;
  scalar->where = locate(*node);
  return scalar;
}

std::vector<TomlScalar> TomlTable::take_scalars(std::string_view key) {
  std::vector<TomlScalar> scalars;
  const toml::node* node = take(key);
  if (node == nullptr) return scalars;
  const std::string example = fmt::format("{} = {{ name = \"text\", count = 1 }}", key);
  const toml::table* table = node->as_table();
  if (table == nullptr) {
    complain_value(key, "must be a table", example);
    return scalars;
  }
  walk_leaves(*table, "", [&](const std::string& name, const toml::node& leaf) {
    std::optional<TomlScalar> scalar = read_scalar(leaf);
    if (!scalar) {
      complain_value(
          key,
          fmt::format("must contain only strings, numbers and booleans; `{}` is something else",
                      sanitize_text(name)),
          example);
      return;
    }
    scalar->name = name;
    scalar->where = locate(leaf);
    scalars.push_back(*std::move(scalar));
  });
  return scalars;
}

std::vector<std::string> TomlTable::keys() const {
  std::vector<std::string> names;
  for (const auto& [key, value] : table_) names.emplace_back(key.str());
  return names;
}

bool TomlTable::has(std::string_view key) const { return table_.get(key) != nullptr; }

bool TomlTable::has_table(std::string_view key) const {
  const toml::node* const node = table_.get(key);
  return node != nullptr && node->is_table();
}

void TomlTable::take_table(std::string_view key, const std::function<void(TomlTable&)>& visit) {
  const toml::node* node = take(key);
  if (node == nullptr) return;
  const std::string title = fmt::format("[{}]", name_inner(title_, key));
  if (const toml::table* table = node->as_table()) {
    TomlTable inner(file_, *table, title, problems_);
    visit(inner);
    inner.finish();
    return;
  }
  complain_value(key, "must be a table", title);
}

void TomlTable::take_named_tables(
    std::string_view key, const std::function<void(const std::string&, TomlTable&)>& visit) {
  const toml::node* node = take(key);
  if (node == nullptr) return;
  const std::string outer = name_inner(title_, key);
  const toml::table* tables = node->as_table();
  if (tables == nullptr) {
    complain_value(key, "must contain tables", fmt::format("[{}.NAME]", outer));
    return;
  }
  for (const auto& [name, value] : *tables) {
    const std::string text(name.str());
    if (const toml::table* table = value.as_table()) {
      TomlTable inner(file_, *table, fmt::format("[{}.{}]", outer, text), problems_);
      visit(text, inner);
      inner.finish();
    } else {
      complain_value(key, fmt::format("must contain tables; `{}` is not a table", text),
                     fmt::format("[{}.{}]", outer, text));
      problems_.back().where = locate(value);
      problems_.back().where.item = text;
    }
  }
}

void TomlTable::take_rows(std::string_view key, const std::function<void(TomlTable&)>& visit) {
  const toml::node* node = take(key);
  if (node == nullptr) return;
  const std::string title = fmt::format("[[{}]]", name_inner(title_, key));
  const toml::array* rows = node->as_array();
  const bool all_tables =
      rows != nullptr &&
      std::all_of(rows->begin(), rows->end(), [](const toml::node& row) { return row.is_table(); });
  if (!all_tables) {
    complain_value(key, "must be a list of tables", title);
    return;
  }
  for (const toml::node& row : *rows) {
    TomlTable inner(file_, *row.as_table(), title, problems_);
    visit(inner);
    inner.finish();
  }
}

void TomlTable::finish() {
  for (const auto& [key, value] : table_) {
    const std::string_view name = key.str();
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    Diagnostic problem =
        make_diagnostic(Code::ConfigUnknownKey, "unknown key {}", describe(sanitize_text(name)));
    problem.where.file = file_;
    problem.where.line = key.source().begin.line;
    problem.where.column = key.source().begin.column;
    problem.where.item = std::string(name);
    const auto near = near_misses(name, std::span<const std::string>(known_));
    if (!near.empty()) {
      problem.hints.push_back(did_you_mean(near));
    } else {
      problem.notes.push_back({fmt::format("known keys: {}", fmt::join(known_, ", ")), {}, {}});
      problem.hints.emplace_back("remove it, or use a known key");
    }
    problems_.push_back(std::move(problem));
  }
}

std::string quote_toml(std::string_view text) {
  std::string quoted;
  quoted.reserve(text.size() + 2);
  quoted += '"';
  const auto is_plain = [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
  };
  const auto odd = std::find_if_not(text.begin(), text.end(), is_plain);
  quoted.append(text.begin(), odd);
  for (const char c : text.substr(static_cast<std::size_t>(odd - text.begin()))) {
    if (c == '"' || c == '\\')
      quoted += fmt::format("\\{}", c);
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      quoted += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    else
      quoted += c;
  }
  return quoted + '"';
}

std::string quote_toml(const std::vector<std::string>& texts) {
  std::string list;
  for (const std::string& text : texts)
    list += fmt::format("{}{}", list.empty() ? "" : ", ", quote_toml(text));
  return fmt::format("[{}]", list);
}

}  // namespace tenon
