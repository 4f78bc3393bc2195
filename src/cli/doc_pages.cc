#include "cli/doc_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/embedded_texts.h"

namespace tenon::cli {

namespace {

// `line` is "| [name](name.md) | about |", a row of docs/README.md.
Topic read_topic(std::string_view line) {
  const std::size_t begin = line.find("| [");
  const std::size_t middle = line.find("](");
  const std::size_t end = line.find(") | ");
  if (begin != 0 || middle == line.npos || end == line.npos) return {};
  const std::string_view name = line.substr(3, middle - 3);
  if (line.substr(middle + 2, end - middle - 2) != fmt::format("{}.md", name)) return {};
  const std::string_view about = line.substr(end + 4);
  return {.name = std::string(name), .about = strip_links(about.substr(0, about.rfind(" |")))};
}

}  // namespace

std::vector<TopicGroup> list_topics() {
  std::vector<TopicGroup> groups;
  std::string_view index = embedded_text("docs/README.md");
  while (!index.empty()) {
    const std::string_view line = index.substr(0, index.find('\n'));
    index.remove_prefix(std::min(line.size() + 1, index.size()));
    if (line == "## Work on tenon") break;
    if (line.starts_with("## "))
      groups.push_back({.title = std::string(line.substr(3)), .topics = {}});
    Topic topic = read_topic(line);
    if (!topic.name.empty()) groups.back().topics.push_back(std::move(topic));
  }
  return groups;
}

std::string find_topic_page(std::string_view name) {
  for (const TopicGroup& group : list_topics())
    for (const Topic& topic : group.topics)
      if (topic.name == name) return strip_links(embedded_text(fmt::format("docs/{}.md", name)));
  return {};
}

std::string strip_links(std::string_view page) {
  std::string text;
  while (true) {
    const std::size_t middle = page.find("](");
    const std::size_t begin = page.substr(0, middle).rfind('[');
    const std::size_t end = page.find(')', std::min(middle, page.size()));
    if (middle == page.npos || begin == page.npos || end == page.npos)
      return text + std::string(page);
    text += page.substr(0, begin);
    text += page.substr(begin + 1, middle - begin - 1);
    page.remove_prefix(end + 1);
  }
}

}  // namespace tenon::cli
