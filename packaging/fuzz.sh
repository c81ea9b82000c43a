#!/bin/bash
# Runs every fuzz target for a number of inputs, one after the other, and names those
# that failed. It is a number and not a time: with a time, go test at times reports the
# end of that time itself as a fault ("context deadline exceeded").
# usage: fuzz.sh COUNTx COMMAND [ARGUMENT]...
# COMMAND gets the name of a result file, --, and go test's arguments.
set -euo pipefail
cd "$(dirname "$0")/.."
count=$1
shift
failed=()
while IFS=: read -r file target; do
	directory=$(dirname "$file")
	result=bin/tests/fuzz-$(tr / - <<<"${directory#./}")-$target.json
	echo "fuzzing $target in $directory with $count"
	"$@" "$result" -- -run '^$' -fuzz "^$target\$" -fuzztime "$count" -fuzzminimizetime 100x "$directory" || failed+=("$directory $target")
done < <(grep -rE --include='*_test.go' --exclude-dir=bin '^func Fuzz\w+' . | sed -E 's/^([^:]+):func (Fuzz\w+).*/\1:\2/' | sort)
if [ "${#failed[@]}" != 0 ]; then
	printf 'fuzzing found a fault: %s\n' "${failed[@]}" >&2
	exit 1
fi
