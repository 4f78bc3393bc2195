# Each folder of src/ becomes a static library tenon_<module>, linked by src/layers.txt. The public library
# `tenon` consists of all of them except cli, and the command is cli on top of it.

# Third-party libraries by module; everything else comes from the layers. (toml++ is used as headers.)
set(tenon_uses_support fmt::fmt)
set(tenon_uses_value nlohmann_json::nlohmann_json)
set(tenon_uses_middleware nlohmann_json::nlohmann_json)
set(tenon_uses_host tenon_libffi ${CMAKE_DL_LIBS})
set(tenon_uses_remote Threads::Threads)
set(tenon_uses_render nlohmann_json::nlohmann_json)
set(tenon_uses_capi nlohmann_json::nlohmann_json)
set(tenon_uses_registry nlohmann_json::nlohmann_json ${CMAKE_DL_LIBS})
set(tenon_uses_engine tenon_engine_archive Threads::Threads)

# g++ vectorizes more loops at -O3 than at -O2, where lists of flat records take 2.4 times as long to copy, and
# trees of packages 1.4 times as long to write.
set(tenon_options_abi $<$<CONFIG:Release>:-O3>)
set(tenon_options_packr $<$<CONFIG:Release>:-O3>)

# Modules that read and write raw memory. Elsewhere, pointers are not checked for their alignment: that would be a
# third of the code that the sanitizer compiles.
set(tenon_raw_memory abi binary call engine host packr remote support value)

# Fuzz targets are guided by the branches of the other modules.
set(tenon_not_fuzzed api bindgen engine link middleware program runtime)

