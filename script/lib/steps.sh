# Sourced by .ci/run and script/check: steps with titles and times, and the names of those that failed.
# Needs common.sh.

steps_failed=()

# step TITLE COMMAND...
step() {
  local title="$1" code=0 begin=$SECONDS
  shift
  printf '\n=== %s (%d:%02d since the start)\n' "$title" $((SECONDS / 60)) $((SECONDS % 60))
  # Not in a condition, where a function would go on behind what fails in it.
  (set -e && "$@") </dev/null &
  wait $! || code=$?
  if [[ $code -ne 0 ]]; then
    steps_failed+=("$title")
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
