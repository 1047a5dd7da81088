# Sourced by script/test and script/stress: how ctest is run. Needs common.sh.

# test_environment COMMAND...: runs it with a PostgreSQL server, unless FREIGHT_TEST_POSTGRESQL names one,
# and with temporary files in memory where there is room for them: no test needs a disk, and SQLite waits
# for it at each commit.
test_environment() {
  local memory=/dev/shm with_server=("$root/script/postgresql" run --) available
  if [[ -n ${FREIGHT_TEST_POSTGRESQL:-} ]]; then
    say "test: using the PostgreSQL server named by FREIGHT_TEST_POSTGRESQL"
    with_server=()
  fi
  available="$(df --output=avail "$memory" 2>/dev/null | tail -n 1)"
  if [[ -n ${TMPDIR:-} || ! -w $memory || ${available:-0} -lt 4000000 ]]; then
    "${with_server[@]}" "$@" </dev/null
    return
  fi
  (
    TMPDIR="$(mktemp -d "$memory/freight-test.XXXXXX")"
    export TMPDIR
    # With the servers in it, those of tests among them.
    when_gone "$BASHPID" bash -c 'for server in "$1"/freight-postgresql.*; do "$2" stop "$server"; done
      rm -rf "$1"' remove "$TMPDIR" "$root/script/postgresql"
    # Some tests go on as another user.
    chmod 1777 "$TMPDIR"
    trap 'rm -rf "$TMPDIR"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "${with_server[@]}" "$@" </dev/null
  )
}

# run_tests PRESET RESULTS [ctest options]
run_tests() {
  local preset="$1" results="$2" without_randomisation=()
  shift 2
  if [[ $preset == tsan ]] && setarch --addr-no-randomize true 2>/dev/null; then
    # Where a kernel randomises addresses widely, TSan of this age finds its shadow memory taken.
    without_randomisation=(setarch --addr-no-randomize)
  fi
  # Twice as many as there are processors: many tests wait, for a lease to run out or a server to come back.
  (cd "$root" && test_environment "${without_randomisation[@]}" ctest --preset "$preset" \
    --parallel "$((2 * $(parallel_jobs)))" --output-junit "$results" "$@")
}
