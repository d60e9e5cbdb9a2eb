# Shared by the regression scripts: run a command, compare its exit code and its words.
# Sourced with AETVAL set to the program. Failures are counted in $failures.
failures=0

# expect CODE 'words the message must hold|more words' COMMAND...
expect() {
  local code=$1 words=$2 status=0 output word
  shift 2
  output=$("$@" 2>&1) || status=$?
  if [ "$status" -ne "$code" ]; then
    echo "FAIL: exit code $status instead of $code: $*"
    echo "      $output"
    failures=$((failures + 1))
    return
  fi
  local IFS='|'
  for word in $words; do
    if ! grep -qF -- "$word" <<<"$output"; then
      echo "FAIL: '$word' is missing in what this prints: $*"
      echo "      $output"
      failures=$((failures + 1))
    fi
  done
}

finish() {
  [ "$failures" -eq 0 ] && echo "all as expected"
  exit $((failures > 0))
}
