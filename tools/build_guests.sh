#!/bin/bash
# Builds the WebAssembly components that are checked in: the examples (examples/press, examples/site, examples/sql,
# examples/embed-extensions, examples/embed-query), the adapter bundles/keyvalue-draft and the guests of the tests
# (tests/guests).
#
#   tools/build_guests.sh [NAME...]            build these guests (default: all) and install them in the tree
#   tools/build_guests.sh --verify [NAME...]   build into a temporary folder and compare the bytes; if all are the same,
#                                              record the sources
#   tools/build_guests.sh --verify-changed     the same, unless all sources are as recorded (TENON_TEST_ALL: always)
#   tools/build_guests.sh --bindings           generate the C and C++ bindings again
#   tools/build_guests.sh --list               print the names
#
# The bytes depend only on the sources and on the toolchain that examples/press/wasm/TOOLCHAIN records (Debian
# packages), not on the folder of the checkout or on the machine. A build of all guests writes the record; a build
# of some guests requires the recorded toolchain. The record has a hash of the sources as well, because building all
# of them takes minutes, most of them for Rust's standard library.
#
# Exit: 0 success; 1 a build failed or the bytes differ; 2 usage;
#       77 skipped: a part of the recorded toolchain is missing or has another version.
# JOBS sets the number of parallel compilers (1), GUESTS_BUILD the work folder (build/guests).
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
press=$root/examples/press
tests=$root/tests/guests
record=$press/wasm/TOOLCHAIN
work=${GUESTS_BUILD:-$root/build/guests}
out=$root  # the root folder for output; --verify sets it to a temporary folder

readonly skipped=77
say() { printf 'build_guests: %s\n' "$*" >&2; }
fail() { local code=$1; shift; say "$*"; exit "$code"; }
run() { local line="$*"; printf '+ %s\n' "${line//"$root/"/}" >&2; "$@"; }

# --- The guests ------------------------------------------------------------------------------
# A guest SET/UNIT belongs to a set of components that are linked with each other.

editor_guests=(plugins/{words,title,shorten})
query_guests=(query/{text,stats})
press_guests=(highlighter accesslog markdown kv archive journal cache site cli)
test_guests=(
  highlighter-newer guard hello connect adder adder-client
  async/{lib,app,runner}
  domains/{lib,keeper,front}
  http/{deflate,front,gateway02,gateway03,mock03,rules02,rules03,tally,wasip3,wstd}
  plain/{lib,front,app}
  values/{c,rust}
  bindings/courier
  bundles/{query,services,signer,visits}
  wasi-mix/{asker,pen,teller}
  threads/wac-149/{types,handler,adapter}
  threads/wasm-tools-1163/{serialize,serializer}
  threads/wasm-tools-1254/{main,keeper}
  threads/wasm-tools-1452/{main,a,b}
)
all_guests=("${press_guests[@]}" gate sql keyvalue-draft "${editor_guests[@]}" "${query_guests[@]}" "${test_guests[@]}")

