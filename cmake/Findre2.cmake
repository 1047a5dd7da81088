#[[
Finds RE2 and gives the target re2::re2: from RE2's own CMake package where there is one, else from
the header and the library (Debian ships a package without CMake files).
]]

include(FindPackageHandleStandardArgs)

find_package(re2 CONFIG QUIET)
if(re2_FOUND AND TARGET re2::re2)
  find_package_handle_standard_args(re2 CONFIG_MODE)
  return()
endif()

find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
  pkg_check_modules(PC_RE2 QUIET re2)
endif()
find_path(RE2_INCLUDE_DIR NAMES re2/re2.h HINTS ${PC_RE2_INCLUDE_DIRS})
find_library(RE2_LIBRARY NAMES re2 HINTS ${PC_RE2_LIBRARY_DIRS})
mark_as_advanced(RE2_INCLUDE_DIR RE2_LIBRARY)

find_package_handle_standard_args(
  re2
  REQUIRED_VARS RE2_LIBRARY RE2_INCLUDE_DIR
  VERSION_VAR PC_RE2_VERSION)

if(re2_FOUND AND NOT TARGET re2::re2)
  find_package(Threads QUIET)
  add_library(re2::re2 UNKNOWN IMPORTED)
  set_target_properties(
    re2::re2 PROPERTIES IMPORTED_LOCATION "${RE2_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES
                                                           "${RE2_INCLUDE_DIR}")
  if(TARGET Threads::Threads)
    target_link_libraries(re2::re2 INTERFACE Threads::Threads)
  endif()
endif()
