// What can stand in the place of the word under the cursor.
//
// Knows the verbs and flags from the same declarations that parse them: each verb hands its
// CommandLine to Session::describe.
#pragma once

#include <string>
#include <vector>

#include "cli/session.h"

namespace tenon::cli {

class CommandLine;

struct Candidate {
  std::string text;
  std::string help;  // may be empty

  bool operator==(const Candidate&) const = default;
};

// words: what follows `tenon`, the word under the cursor last (it may be empty). Nothing where only
// a file name fits: the shell completes those itself.
[[nodiscard]] std::vector<Candidate> complete_words(Session& session, const Words& words);

}  // namespace tenon::cli
