#!/usr/bin/env bash
# kill -9 of supervisor, admit, worker and watcher, wherever it hurts; the end must equal that of an undisturbed run.
#   Tests/System/crash.sh BIN
# BIN holds debug builds, whose popcornd has the fault points; POPCORN_WATCH names popcorn-watch where BIN lacks it.
# Needs no root. Prints a line for each kill with where it hit, then `N passed, N failed`.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$1" && pwd)
# shellcheck source=Tests/System/foreground.sh
source "$here/foreground.sh"

runs=3
declare -A hits=()
kills=0 killed=''

prepare_study() { # NAME
    small_study "$1"
    cat >>"$place/popcornd.toml" <<TOML
epochs_per_step = 1
select_per_step = 2
trigger_arrivals = $pool
checkpoint_interval = 5
# Drafts go before training, so that none is passed over because a generation came first.
train_share = 0.01
TOML
    mkdir -p "$share/inbox"
    cp -r "$scratch/cohort/labeled" "$scratch/cohort/unlabeled" "$share/inbox/"
}

# Where training stands: the cycle in work and its checkpoint.
cycle_folder() { printf '%s/state/train/cycle-%04d' "$place" "$1"; }

hit() { # POINT WHOM WORDS
    kills=$((kills + 1))
    hits[$1]=$((${hits[$1]:-0} + 1))
    printf '  %2d  run %d  %-10s killed at %-10s %s\n' "$kills" "$run" "$2" "$1" "$3"
}
missed() { fail "run $run: no kill at $1" "$2"; }

# Ends the supervisor from within, at a pass of a point.
crash_at() { # POINT PASS
    begin_service --once "crash@$1:$2"
    { wait "$service"; } 2>/dev/null
    local code=$?
    service=
    if ((code == 137)); then hit "$1" supervisor "pass $2"; else missed "$1" "popcornd left with status $code"; fi
}

# Kills the supervisor from outside.
kill_supervisor() { # POINT WORDS
    kill -9 "$service"
    { wait "$service"; } 2>/dev/null
    service=
    hit "$1" supervisor "$2"
}

# Kills a child of the supervisor once it is there, and waits until another has taken its place.
kill_child() { # POINT PROGRAM WHOM
    until_true 30 strike "$2" || { missed "$1" "$2 is not there, or always quicker"; return; }
    killed=$child
    hit "$1" "$3" ""
    until_true 30 has_other_child "$2" "$killed" || fail "run $run: $2 is started again" "it is not"
}
strike() { has_child "$1" && kill_found; }
# A process that has just ended by itself takes signals too: one that was seen stopped was alive.
kill_found() {
    local state=
    kill -STOP "$child" 2>/dev/null
    while [[ $state != T ]]; do
        { read -r _ _ state _ <"/proc/$child/stat"; } 2>/dev/null && [[ $state != [ZX] ]] || return 1
    done
    kill -9 "$child"
}
has_other_child() { has_child "$1" && [[ $child != "$2" ]]; }

# Kills the worker at its next checkpoint of a cycle: while it is written (checkpoint) or once it is there (step).
kill_worker() { # POINT CYCLE
    local folder
    folder=$(cycle_folder "$2")/checkpoint
    until_true 60 has_other_child popcorn "$killed" || { missed "$1" "the worker is not there"; return; }
    until_true 60 test -e "$folder/position.json" || { missed "$1" "cycle $2 has no checkpoint"; return; }
    touch "$scratch/before"
    case $1 in
        checkpoint) until_true 60 is_writing "$folder" ;;
        step) until_true 60 has_stepped "$folder/position.json" ;;
    esac || { missed "$1" "no new checkpoint of cycle $2"; return; }
    kill_found || { missed "$1" "the worker was quicker"; return; }
    killed=$child
    hit "$1" worker "cycle $2, $(read_place "$folder/position.json")"
}
# Where training was at its last checkpoint: `3 training` for the third optimizer step.
read_place() {
    grep -oE '"place":\{[^}]*\}' "$1" | sed -E 's/.*"optimizerSteps":([0-9]+).*/\1 &/; s/ .*"phase":"(\w+)".*/ \1/'
}
has_stepped() { [[ $1 -nt $scratch/before && $(read_place "$1") != "0 "* ]]; }
is_writing() { compgen -G "$1/.popcornd-tmp-*" >/dev/null; }

# One disturbed run. Its number varies at which pass of a point the end comes.
disturb() {
    run=$1
    prepare_study "run-$run"
    crash_at copy $((1 + run))
    crash_at commit "$run"
    crash_at rename "$run"
    begin_service --listening
    kill_child copy popcorn-admit admit
    kill_child intake popcorn-watch watcher
    until_true 120 test -e "$(cycle_folder 1)/checkpoint/position.json" || missed step "cycle 1 has no checkpoint"
    kill_supervisor step "cycle 1"
    begin_service --once
    kill_worker checkpoint 1
    kill_worker step 1
    kill_supervisor step "cycle 1, its worker just gone"
    crash_at publish $((1 + run % 2))
    crash_at draft "$run"
    begin_service --once
    kill_worker step 2
    kill_supervisor step "cycle 2"
    crash_at publish $((1 + run / 2 % 2))
    crash_at carry "$run"
    finish_run
}

# Lets a run come to its end, and takes down what came of it.
finish_run() {
    begin_service --once
    wait "$service"
    local code=$?
    service=
    ((code == 0)) || fail "the last start ends well" "popcornd left with status $code"
    ctl dump >"$place/dump" 2>&1
    # But for masks of an earlier generation that are kept beside the newest: which there are depends on when a kill came.
    (cd "$share/outbox" && find . -type f \( -name '*.nii.gz' -o -name '*.safetensors' \) \
        ! -name '*Gen[0-9][0-9][0-9][0-9]_mask*' -print0 | sort -z |
        xargs -0 -r sha256sum) >"$place/outbox"
}

echo "kill -9"
pool=6
"$bin/popcorn" phantom --out "$scratch/cohort" --labeled 4 --unlabeled $pool --test 0 --seed 5 --spacing 4 \
    --size 48x56x48 --difficulty easy >/dev/null || exit 1
find "$scratch/cohort/labeled" "$scratch/cohort/unlabeled" -type f -exec sha256sum {} + | cut -d ' ' -f 1 |
    sort >"$scratch/dropped"

run=0
prepare_study undisturbed
finish_run
undisturbed=$place
check "an undisturbed run publishes two generations" test "$(grep -c '^generation ' "$place/dump")" -eq 2
check "and has a mask of the last for every scan of the pool" \
    test "$(grep -c '^mask .* generation=2 ' "$place/dump")" -ge $pool

for run in $(seq "$runs"); do
    disturb "$run"
    check "run $run: the ledger's facts are those of the undisturbed run" diff "$undisturbed/dump" "$place/dump"
    check "run $run: masks and weights too, to the byte" diff "$undisturbed/outbox" "$place/outbox"
    check "run $run: every dropped file is still there" is_all_there "$scratch/dropped"
    check "run $run: the audit chain holds" ctl audit verify
done
for point in copy commit rename draft step checkpoint publish carry; do
    check "$point was hit three times (${hits[$point]:-0})" test "${hits[$point]:-0}" -ge 3
done
check "there were 30 kills ($kills)" test "$kills" -ge 30
