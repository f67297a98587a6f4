#!/bin/sh
# Installs from Debian what is missing of tools/debian-packages.txt. Asks apt only then.
#   tools/install-packages.sh build         to build and run
#   tools/install-packages.sh build test    also what `make test` needs
set -eu
list=$(dirname "$0")/debian-packages.txt
missing=
for purpose in "$@"; do
    for package in $(awk -v purpose="$purpose:" '$1 == purpose { print $2 }' "$list"); do
        status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$status" = installed ] || missing="$missing $package"
    done
done
if ! command -v swift >/dev/null 2>&1; then
    echo "Swift is not on the PATH. popcornd is built with Swift 6.3: see https://www.swift.org/install/linux/" >&2
    exit 1
fi
[ -n "$missing" ] || exit 0
if [ "$(id -u)" -ne 0 ]; then
    echo "These Debian packages are missing, and installing them needs root. Please run:" >&2
    echo "    sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi
echo "Installing from Debian:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of words is meant
apt-get install -qq -y --no-install-recommends $missing </dev/null >/dev/null 2>&1 || {
    apt-get update -qq </dev/null
    apt-get install -qq -y --no-install-recommends $missing </dev/null >/dev/null
}
