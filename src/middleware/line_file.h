// A file that middleware writes, line by line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "support/descriptor.h"
#include "tenon/result.h"

namespace tenon::middleware {

class LineFile final {
 public:
  enum class Content : std::uint8_t {
    Kept,      // lines are appended
    Replaced,  // the file becomes empty; REQUIRES: it has only what tenon wrote
  };
  // Makes the file if it does not exist. Links are not followed.
  // where: who named it, for messages. Errors: write-file.
  static Result<std::shared_ptr<LineFile>> open(const std::string& path, Content content,
                                                const Location& where);

  explicit LineFile(Descriptor file) : file_(std::move(file)) {}

  // False: it could not be written, for the first time or later.
  bool write(std::string_view line);

 private:
  Descriptor file_;
  bool has_failed_ = false;
};

}  // namespace tenon::middleware
