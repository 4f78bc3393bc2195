#include "tenon/pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/actions.h"
#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/diagnostics_json.h"
#include "cli/input.h"
#include "cli/output.h"
#include "cli/render_pack.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

using Bytes = std::vector<std::uint8_t>;

int write_bytes(const Session& session, const std::string& path, const Bytes& bytes) {
  const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Result<void> written = write_output(path, view, Content::Binary);
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

int types_command(Session& session, Words words) {
  CommandLine line(
      "Print the types of a package as text of packr's interface language, with hashes",
      "tenon pack types");
  std::string file;
  std::string world;
  std::string output = "-";
  bool cgrf = false;
  OutputFormat format = OutputFormat::Human;
  line.add_option("file", file, "Package, component, text (.pact, .wit) or value of metadata")
      .type_name("FILE");
  line.add_option("--world", world, "World of the text, if it has several").type_name("WORLD");
  line.add_flag("--cgrf", cgrf, "Write the value of metadata instead, as bytes");
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

// `@FILE` and `-` name where the text stands.
Result<std::string> read_value_text(const std::string& word) {
  if (word == "-") return read_input("-");
  if (word.starts_with('@')) return read_input(word.substr(1));
  return word;
}

int encode_command(Session& session, Words words) {
  CommandLine line("Write a value in packr's notation in its wire form", "tenon pack encode");
  std::string output;
  bool cgrf = false;
  line.add_flag("--cgrf", cgrf, "Write bytes to standard output, not their digits");
  line.add_option("-o,--output", output, "Write bytes to a file; `-` is standard output")
      .type_name("OUT");
  line.set_footer(
      "VALUE is text such as `point{x: 1s32, y: 2s32}`, `[1u8, 2u8]`, `some<string>(\"a\")`;\n"
      "`@FILE` names a file with one, `-` is standard input.\n\n"
      "Examples:\n"
      "  tenon pack encode 7u8\n"
      "  tenon pack encode -o seven.cgrf 7u8");
  FreeWords values{"VALUE|@FILE|-", {}};
  if (const auto code = parse_words(line, std::move(words), session, &values)) return *code;
  if (values.words.size() != 1)
    return report(session,
                  {make_usage_problem(
                      values.words.empty() ? "`tenon pack encode` needs a value"
                                           : "`tenon pack encode` takes one value, and got several",
                      {"`tenon pack encode '(1u8, \"a\")'`: quotes keep it one word"})});
  const Result<std::string> text = read_value_text(values.words.front());
  if (!text) return report(session, text.error());
  const Result<Bytes> bytes = encode_pack_value(*text);
  if (!bytes) return report(session, bytes.error());
  if (cgrf || !output.empty()) return write_bytes(session, output.empty() ? "-" : output, *bytes);
  print_result(render_hex(*bytes) + "\n");
  return to_int(ExitCode::Fine);
}

// The magic number of every value, in hexadecimal digits.
constexpr std::string_view kMagicDigits = "43475246";

Diagnostic bad_digits(std::string_view digits) {
  return make_usage_problem(
      fmt::format("the value has {} digits, and two make a byte; they are 0 to 9 and a to f",
                  digits.size()),
      {"`tenon pack encode VALUE` prints what `decode` takes"});
}

// Bytes, or their digits, of a file or standard input; digits that name no file.
Result<Bytes> read_value_bytes(const std::string& word) {
  std::error_code failed;
  if (word != "-" && !std::filesystem::exists(word, failed)) {
    if (std::optional<Bytes> bytes = parse_hex(word)) return *std::move(bytes);
    if (word.starts_with(kMagicDigits)) return bad_digits(word);
  }
  Result<std::string> text = read_input(word);
  if (!text) {
    text.error().front().hints = {
        "name a file, `-` for standard input, or give the digits of a "
        "value: they begin with 43475246"};
    return std::move(text).error();
  }
  // The output of `encode`, possibly broken into lines.
  if (text->starts_with(kMagicDigits)) {
    std::string digits = *text;
    std::erase_if(digits, [](unsigned char c) { return std::isspace(c) != 0; });
    if (std::optional<Bytes> bytes = parse_hex(digits)) return *std::move(bytes);
    return bad_digits(digits);
  }
  return Bytes(text->begin(), text->end());
}

int decode_command(Session& session, Words words) {
  CommandLine line("Print a value of packr's wire form in packr's notation", "tenon pack decode");
  std::string value;
  OutputFormat format = OutputFormat::Human;
  line.add_option("value", value,
                  "File with a value or its digits, `-` for standard input, or the digits")
      .type_name("FILE|-|HEX");
  add_format_flags(line, format);
  line.set_footer(
      "Where packr's notation would lose something (tags, NaN, names), the exact form is "
      "printed.\n\n"
      "Examples:\n"
      "  tenon pack decode 434752460200000001000000000000000c0000000100000007\n"
      "  tenon pack encode 7u8 | tenon pack decode -\n"
      "  tenon pack decode --json seven.cgrf");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (value.empty())
    return report(session, {make_usage_problem("`tenon pack decode` needs a value",
                                               {"`tenon pack decode FILE`, `-` or the digits"})});
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
  CommandLine line("Check packages, values and texts of packr's formats", "tenon pack verify");
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
    {{"types", "Print the types of a package, or of a text, with their hashes", types_command},
     {"encode", "Write a value in the wire form", encode_command},
     {"decode", "Print a value of the wire form", decode_command},
     {"verify", "Check packages, values and texts", verify_command}}};

}  // namespace

int pack_command(Session& session, Words words) {
  constexpr ActionVerb kVerb = {
      "pack", "Look into packr's formats: types of packages, interface languages, values",
      kPackActions,
      "  tenon pack types doubler.wasm\n"
      "  tenon pack encode 7u8"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
