# Compile through ccache when it is there and nobody chose another launcher.
#
# BASEDIR and NOHASHDIR make paths relative to the source folder, so that several work trees of the
# repository share their results: the second tree compiles only what differs.
find_program(FREIGHT_CCACHE ccache)
mark_as_advanced(FREIGHT_CCACHE)
if(FREIGHT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${PROJECT_SOURCE_DIR}" CCACHE_NOHASHDIR=1
      "${FREIGHT_CCACHE}")
  if(FREIGHT_PRECOMPILE_HEADERS)
    # Without it ccache passes over whatever uses a precompiled header.
    list(INSERT CMAKE_CXX_COMPILER_LAUNCHER 3 CCACHE_SLOPPINESS=pch_defines,time_macros)
  endif()
endif()
