#!/bin/bash
# Runs the tests that stand behind a build tag, and no others of their packages.
# usage: tagged-tests.sh TAG COMMAND [ARGUMENT]...
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$1
shift
mapfile -t files < <(grep -rlE --include='*_test.go' --exclude-dir=bin "^//go:build .*\b$tag\b" .)
if [ "${#files[@]}" = 0 ]; then
	echo "no tests are tagged '$tag'"
	exit 0
fi
mapfile -t packages < <(printf '%s\n' "${files[@]}" | xargs -n 1 dirname | sort -u)
tests=$(sed -nE 's/^func (Test[A-Za-z0-9_]*)\(.*\*testing\.T\).*/\1/p' "${files[@]}" | grep -vx TestMain | sort -u | paste -sd '|')
if [ -z "$tests" ]; then
	echo "the files tagged '$tag' hold no tests" >&2
	exit 1
fi
exec "$@" -run "^($tests)\$" "${packages[@]}"
