#!/bin/sh
# Says whether the Go command given is new enough for go.mod.
# usage: check-go.sh GO
set -eu
cd "$(dirname "$0")/.."
need=$(sed -n 's/^go \([0-9]*\.[0-9]*\).*/\1/p' go.mod)

if ! have=$("$1" env GOVERSION 2>/dev/null) || [ -z "$have" ]; then
	# A Go older than 1.21 cannot read this go.mod, but tells its version elsewhere.
	have=$(cd / && "$1" env GOVERSION 2>/dev/null) || have='no Go at all'
fi
number=${have#go}
oldest=$(printf '%s\n%s\n' "$need" "$number" | sort -V | head -n 1)
case "$have" in
devel*) exit 0 ;;
go[0-9]*) [ "$oldest" != "$need" ] || exit 0 ;;
esac
cat >&2 <<END
Go $need or newer is needed; '$1' is $have.
Debian 12's own golang package is older: install Go from https://go.dev/dl/
and put it first in PATH, or name it: make GO=/usr/local/go/bin/go …
END
exit 1