# How each guest is built. By default, the linker lets a guest import WASI 0.2.6; `newer_wasi` is for guests that
# import 0.2.12.
build_guest() {
  case $1 in
    hello) newer_adapter command ;;
    wasi-mix/teller) newer_adapter reactor ;;
  esac
  case $1 in
    highlighter) c_freestanding "$1" "$press/gen/$1/$1" "$press/src/$1/$1.c" ;;
    accesslog) c_wasi "$1" "$press/gen/$1/middleware" "$press/src/$1/$1.c" ;;
    markdown) cpp_wasi "$1" "$press/gen/$1/renderer" "$press/src/$1/$1.cc" ;;
    kv | archive | journal | cache) rust_freestanding "$1" "$press/src/rust" ;;
    site) rust_wasi "$1" "$press/src/rust" ;;
    cli) rust_wasi_command "$1" "$press/src/rust" ;;

    gate) rust_wasi "$1" "$root/examples/site" ;;
    sql) rust_wasi_command "$1" "$root/examples/sql" ;;
    keyvalue-draft) rust_freestanding "$1" "$root/bundles/$1" ;;
    plugins/*) rust_freestanding "$1" "$root/examples/embed-extensions" ;;
    query/*) rust_freestanding "$1" "$root/examples/embed-query" ;;

    highlighter-newer)
      c_freestanding "$1" "$tests/gen/$1/highlighter" "$press/src/highlighter/highlighter.c" -DNEWER ;;
    guard) c_freestanding "$1" "$tests/gen/$1/$1" "$tests/$1/$1.c" ;;
    # Optimized as a whole, like a release, because only the call between the components is measured.
    adder) c_freestanding "$1" "$tests/gen/$1/$1" "$tests/$1/$1.c" -O2 -flto ;;
    adder-client) c_freestanding "$1" "$tests/gen/$1/adder_client" "$tests/adder/$1.c" -O2 -flto ;;
    hello) c_wasi_command "$1" "$tests/gen/$1/$1" "$tests/$1/$1.c" "${newer_wasi[@]}" ;;
    http/gateway02) rust_wasi "$1" "$tests" ;;
    connect) rust_wasi_command "$1" "$tests" ;;
    wasi-mix/teller)
      c_wasi "$1" "$tests/gen/$1/teller" "$tests/$1/teller.c" "${newer_wasi[@]}" ;;
    threads/wasm-tools-1254/keeper) c_wasi "$1" "$tests/gen/$1/keeper" "$tests/$1/keeper.c" ;;
    async/lib) c_freestanding "$1" "$tests/gen/$1/lib" "$tests/$1/lib.c" ;;
    # GNU C has the keyword `typeof`, which wit-bindgen does not rename.
    values/c) c_freestanding "$1" "$tests/gen/values/c/c_guest" "$tests/$1/c.c" -std=c11 ;;
    http/gateway* | http/mock* | http/tally) rust_freestanding "$1" "$tests" ;;
    http/*) rust_wasi "$1" "$tests" ;;
    async/* | bindings/* | bundles/* | domains/* | plain/* | values/* | wasi-mix/* | threads/*) rust_freestanding "$1" "$tests" ;;
    *) fail 2 "unknown guest \`$1\`; --list prints the names" ;;
  esac
}

# The path of a guest's component, from the root of the checkout.
wasm_of() {
  local guest
  for guest in "${press_guests[@]}"; do
    if [ "$guest" = "$1" ]; then echo "examples/press/wasm/$1.wasm"; return; fi
  done
  case $1 in
    gate) echo "examples/site/gate.wasm" ;;
    sql) echo "examples/sql/query.wasm" ;;
    keyvalue-draft) echo "bundles/$1/$1.wasm" ;;
    plugins/*) echo "examples/embed-extensions/$1/${1##*/}.wasm" ;;
    query/*) echo "examples/embed-query/plugins/${1##*/}.wasm" ;;
    */*) echo "tests/guests/${1%/*}/wasm/${1##*/}.wasm" ;;
    *) echo "tests/guests/wasm/$1.wasm" ;;
  esac
}

# --- The recipes -----------------------------------------------------------------------------
# No component contains a path of this machine: -ffile-prefix-map ensures this for C, --remap-path-prefix for Rust.
# BINDINGS is the path of the generated files without their extensions.

component_ld=/usr/lib/rustlib/x86_64-unknown-linux-gnu/bin/wasm-component-ld
clang_flags=(-Os -Wall -Wextra -Werror "-ffile-prefix-map=$root=." "-fuse-ld=$component_ld")

# c_freestanding NAME BINDINGS SOURCES AND FLAGS...   No C library, no WASI.
c_freestanding() {
  local name=$1 bindings=$2
  shift 2
  run clang-19 --target=wasm32-unknown-unknown "${clang_flags[@]}" \
    -ffreestanding -fno-builtin -nostdlib -nostdlibinc "-I$press/src/freestanding/include" \
    -Wl,--wasi-adapter=none -Wl,--no-entry -Wl,--strip-all "-I$(dirname "$bindings")" \
    "$bindings.c" "${bindings}_component_type.o" "$press/src/freestanding/rt.c" "$@" \
    -o "$out/$(wasm_of "$name")"
}

