# Sourced: temporary PostgreSQL servers. Needs common.sh.
#
# postgresql_start sets postgresql_url and postgresql_folder; postgresql_stop FOLDER undoes it and
# accepts an empty name, so that it can stand in a trap before anything was started.
#
# The server is set for tests: these kill servers, not machines, so nothing need reach the disk; and they
# begin many sessions in many small databases. What stands in postgresql_settings overrides that.

postgresql_folder=""
postgresql_url=""
postgresql_settings=""

postgresql_program_folder() {
  local folder newest=""
  for folder in /usr/lib/postgresql/*/bin; do
    [[ -x $folder/initdb ]] && newest="$folder"
  done
  if [[ -z $newest ]] && command -v pg_config >/dev/null; then
    newest="$(pg_config --bindir)"
  fi
  [[ -n $newest && -x $newest/initdb ]] || fail "no PostgreSQL server found; run script/bootstrap"
  printf '%s' "$newest"
}

# PostgreSQL refuses to run as root.
postgresql_as_server() {
  if [[ $(id -u) -eq 0 ]]; then
    (cd / && runuser -u postgres -- "$@")
  else
    (cd / && "$@")
  fi
}

postgresql_free_port() {
  python3 -c 'import socket
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    print(probe.getsockname()[1])'
}

postgresql_start() {
  local programs attempt port
  programs="$(postgresql_program_folder)"
  # Short, because the path of a Unix socket has room for about 100 characters.
  postgresql_folder="$(mktemp -d "${TMPDIR:-/tmp}/freight-postgresql.XXXXXX")"
  touch "$postgresql_folder/freight-postgresql"
  if [[ $(id -u) -eq 0 ]]; then
    chown -R postgres "$postgresql_folder"
  fi

  postgresql_as_server "$programs/initdb" --pgdata "$postgresql_folder/data" --username postgres \
    --auth trust --encoding UTF8 --locale C.UTF-8 --no-sync >"$postgresql_folder/initdb.log" 2>&1 ||
    { cat "$postgresql_folder/initdb.log" >&2; fail "initdb failed"; }
  cat >>"$postgresql_folder/data/postgresql.conf" <<TEXT
listen_addresses = '127.0.0.1'
unix_socket_directories = '$postgresql_folder'
max_connections = 200
fsync = off
synchronous_commit = on
shared_buffers = 32MB
autovacuum = off
jit = off
lc_messages = 'C'
timezone = 'UTC'
$postgresql_settings
TEXT

  # Another program may take the port between the probe and the start.
  for attempt in 1 2 3 4 5; do
    port="$(postgresql_free_port)"
    if postgresql_as_server "$programs/pg_ctl" start --wait --timeout 60 --silent \
      --pgdata "$postgresql_folder/data" --log "$postgresql_folder/server.log" \
      --options "-p $port" </dev/null >/dev/null; then
      break
    fi
    [[ $attempt -lt 5 ]] || { cat "$postgresql_folder/server.log" >&2; fail "no server started"; }
  done

  # As the superuser, because tests create databases and roles of their own.
  postgresql_url="postgresql://postgres@127.0.0.1:$port/postgres"
  "$programs/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$postgresql_url" >/dev/null <<'SQL'
CREATE ROLE freight LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE DATABASE freight OWNER freight;
SQL
}

postgresql_stop() {
  local folder="$1"
  postgresql_folder=""
  [[ -n $folder && -d $folder ]] || return 0
  if [[ -f $folder/data/postmaster.pid ]]; then
    # Nothing in it is worth keeping, so it need not write anything out.
    postgresql_as_server "$(postgresql_program_folder)/pg_ctl" stop --mode immediate --silent \
      --timeout 30 --pgdata "$folder/data" >/dev/null 2>&1 ||
      say "postgresql: the server in $folder did not stop"
  fi
  rm -rf "$folder"
}
