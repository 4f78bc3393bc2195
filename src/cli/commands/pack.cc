#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cli/call_request.h"
#include "cli/command_line.h"
#include "cli/commands/verbs.h"
#include "cli/input_output.h"
#include "cli/session.h"
#include "packr/value_bytes.h"
#include "pact/package.h"
#include "pact/package_file.h"
#include "render/json.h"
#include "support/files.h"
#include "support/terminal_text.h"
#include "support/try.h"

namespace tenon::cli {

namespace {

using pact::FileTypes;

struct HashRow {
  std::string_view side;
  std::string name;
  std::string_view digest;
};

void add_rows(std::string_view side, const std::vector<FileTypes::Interface>& interfaces,
              std::vector<HashRow>& rows) {
  for (const FileTypes::Interface& interface : interfaces)
    rows.push_back({side, interface.name.empty() ? "(no interface)" : sanitize_text(interface.name),
                    interface.digest});
}

JsonValue make_interfaces_json(const std::vector<FileTypes::Interface>& interfaces) {
  JsonValue rows = JsonValue::array();
  for (const FileTypes::Interface& interface : interfaces) {
    JsonValue functions = JsonValue::array();
    for (const FileTypes::Function& function : interface.functions)
      functions.push_back(
          {{"name", function.name}, {"type", function.type}, {"hash", function.digest}});
    rows.push_back({{"interface", text_or_null(interface.name)},
                    {"hash", interface.digest},
                    {"functions", std::move(functions)}});
  }
  return rows;
}

std::string_view get_pack_kind(FileTypes::Kind kind) {
  switch (kind) {
    case FileTypes::Kind::Package:
      return "package";
    case FileTypes::Kind::Metadata:
      return "metadata";
    case FileTypes::Kind::Text:
      return "text";
    case FileTypes::Kind::Component:
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
std::string render_pack_types(const FileTypes& types) {
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

std::string render_pack_types_json(const std::string& file, const FileTypes& types) {
  return dump_json({{"schema", 1},
                    {"file", file},
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

// Writes an output, unless it would replace one of the files that the command has read, or a component.
int write_unless_input(const Session& session, const std::string& path, std::string_view text,
                       Content content, std::span<const std::string> inputs) {
  Result<void> written = check_output(path, "-o ", inputs, Replaces::NoComponent);
  if (written) written = write_output(path, text, content);
  return written ? to_int(ExitCode::Fine) : report(session, written.error());
}

std::string_view text_of(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// word: receives the word of the flag, for `read_version`.
void add_version_flag(CommandLine& line, std::string& word) {
  line.add_option("--cgrf-version", word,
                  "Version of the bytes: 2 is read by packr up to 0.21, 3 since 0.22; default: 2 "
                  "unless there are maps or sets")
      .type_name("VERSION")
      .one_of({"2", "3"});
}

std::optional<packr::GraphVersion> read_version(std::string_view word) {
  if (word.empty()) return std::nullopt;
  return word == "2" ? packr::GraphVersion::V2 : packr::GraphVersion::V3;
}

int types_command(Session& session, Words words) {
  CommandLine line("Print the types of a package in packr's interface language, with their hashes",
                   "tenon pack types");
  std::string file;
  wit::WitOptions options;
  std::string output = "-";
  bool cgrf = false;
  std::string version;
  OutputFormat format = OutputFormat::Human;
  line.add_option("file", file, "Package, component, text (.pact, .wit) or encoded metadata")
      .type_name("FILE");
  line.add_option("--world", options.world, "World of the text, if it has more than one")
      .type_name("WORLD");
  add_feature_flags(line, options.features);
  line.add_flag("--cgrf", cgrf, "Write the encoded metadata instead, as bytes");
  add_version_flag(line, version);
  add_output_flag(line, output);
  add_format_flags(line, format);
  line.set_footer(
      "Examples:\n"
      "  tenon pack types doubler.wasm\n"
      "  tenon pack types --cgrf -o doubler.cgrf doubler.pact");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  finish_feature_flags(options.features);
  if (file.empty())
    return report(session, {make_usage_problem("`tenon pack types` needs a file",
                                               {"`tenon pack types FILE`"})});
  if (cgrf) {
    const Result<pact::FileMetadata> metadata =
        pact::read_file_metadata(RealFiles(), file, options, read_version(version));
    if (!metadata) return report(session, metadata.error());
    print_notes(session, metadata->gates);
    return write_unless_input(session, output, text_of(metadata->bytes), Content::Binary,
                              std::span(&file, 1));
  }
  const Result<FileTypes> types = pact::read_file_types(RealFiles(), file, options);
  if (!types) return report(session, types.error());
  print_notes(session, types->gates);
  const std::string text = format == OutputFormat::Json ? render_pack_types_json(file, *types)
                                                        : render_pack_types(*types);
  return write_unless_input(session, output, text, Content::Text, std::span(&file, 1));
}

void add_type_flag(CommandLine& line, std::string& type) {
  line.add_option("--type", type,
                  "Type of the value, such as `list<u8>`, or @FILE to read it; default: any type")
      .type_name("TYPE");
}

// The hint of a value that does not fit, if its type was not given.
constexpr std::string_view kTypeHint =
    "give the type of the value, such as `--type 'variant shape { circle(f64), point }'`";

// word: what follows `--type`; empty: any type.
Result<packr::ValueType> read_type(const std::string& word) {
  if (word.empty()) return pact::read_value_type({"--type", "value"});
  if (!word.starts_with('@')) return pact::read_value_type({"--type", word});
  TENON_TRY(std::string text, read_input(word.substr(1)));
  return pact::read_value_type({word.substr(1), std::move(text)});
}

Result<Bytes> encode_text(const std::string& word, const std::string& type_word,
                          std::optional<packr::GraphVersion> version, OutputFormat format) {
  TENON_TRY(const packr::ValueType type, read_type(type_word));
  TENON_TRY(const ArgumentText text, read_argument(word == "-" ? "@-" : word, "VALUE", format));
  const ValueTextOptions options{.file = text.file};
  TENON_TRY(const Value value, text.form == ArgumentText::Form::Json
                                   ? parse_json(text.text, type.type, options)
                                   : parse_wave(text.text, type.type, options));
  Result<Bytes> bytes = packr::encode_value(value, type, version);
  if (!bytes && type_word.empty())
    for (Diagnostic& problem : bytes.error()) problem.hints.emplace_back(kTypeHint);
  return bytes;
}

int encode_command(Session& session, Words words) {
  CommandLine line("Encode a value that is written in WAVE or JSON", "tenon pack encode");
  std::string type;
  std::string version;
  std::string output;
  bool cgrf = false;
  OutputFormat format = OutputFormat::Human;
  add_type_flag(line, type);
  add_version_flag(line, version);
  line.add_flag("--cgrf", cgrf, "Write bytes to standard output instead of hexadecimal digits");
  line.add_option("-o,--output", output, "Write bytes to this file; `-` is standard output")
      .type_name("OUT");
  add_format_flags(line, format);
  line.get_option("--format").description("Format of the value");
  line.set_footer(
      "VALUE is in WAVE, with --json in JSON. `@FILE` reads it from a file (.wave or .json), `-`\n"
      "from standard input. Without --type, an integer is an s64, and another number an f64.\n"
      "TYPE is a type of packr's interface languages, with the definitions that it uses in front.\n"
      "If it has only definitions, the last one is the type.\n\n"
      "Examples:\n"
      "  tenon pack encode 7\n"
      "  tenon pack encode -o point.cgrf --type 'record point { x: s32, y: s32 }' '{x: 1, y: 2}'");
  FreeWords values{"VALUE|@FILE|-", {}};
  if (const auto code = parse_words(line, std::move(words), session, &values)) return *code;
  if (values.words.size() != 1)
    return report(session, {make_usage_problem(
                               values.words.empty() ? "`tenon pack encode` needs a value"
                                                    : "`tenon pack encode` takes only one value",
                               {"quote a value with spaces: `tenon pack encode '(1, \"a\")'`"})});
  const Result<Bytes> bytes =
      encode_text(values.words.front(), type, read_version(version), format);
  if (!bytes) return report(session, bytes.error());
  if (cgrf || !output.empty()) {
    std::vector<std::string> inputs;
    for (const std::string& word : {values.words.front(), type})
      if (word.starts_with('@')) inputs.push_back(word.substr(1));
    return write_unless_input(session, output.empty() ? "-" : output, text_of(*bytes),
                              Content::Binary, inputs);
  }
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

// The value as a line of WAVE or JSON.
Result<std::string> decode_text(const std::string& word, const std::string& type_word,
                                OutputFormat format) {
  TENON_TRY(const packr::ValueType type, read_type(type_word));
  TENON_TRY(const Bytes bytes, read_value_bytes(word));
  Result<Value> value = packr::decode_value(bytes, type);
  if (!value) {
    for (Diagnostic& problem : value.error())
      if (problem.hints.empty() && !type_word.empty())
        problem.hints.emplace_back("without `--type`, the value is printed as it is");
    return std::move(value).error();
  }
  if (format == OutputFormat::Json) return print_json(*value) + "\n";
  TENON_TRY_VOID(packr::check_labels(*value));
  return print_wave(*value) + "\n";
}

int decode_command(Session& session, Words words) {
  CommandLine line("Decode a value and print it in WAVE or JSON", "tenon pack decode");
  std::string value;
  std::string type;
  OutputFormat format = OutputFormat::Human;
  line.add_option("value", value,
                  "File with a value or its digits, `-` for standard input, or the digits")
      .type_name("FILE|-|HEX");
  add_type_flag(line, type);
  add_format_flags(line, format);
  line.set_footer(
      "Without --type, the value is printed as it is, and its flags are `b0` to `b63`.\n\n"
      "Examples:\n"
      "  tenon pack decode 4347524602000000010000000000000003000000080000000700000000000000\n"
      "  tenon pack decode --type 'enum color { red, green }' color.cgrf\n"
      "  tenon pack encode 7 | tenon pack decode --json -");
  if (const auto code = parse_words(line, std::move(words), session)) return *code;
  if (value.empty())
    return report(session, {make_usage_problem("`tenon pack decode` needs a value",
                                               {"`tenon pack decode FILE|-|HEX`"})});
  const Result<std::string> text = decode_text(value, type, format);
  if (!text) return report(session, text.error());
  print_result(*text);
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
    const Result<std::string> verdict = pact::verify_file(RealFiles(), file);
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
                                "  tenon pack encode 7"};
  return run_action(kVerb, session, std::move(words));
}

}  // namespace tenon::cli
