// The pages of docs/ as text for terminals.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tenon::cli {

// A page for users: its name, such as "wac", and what it is about.
struct Topic {
  std::string name;
  std::string about;
};

// Topics under one heading of docs/README.md.
struct TopicGroup {
  std::string title;
  std::vector<Topic> topics;
};

// The topics, in the order of docs/README.md, without the pages for those who work on tenon.
[[nodiscard]] std::vector<TopicGroup> list_topics();

// The page of a topic, with its title; empty if there is no such topic.
[[nodiscard]] std::string find_topic_page(std::string_view name);

// The text of a page without the targets of its links: "[TLS](remote.md#tls)" becomes "TLS".
[[nodiscard]] std::string strip_links(std::string_view page);

}  // namespace tenon::cli
