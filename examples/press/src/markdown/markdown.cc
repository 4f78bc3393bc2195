// markdown: exports press:text/markdown. Renders a small subset of Markdown to HTML, and asks the
// highlighter that it is linked with (press:text/syntax) to color the code blocks.
//
// C++23, because the generated bindings use std::expected; no exceptions, no RTTI. Strings and
// lists that cross the boundary are wit::string and wit::vector, which own their memory.
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "renderer_cpp.h"

namespace md = exports::press::text::markdown;
namespace syntax = press::text::syntax;
using std::string;
using std::string_view;

namespace {

bool has(md::Extensions set, md::Extensions one) { return (set & one) == one; }

void append_escaped(string& out, string_view text) {
  for (char c : text) {
    switch (c) {
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
}

// "What it does, in short" becomes "what-it-does-in-short".
string anchor_of(string_view title) {
  string out;
  for (char c : title) {
    if (c >= 'A' && c <= 'Z') {
      out += static_cast<char>(c - 'A' + 'a');
    } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

uint32_t count_words(string_view line) {
  uint32_t words = 0;
  bool in_word = false;
  for (char c : line) {
    bool letter = c != ' ' && c != '\t';
    words += letter && !in_word;
    in_word = letter;
  }
  return words;
}

// Removes the first line from the front of `text` and returns it without its line feed.
string_view take_line(string_view& text) {
  size_t end = text.find('\n');
  string_view line = text.substr(0, end);
  text.remove_prefix(end == string_view::npos ? text.size() : end + 1);
  return line;
}

// 1 to 6 for a heading, 0 for any other line.
size_t heading_level(string_view line) {
  size_t level = line.find_first_not_of('#');
  bool heading = level != string_view::npos && level > 0 && level <= 6 && line[level] == ' ';
  return heading ? level : 0;
}

class Renderer {
 public:
  explicit Renderer(md::Extensions enabled) : enabled_(enabled) {}

  void render(string_view text) {
    while (!text.empty()) {
      string_view line = take_line(text);
      words_ += count_words(line);
      if (line.starts_with("```")) {
        end_block();
        code(line.substr(3), take_code(text));
      } else if (size_t level = heading_level(line)) {
        end_block();
        heading(level, line.substr(level + 1));
      } else if (line.starts_with("- ")) {
        item(line.substr(2));
      } else if (line.empty()) {
        end_block();
      } else {
        if (!paragraph_.empty()) paragraph_ += ' ';
        paragraph_ += line;
      }
    }
    end_block();
  }

  md::Document take_document() {
    auto headings = wit::vector<md::Heading>::allocate(headings_.size());
    for (size_t i = 0; i < headings_.size(); ++i) headings.initialize(i, std::move(headings_[i]));
    auto unknown = wit::vector<wit::string>::allocate(unhighlighted_.size());
    size_t i = 0;
    for (const string& name : unhighlighted_) unknown.initialize(i++, wit::string::from_view(name));
    return {wit::string::from_view(html_), std::move(headings), words_, std::move(unknown)};
  }

 private:
  // Returns the text up to the closing fence, and removes both.
  static string_view take_code(string_view& text) {
    string_view all = text;
    while (!text.empty()) {
      size_t before = all.size() - text.size();
      if (take_line(text).starts_with("```")) return all.substr(0, before);
    }
    return all;
  }

  void end_paragraph() {
    if (paragraph_.empty()) return;
    html_ += "<p>";
    spans(paragraph_);
    html_ += "</p>\n";
    paragraph_.clear();
  }

  void end_block() {
    end_paragraph();
    if (in_list_) html_ += "</ul>\n";
    in_list_ = false;
  }

  void heading(size_t level, string_view title) {
    string anchor = anchor_of(title);
    string tag = "h" + std::to_string(level);
    html_ += "<" + tag + " id=\"" + anchor + "\">";
    spans(title);
    html_ += "</" + tag + ">\n";
    headings_.push_back({static_cast<uint8_t>(level), wit::string::from_view(title),
                         wit::string::from_view(anchor)});
  }

  void item(string_view text) {
    end_paragraph();
    if (!in_list_) html_ += "<ul>\n";
    in_list_ = true;
    html_ += "<li>";
    spans(text);
    html_ += "</li>\n";
  }

  void code(string_view language, string_view source) {
    html_ += "<pre><code>";
    if (has(enabled_, md::Extensions::kHighlight) && !language.empty()) {
      highlighted(language, source);
    } else {
      append_escaped(html_, source);
    }
    html_ += "</code></pre>\n";
  }

  void highlighted(string_view language, string_view source) {
    static constexpr string_view kClasses[] = {"", "k", "n", "s", "c", "p"};  // by token kind
    auto tokens = syntax::Highlight(language, source);
    if (!tokens) {
      if (std::holds_alternative<syntax::Failure::UnknownLanguage>(tokens.error().variants)) {
        unhighlighted_.insert(string(language));
      }
      append_escaped(html_, source);
      return;
    }
    for (const syntax::Token& token : tokens->get_view()) {
      string_view name = kClasses[static_cast<size_t>(token.kind)];
      if (!name.empty()) html_.append("<i class=").append(name).append(">");
      append_escaped(html_, token.text.get_view());
      if (!name.empty()) html_ += "</i>";
    }
  }

  // Text inside a line: code, strong, emphasis, strikethrough and links.
  void spans(string_view text) {
    while (!text.empty()) {
      if (marked(text, "`", "code")) continue;
      if (marked(text, "**", "strong") || marked(text, "*", "em")) continue;
      if (has(enabled_, md::Extensions::kStrikethrough) && marked(text, "~~", "del")) continue;
      if (link(text)) continue;
      append_escaped(html_, text.substr(0, 1));
      text.remove_prefix(1);
    }
  }

  // Removes `mark` ... `mark` from the front of `text`, if it is there.
  bool marked(string_view& text, string_view mark, string_view tag) {
    if (!text.starts_with(mark)) return false;
    size_t end = text.find(mark, mark.size());
    if (end == string_view::npos || end == mark.size()) return false;
    html_.append("<").append(tag).append(">");
    string_view inner = text.substr(mark.size(), end - mark.size());
    if (tag == "code") {
      append_escaped(html_, inner);
    } else {
      spans(inner);
    }
    html_.append("</").append(tag).append(">");
    text.remove_prefix(end + mark.size());
    return true;
  }

  // Removes `[text](address)` from the front of `text`, if it is there.
  bool link(string_view& text) {
    if (!text.starts_with("[")) return false;
    size_t middle = text.find("](");
    if (middle == string_view::npos) return false;
    size_t end = text.find(')', middle);
    if (end == string_view::npos) return false;
    html_ += "<a href=\"";
    append_escaped(html_, text.substr(middle + 2, end - middle - 2));
    html_ += "\">";
    spans(text.substr(1, middle - 1));
    html_ += "</a>";
    text.remove_prefix(end + 1);
    return true;
  }

  md::Extensions enabled_;
  string html_;
  string paragraph_;
  bool in_list_ = false;
  uint32_t words_ = 0;
  std::vector<md::Heading> headings_;
  std::set<string> unhighlighted_;
};

}  // namespace

md::Document exports::press::text::markdown::Render(wit::string source, Extensions enabled) {
  Renderer renderer(enabled);
  renderer.render(source.get_view());
  return renderer.take_document();
}