# c_wasi NAME BINDINGS SOURCES AND FLAGS...
c_wasi() {
  local name=$1 bindings=$2
  shift 2
  run clang-19 --target=wasm32-wasi -mexec-model=reactor "${clang_flags[@]}" -Wl,--strip-all \
    "-I$(dirname "$bindings")" "$bindings.c" "${bindings}_component_type.o" "$@" \
    -o "$out/$(wasm_of "$name")"
}

# c_wasi_command NAME BINDINGS SOURCES AND FLAGS...   Keeps function names, for backtraces.
c_wasi_command() {
  local name=$1 bindings=$2
  shift 2
  run clang-19 --target=wasm32-wasi "${clang_flags[@]}" -Wl,--strip-debug \
    "-I$(dirname "$bindings")" "$bindings.c" "${bindings}_component_type.o" "$@" \
    -o "$out/$(wasm_of "$name")"
}

# cpp_wasi NAME BINDINGS SOURCES AND FLAGS...   The bindings need C++23 without exceptions.
cpp_wasi() {
  local name=$1 bindings=$2
  shift 2
  run clang++-19 --target=wasm32-wasi -mexec-model=reactor -std=c++23 -fno-exceptions -fno-rtti \
    "${clang_flags[@]}" -Wno-unused-parameter -Wl,--strip-all "-I$(dirname "$bindings")" \
    "$bindings.cpp" "${bindings}_component_type.o" "$@" -o "$out/$(wasm_of "$name")"
}

rust_freestanding() { cargo_build "$1" "$2" wasm32-unknown-unknown; }
rust_wasi() { cargo_build "$1" "$2" wasm32-wasip2; }
rust_wasi_command() {
  cargo_build "$1" "$2" wasm32-wasip2 -Clink-arg=/usr/lib/wasm32-wasi/crt1-command.o
}

# cargo_build NAME WORKSPACE TARGET [FLAGS OF THE LAST STEP...]
# Uses Debian's compiler, and builds the standard library from source. The crate of SET/UNIT is named after its path,
# with `-` for `/` and without `threads/`.
cargo_build() (
  local name=$1 workspace=$2 target=$3 crate=${1#threads/} registry
  crate=${crate//\//-}
  shift 3
  cd "$workspace"
  use_debian_cargo
  local flags=("-Clinker=$component_ld" -Clink-arg=--wasm-ld-path=/usr/bin/wasm-ld-19
    "--remap-path-prefix=$root=." --remap-path-prefix=/usr/lib/rustlib/src/rust=rust
    "--remap-path-prefix=$(realpath /usr/lib/rustlib/src/rust)=rust")
  for registry in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do
    flags+=("--remap-path-prefix=$registry=crates")
  done
  case $target in
    wasm32-unknown-unknown) flags+=(-Clinker-flavor=wasm-ld -Clink-arg=--wasi-adapter=none) ;;
    wasm32-wasip2) flags+=(-Clink-self-contained=no -Lnative=/usr/lib/wasm32-wasi) ;;
  esac
  CARGO_ENCODED_RUSTFLAGS=$(IFS=$'\x1f'; echo "${flags[*]}")
  export CARGO_ENCODED_RUSTFLAGS
  run cargo rustc --quiet --release --locked --offline -Zbuild-std=std,panic_abort \
    -j"${JOBS:-1}" --target "$target" -p "$crate" -- "$@"
  local made=$work/cargo/$target/release
  if [ -f "$made/$crate.wasm" ]; then  # the file of a program keeps the `-`, that of a library does not
    cp "$made/$crate.wasm" "$out/$(wasm_of "$name")"
  else
    cp "$made/${crate//-/_}.wasm" "$out/$(wasm_of "$name")"
  fi
)

# newer_adapter command|reactor   Sets `newer_wasi` to the flags that make C import WASI 0.2.12.
newer_adapter() {
  local file=$work/$1_adapter.wasm
  (
    cd "$tests"
    use_debian_cargo
    run cargo run --quiet --release --locked --offline -j"${JOBS:-1}" -p adapter -- "$1" "$file"
  )
  newer_wasi=(-Wl,--wasi-adapter=none "-Wl,--adapt,wasi_snapshot_preview1=$file")
}

