# libtenon.so.0: the C API alone. Everything else is hidden in it, the C++ library and fmt too, so that a program can
# have others of its own. src/capi/exports.txt lists what it exports.
set(tenon_exports ${CMAKE_CURRENT_SOURCE_DIR}/src/capi/exports.txt)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${tenon_exports})
file(STRINGS ${tenon_exports} names)
list(JOIN names "; " names)
set(tenon_version_script ${CMAKE_BINARY_DIR}/generated/libtenon.map)
file(CONFIGURE OUTPUT ${tenon_version_script} CONTENT "TENON_0 { global: ${names}; local: *; };\n")

add_library(tenon_c SHARED $<TARGET_OBJECTS:tenon_capi>)
add_library(tenon::c ALIAS tenon_c)
set_target_properties(tenon_c PROPERTIES OUTPUT_NAME tenon EXPORT_NAME c SOVERSION 0 LINK_DEPENDS ${tenon_version_script}
                                         LINKER_LANGUAGE CXX LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
target_include_directories(tenon_c INTERFACE
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(tenon_c PRIVATE tenon)
# Signal handlers, destructors of threads and a thread that saves code point into the library: it is never unloaded.
target_link_options(tenon_c PRIVATE -Wl,--version-script=${tenon_version_script} -Wl,--exclude-libs,ALL
                    -Wl,--gc-sections -Wl,--as-needed -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-z,nodelete)
tenon_link_static_runtimes(tenon_c)
