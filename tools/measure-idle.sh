#!/usr/bin/env bash
# What the resident programs cost while nothing happens: memory, voluntary context switches, processor time.
#   tools/measure-idle.sh BIN [SECONDS]
# BIN holds release builds (build/bin). A scratch study is served; the worker is asked nothing. By hand: it takes minutes.
set -euo pipefail
bin=$(cd "$1" && pwd)
seconds=${2:-60}
scratch=$(mktemp -d)
started=()
leave() {
    for process in "${started[@]}"; do kill "$process" 2>/dev/null || true; done
    wait
    rm -rf "$scratch"
}
trap leave EXIT

mkdir -p "$scratch/share/inbox"
cat >"$scratch/popcornd.toml" <<TOML
[inbox]
path = ["$scratch/share/inbox"]
[output]
path = "$scratch/share/outbox"
[state]
path = "$scratch/state"
[run]
path = "$scratch/run"
watch = ["$bin/popcorn-watch"]
worker = ["$bin/popcorn", "worker"]
TOML

switches() { awk '/^voluntary_ctxt_switches/ { sum += $2 } END { print sum }' /proc/"$1"/task/*/status; }
ticks() { awk '{ sub(/^.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }
memory() { awk -v key="$2:" '$1 == key { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }

"$bin/popcornd" --config "$scratch/popcornd.toml" >"$scratch/popcornd.log" 2>&1 &
started+=($!)
mkfifo "$scratch/requests"
"$bin/popcorn" worker <"$scratch/requests" >"$scratch/worker.log" 2>&1 &
started+=($!)
exec 3>"$scratch/requests"
# The start's own work, its first status page and the pool's superfluous threads are over by then.
sleep 30

watch=$(pgrep --parent "${started[0]}" --exact popcorn-watch)
declare -A name=([${started[0]}]=popcornd [${started[1]}]="popcorn worker" [$watch]=popcorn-watch)
declare -A before=() used=()
for process in "${!name[@]}"; do
    before[$process]=$(switches "$process")
    used[$process]=$(ticks "$process")
done
sleep "$seconds"
echo "$seconds s at idle:"
for process in "${started[@]}" "$watch"; do
    printf '%-15s VmRSS %s MiB, VmHWM %s MiB, %d voluntary context switches, %d ms of processor time\n' \
        "${name[$process]}" "$(memory "$process" VmRSS)" "$(memory "$process" VmHWM)" \
        $(($(switches "$process") - before[$process])) \
        $((($(ticks "$process") - used[$process]) * 1000 / $(getconf CLK_TCK)))
done
