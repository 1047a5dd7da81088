# Install rules: libraries, public headers, a CMake package with the find modules that a user of the
# static libraries needs as well, and pkg-config files.
include(CMakePackageConfigHelpers)

set(freight_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/Freight")

install(
  TARGETS ${freight_libraries}
  EXPORT FreightTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY "${PROJECT_SOURCE_DIR}/libfreight/include/freight"
                  "${PROJECT_SOURCE_DIR}/libfreight/testing/include/freight"
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(
  EXPORT FreightTargets
  NAMESPACE Freight::
  DESTINATION ${freight_package_dir})

# Apart from the others: only whoever runs the conformance suites needs GoogleTest.
install(TARGETS freight_testing EXPORT FreightTestingTargets)
install(
  EXPORT FreightTestingTargets
  NAMESPACE Freight::
  DESTINATION ${freight_package_dir})

# freight_pkg_config(NAME name DESCRIPTION text LIBS libraries [REQUIRES modules]): the file <name>.pc.
# What the static libraries need stands in Libs and Requires, so that --static is not needed.
function(freight_pkg_config)
  cmake_parse_arguments(PARSE_ARGV 0 arg "" "NAME;DESCRIPTION;LIBS;REQUIRES" "")
  # Relative to the file, so that the installed tree can be moved.
  file(RELATIVE_PATH prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
  string(REGEX REPLACE "/$" "" prefix "${prefix}")
  configure_file("${PROJECT_SOURCE_DIR}/cmake/freight.pc.in" "${PROJECT_BINARY_DIR}/${arg_NAME}.pc"
                 @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${arg_NAME}.pc"
          DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endfunction()

freight_pkg_config(
  NAME freight-core DESCRIPTION "everything that needs no database"
  LIBS "-lfreight_core -lboost_json -pthread" REQUIRES "re2 libxxhash libcrypto zlib libzstd libzip")
set(freight_backend_modules "freight-core")
if(FREIGHT_SQLITE OR FREIGHT_POSTGRESQL)
  freight_pkg_config(
    NAME freight-sql DESCRIPTION "what both backends share"
    LIBS "-lfreight_sql -lsoci_core -lboost_json" REQUIRES "freight-core")
endif()
if(FREIGHT_SQLITE)
  freight_pkg_config(
    NAME freight-sqlite DESCRIPTION "the SQLite backend"
    LIBS "-lfreight_sqlite -lsoci_sqlite3" REQUIRES "freight-sql sqlite3")
  string(PREPEND freight_backend_modules "freight-sqlite ")
endif()
if(FREIGHT_POSTGRESQL)
  freight_pkg_config(
    NAME freight-postgresql DESCRIPTION "the PostgreSQL backend"
    LIBS "-lfreight_postgresql -lsoci_postgresql" REQUIRES "freight-sql libpq")
  string(PREPEND freight_backend_modules "freight-postgresql ")
endif()
freight_pkg_config(
  NAME freight DESCRIPTION "all that was built" LIBS "-lfreight"
  REQUIRES "${freight_backend_modules}")

configure_package_config_file(
  "${PROJECT_SOURCE_DIR}/cmake/FreightConfig.cmake.in" "${PROJECT_BINARY_DIR}/FreightConfig.cmake"
  INSTALL_DESTINATION ${freight_package_dir})
write_basic_package_version_file("${PROJECT_BINARY_DIR}/FreightConfigVersion.cmake"
                                 COMPATIBILITY SameMinorVersion)
install(
  FILES "${PROJECT_BINARY_DIR}/FreightConfig.cmake"
        "${PROJECT_BINARY_DIR}/FreightConfigVersion.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindSOCI.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/Findre2.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/FindxxHash.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/Findlibzip.cmake"
        "${PROJECT_SOURCE_DIR}/cmake/Findzstd.cmake"
  DESTINATION ${freight_package_dir})

if(FREIGHT_BUILD_FREIGHTD)
  install(TARGETS freightd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
