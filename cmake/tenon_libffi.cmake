# libffi, for host bundles without a table. Its archive is taken where it is there, so that the command
# loads no library for it; the one for position-independent code, for programs that are libraries.
find_path(TENON_LIBFFI_INCLUDE ffi.h REQUIRED)
find_library(TENON_LIBFFI NAMES libffi_pic.a libffi.a ffi REQUIRED)
mark_as_advanced(TENON_LIBFFI_INCLUDE TENON_LIBFFI)

add_library(tenon_libffi INTERFACE)
target_include_directories(tenon_libffi SYSTEM INTERFACE ${TENON_LIBFFI_INCLUDE})
target_link_libraries(tenon_libffi INTERFACE ${TENON_LIBFFI})
