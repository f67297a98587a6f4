#!/usr/bin/env bash
# Installs what was built.
#   tools/install.sh BUILD_DIR [DESTDIR] [PREFIX]
# BUILD_DIR holds the programs. DESTDIR is put before every path (packaging, tests); PREFIX is /usr unless given.
# With an empty DESTDIR also the users and folders are made, and systemd is told. Nothing is enabled or started, and a
# configuration that is there is left as it is.
set -euo pipefail

build=${1:?where are the programs? tools/install.sh BUILD_DIR [DESTDIR] [PREFIX]}
destination=${2:-}
prefix=${3:-/usr}
source=$(cd "$(dirname "$0")/.." && pwd)
units=$destination$prefix/lib/systemd/system

put() { install -D -m "$1" "$2" "$3"; }

# Those that people call, and those that only popcornd calls.
for program in popcornd popcornctl popcorn; do put 755 "$build/$program" "$destination$prefix/bin/$program"; done
for program in popcorn-admit popcorn-watch; do put 755 "$build/$program" "$destination$prefix/lib/popcornd/$program"; done

for unit in "$source"/systemd/*.service "$source"/systemd/*.socket "$source"/systemd/*.timer; do
    put 644 "$unit" "$units/${unit##*/}"
    [[ $prefix == /usr ]] || sed -i "s#/usr/\(bin/popcorn\|share/doc\)#$prefix/\1#" "$units/${unit##*/}"
done
if [[ $prefix != /usr && $prefix != /usr/* ]]; then
    sed -i "s|^ExecPaths=.*|& $prefix|" "$units"/popcornd*.service
fi
put 644 "$source/systemd/popcornd.sysusers" "$destination$prefix/lib/sysusers.d/popcornd.conf"
put 644 "$source/systemd/popcornd.tmpfiles" "$destination$prefix/lib/tmpfiles.d/popcornd.conf"
put 644 "$source/systemd/popcornd.catalog" "$destination$prefix/lib/systemd/catalog/popcornd.catalog"

# What the administrator has written stays; what is new comes beside it.
configuration=$destination/etc/popcornd/popcornd.toml
if [[ ! -e $configuration ]]; then
    put 644 "$source/etc/popcornd.toml" "$configuration"
elif ! cmp -s "$source/etc/popcornd.toml" "$configuration"; then
    put 644 "$source/etc/popcornd.toml" "$configuration.new"
fi
for text in README.md LICENSE $(cd "$source" && echo docs/*.md); do
    put 644 "$source/$text" "$destination$prefix/share/doc/popcornd/$text"
done

[[ -z $destination && $EUID -eq 0 ]] || exit 0
systemd-sysusers popcornd.conf
systemd-tmpfiles --create popcornd.conf
journalctl --update-catalog
if [[ -d /run/systemd/system ]]; then
    systemctl daemon-reload
    echo "installed. Start it with: systemctl enable --now popcornd.service"
fi
