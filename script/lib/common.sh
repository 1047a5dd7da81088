# Sourced by the scripts beside it: the root of the repository, messages, and parallelism.

set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "${0##*/}: $*"
  exit 1
}

usage_error() {
  say "${0##*/}: $*; see --help"
  exit 2
}

# The value of an option, or an end with a message: option_value "$@" inside a loop over options.
option_value() {
  [[ $# -ge 2 && -n $2 ]] || usage_error "$1 needs a value"
  printf '%s' "$2"
}

# CI checks out as one user and runs as another, which git refuses unless told that it is meant.
repository_git() { git -c safe.directory="$root" -C "$root" "$@"; }

parallel_jobs() { getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2; }

# when_gone PID COMMAND...: runs the command once the process is gone, in a process that outlives it. A trap
# does not see kill -9.
when_gone() {
  setsid bash -c 'pid="$1"; shift; while kill -0 "$pid" 2>/dev/null; do sleep 1; done; "$@"' \
    when_gone "$@" </dev/null >/dev/null 2>&1 &
  disown
}

# configure_and_build PRESET [cmake --build options]
configure_and_build() {
  local preset="$1"
  shift
  (cd "$root" && cmake --preset "$preset" && cmake --build --preset "$preset" \
    --parallel "$(parallel_jobs)" "$@")
}
