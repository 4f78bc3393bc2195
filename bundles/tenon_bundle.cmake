# tenon_bundle(NAME WIT SOURCES...): the bundle NAME in <build>/bundles/NAME, as `--host-bundle` takes it: its library,
# host.toml of the calling folder, and the WIT of the folder WIT. The target is NAME_host. All it needs of tenon is
# tenon/tenon_host.h.
find_path(TENON_HOST_INCLUDE tenon/tenon_host.h HINTS ${CMAKE_CURRENT_LIST_DIR}/../include REQUIRED)

function(tenon_bundle name wit)
  set(folder ${CMAKE_BINARY_DIR}/bundles/${name})
  add_library(${name}_host MODULE ${ARGN})
  target_compile_features(${name}_host PRIVATE cxx_std_20)
  target_include_directories(${name}_host PRIVATE src gen ${TENON_HOST_INCLUDE})
  # `tenon_host_module_v1` is all that others see: two bundles in a process have names of their own.
  set_target_properties(${name}_host PROPERTIES
    CXX_EXTENSIONS OFF CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY ${folder}/lib)
  configure_file(host.toml ${folder}/host.toml COPYONLY)
  file(GLOB texts CONFIGURE_DEPENDS ${wit}/*.wit)
  foreach(text IN LISTS texts)
    get_filename_component(file ${text} NAME)
    configure_file(${text} ${folder}/wit/${file} COPYONLY)
  endforeach()
endfunction()
