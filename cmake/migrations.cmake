# freight_embed_migrations(target backend): compiles the files NNNN_name.sql of
# src/storage/<backend>/migrations into <target>. Call it in the folder that creates the target:
# CMake ties generated sources to that folder.
function(freight_embed_migrations target backend)
  set(folder "${CMAKE_CURRENT_SOURCE_DIR}/src/storage/${backend}/migrations")
  set(output "${CMAKE_CURRENT_BINARY_DIR}/${backend}_migrations.cpp")
  file(GLOB files CONFIGURE_DEPENDS "${folder}/*.sql")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" "-DBACKEND=${backend}" "-DFOLDER=${folder}" "-DOUTPUT=${output}" -P
            "${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake"
    DEPENDS ${files} "${PROJECT_SOURCE_DIR}/cmake/embed_sql.cmake"
    COMMENT "Embedding the migrations of ${backend}"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
