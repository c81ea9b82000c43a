#!/bin/bash
# Runs every fuzz target for a while, one after the other, and names those that failed.
# usage: fuzz.sh TIME COMMAND [ARGUMENT]...
# COMMAND gets the name of a result file, --, and go test's arguments.
set -euo pipefail
cd "$(dirname "$0")/.."
time=$1
shift
failed=()
while IFS=: read -r file target; do
	directory=$(dirname "$file")
	result=bin/tests/fuzz-$(tr / - <<<"${directory#./}")-$target.json
	echo "fuzzing $target in $directory for $time"
	"$@" "$result" -- -run '^$' -fuzz "^$target\$" -fuzztime "$time" "$directory" || failed+=("$directory $target")
done < <(grep -rE --include='*_test.go' --exclude-dir=bin '^func Fuzz\w+' . | sed -E 's/^([^:]+):func (Fuzz\w+).*/\1:\2/' | sort)
if [ "${#failed[@]}" != 0 ]; then
	printf 'fuzzing found a fault: %s\n' "${failed[@]}" >&2
	exit 1
fi
