// Runs verbs of the command in tests, and keeps what they print.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "cli/commands/verbs.h"
#include "cli/session.h"

namespace tenon::cli {

struct Printed {
  int code = 0;
  std::string out;
  std::string err;
};

inline Printed run_verb(int (*verb)(Session& session, Words words), Words words,
                        Session session = {}) {
  testing::internal::CaptureStdout();
  testing::internal::CaptureStderr();
  Printed printed;
  printed.code = verb(session, std::move(words));
  printed.out = testing::internal::GetCapturedStdout();
  printed.err = testing::internal::GetCapturedStderr();
  return printed;
}

}  // namespace tenon::cli
