# Sourced by the scripts beside it, in the repository's root: a study in build/study whose finished runs lie in
# docs/results/study. Wants $bin and $seconds.
results=docs/results/study
work=build/study
mkdir -p "$results" "$work"
export OMP_WAIT_POLICY=PASSIVE
# What all studies on phantoms have in common.
options=(--budget 5000 --width 8 --patch 32 --spacing 2 --size 91,109,91 --rate 2e-4)

# Another cohort than the one that recipes were made with (docs/findings.md: seed 1), or what was chosen would be judged by
# what chose it (part `constants` chooses, on that one). One choice was: `calibrate` was left out of `improved` after a look at this one.
cohort() { # NAME OPTION...
    [[ -e $work/$1/phantom.json ]] && return
    rm -rf "$work/$1" "$work/$1.new"
    # Of an option that is given twice the last counts.
    "$bin" phantom --out "$work/$1.new" --labeled 5 --unlabeled 40 --test 20 --seed 2 "${@:2}" >/dev/null
    mv "$work/$1.new" "$work/$1"
}

# Slices of real scans stay in build/study.
copy() { # FROM TO
    [[ -d $1 ]] || return 0
    local kept=(-name run.json -o -name plan.json -o -name planned.json)
    [[ $1 == */*real-* ]] || kept+=(-o -path '*/pictures/*.png')
    (cd "$1" && find . "${kept[@]}") | while read -r name; do
        install -D -m 644 "$1/$name" "$2/$name"
    done
}
# Goes on with a study until $seconds are over.
study() { # NAME DATA STRATEGIES RECIPES SEEDS OPTION...
    local out=$work/study-$1 left=$((seconds - SECONDS)) status=0
    ((left > 0)) || return 0
    mkdir -p "$out"
    copy "$results/$1" "$out"
    timeout -s TERM "$left" "$bin" study --data "$2" --out "$out" --strategies "$3" --recipe "$4" --seeds "$5" "${@:6}" ||
        status=$?
    copy "$out" "$results/$1"
    # 124: time was up; 75: it was stopped. Both at checkpoints.
    [[ $status == 0 || $status == 124 || $status == 75 ]] || exit "$status"
}
# Options for what is drawn to stand beside other studies, those of them that were drawn.
beside() { # NAME...
    local name
    for name in "$@"; do [[ ! -e $work/study-$name/study.json ]] || echo "--beside=$work/study-$name"; done
}
# What is drawn shows all runs that are there.
draw() { # NAME DATA OPTION...
    local out=$work/study-$1
    [[ -e $out/plan.json ]] || return 0
    "$bin" study --data "$2" --out "$out" --report "${@:3}"
    cp "$out"/tables.md "$out"/tables.csv "$out"/cases.csv "$results/$1/"
    find "$out" -maxdepth 1 -name '*.svg' -exec cp {} "$results/$1/" \;
}