function(tenon_add_modules)
  tenon_add_precompiled(tenon_precompiled_modules ${tenon_common_headers})
  file(STRINGS src/layers.txt rows REGEX "^[a-z]+:")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS src/layers.txt)
  set(modules)
  foreach(row IN LISTS rows)
    string(REGEX MATCH "^[a-z]+" module "${row}")
    string(REGEX REPLACE "^[a-z]+: *" "" below "${row}")
    string(REPLACE " " ";" below "${below}")
    file(GLOB sources CONFIGURE_DEPENDS src/${module}/*.cc src/${module}/commands/*.cc)
    list(FILTER sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
    if(module STREQUAL "cli" OR NOT sources)
      continue()
    endif()
    add_library(tenon_${module} STATIC ${sources})
    target_include_directories(tenon_${module} PUBLIC
      $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> PRIVATE src)
    target_link_libraries(tenon_${module} PUBLIC ${tenon_uses_${module}})
    target_compile_options(tenon_${module} PRIVATE ${tenon_options_${module}})
    if(TENON_SANITIZE MATCHES "undefined" AND NOT module IN_LIST tenon_raw_memory)
      target_compile_options(tenon_${module} PRIVATE -fno-sanitize=alignment)
    endif()
    if(TENON_FUZZ AND NOT module IN_LIST tenon_not_fuzzed)
      target_compile_options(tenon_${module} PRIVATE
        -fsanitize-coverage=inline-8bit-counters,pc-table,trace-cmp,indirect-calls)
    endif()
    tenon_use_precompiled(tenon_${module} tenon_precompiled_modules)
    tenon_use_batches(tenon_${module} ${sources})
    foreach(name IN LISTS below)
      if(TARGET tenon_${name})
        target_link_libraries(tenon_${module} PUBLIC tenon_${name})
      endif()
    endforeach()
    list(APPEND modules ${module})
  endforeach()
  set(TENON_MODULES ${modules} PARENT_SCOPE)
  if(TARGET tenon_support)
    file(STRINGS engine/Cargo.toml engine REGEX "^wasmtime = ")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS engine/Cargo.toml)
    string(REGEX MATCH "[0-9]+[.][0-9]+[.][0-9]+" engine "${engine}")
    set_source_files_properties(src/support/version.cc PROPERTIES
      COMPILE_DEFINITIONS "TENON_VERSION=\"${PROJECT_VERSION}\";TENON_ENGINE_VERSION=\"${engine}\""
      SKIP_UNITY_BUILD_INCLUSION ON)
    tenon_embed_pages(tenon_support)
    tenon_embed_files(tenon_support)
  endif()

  # The public library: the objects of all modules in one archive.
  add_library(tenon STATIC)
  add_library(tenon::tenon ALIAS tenon)
  target_include_directories(tenon PUBLIC
    $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(tenon PUBLIC cxx_std_20)
  foreach(module IN LISTS modules)
    target_sources(tenon PRIVATE $<TARGET_OBJECTS:tenon_${module}>)
    list(APPEND uses ${tenon_uses_${module}})
  endforeach()
  # An installed tenon needs neither headers nor libraries of others, and finds its engine in its own folder.
  target_link_libraries(tenon PRIVATE $<INSTALL_INTERFACE:tenon::engine>)
  list(REMOVE_DUPLICATES uses)
  foreach(library IN LISTS uses)
    target_link_libraries(tenon PRIVATE $<BUILD_INTERFACE:${library}>)
  endforeach()
  set(TENON_NEEDS "")
  if(NOT TENON_SANITIZE AND fmt_VERSION VERSION_GREATER_EQUAL 9 AND fmt_VERSION VERSION_LESS 10)
    target_sources(tenon PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/cmake/static_fmt.cc)
    set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/cmake/static_fmt.cc PROPERTIES
                                COMPILE_OPTIONS "-UFMT_SHARED" SKIP_UNITY_BUILD_INCLUSION ON)
  else()
    list(APPEND TENON_NEEDS fmt)
    target_link_libraries(tenon PRIVATE $<INSTALL_INTERFACE:fmt::fmt>)
  endif()
  if(TENON_LIBFFI_OBJECTS)
    target_sources(tenon PRIVATE ${TENON_LIBFFI_OBJECTS})
  else()
    list(APPEND TENON_NEEDS libffi)
    target_link_libraries(tenon PRIVATE $<INSTALL_INTERFACE:ffi>)
  endif()
  set(TENON_NEEDS ${TENON_NEEDS} PARENT_SCOPE)

  file(GLOB cli_sources CONFIGURE_DEPENDS src/cli/*.cc src/cli/commands/*.cc)
  list(FILTER cli_sources EXCLUDE REGEX "_test\\.cc$|/main\\.cc$")
  if(cli_sources)
    # The row of cli in src/layers.txt names modules whose headers it includes; all of them are in `tenon`.
    add_library(tenon_cli STATIC ${cli_sources})
    target_include_directories(tenon_cli PRIVATE src)
    if(TENON_SANITIZE MATCHES "undefined")
      target_compile_options(tenon_cli PRIVATE -fno-sanitize=alignment)
    endif()
    target_link_libraries(tenon_cli PUBLIC tenon fmt::fmt CLI11::CLI11 nlohmann_json::nlohmann_json
                                           PRIVATE tenon_libedit tenon_zlib)
    tenon_use_precompiled(tenon_cli tenon_precompiled_modules)
    tenon_use_batches(tenon_cli ${cli_sources})
  endif()
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/src/cli/main.cc)
    add_executable(tenon_command src/cli/main.cc)
    set_target_properties(tenon_command PROPERTIES OUTPUT_NAME tenon)
    target_include_directories(tenon_command PRIVATE src)
    target_link_libraries(tenon_command PRIVATE $<TARGET_NAME_IF_EXISTS:tenon_cli> tenon fmt::fmt CLI11::CLI11)
    target_link_options(tenon_command PRIVATE -Wl,--gc-sections)
    # The engine's tables contain many addresses. Packed relocations take a tenth of the space and less time when
    # the program starts.
    include(CheckLinkerFlag)
    check_linker_flag(CXX -Wl,-z,pack-relative-relocs TENON_PACKS_RELOCATIONS)
    if(TENON_PACKS_RELOCATIONS)
      target_link_options(tenon_command PRIVATE -Wl,-z,pack-relative-relocs)
    endif()
    tenon_link_static_runtimes(tenon_command)
  endif()
endfunction()

# Links the runtime of C++ into a program or a shared library: then libc is the only library to load.
function(tenon_link_static_runtimes target)
  if(NOT TENON_SANITIZE AND NOT "fmt" IN_LIST TENON_NEEDS)
    target_link_options(${target} PRIVATE -Wl,--as-needed -static-libstdc++ -static-libgcc)
  endif()
endfunction()
