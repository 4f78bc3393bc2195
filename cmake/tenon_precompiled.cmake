# With TENON_PRECOMPILE, the headers that most files include are compiled once for the modules and once for the
# tests. `./dev lint` checks that each of our headers includes what it needs.
option(TENON_PRECOMPILE "Precompile common headers" OFF)

# tenon_add_precompiled(NAME HEADERS...): an object library without code, whose precompiled headers other targets use
# with tenon_use_precompiled(TARGET NAME). Both targets need the same options.
function(tenon_add_precompiled name)
  if(TENON_PRECOMPILE)
    set(source ${CMAKE_BINARY_DIR}/generated/${name}.cc)
    file(CONFIGURE OUTPUT ${source} CONTENT "")
    add_library(${name} OBJECT ${source})
    target_precompile_headers(${name} PRIVATE ${ARGN})
    target_link_libraries(${name} PRIVATE fmt::fmt)
    # ccache compares the content that the compiler read, not times.
    target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
  endif()
endfunction()

function(tenon_use_precompiled target name)
  if(TENON_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${name})
  endif()
endfunction()

set(tenon_common_headers <algorithm> <array> <chrono> <cstdint> <filesystem> <functional> <map> <memory> <mutex>
    <optional> <set> <span> <sstream> <string> <string_view> <unordered_map> <utility> <variant> <vector>
    <fmt/format.h>)
