#include "cli/completion_scripts.h"

namespace tenon::cli {

namespace {

// bash splits words at `:` and `=` too, and puts back only what follows the last of them.
constexpr std::string_view kBash = R"script(# bash completion for tenon
_tenon() {
  local -a words
  local line="${COMP_LINE:0:COMP_POINT}" candidate current head
  read -ra words <<< "$line"
  [[ $line == *' ' ]] && words+=('')
  current="${words[${#words[@]}-1]}"
  head="${current%"${current##*[:=]}"}"
  COMPREPLY=()
  while IFS=$'\t' read -r candidate _; do
    COMPREPLY+=("${candidate#"$head"}")
    [[ $candidate == *[/:=] ]] && compopt -o nospace
  done < <(tenon __complete "${words[@]:1}" 2> /dev/null)
}
complete -o default -F _tenon tenon
)script";

constexpr std::string_view kZsh = R"script(#compdef tenon
_tenon() {
  local -a names shown
  local candidate text
  while IFS=$'\t' read -r candidate text; do
    names+=("$candidate")
    shown+=("$candidate${text:+  -- $text}")
  done < <(tenon __complete "${(@)words[2,CURRENT]}" 2> /dev/null)
  if (( $#names )); then
    compadd -l -d shown -a names
  else
    _files
  fi
}
compdef _tenon tenon
)script";

constexpr std::string_view kFish = R"script(# fish completion for tenon
function __tenon_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  tenon __complete $words[2..-1] "$current" 2> /dev/null
end
complete -c tenon -a '(__tenon_complete)'
)script";

}  // namespace

std::string_view get_completion_script(std::string_view shell) {
  if (shell == "bash") return kBash;
  if (shell == "zsh") return kZsh;
  if (shell == "fish") return kFish;
  return {};
}

}  // namespace tenon::cli
