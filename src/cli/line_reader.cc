#include "cli/line_reader.h"

#include <cstdio>

namespace tenon::cli {

namespace {

class PlainReader final : public LineReader {
 public:
  std::optional<std::string> read_line() override {
    std::string line;
    int c = std::getc(stdin);
    if (c == EOF) return std::nullopt;
    for (; c != EOF && c != '\n'; c = std::getc(stdin)) line += static_cast<char>(c);
    return line;
  }
};

}  // namespace

std::unique_ptr<LineReader> make_plain_reader() { return std::make_unique<PlainReader>(); }

}  // namespace tenon::cli
