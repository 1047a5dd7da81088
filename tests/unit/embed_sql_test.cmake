# Runs cmake/embed_sql.cmake over folders of migrations, good and bad. Needs -DSCRIPT= and -DWORK_DIR=.

# embed(expected_code expected_text): embeds the folder made by migration().
function(embed expected_code expected_text)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -DBACKEND=sqlite "-DFOLDER=${WORK_DIR}" "-DOUTPUT=${WORK_DIR}/out.cpp"
            -P "${SCRIPT}"
    RESULT_VARIABLE code
    ERROR_VARIABLE text)
  if(code EQUAL 0)
    file(READ "${WORK_DIR}/out.cpp" text)
  endif()
  # CMake wraps its error messages.
  string(REGEX REPLACE "[ \n]+" " " text_in_one_line "${text}")
  string(REGEX REPLACE "[ \n]+" " " expected_in_one_line "${expected_text}")
  string(FIND "${text_in_one_line}" "${expected_in_one_line}" position)
  if(NOT code EQUAL expected_code OR position EQUAL -1)
    message(FATAL_ERROR "Expected ${expected_code} and '${expected_text}', got ${code}:\n${text}")
  endif()
  file(REMOVE_RECURSE "${WORK_DIR}")
endfunction()

function(migration name text)
  file(WRITE "${WORK_DIR}/${name}" "${text}")
endfunction()

file(REMOVE_RECURSE "${WORK_DIR}")

migration(0001_first.sql "SELECT 1;\n")
migration(0002_second.sql "SELECT 2;\n")
embed(0 "EmbeddedMigration{2, \"second\", R\"freight_sql(SELECT 2;\n)freight_sql\"},")

# What CMake, C++ or both treat as special elsewhere.
set(special "-- [a;b] ]] \"quoted\" 'it''s' \\n \${not_a_variable} @at@ $$body; body$$ )\" ä\n")
migration(0001_first.sql "${special}")
embed(0 "R\"freight_sql(${special})freight_sql\"")

file(MAKE_DIRECTORY "${WORK_DIR}")
embed(0 "std::array<EmbeddedMigration, 0>")

migration(0001_first.sql "")
migration(0003_third.sql "")
embed(1 "expected migration number 2")

migration(0001_first.sql "")
migration(0001_other.sql "")
embed(1 "expected migration number 2")

migration(1_first.sql "")
embed(1 "a migration is named NNNN_name.sql")

migration(0001_first.sql "SELECT ')freight_sql\"';")
embed(1 "contains the end mark")
