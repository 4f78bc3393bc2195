# libffi, for host bundles without a table. If its archive is installed, it is linked, so that the command does not
# load a library for it. The archive with position-independent code also works for programs that are libraries.
find_path(TENON_LIBFFI_INCLUDE ffi.h REQUIRED)
find_library(TENON_LIBFFI NAMES libffi_pic.a libffi.a ffi REQUIRED)
mark_as_advanced(TENON_LIBFFI_INCLUDE TENON_LIBFFI)

add_library(tenon_libffi INTERFACE)
target_include_directories(tenon_libffi SYSTEM INTERFACE ${TENON_LIBFFI_INCLUDE})
target_link_libraries(tenon_libffi INTERFACE ${TENON_LIBFFI})