# Runs in a subshell, in the folder of a Cargo.lock. RUSTC_BOOTSTRAP allows -Zbuild-std. Crates that are already
# fetched, including those of the standard library, need no network.
use_debian_cargo() {
  export PATH=/usr/bin:/bin RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR=$work/cargo
  unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS
  fetch_crates "$PWD" && fetch_crates /usr/lib/rustlib/src/rust/library ||
    fail $skipped "crates of ${PWD#"$root/"} or of std are not there and cannot be fetched"
}

fetch_crates() (  # FOLDER
  cd "$1" || return
  cargo fetch --quiet --locked --offline 2>/dev/null || run cargo fetch --quiet --locked
)

# --- The toolchain ---------------------------------------------------------------------------

packages=(clang-19 lld-19 wasi-libc libclang-rt-19-dev-wasm32 libc++-19-dev-wasm32
  libc++abi-19-dev-wasm32 rustc-web cargo-web rust-web-src rust-web-llvm)

# Prints nothing for a package that is not installed.
version_of() {
  { dpkg-query -W -f='${db:Status-Status} ${Version}' "$1" 2>/dev/null || true; } |
    sed -n 's/^installed //p'
}

# The version in the Cargo.lock of the Rust components; the bindings are generated by the same version.
wit_bindgen_version() {
  sed -n '/^name = "wit-bindgen"$/{n;s/.*"\(.*\)"/\1/p}' "$press/src/rust/Cargo.lock"
}

# A hash of all files from which guests are built, this script and the record of the toolchain included.
hash_sources() {
  cd "$root"
  {
    grep -v '^# sources ' "$record"
    find tools/build_guests.sh examples/{press/{gen,src,wit},site/{Cargo.*,gate},sql,embed-{extensions,query}/{Cargo.*,plugins,wit}} \
      bundles/keyvalue{/wit,-draft} tests/{bindings/wit,guests,values/gen/wit} tests/peers/calls.wit \
      -type f -not -name '*.wasm' -not -name SHA256SUMS -not -name '*.md' -not -path '*/target/*' \
      -not -regex 'tests/guests/\(kinds\|languages\|packr\|worlds\)/.*' -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d ' ' -f 1
}

has_recorded_sources() { grep -qx "# sources $(hash_sources)" "$record"; }

write_sources() {
  sed -i '/^# sources /d' "$record"
  echo "# sources $(hash_sources)" >>"$record"
}

write_record() {
  {
    echo "# What made the components of examples/press and tests/guests: packages of Debian 12."
    echo "# Written by tools/build_guests.sh, which compares it with what is installed."
    echo "# Crates are pinned by the Cargo.lock beside the sources; bindings name their generator."
    echo "# $(clang-19 --version | head -n 1)"
    echo "# $(wasm-ld-19 --version | head -n 1)"
    echo "# $(/usr/bin/rustc --version)"
    echo "# $($component_ld --version)"
    echo "# wit-bindgen $(wit_bindgen_version)"
    for package in "${packages[@]}"; do echo "$package $(version_of "$package")"; done
  } >"$record"
}

demand_packages() {
  local package missing=()
  for package in "${packages[@]}"; do
    [ -n "$(version_of "$package")" ] || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] || fail $skipped "these Debian packages are missing: ${missing[*]}"
}

# demand_recorded WHY   Lists each package that is missing or differs from the record.
demand_recorded() {
  local package recorded found same=yes
  while read -r package recorded; do
    found=$(version_of "$package")
    [ "$found" = "$recorded" ] && continue
    say "$package: recorded $recorded, here ${found:-missing}"
    same=no
  done < <(grep -v '^#' "$record")
  [ $same = yes ] || fail $skipped "this is not the recorded toolchain: $1"
}

# --- The commands ----------------------------------------------------------------------------

build_into() {  # FOLDER NAME...
  local name
  out=$1
  shift
  mkdir -p "$work"
  for name in "$@"; do
    mkdir -p "$out/$(dirname "$(wasm_of "$name")")"
    build_guest "$name"
  done
}

