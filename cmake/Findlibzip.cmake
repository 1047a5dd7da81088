#[[
Finds libzip and gives the target freight_zip::zip, from the header and the library: the CMake files
of some versions want more than they need.
]]

include(FindPackageHandleStandardArgs)

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_LIBZIP QUIET libzip)
endif()
find_path(LIBZIP_INCLUDE_DIR NAMES zip.h HINTS ${PC_LIBZIP_INCLUDE_DIRS})
find_library(LIBZIP_LIBRARY NAMES zip HINTS ${PC_LIBZIP_LIBRARY_DIRS})
mark_as_advanced(LIBZIP_INCLUDE_DIR LIBZIP_LIBRARY)

find_package_handle_standard_args(
  libzip
  REQUIRED_VARS LIBZIP_LIBRARY LIBZIP_INCLUDE_DIR
  VERSION_VAR PC_LIBZIP_VERSION)

if(libzip_FOUND AND NOT TARGET freight_zip::zip)
  add_library(freight_zip::zip UNKNOWN IMPORTED)
  set_target_properties(
    freight_zip::zip PROPERTIES IMPORTED_LOCATION "${LIBZIP_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                  "${LIBZIP_INCLUDE_DIR}")
endif()
