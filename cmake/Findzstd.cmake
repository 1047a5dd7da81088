#[[
Finds zstd and gives the target freight_zstd::zstd, from the header and the library: the CMake files
of some versions want more than they need.
]]

include(FindPackageHandleStandardArgs)

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_ZSTD QUIET libzstd)
endif()
find_path(ZSTD_INCLUDE_DIR NAMES zstd.h HINTS ${PC_ZSTD_INCLUDE_DIRS})
find_library(ZSTD_LIBRARY NAMES zstd HINTS ${PC_ZSTD_LIBRARY_DIRS})
mark_as_advanced(ZSTD_INCLUDE_DIR ZSTD_LIBRARY)

find_package_handle_standard_args(
  zstd
  REQUIRED_VARS ZSTD_LIBRARY ZSTD_INCLUDE_DIR
  VERSION_VAR PC_ZSTD_VERSION)

if(zstd_FOUND AND NOT TARGET freight_zstd::zstd)
  add_library(freight_zstd::zstd UNKNOWN IMPORTED)
  set_target_properties(
    freight_zstd::zstd PROPERTIES IMPORTED_LOCATION "${ZSTD_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                                  "${ZSTD_INCLUDE_DIR}")
endif()
