// Shell completion: the candidates for the word under the cursor, and the scripts that ask for
// them.
//
// The scripts are static. Each calls `tenon __complete WORD...`, which prints one candidate a line.
// Verbs and flags come from the declarations that parse them: each verb hands its CommandLine to
// Session::describe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/session.h"

namespace tenon::cli {

struct Candidate {
  std::string text;
  std::string help;  // can be empty

  bool operator==(const Candidate&) const = default;
};

// words: the words after `tenon`; the last one is under the cursor and can be empty. Returns
// nothing where only a file name fits: the shell completes those without us.
[[nodiscard]] std::vector<Candidate> complete_words(Session& session, const Words& words);

// The script for a shell: bash, zsh or fish. Empty for any other. Lifetime: static.
[[nodiscard]] std::string_view get_completion_script(std::string_view shell);

}  // namespace tenon::cli