write_sums() {
  local folder
  for folder in examples/press/wasm examples/site examples/sql examples/embed-{extensions,query} bundles/keyvalue-draft \
    tests/guests; do
    (cd "$root/$folder" && find . -name '*.wasm' -printf '%P\n' | LC_ALL=C sort |
      xargs -r sha256sum >SHA256SUMS)
  done
}

build() {
  local names=("$@") name
  demand_packages
  if [ $# -gt 0 ]; then
    demand_recorded "build all guests (no names) to record this one"
  else
    names=("${all_guests[@]}")
  fi
  build_into "$root" "${names[@]}"
  if [ $# -eq 0 ]; then
    write_record
    write_sources
  fi
  write_sums
  for name in "${names[@]}"; do (cd "$root" && wc -c "$(wasm_of "$name")"); done
}

verify() {
  local wasm name differing=0 all=no
  if [ $# -eq 0 ]; then
    all=yes
    set -- "${all_guests[@]}"
  fi
  demand_recorded "the bytes cannot be compared"
  scratch=$(mktemp -d)
  trap 'rm -rf "$scratch"' EXIT
  build_into "$scratch" "$@"
  for name in "$@"; do
    wasm=$(wasm_of "$name")
    if cmp -s "$scratch/$wasm" "$root/$wasm"; then
      echo "same     $wasm"
    else
      echo "DIFFERS  $wasm"
      differing=1
    fi
  done
  if [ $all = yes ] && [ $differing = 0 ] && ! has_recorded_sources; then
    write_sources
    say "recorded these sources in ${record#"$root/"}; commit it, and tests do not build them again"
  fi
  return $differing
}

verify_changed() {
  if [ -z "${TENON_TEST_ALL-}" ] && has_recorded_sources; then
    echo "the sources are those of the last build"
  else
    verify
  fi
}

bindings() {
  local wanted
  wanted=$(wit_bindgen_version)
  [ "$(wit-bindgen --version 2>/dev/null)" = "wit-bindgen-cli $wanted" ] ||
    fail $skipped "not on PATH: cargo install wit-bindgen-cli --version $wanted --locked"
  rm -rf "$press/gen" "$tests/gen"
  generate c press:text/highlighter "$press/gen/highlighter" "$press/wit"
  generate c press:web/middleware "$press/gen/accesslog" "$press/wit"
  generate cpp press:text/renderer "$press/gen/markdown" "$press/wit"
  generate c press:text/highlighter "$tests/gen/highlighter-newer" "$tests/highlighter-newer"
  generate c press:web/guard "$tests/gen/guard" "$press/wit"
  generate c demo:calc/adder "$tests/gen/adder" "$tests/adder"
  generate c demo:calc/adder-client "$tests/gen/adder-client" "$tests/adder"
  generate c demo:hello/hello "$tests/gen/hello" \
    "$tests"/wit/wasi-0.2.12/{io,cli}.wit "$tests/hello/hello.wit"
  generate c demo:relay/lib "$tests/gen/async/lib" "$tests/async/wit/relay.wit"
  generate c demo:values/c-guest "$tests/gen/values/c" --no-sig-flattening "$root/tests/values/gen/wit"
  generate c demo:mix/teller "$tests/gen/wasi-mix/teller" \
    "$tests"/wit/wasi-0.2.12/{io,cli}.wit "$tests/wasi-mix/wit-0.2.12"
  generate c demo:note/keeper "$tests/gen/threads/wasm-tools-1254/keeper" \
    "$tests"/wit/wasi-0.2.6/{io,cli}.wit "$tests/threads/wasm-tools-1254/wit"
}

generate() {  # LANGUAGE WORLD FOLDER WIT...
  local language=$1 world=$2 folder=$3
  shift 3
  run wit-bindgen "$language" --world "$world" --out-dir "$folder" "$@" >/dev/null
}

main() {
  case ${1-} in
    --verify) shift; verify "$@" ;;
    --verify-changed) verify_changed ;;
    --bindings) bindings ;;
    --list) printf '%s\n' "${all_guests[@]}" ;;
    -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0" ;;
    -*) fail 2 "no option is called \`$1\`; see --help" ;;
    *) build "$@" ;;
  esac
}
main "$@"
