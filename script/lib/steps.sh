# Sourced by .ci/run and script/check: steps with titles and times, the names of those that failed, and
# what they said first. Needs common.sh.

steps_failed=()
steps_output="$(mktemp)"
trap 'rm -f "$steps_output"' EXIT

# What the compilers, the formatter and the others call an error is `place: error: text`; Doxygen says
# `warning`, and compilers of what is no error.
first_errors() {
  { grep -a -E -m 3 '(^|[ :])error: ' "$steps_output" ||
    grep -a -E -m 3 '(^|[ :])warning: ' "$steps_output" || true; } | cut -c 1-240
}

# step TITLE COMMAND...
step() {
  local title="$1" code=0 begin=$SECONDS running said
  shift
  printf '\n=== %s (%d:%02d since the start)\n' "$title" $((SECONDS / 60)) $((SECONDS % 60))
  # Not in a condition, where a function would go on behind what fails in it.
  (set -e && "$@") </dev/null >"$steps_output" 2>&1 &
  running=$!
  # Not a pipe, which whatever a step leaves behind would hold open.
  tail --follow --lines=+1 --pid="$running" "$steps_output" &
  wait "$running" || code=$?
  wait $!
  if [[ $code -ne 0 ]]; then
    said="$(first_errors)"
    steps_failed+=("$title${said:+$'\n'$said}")
    printf '=== FAILED with %d: %s\n' "$code" "$title"
  fi
  printf '=== %s took %d s\n' "$title" $((SECONDS - begin))
}

# Says how it went and ends the script. The names stand at the end, because the end of a long log is
# what a person reads.
steps_end() {
  local results=("$root"/build/*/tests.xml) folders=() file
  for file in "${results[@]}"; do [[ ! -e $file ]] || folders+=("${file%/*}"); done
  printf '\n=== All steps took %d:%02d\n' $((SECONDS / 60)) $((SECONDS % 60))
  [[ ${#folders[@]} -eq 0 ]] || "$root/script/lib/test_results.py" --brief "${folders[@]}" || true
  if [[ ${#steps_failed[@]} -gt 0 ]]; then
    printf '=== FAILED: %s\n' "${steps_failed[@]}"
    exit 1
  fi
  echo "=== Everything passed"
  exit 0
}
