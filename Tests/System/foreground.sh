# A service in the foreground, as whoever calls: for tests that need no systemd. Sourced; `bin` is where the programs are.
# shellcheck shell=bash disable=SC2034,SC2154

export OMP_WAIT_POLICY=PASSIVE
watch=${POPCORN_WATCH:-$bin/popcorn-watch}
scratch=$(mktemp -d)
service=
passed=0 failed=0

ok() { passed=$((passed + 1)); echo "  ok    $1"; }
fail() { # NAME WORDS
    failed=$((failed + 1))
    echo "  FAIL  $1"
    [[ -z ${2:-} ]] || head -n 20 <<<"          ${2//$'\n'/$'\n'          }"
}
check() { # NAME COMMAND...
    local name=$1 output
    shift
    if output=$("$@" 2>&1); then ok "$name"; else fail "$name" "$output"; fi
}
# Looks for something until it is true, for at most $1 seconds, without a process for each look.
until_true() {
    local limit=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < limit)) || return 1
        read -r -t 0.005 -u "$never"
    done
    return 0
}
exec {never}<> <(:)

# A new study: its folders and its configuration, with `place` and `share` set.
study() { # NAME
    place=$scratch/$1
    share=$place/share
    mkdir -p "$share/inbox"
    cat >"$place/popcornd.toml" <<TOML
[inbox]
path = ["$share/inbox"]
settle = "200ms"
[state]
path = "$place/state"
[run]
path = "$place/run"
watch = ["$watch"]
worker_socket = "none"
[output]
path = "$share/outbox"
[resources]
threads = 1
min_free = "64MiB"
TOML
}

# A study that trains a small network in seconds; settings of its own may follow. Case labels are keyed hashes, and the
# same subject is held out: the key is the same every time.
small_study() { # NAME
    study "$1"
    install -d -m 700 "$place/state"
    printf '%032d' 7 >"$place/state/install.key"
    chmod 600 "$place/state/install.key"
    cat >>"$place/popcornd.toml" <<TOML
[popcorn]
width = 8
patch_size = 16
reference_spacing = 4.0
reference_size = [48, 56, 48]
brain = "nonzero"
learning_rate = 5e-4
initial_epochs = 5
min_expert = 3
trigger_quiet = "0s"
trigger_quiet_expert = "0s"
regress_tolerance = 1.0
TOML
}

begin_service() { # --once|--listening [FAULT]
    local options=()
    [[ $1 != --once ]] || options=(--once)
    POPCORND_FAULT=${2:-} "$bin/popcornd" --config "$place/popcornd.toml" ${options[@]+"${options[@]}"} \
        >>"$place/log" 2>&1 &
    service=$!
}
end_service() {
    [[ -n $service ]] || return 0
    kill -TERM "$service" 2>/dev/null
    wait "$service" 2>/dev/null
    service=
}
# Sets `child` to a living child of the service that runs a program. Without a process of its own: some live for 10 ms.
has_child() { # PROGRAM
    local list children name state
    for list in "/proc/$service/task/"*/children; do
        read -r -a children <"$list"
        for child in ${children[@]+"${children[@]}"}; do
            read -r _ name state _ <"/proc/$child/stat" && [[ $name == "($1)" && $state != Z ]] && return 0
        done
    done 2>/dev/null
    return 1
}
ctl() { "$bin/popcornctl" "$@" --config "$place/popcornd.toml"; }

# Whether the bytes of every file of a list of SHA-256, one a line, are still in the user's folders.
is_all_there() { # LIST
    find "$share"/{inbox,done,rejected,duplicates} -type f -exec sha256sum {} + 2>/dev/null | cut -d ' ' -f 1 |
        sort >"$place/kept"
    # Each as often as it was dropped.
    comm -23 "$1" "$place/kept" | { ! grep .; }
}

finish() {
    end_service
    if ((failed > 0)) && [[ -n ${KEEP:-} ]]; then echo "kept: $scratch"; else rm -rf "$scratch"; fi
    echo "$passed passed, $failed failed"
    ((failed == 0)) || exit 1
}
trap finish EXIT
trap 'exit 130' INT TERM
