# Install rules: libraries, public headers, and a CMake package with the find modules that a user of
# the static libraries needs as well.
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
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(
  EXPORT FreightTargets
  NAMESPACE Freight::
  DESTINATION ${freight_package_dir})

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
  DESTINATION ${freight_package_dir})

if(FREIGHT_BUILD_FREIGHTD)
  install(TARGETS freightd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
