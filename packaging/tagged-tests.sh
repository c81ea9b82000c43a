#!/bin/bash
# Runs a test command over the packages that have tests behind a build tag.
# usage: tagged-tests.sh TAG COMMAND [ARGUMENT]...
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$1
shift
mapfile -t packages < <(
	grep -rlE --include='*_test.go' --exclude-dir=bin "^//go:build .*\b$tag\b" . | xargs -r -n 1 dirname | sort -u
)
if [ "${#packages[@]}" = 0 ]; then
	echo "no tests are tagged '$tag'"
	exit 0
fi
exec "$@" "${packages[@]}"
