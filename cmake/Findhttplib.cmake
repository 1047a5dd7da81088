#[[
Finds cpp-httplib 0.18.7 or newer as a header and gives it the target httplib::httplib.

script/bootstrap puts the source of Debian 13's package into .deps; elsewhere the library's own CMake
package is taken (Conan, vcpkg, Homebrew, Debian 13), else its header.
]]

include(FindPackageHandleStandardArgs)

find_package(httplib 0.18.7 CONFIG QUIET)
if(TARGET httplib::httplib AND httplib_VERSION)
  set(_httplib_location "${httplib_DIR}")
else()
  find_path(
    httplib_INCLUDE_DIR httplib.h
    HINTS "${PROJECT_SOURCE_DIR}/.deps/cpp-httplib"
    NO_CACHE)
  set(_httplib_location "${httplib_INCLUDE_DIR}")
  if(httplib_INCLUDE_DIR)
    file(STRINGS "${httplib_INCLUDE_DIR}/httplib.h" _httplib_line
         REGEX "^#define CPPHTTPLIB_VERSION \"")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" httplib_VERSION "${_httplib_line}")
  endif()
endif()

find_package_handle_standard_args(
  httplib
  REQUIRED_VARS _httplib_location
  VERSION_VAR httplib_VERSION
  REASON_FAILURE_MESSAGE
    "install cpp-httplib 0.18.7 or newer (script/bootstrap gets it on Debian 12), or configure with -D FREIGHT_BUILD_FREIGHTD=OFF")

if(httplib_FOUND AND NOT TARGET httplib::httplib)
  add_library(httplib::httplib INTERFACE IMPORTED)
  target_include_directories(httplib::httplib SYSTEM INTERFACE "${httplib_INCLUDE_DIR}")
endif()
