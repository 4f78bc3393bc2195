#include "tenon/pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "cli/json.h"
#include "cli/session.h"
#include "cli/style.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

using Bytes = std::vector<std::uint8_t>;

struct HashRow {
  std::string_view side;
  std::string name;
  std::string_view digest;
};

void add_rows(std::string_view side, const std::vector<PackInterface>& interfaces,
              std::vector<HashRow>& rows) {
  for (const PackInterface& interface : interfaces)
    rows.push_back({side, interface.name.empty() ? "(no interface)" : sanitize_text(interface.name),
                    interface.digest});
}

JsonValue make_interfaces_json(const std::vector<PackInterface>& interfaces) {
  JsonValue rows = JsonValue::array();
  for (const PackInterface& interface : interfaces) {
    JsonValue functions = JsonValue::array();
    for (const PackFunction& function : interface.functions)
      functions.push_back(
          {{"name", function.name}, {"type", function.type}, {"hash", function.digest}});
    rows.push_back({{"interface", text_or_null(interface.name)},
                    {"hash", interface.digest},
                    {"functions", std::move(functions)}});
  }
  return rows;
}

std::string_view get_pack_kind(PackTypes::Kind kind) {
  switch (kind) {
    case PackTypes::Kind::Package:
      return "package";
    case PackTypes::Kind::Metadata:
      return "metadata";
    case PackTypes::Kind::Text:
      return "text";
    case PackTypes::Kind::Component:
      return "component";
  }
  return "";
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The text of the interface language, below a comment with the hash of each interface. Reading the
// output gives the same text again.
//
//   // import  math   045d329df239a4083f01ad53ef75b1b271563fa76147e7a0e3013a75352ff364
std::string render_pack_types(const PackTypes& types) {
  std::vector<HashRow> rows;
  add_rows("import", types.imports, rows);
  add_rows("export", types.exports, rows);
  // A text can declare interfaces without saying which of them a package imports or exports.
  if (rows.empty()) add_rows("interface", types.interfaces, rows);
  std::size_t side_width = 0;
  std::size_t name_width = 0;
  for (const HashRow& row : rows) {
    side_width = std::max(side_width, row.side.size());
    name_width = std::max(name_width, display_width(row.name));
  }
  std::string text;
  for (const HashRow& row : rows)
    text += fmt::format("// {}  {}  {}\n", pad_right(row.side, side_width),
                        pad_right(row.name, name_width), row.digest);
  for (const std::string& note : types.notes) text += fmt::format("// {}\n", sanitize_text(note));
  if (!text.empty() && !types.text.empty()) text += "\n";
  return text + types.text;
}

std::string render_pack_types_json(const PackTypes& types) {
  return dump_json({{"schema", 1},
                    {"file", types.file},
                    {"kind", get_pack_kind(types.kind)},
                    {"imports", make_interfaces_json(types.imports)},
                    {"exports", make_interfaces_json(types.exports)},
                    {"interfaces", make_interfaces_json(types.interfaces)},
                    {"notes", types.notes},
                    {"text", types.text}});
}

std::string render_hex(const Bytes& bytes) {
  std::string text;
  text.reserve(2 * bytes.size());
  for (const std::uint8_t byte : bytes) fmt::format_to(std::back_inserter(text), "{:02x}", byte);
  return text;
}

// Nothing if the text is not pairs of hexadecimal digits.
std::optional<Bytes> parse_hex(std::string_view digits) {
  if (digits.empty() || digits.size() % 2 != 0) return std::nullopt;
  Bytes bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = digit_of(digits[i]);
    const int low = digit_of(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(16 * high + low));
  }
  return bytes;
}

