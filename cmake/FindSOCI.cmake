#[[
Finds SOCI and gives it the same targets whatever its version and packager:

  SOCI::Core  SOCI::SQLite3  SOCI::PostgreSQL

SOCI 4.1 exports these itself; 4.0 exports SOCI::soci_core and so on (with the suffix _static for
static libraries); Debian's package exports nothing, so there the headers and libraries are looked up.
Components: SQLite3, PostgreSQL. Sets SOCI_FOUND and SOCI_VERSION.
]]

include(FindPackageHandleStandardArgs)

set(_soci_names_Core Core soci_core soci_core_static)
set(_soci_names_SQLite3 SQLite3 soci_sqlite3 soci_sqlite3_static)
set(_soci_names_PostgreSQL PostgreSQL soci_postgresql soci_postgresql_static)
set(_soci_library_Core soci_core)
set(_soci_library_SQLite3 soci_sqlite3)
set(_soci_library_PostgreSQL soci_postgresql)
set(_soci_header_SQLite3 soci/sqlite3/soci-sqlite3.h)
set(_soci_header_PostgreSQL soci/postgresql/soci-postgresql.h)

# Gives SOCI::<component> as another name of what a CMake package exports.
macro(_soci_adopt component)
  foreach(_soci_name IN LISTS _soci_names_${component})
    if(TARGET SOCI::${_soci_name} AND NOT TARGET SOCI::${component})
      add_library(SOCI::${component} INTERFACE IMPORTED)
      set_target_properties(SOCI::${component} PROPERTIES INTERFACE_LINK_LIBRARIES
                                                          SOCI::${_soci_name})
    endif()
  endforeach()
endmacro()

# Gives SOCI::<component> from a header and a library in the usual folders.
macro(_soci_look_up component)
  find_library(SOCI_${component}_LIBRARY NAMES ${_soci_library_${component}})
  mark_as_advanced(SOCI_${component}_LIBRARY)
  set(_soci_usable FALSE)
  if(SOCI_INCLUDE_DIR AND SOCI_${component}_LIBRARY)
    set(_soci_usable TRUE)
    if(DEFINED _soci_header_${component}
       AND NOT EXISTS "${SOCI_INCLUDE_DIR}/${_soci_header_${component}}")
      set(_soci_usable FALSE)
    endif()
  endif()
  if(_soci_usable AND NOT TARGET SOCI::${component})
    add_library(SOCI::${component} UNKNOWN IMPORTED)
    set_target_properties(
      SOCI::${component} PROPERTIES IMPORTED_LOCATION "${SOCI_${component}_LIBRARY}"
                                    INTERFACE_INCLUDE_DIRECTORIES "${SOCI_INCLUDE_DIR}")
  endif()
endmacro()

# What is not asked for is not looked for: its client library may be missing.
set(_soci_components SQLite3 PostgreSQL)
if(SOCI_FIND_COMPONENTS)
  set(_soci_components ${SOCI_FIND_COMPONENTS})
endif()
list(REMOVE_ITEM _soci_components Core)
list(PREPEND _soci_components Core)

find_package(SOCI ${SOCI_FIND_VERSION} CONFIG QUIET)

if(SOCI_FOUND)
  set(_soci_origin "${SOCI_CONFIG}")
  foreach(_soci_component IN LISTS _soci_components)
    _soci_adopt(${_soci_component})
  endforeach()
else()
  find_path(SOCI_INCLUDE_DIR NAMES soci/soci.h)
  mark_as_advanced(SOCI_INCLUDE_DIR)
  set(_soci_origin "${SOCI_INCLUDE_DIR}")
  if(SOCI_INCLUDE_DIR AND EXISTS "${SOCI_INCLUDE_DIR}/soci/version.h")
    # The header writes its version as a number: 400003 is 4.0.3.
    file(STRINGS "${SOCI_INCLUDE_DIR}/soci/version.h" _soci_line
         REGEX "^#define[ \t]+SOCI_VERSION[ \t]+[0-9]+")
    if(_soci_line MATCHES "([0-9]+)[ \t]*$")
      math(EXPR _soci_major "${CMAKE_MATCH_1} / 100000")
      math(EXPR _soci_minor "${CMAKE_MATCH_1} / 100 % 1000")
      math(EXPR _soci_patch "${CMAKE_MATCH_1} % 100")
      set(SOCI_VERSION "${_soci_major}.${_soci_minor}.${_soci_patch}")
    endif()
  endif()
  foreach(_soci_component IN LISTS _soci_components)
    _soci_look_up(${_soci_component})
  endforeach()
  # Found by hand, nothing tells the linker what the backends themselves need.
  if(TARGET SOCI::Core)
    target_link_libraries(SOCI::Core INTERFACE ${CMAKE_DL_LIBS})
    if(TARGET Boost::headers)
      target_link_libraries(SOCI::Core INTERFACE Boost::headers)
    endif()
  endif()
  if(TARGET SOCI::SQLite3)
    find_package(SQLite3 QUIET)
    target_link_libraries(SOCI::SQLite3 INTERFACE SOCI::Core)
    if(TARGET SQLite::SQLite3)
      target_link_libraries(SOCI::SQLite3 INTERFACE SQLite::SQLite3)
    endif()
  endif()
  if(TARGET SOCI::PostgreSQL)
    find_package(PostgreSQL QUIET)
    target_link_libraries(SOCI::PostgreSQL INTERFACE SOCI::Core)
    if(TARGET PostgreSQL::PostgreSQL)
      target_link_libraries(SOCI::PostgreSQL INTERFACE PostgreSQL::PostgreSQL)
    endif()
  endif()
endif()

set(SOCI_Core_FOUND FALSE)
foreach(_soci_component IN LISTS _soci_components)
  set(SOCI_${_soci_component}_FOUND FALSE)
  if(TARGET SOCI::${_soci_component})
    set(SOCI_${_soci_component}_FOUND TRUE)
  endif()
endforeach()

find_package_handle_standard_args(
  SOCI
  REQUIRED_VARS _soci_origin SOCI_Core_FOUND
  VERSION_VAR SOCI_VERSION
  HANDLE_COMPONENTS)
