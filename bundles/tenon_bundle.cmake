# tenon_bundle(NAME WIT SOURCES...) builds the bundle NAME in <build>/bundles/NAME, ready for `--host-bundle`: its
# library, host.toml of the calling folder, and the WIT files of the folder WIT. The target is NAME_host. NAME_linked is
# the same code as a static library, for programs that register `tenon_host_module_NAME()`. Of tenon, both need only the
# headers for bundles: tenon/host_glue.h and what it includes.
#
# tenon_bundle_uses(NAME INCLUDE folders.. LINK libraries..) adds what the sources need.
find_path(TENON_HOST_INCLUDE tenon/host_glue.h HINTS ${CMAKE_CURRENT_LIST_DIR}/../include REQUIRED CMAKE_FIND_ROOT_PATH_BOTH)

function(tenon_bundle name wit)
  set(folder ${CMAKE_BINARY_DIR}/bundles/${name})
  # Both forms share their objects, except for the file with TENON_HOST_MODULE, which depends on TENON_HOST_STATIC.
  set(module ${ARGN})
  list(FILTER module INCLUDE REGEX "/instance\\.cc$")
  set(parts ${ARGN})
  list(FILTER parts EXCLUDE REGEX "/instance\\.cc$")
  add_library(${name}_parts OBJECT ${parts})
  set_target_properties(${name}_parts PROPERTIES POSITION_INDEPENDENT_CODE ON)
  add_library(${name}_host MODULE ${module} $<TARGET_OBJECTS:${name}_parts>)
  add_library(${name}_linked STATIC EXCLUDE_FROM_ALL ${module} $<TARGET_OBJECTS:${name}_parts>)
  target_compile_definitions(${name}_linked PRIVATE TENON_HOST_STATIC)
  foreach(target IN ITEMS ${name}_parts ${name}_host ${name}_linked)
    target_compile_features(${target} PRIVATE cxx_std_20)
    target_include_directories(${target} PRIVATE src gen ${TENON_HOST_INCLUDE})
    # Only `tenon_host_module_v1` is visible, so that the names of two bundles in a process cannot clash.
    set_target_properties(${target} PROPERTIES
      CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  endforeach()
  set_target_properties(${name}_host PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${folder}/lib)
  configure_file(host.toml ${folder}/host.toml COPYONLY)
  file(GLOB texts CONFIGURE_DEPENDS ${wit}/*.wit)
  foreach(text IN LISTS texts)
    get_filename_component(file ${text} NAME)
    configure_file(${text} ${folder}/wit/${file} COPYONLY)
  endforeach()
endfunction()

function(tenon_bundle_uses name)
  cmake_parse_arguments(PARSE_ARGV 1 uses "" "" "INCLUDE;LINK")
  foreach(target IN ITEMS ${name}_parts ${name}_host ${name}_linked)
    target_include_directories(${target} PRIVATE ${uses_INCLUDE})
    target_link_libraries(${target} PRIVATE ${uses_LINK})
  endforeach()
endfunction()
