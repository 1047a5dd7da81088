# Run by the build with -DBACKEND= -DFOLDER= -DOUTPUT=: writes the migrations in FOLDER as a C++ file.
# Names are NNNN_name.sql, numbered from 0001 without a gap, because a migration that is missing or
# numbered twice would only show at a user's database.
file(GLOB files "${FOLDER}/*.sql")
list(SORT files)

set(delimiter "freight_sql")
set(entries "")
set(count 0)
foreach(file IN LISTS files)
  get_filename_component(file_name "${file}" NAME)
  if(NOT file_name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)\\.sql$")
    message(FATAL_ERROR "${file}: a migration is named NNNN_name.sql (a-z, 0-9 and _)")
  endif()
  set(digits "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  math(EXPR count "${count} + 1")
  string(REGEX REPLACE "^0+" "" number "${digits}")
  if(NOT number STREQUAL "${count}")
    message(FATAL_ERROR "${file}: expected migration number ${count}; numbers have no gap or double")
  endif()
  file(READ "${file}" text)
  string(FIND "${text}" ")${delimiter}\"" clash)
  if(NOT clash EQUAL -1)
    message(FATAL_ERROR "${file}: contains the end mark of the raw string it is embedded in")
  endif()
  string(APPEND entries "    EmbeddedMigration{${count}, \"${name}\", R\"${delimiter}(${text})"
                        "${delimiter}\"},\n")
endforeach()

file(WRITE "${OUTPUT}.new" "// Written by cmake/embed_sql.cmake; change the .sql files instead.
#include \"storage/sql/embedded_migrations.hpp\"

#include <array>

namespace freight {
namespace {

constexpr std::array<EmbeddedMigration, ${count}> migrations{{
${entries}}};

}  // namespace

std::span<const EmbeddedMigration> ${BACKEND}_migrations() { return migrations; }

}  // namespace freight
")
file(RENAME "${OUTPUT}.new" "${OUTPUT}")
