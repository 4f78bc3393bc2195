// The C header of the crate in engine/ is not generated. This test compares it with the crate's
// sources: both must have the same functions with the same number of parameters.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>

namespace tenon::engine::shim_header_test {
namespace {

namespace fs = std::filesystem;
using Signatures = std::map<std::string, std::size_t>;

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string_view leading_word(std::string_view text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_word);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// The text between the parentheses that `text` begins with.
std::string_view in_parentheses(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')' && --depth == 0) return text.substr(1, i - 1);
  }
  return {};
}

// Parameters of a list; commas inside <> and () do not count.
std::size_t count_parameters(std::string_view list) {
  if (list == "void") return 0;
  std::size_t count = 0;
  bool in_parameter = false;
  int depth = 0;
  for (const char c : list) {
    if (c == '<' || c == '(') ++depth;
    if (c == '>' || c == ')') --depth;
    if (c == ',' && depth == 0) {
      in_parameter = false;
    } else if (std::isspace(static_cast<unsigned char>(c)) == 0 && !in_parameter) {
      in_parameter = true;
      ++count;
    }
  }
  return count;
}

void add_function(std::string_view name, std::string_view parameters, Signatures& signatures) {
  const bool is_new = signatures.emplace(name, count_parameters(parameters)).second;
  EXPECT_TRUE(is_new) << name;
}

// Every function that follows a `no_mangle` attribute.
void collect_rust(std::string_view text, Signatures& signatures) {
  constexpr std::string_view kMark = "#[unsafe(no_mangle)]";
  for (std::size_t at = text.find(kMark); at != std::string_view::npos;
       at = text.find(kMark, at + 1)) {
    const std::string_view function = text.substr(text.find(" fn ", at) + 4);
    add_function(leading_word(function), in_parentheses(function.substr(function.find('('))),
                 signatures);
  }
}

// Every name outside comments that begins with `tnengine_` and is followed by a parenthesis.
void collect_header(std::string text, Signatures& signatures) {
  for (std::size_t at = text.find("/*"); at != std::string::npos; at = text.find("/*")) {
    text.erase(at, text.find("*/", at) + 2 - at);
  }
  const std::string_view view = text;
  for (std::size_t at = view.find("tnengine_"); at != std::string_view::npos;
       at = view.find("tnengine_", at + 1)) {
    const std::string_view name = leading_word(view.substr(at));
    const std::string_view rest = view.substr(at + name.size());
    if (rest.starts_with('(')) add_function(name, in_parentheses(rest), signatures);
  }
}

TEST(ShimHeader, DeclaresTheFunctionsOfTheCrate) {
  const fs::path engine = fs::path(TENON_SOURCE_DIR) / "engine";
  Signatures rust;
  for (const fs::directory_entry& file : fs::directory_iterator(engine / "src")) {
    collect_rust(read_text(file.path()), rust);
  }
  Signatures header;
  for (const fs::directory_entry& file : fs::directory_iterator(engine / "include")) {
    collect_header(read_text(file.path()), header);
  }
  EXPECT_GT(rust.size(), 30u);
  EXPECT_EQ(rust, header);
}

}  // namespace
}  // namespace tenon::engine::shim_header_test
