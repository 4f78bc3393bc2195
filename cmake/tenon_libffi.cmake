# libffi, for host bundles without a table. If its archive is installed, it is linked, so that the command does not
# load a library for it. The archive with position-independent code also works for programs that are libraries.
find_path(TENON_LIBFFI_INCLUDE ffi.h REQUIRED)
find_library(TENON_LIBFFI NAMES libffi_pic.a libffi.a ffi REQUIRED)
mark_as_advanced(TENON_LIBFFI_INCLUDE TENON_LIBFFI)

add_library(tenon_libffi INTERFACE)
target_include_directories(tenon_libffi SYSTEM INTERFACE ${TENON_LIBFFI_INCLUDE})
target_link_libraries(tenon_libffi INTERFACE ${TENON_LIBFFI})

# The objects of the archive become part of libtenon.a.
set(TENON_LIBFFI_OBJECTS "")
if(TENON_LIBFFI MATCHES "_pic\\.a$")
  set(folder ${CMAKE_BINARY_DIR}/generated/libffi)
  file(MAKE_DIRECTORY ${folder})
  execute_process(COMMAND ${CMAKE_AR} x ${TENON_LIBFFI} WORKING_DIRECTORY ${folder} COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB TENON_LIBFFI_OBJECTS ${folder}/*.o)
  set_source_files_properties(${TENON_LIBFFI_OBJECTS} PROPERTIES EXTERNAL_OBJECT ON)
endif()
