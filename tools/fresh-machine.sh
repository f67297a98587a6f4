#!/usr/bin/env bash
# The README's two commands as a stranger would run them: a new Debian 12 with nothing of ours, Swift, a clone of this commit.
#   tools/fresh-machine.sh [OUT [COMMAND...]]
# Needs root, mmdebstrap and the `swift` that is on the PATH. OUT gets what was printed and the seconds of each command.
# FRESH_BINDS names further folders of this machine that the new one is to see (a mirror of Swift packages, say);
# apt's and git's settings of this machine hold there too.
set -euo pipefail

# In a mount namespace of its own: what is mounted there is gone with it.
if [[ -z ${FRESH_TREE:-} ]]; then
    FRESH_TREE=$(mktemp -d "${TMPDIR:-/var/tmp}/popcornd-fresh.XXXXXX")
    export FRESH_TREE
    status=0
    unshare --mount --propagation private "$0" "$@" || status=$?
    rm -rf --one-file-system "$FRESH_TREE"
    exit "$status"
fi

out=${1:-build/fresh}
tree=$FRESH_TREE
repository=$(git -C "$(dirname "$0")/.." rev-parse --show-toplevel)
swift=$(dirname "$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")")
mkdir -p "$out"

# What swift.org lists for Debian 12, and git.
needed=ca-certificates,git,binutils,gnupg2,libc6-dev,libcurl4-openssl-dev,libedit2,libgcc-12-dev,libpython3-dev
needed+=,libstdc++-12-dev,libxml2-dev,libncurses-dev,libz3-dev,pkg-config,tzdata,zlib1g-dev,make
mmdebstrap --quiet --mode=root --variant=minbase --include="$needed" bookworm "$tree" >"$out/debian.log" 2>&1
cp -r /etc/apt/. "$tree/etc/apt/"
cp /etc/resolv.conf "$tree/etc/resolv.conf"
for settings in /etc/gitconfig /etc/gitignore /root/.gitconfig; do [[ ! -e $settings ]] || cp "$settings" "$tree$settings"; done
mount --bind "$tree" "$tree"
for folder in /proc /sys /dev "$swift" ${FRESH_BINDS:-}; do
    mkdir -p "$tree$folder"
    mount --rbind "$folder" "$tree$folder"
done
mount -t tmpfs tmpfs "$tree/run"
git clone --quiet --no-hardlinks "$repository" "$tree/root/popcornd"

# Not by chroot: in one no user namespace can be made, and the service's sandbox needs one.
within() {
    # shellcheck disable=SC2016
    unshare --mount --propagation private sh -c '
        cd "$0" && mkdir -p .outside && pivot_root . .outside && cd / || exit
        umount -l /.outside 2>/dev/null
        exec "$@"' "$tree" "$@"
}

before=$(chroot "$tree" dpkg-query -f '.\n' -W | wc -l)
shift $(($# > 0))
(($#)) || set -- "make demo" "make test"
for command in "$@"; do
    begun=$SECONDS
    within env -i HOME=/root LANG=C.UTF-8 TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:"$swift/usr/bin" \
        sh -c "cd /root/popcornd && $command" >"$out/${command// /-}.log" 2>&1 ||
        { tail -n 30 "$out/${command// /-}.log"; echo "$command failed after $((SECONDS - begun)) s"; exit 1; }
    echo "$command: $((SECONDS - begun)) s" | tee -a "$out/seconds.txt"
done
echo "$before Debian packages at the start, $(chroot "$tree" dpkg-query -f '.\n' -W | wc -l) at the end"