int write_bytes(const Session& session, const std::string& path, const Bytes& bytes) {
  const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Result<void> written = write_output(path, view, Content::Binary);
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

int types_command(Session& session, Words words) {
  CommandLine line("Print the types of a package in packr's interface language, with their hashes",
                   "tenon pack types");
  std::string file;
  std::string world;
  std::string output = "-";
  bool cgrf = false;
  OutputFormat format = OutputFormat::Human;
  line.add_option("file", file, "Package, component, text (.pact, .wit) or encoded metadata")
      .type_name("FILE");
  line.add_option("--world", world, "World of the text, if it has more than one")
      .type_name("WORLD");
  line.add_flag("--cgrf", cgrf, "Write the encoded metadata instead, as bytes");
  add_output_flag(line, output);
  add_format_flags(line, format);
  line.set_footer(
      "Examples:\n"
      "  tenon pack types doubler.wasm\n"
      "  tenon pack types --cgrf -o doubler.cgrf doubler.pact");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (file.empty())
    return report(session, {make_usage_problem("`tenon pack types` needs a file",
                                               {"`tenon pack types FILE`"})});
  if (cgrf) {
    const Result<Bytes> metadata = read_pack_metadata(file, world);
    if (!metadata) return report(session, metadata.error());
    return write_bytes(session, output, *metadata);
  }
  const Result<PackTypes> types = read_pack_types(file, world);
  if (!types) return report(session, types.error());
  const std::string text =
      format == OutputFormat::Json ? render_pack_types_json(*types) : render_pack_types(*types);
  const Result<void> written = write_output(output, text, Content::Text);
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

// Reads the text of a value: `@FILE` is a file, `-` standard input, anything else the text itself.
Result<std::string> read_value_text(const std::string& word) {
  if (word == "-") return read_input("-");
  if (word.starts_with('@')) return read_input(word.substr(1));
  return word;
}

int encode_command(Session& session, Words words) {
  CommandLine line("Encode a value that is written in packr's notation", "tenon pack encode");
  std::string output;
  bool cgrf = false;
  line.add_flag("--cgrf", cgrf, "Write bytes to standard output instead of hexadecimal digits");
  line.add_option("-o,--output", output, "Write bytes to this file; `-` is standard output")
      .type_name("OUT");
  line.set_footer(
      "VALUE is text such as `point{x: 1s32, y: 2s32}`, `[1u8, 2u8]` or `some<string>(\"a\")`.\n"
      "`@FILE` reads it from a file, `-` from standard input.\n\n"
      "Examples:\n"
      "  tenon pack encode 7u8\n"
      "  tenon pack encode -o seven.cgrf 7u8");
  FreeWords values{"VALUE|@FILE|-", {}};
  if (const auto code = parse_words(line, std::move(words), session, &values)) return *code;
  if (values.words.size() != 1)
    return report(session, {make_usage_problem(
                               values.words.empty() ? "`tenon pack encode` needs a value"
                                                    : "`tenon pack encode` takes only one value",
                               {"quote a value with spaces: `tenon pack encode '(1u8, \"a\")'`"})});
  const Result<std::string> text = read_value_text(values.words.front());
  if (!text) return report(session, text.error());
  const Result<Bytes> bytes = encode_pack_value(*text);
  if (!bytes) return report(session, bytes.error());
  if (cgrf || !output.empty()) return write_bytes(session, output.empty() ? "-" : output, *bytes);
  print_result(render_hex(*bytes) + "\n");
  return to_int(ExitCode::Fine);
}

// The magic number at the start of every value, in hexadecimal digits.
constexpr std::string_view kMagicDigits = "43475246";

Diagnostic bad_digits(std::string_view digits) {
  return make_usage_problem(
      fmt::format("the {} characters of the value are not pairs of hexadecimal digits",
                  digits.size()),
      {"`tenon pack encode VALUE` prints digits for `decode`"});
}

// Reads bytes, or their hexadecimal digits, from a file or standard input. A word that is not a
// file can be the digits themselves.
Result<Bytes> read_value_bytes(const std::string& word) {
  std::error_code failed;
  if (word != "-" && !std::filesystem::exists(word, failed)) {
    if (std::optional<Bytes> bytes = parse_hex(word)) return *std::move(bytes);
    if (word.starts_with(kMagicDigits)) return bad_digits(word);
  }
  Result<std::string> text = read_input(word);
  if (!text) {
    text.error().front().hints = {
        "name a file, `-` for standard input, or the hexadecimal digits of a "
        "value, which begin with 43475246"};
    return std::move(text).error();
  }
  // The output of `encode`, possibly with line breaks.
  if (text->starts_with(kMagicDigits)) {
    std::string digits = *text;
    std::erase_if(digits, [](unsigned char c) { return std::isspace(c) != 0; });
    if (std::optional<Bytes> bytes = parse_hex(digits)) return *std::move(bytes);
    return bad_digits(digits);
  }
  return Bytes(text->begin(), text->end());
}

int decode_command(Session& session, Words words) {
  CommandLine line("Decode a value and print it in packr's notation", "tenon pack decode");
  std::string value;
  OutputFormat format = OutputFormat::Human;
  line.add_option("value", value,
                  "File with a value or its digits, `-` for standard input, or the digits")
      .type_name("FILE|-|HEX");
  add_format_flags(line, format);
  line.set_footer(
      "The exact form is printed where packr's notation would lose tags, names or a NaN.\n\n"
      "Examples:\n"
      "  tenon pack decode 434752460200000001000000000000000c0000000100000007\n"
      "  tenon pack encode 7u8 | tenon pack decode -\n"
      "  tenon pack decode --json seven.cgrf");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (value.empty())
    return report(session, {make_usage_problem("`tenon pack decode` needs a value",
                                               {"`tenon pack decode FILE|-|HEX`"})});
  const Result<Bytes> bytes = read_value_bytes(value);
  if (!bytes) return report(session, bytes.error());
  if (format == OutputFormat::Json) {
    const Result<std::string> json = decode_pack_value_json(*bytes);
    if (!json) return report(session, json.error());
    print_result(*json);
    return to_int(ExitCode::Fine);
  }
  const Result<std::string> text = decode_pack_value(*bytes);
  if (!text) return report(session, text.error());
  print_result(*text + "\n");
  return to_int(ExitCode::Fine);
}

int verify_command(Session& session, Words words) {
  CommandLine line("Check packr packages, values and interface texts", "tenon pack verify");
  std::vector<std::string> files;
  OutputFormat format = OutputFormat::Human;
  line.add_option("files", files, "Packages, values (.cgrf), texts (.pact, .wit)")
      .type_name("FILE");
  add_format_flags(line, format);
  line.set_footer(
      "Examples:\n"
      "  tenon pack verify doubler.wasm doubler.pact\n"
      "  tenon pack verify --json doubler.wasm");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (files.empty())
    return report(session, {make_usage_problem("`tenon pack verify` needs a file",
                                               {"`tenon pack verify FILE...`"})});
  Diagnostics problems;
  JsonValue rows = JsonValue::array();
  for (const std::string& file : files) {
    const Result<std::string> verdict = verify_pack_file(file);
    JsonValue own = JsonValue::array();
    if (!verdict)
      for (const Diagnostic& problem : verdict.error()) {
        own.push_back(make_diagnostic_json(problem));
        problems.push_back(problem);
      }
    if (verdict && format == OutputFormat::Human)
      print_result(sanitize_text(fmt::format("{}: {}", file, *verdict)) + "\n");
    rows.push_back({{"file", file},
                    {"is", verdict ? JsonValue(*verdict) : JsonValue()},
                    {"problems", std::move(own)}});
  }
  if (format == OutputFormat::Json)
    print_result(dump_json({{"schema", 1}, {"files", std::move(rows)}}));
  else if (!problems.empty())
    return report(session, problems);
  return to_int(problems.empty() ? ExitCode::Fine : ExitCode::Problems);
}

constexpr std::array<Action, 4> kPackActions = {
    {{"types", "Print the types of a package or a text, with their hashes", types_command},
     {"encode", "Encode a value", encode_command},
     {"decode", "Decode a value", decode_command},
     {"verify", "Check packages, values and texts", verify_command}}};

}  // namespace

int pack_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {"pack", "Read and write the types and values of packr packages",
                                kPackActions,
                                "  tenon pack types doubler.wasm\n"
                                "  tenon pack encode 7u8"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
