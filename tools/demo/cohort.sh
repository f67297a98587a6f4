# The cohort of the demo: phantoms at 2 mm, or real scans at 1 mm where POPCORN_REAL_DATA names their folder.
# Sourced by demo.sh: sets labeled, unlabeled, unseen (scans) and the settings that go with them.
# shellcheck shell=bash disable=SC2034,SC2154  # used by, and from, demo.sh

prepare_cohort() {
    mkdir -p "$work/truth"
    if [[ -n ${POPCORN_REAL_DATA:-} ]]; then prepare_real; else prepare_phantoms; fi
}

prepare_phantoms() {
    say "0. A cohort of phantoms: brains with lesions whose truth is known"
    "$bin/popcorn" phantom --out "$work/cohort" --labeled 5 --unlabeled 12 --test 4 --seed 7 --difficulty easy | tail -n 2
    patch=32 spacing=2.0 size="91, 109, 91" brain=nonzero rate=5e-4
    initial_epochs=7 epochs=2 select=6 arrivals=12 holdout=0.2
    first_limit=900 second_limit=900 least_dice=0.4
    labeled=("$work"/cohort/labeled/*_FLAIR.nii.gz)
    unlabeled=("$work"/cohort/unlabeled/*_FLAIR.nii.gz)
    unseen=("$work"/cohort/test/*_FLAIR.nii.gz)
    for scan in "${unseen[@]}"; do cp "${scan%_FLAIR.nii.gz}_mask.nii.gz" "$work/truth/"; done
}

prepare_real() {
    say "0. Real scans from $POPCORN_REAL_DATA, at 1 mm, with the brain masks that are there"
    patch=32 spacing=1.0 size="181, 217, 181" brain=provided rate=2e-4
    initial_epochs=16 epochs=2 select=3 arrivals=6
    # Three subjects held out: with as many the gate refuses a generation that is worse on them.
    holdout=0.4
    first_limit=1800 second_limit=1800 least_dice=0.0
    # Split by patient: P14 is one patient at three time points.
    local data=$POPCORN_REAL_DATA
    labeled=("$data"/labeled/{catania-P14-t1,catania-P14-t2,ljubljana-19,tabriz-01,tabriz-05,tabriz-09,tabriz-10,tabriz-11}_FLAIR.nii.gz)
    unseen=("$data"/labeled/{catania-P39-t1,ljubljana-26,tabriz-08}_FLAIR.nii.gz)
    unlabeled=("$data"/unlabeled/ljubljana-{L01-s1,L04-s1,L09-s2,L12-s1,L12-s2,L20-s2}_FLAIR.nii.gz)
    for scan in "${unseen[@]}"; do cp "${scan%_FLAIR.nii.gz}_mask.nii.gz" "$work/truth/"; done
}

# Drops a scan, what belongs to it first, as a person would: cp into the folder.
drop() {
    local scan=$1 folder=$share/inbox/$2 stem=${1%_FLAIR.nii.gz} brain
    brain=${POPCORN_REAL_DATA:-$work/cohort}/brainmasks/$(basename "$stem")_brainmask.nii.gz
    [[ ! -e $brain ]] || cp "$brain" "$folder/"
    [[ $2 != labeled ]] || cp "${stem}_mask.nii.gz" "$folder/"
    cp "$scan" "$folder/"
}

# Segments scan $2 with model $1 into folder $3, under the truth's name.
segment() {
    local stem brain options=()
    stem=$(basename "${2%_FLAIR.nii.gz}")
    brain=${POPCORN_REAL_DATA:-$work/cohort}/brainmasks/${stem}_brainmask.nii.gz
    [[ ! -e $brain ]] || options+=(--brain "$brain")
    "$bin/popcorn" segment --replace --model "$1" ${options[@]+"${options[@]}"} "$2" "$3/${stem}_mask.nii.gz" >/dev/null
}
