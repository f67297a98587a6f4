# A machine to test on: Debian's systemd as PID 1 of namespaces of its own, by systemd-nspawn over an overlay on a tree
# that is built once. Nothing of it touches this machine's systemd, and nothing is left when it is down.
# To be sourced; sets `machine_*` functions. Needs root.
# shellcheck shell=bash

machine_home=${XDG_CACHE_HOME:-/var/cache}/popcornd-tests
machine_run=
machine_pid=
# What systemd itself needs, then what our programs are linked with.
machine_packages=systemd,systemd-sysv,dbus,procps,libdeflate0,libdnnl2,libgomp1,libinotifytools0,libniftiio2
machine_packages+=,libopenblas0-pthread,libseccomp2,libsqlite3-0,libssl3,libstdc++6,libsystemd0

machine_missing() {
    local program missing=()
    [[ $EUID -eq 0 ]] || missing+=("root")
    for program in mmdebstrap systemd-nspawn systemd-analyze unshare nsenter; do
        command -v "$program" >/dev/null || missing+=("$program")
    done
    ((${#missing[@]} == 0)) || echo "${missing[*]}"
}

machine_tree() { echo "$machine_home/tree-$(sha256sum <<<"1 $machine_packages" | cut -c -12)"; }

# Builds the tree unless it is there; it gets its name when it is whole.
machine_build() {
    local tree
    tree=$(machine_tree)
    mkdir -p "$machine_home"
    exec 9>"$machine_home/lock"
    flock 9
    if [[ ! -d $tree ]]; then
        rm -rf --one-file-system "$tree.new"
        mmdebstrap --quiet --mode=root --variant=minbase --include="$machine_packages" \
            --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
            --aptopt='Acquire::Retries "3"' bookworm "$tree.new" >"$machine_home/build.log" 2>&1 </dev/null ||
            { tail -n 20 "$machine_home/build.log" >&2; rm -rf --one-file-system "$tree.new"; return 1; }
        mkdir -p "$tree.new/var/log/journal"
        systemd-id128 new >"$tree.new/etc/machine-id"
        rm -f "$tree.new/etc/resolv.conf"
        echo popcorn-test >"$tree.new/etc/hostname"
        systemctl --quiet --root="$tree.new" mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
            e2scrub_all.timer e2scrub_reap.service fstrim.timer console-getty.service getty.target
        mv "$tree.new" "$tree"
    fi
    exec 9>&-
}

# Sets machine_run with the machine's file system at $machine_run/root, for files to be put into before it boots.
# The overlay is visible on this machine only inside the mount namespace that machine_boot makes.
machine_prepare() {
    machine_build || return 1
    machine_run=$(mktemp -d "$machine_home/run-XXXXXX")
    mkdir "$machine_run/root" "$machine_run/added"
}

# Boots with what lies in $machine_run/added laid over the tree.
machine_boot() {
    local tree i
    tree=$(machine_tree)
    # shellcheck disable=SC2016
    setsid --fork unshare --mount --propagation private bash -c '
        set -e
        run=$1 tree=$2
        echo $$ >"$run/pid"
        mount -t tmpfs -o mode=755 tmpfs /run
        mkdir /run/overlay
        mount -t tmpfs -o mode=755 tmpfs /run/overlay
        mkdir /run/overlay/upper /run/overlay/work
        mount -t overlay overlay -o "lowerdir=$run/added:$tree,upperdir=/run/overlay/upper,workdir=/run/overlay/work" "$run/root"
        # Groups of its own, so that its systemd meets none of ours.
        while IFS=: read -r _ controllers path; do
            case $controllers in
                "") where=$(awk "\$9 == \"cgroup2\" || \$8 == \"cgroup2\" || \$10 == \"cgroup2\" { print \$5; exit }" /proc/self/mountinfo) ;;
                name=systemd) where=$(awk "/name=systemd/ { print \$5; exit }" /proc/self/mountinfo) ;;
                *) continue ;;
            esac
            [[ -n $where && -d $where$path ]] || continue
            mkdir -p "$where${path%/}/${run##*/}"
            echo "$where${path%/}/${run##*/}" >>"$run/cgroups"
            echo $$ >"$where${path%/}/${run##*/}/cgroup.procs"
        done </proc/self/cgroup
        exec systemd-nspawn --quiet --directory="$run/root" --machine=popcorn-test --register=no --keep-unit \
            --private-network --kill-signal=SIGRTMIN+3 --console=read-only --setenv=SYSTEMD_COLORS=0 \
            --link-journal=no --resolv-conf=off --timezone=off --system-call-filter="bpf @keyring" \
            /lib/systemd/systemd --system' machine "$machine_run" "$tree" </dev/null >"$machine_run/console" 2>&1
    for ((i = 0; i < 600; i++)); do
        sleep 0.1
        machine_find || continue
        case $(inside systemctl is-system-running 2>/dev/null) in running | degraded) return 0 ;; esac
    done
    echo "the test machine did not boot; its console said:" >&2
    tail -n 20 "$machine_run/console" >&2
    return 1
}

# Sets machine_pid to the machine's PID 1 as it is seen here.
machine_find() {
    local parent child
    parent=$(cat "$machine_run/pid" 2>/dev/null) || return 1
    for child in $(cat "/proc/$parent/task/$parent/children" 2>/dev/null); do
        grep -qE '^NSpid:.*[[:space:]]1$' "/proc/$child/status" 2>/dev/null || continue
        machine_pid=$child
        [[ -S /proc/$child/root/run/systemd/private ]] && return 0
    done
    return 1
}

# Runs a command inside, as root.
inside() {
    nsenter --target "$machine_pid" --all --root --wd env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/root LANG=C.UTF-8 TERM=dumb SYSTEMD_PAGER= SYSTEMD_COLORS=0 "$@"
}

# Puts a file of this machine inside.
put_inside() { inside sh -c 'cat >"$1.put" && mv "$1.put" "$1"' sh "$2" <"$1"; }

machine_down() {
    local parent group
    [[ -n $machine_run ]] || return 0
    parent=$(cat "$machine_run/pid" 2>/dev/null || true)
    if [[ -n $parent ]]; then
        kill -TERM "$parent" 2>/dev/null || true
        for _ in {1..300}; do kill -0 "$parent" 2>/dev/null || break; sleep 0.1; done
        kill -KILL "$parent" 2>/dev/null || true
    fi
    for group in $(sort -u "$machine_run/cgroups" 2>/dev/null); do
        find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
    done
    rm -rf --one-file-system "$machine_run"
    machine_run=
}
