// Runs another program: text in, text out.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tenon/result.h"

namespace tenon::cli {

struct ProgramCall {
  std::string path;                    // of the program; PATH is not searched
  std::vector<std::string> arguments;  // without the name of the program
  std::string input;                   // its standard input
  std::chrono::milliseconds time{0};   // it is killed when it takes longer
};

struct ProgramFailure {
  std::string reason;  // "cannot be started: ...", to follow a name
};

// The standard output of the program, if it exits with 0. No shell is involved.
[[nodiscard]] Result<std::string, ProgramFailure> run_program(const ProgramCall& call);

}  // namespace tenon::cli
