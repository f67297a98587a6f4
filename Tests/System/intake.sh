#!/usr/bin/env bash
# Files dropped in every way that people and programs drop them, at a service that listens.
#   Tests/System/intake.sh BIN
# POPCORN_WATCH names popcorn-watch where BIN lacks it. Needs no root. Prints `N passed, N failed`.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
bin=$(cd "$1" && pwd)
# shellcheck source=Tests/System/foreground.sh
source "$here/foreground.sh"

# A small scan like no other: the low bytes of a voxel amid the brain tell them apart.
made=0
make_scan() { # FILE
    made=$((made + 1))
    cp "$scratch/scan.nii" "$1"
    # 352 bytes of header, 4 a voxel, x fastest: the middle of 22x27x22 voxels.
    printf '%b' "$(printf '\\x%02x\\x%02x' $((made % 256)) $((made / 256)))" |
        dd of="$1" bs=1 seek=$((352 + 4 * (11 + 22 * (13 + 27 * 11)))) conv=notrunc status=none
}
# Remembers that the bytes of a file were dropped, and what the ledger is to say of them.
expect() { # FILE OUTCOME
    local digest
    digest=$(sha256sum "$1" | cut -d ' ' -f 1)
    echo "$digest" >>"$scratch/dropped"
    echo "$digest $2" >>"$scratch/expected"
}
new_scan() { make_scan "$1" && expect "$1" accepted; }

# The same image in two files: a header that says so, and the voxels from their file's first byte on.
make_pair() { # FILE STEM
    head -c 348 "$1" >"$2.hdr"
    printf 'ni1\0' | dd of="$2.hdr" bs=1 seek=344 conv=notrunc status=none
    printf '\0\0\0\0' | dd of="$2.hdr" bs=1 seek=108 conv=notrunc status=none
    tail -c +353 "$1" >"$2.img"
}
expect_pair() { # STEM OUTCOME
    expect "$1.hdr" "$2"
    expect "$1.img" "$2"
}
new_pair() { # STEM
    make_scan "$scratch/single.nii"
    make_pair "$scratch/single.nii" "$1"
}

# What of the expected is not in the ledger just once.
unaccounted() {
    ctl dump | awk '$1 == "file" { split($4, outcome, "="); print $2, outcome[2] }' | sort >"$scratch/found"
    sort "$scratch/expected" | diff - "$scratch/found"
}
is_accounted() { unaccounted >/dev/null; }
has_both() { (($(find "$share/done" -name 'cp_FLAIR*.nii' | wc -l) == 2)); }
lies_on() { [[ -n $(find "$share/$1" -name "$2*$3.txt") ]]; }
lie_together() { [[ -n $(find "$share/$1" -name "$2.hdr") && -n $(find "$share/$1" -name "$2.img") ]]; }
# The receipts lie beside the files that they are about, one for each; of a pair beside the header.
are_receipts_complete() {
    local file
    find "$share"/{done,rejected,duplicates} -type f ! -name '*.txt' ! -name '*.img' | while read -r file; do
        (($(compgen -G "$file.*.txt" | wc -l) == 1)) || echo "not one receipt: $file"
    done | { ! grep .; }
}

echo "Intake under fire"
"$bin/popcorn" phantom --out "$scratch/cohort" --labeled 0 --unlabeled 1 --test 0 --seed 3 --spacing 8 \
    --size 22x27x22 --difficulty easy >/dev/null || exit 1
gunzip -c "$scratch"/cohort/unlabeled/*_FLAIR.nii.gz >"$scratch/scan.nii"

study intake
sed -i '/^settle/a incomplete_timeout = "8s"\npair_timeout = "6s"' "$place/popcornd.toml"
inbox=$share/inbox/unlabeled
mkdir -p "$inbox" "$scratch/new/200" "$scratch/new/tree/sub-01/ses-a/anat" "$scratch/new/tree/sub-02"

new_scan "$inbox/before_FLAIR.nii"
begin_service --listening
check "what lay there before the start is taken" until_true 30 lies_on "done" before_FLAIR.nii ACCEPTED

new_scan "$scratch/new/half_FLAIR.nii"
gzip -n "$scratch/new/half_FLAIR.nii"
sed -i '$d' "$scratch/expected" "$scratch/dropped"
expect "$scratch/new/half_FLAIR.nii.gz" accepted
head -c 4000 "$scratch/new/half_FLAIR.nii.gz" >"$inbox/half_FLAIR.nii.gz"
until_true 10 has_child popcorn-admit

new_scan "$scratch/new/cp_FLAIR.nii"
cp "$scratch/new/cp_FLAIR.nii" "$inbox/"
check "cp" until_true 20 lies_on "done" cp_FLAIR.nii ACCEPTED

new_scan "$scratch/new/mv_FLAIR.nii"
mv "$scratch/new/mv_FLAIR.nii" "$inbox/"
check "mv" until_true 20 lies_on "done" mv_FLAIR.nii ACCEPTED

check "half a file stays where it is" test -e "$inbox/half_FLAIR.nii.gz"
tail -c +4001 "$scratch/new/half_FLAIR.nii.gz" >>"$inbox/half_FLAIR.nii.gz"
check "and is taken once the rest has come" until_true 20 lies_on "done" half_FLAIR.nii.gz ACCEPTED

new_scan "$scratch/new/rsync_FLAIR.nii"
cp "$scratch/new/rsync_FLAIR.nii" "$inbox/.rsync_FLAIR.nii.Xa3fQ1"
mv "$inbox/.rsync_FLAIR.nii.Xa3fQ1" "$inbox/rsync_FLAIR.nii"
check "a hidden name, then a rename, as rsync does it" until_true 20 lies_on "done" rsync_FLAIR.nii ACCEPTED

new_scan "$scratch/new/pieces_FLAIR.nii"
size=$(stat -c %s "$scratch/new/pieces_FLAIR.nii")
for ((start = 0; start < size; start += 8000)); do
    dd if="$scratch/new/pieces_FLAIR.nii" bs=8000 skip=$((start / 8000)) count=1 status=none >>"$inbox/pieces_FLAIR.nii"
    sleep 0.1
done
check "a copy in pieces" until_true 20 lies_on "done" pieces_FLAIR.nii ACCEPTED

new_scan "$scratch/new/tree/sub-01/ses-a/anat/sub-01_ses-a_FLAIR.nii"
new_scan "$scratch/new/tree/sub-02/sub-02_FLAIR.nii"
mv "$scratch/new/tree" "$inbox/"
check "a tree moved in" until_true 20 lies_on "done" sub-02_FLAIR.nii ACCEPTED
check "keeps its folders" test -e "$(echo "$share"/done/*/tree/sub-01/ses-a/anat/sub-01_ses-a_FLAIR.nii)"

for name in headfirst voxelsfirst lone; do new_pair "$scratch/new/${name}_FLAIR"; done
truncate -s -1000 "$scratch/new/lone_FLAIR.img"
expect_pair "$scratch/new/headfirst_FLAIR" accepted
expect_pair "$scratch/new/voxelsfirst_FLAIR" accepted
expect_pair "$scratch/new/lone_FLAIR" rejected
cp "$scratch"/new/{headfirst_FLAIR.hdr,voxelsfirst_FLAIR.img,lone_FLAIR.hdr} "$inbox/"
sleep 1
cp "$scratch"/new/{headfirst_FLAIR.img,voxelsfirst_FLAIR.hdr} "$inbox/"
check "the .hdr of a pair, then its .img" until_true 20 lies_on "done" headfirst_FLAIR.hdr ACCEPTED
check "the .img of a pair, then its .hdr" until_true 20 lies_on "done" voxelsfirst_FLAIR.hdr ACCEPTED
check "and each pair stays together" until_true 5 eval 'lie_together done headfirst_FLAIR && lie_together done voxelsfirst_FLAIR'
make_pair "$scratch/new/cp_FLAIR.nii" "$scratch/new/same_FLAIR"
expect_pair "$scratch/new/same_FLAIR" duplicate
cp "$scratch"/new/same_FLAIR.{hdr,img} "$inbox/"
check "a pair of the voxels of a single file is that scan again" \
    until_true 20 lies_on duplicates same_FLAIR.hdr DUPLICATE
check "a .hdr alone is held" until_true 20 lies_on inbox lone_FLAIR.hdr HELD
cp "$scratch/new/lone_FLAIR.img" "$inbox/"

cp "$scratch/new/cp_FLAIR.nii" "$inbox/again_FLAIR.nii"
expect "$inbox/again_FLAIR.nii" duplicate
new_scan "$scratch/new/other"
cp "$scratch/new/other" "$inbox/cp_FLAIR.nii"
check "another scan under a name that was taken replaces nothing" \
    until_true 20 has_both

echo "Bring the phone number of the new scanner." >"$inbox/notes.nii"
expect "$inbox/notes.nii" rejected
head -c 9000 "$scratch/scan.nii" >"$inbox/torn_FLAIR.nii"
expect "$inbox/torn_FLAIR.nii" rejected
check "a file whose rest never comes is rejected" until_true 60 lies_on rejected torn_FLAIR.nii REJECTED
check "a pair whose .img is too short is rejected" until_true 20 lies_on rejected lone_FLAIR.hdr REJECTED
check "with both its files" until_true 5 lie_together rejected lone_FLAIR
check "and so is what is no scan" lies_on rejected notes.nii REJECTED
check "a scan that is there already is a duplicate" lies_on duplicates again_FLAIR.nii DUPLICATE

for number in $(seq 200); do new_scan "$scratch/new/200/many-${number}_FLAIR.nii"; done
cp "$scratch"/new/200/* "$inbox/"
until_true 180 is_accounted
check "200 files at once; every file of all is accounted for exactly once" unaccounted
end_service
check "with a receipt beside each" are_receipts_complete
sort -o "$scratch/dropped" "$scratch/dropped"
check "and not a byte of the user's is lost" is_all_there "$scratch/dropped"
check "nothing is left in the inbox" test -z "$(find "$share/inbox" \( -name '*.nii*' -o -name '*.hdr' -o -name '*.img' \))"
check "the audit chain holds" ctl audit verify

# From here on nobody listens: what is there is taken, and a model is trained of it.
echo "Pairs get their masks"
small_study pairs
printf 'recipe = "improved"\nthreshold = 0.47\n' >>"$place/popcornd.toml"
"$bin/popcorn" phantom --out "$scratch/pairs" --labeled 4 --unlabeled 1 --test 0 --seed 5 --spacing 4 \
    --size 48x56x48 --difficulty easy >/dev/null || exit 1
for file in "$scratch"/pairs/{labeled,unlabeled}/*.nii.gz; do
    tree=$share/inbox/$(basename "$(dirname "$file")")
    mkdir -p "$tree"
    gunzip -c "$file" >"$scratch/single.nii"
    make_pair "$scratch/single.nii" "$tree/$(basename "$file" .nii.gz)"
done
scan=$(basename "$share"/inbox/unlabeled/*.hdr)
take_all() {
    begin_service --once
    wait "$service"
    service=
}
draft_of() { find "$share/outbox" -name '*_desc-draft_mask.nii.gz'; }
# Sizes, voxel edges, units, qform and sform of two headers.
same_geometry() { # HEADER HEADER
    local range
    for range in 40,16 76,32 123,1 252,76; do
        cmp <(tail -c +$((${range%,*} + 1)) "$1" | head -c "${range#*,}") \
            <(tail -c +$((${range%,*} + 1)) "$2" | head -c "${range#*,}") || return 1
    done
}
take_all
check "four labeled pairs make a model" test "$(ctl dump | grep -c '^case .*state=expert ')" -eq 4
check "and the scan that came as a pair has its mask" test -e "$(draft_of)"
number_in() { grep -ao "\"$2\" *: *\"*[0-9.]*" "$1" | grep -o '[0-9.]*$'; }
cut_as_trained() {
    local said chosen
    said=$(number_in "$(draft_of | sed 's/nii.gz$/json/')" Threshold)
    chosen=$(number_in "$(find "$share/outbox" -name '*.safetensors' | head -n 1)" threshold)
    [[ -n $said && $said == "$chosen" ]] || { echo "the sidecar says $said, the model $chosen"; return 1; }
}
check "cut where its model says" cut_as_trained
gunzip -c "$(draft_of)" >"$scratch/draft.nii"
check "in the geometry of its .hdr" same_geometry "$scratch/draft.nii" "$(find "$share/done" -name "$scan")"
# Not one byte of the file is the same: it is unpacked, and its header has a word more (aux_file).
printf 'corrected' | dd of="$scratch/draft.nii" bs=1 seek=228 conv=notrunc status=none
cp "$scratch/draft.nii" "$share/inbox/labeled/$(basename "$(draft_of)" .gz)"
take_all
check "a draft that comes back as it was is held as unedited" \
    grep -q "Reason: UNEDITED" "$share"/inbox/labeled/*.HELD.txt
release() {
    mkdir -p "$share/inbox/release"
    mv "$share"/inbox/labeled/*_mask.nii "$share/inbox/release/"
    take_all
}
are_none_held() { [[ -z $(find "$share/inbox" -name '*.HELD.txt') && -z $(find "$share/inbox" -name '*.nii') ]]; }
draft=$(basename "$(draft_of)" .gz)
release
check "released by a person it is an expert's mask" test "$(ctl dump | grep -c '^case .*state=expert ')" -eq 5
check "and no receipt says that it waits" are_none_held

# A radiologist who says that there is no lesion: the same header, every voxel 0.
{ head -c 352 "$scratch/draft.nii"; tail -c +353 "$scratch/draft.nii" | tr '\1' '\0'; } \
    >"$share/inbox/labeled/$draft"
take_all
check "a mask without a lesion is held, and may be released" eval \
    'grep -q "Reason: LABEL_EMPTY" "$share"/inbox/labeled/*.HELD.txt && grep -q "inbox/release/" "$share"/inbox/labeled/*.HELD.txt'
release
check "and is taken then" eval 'are_none_held && ctl dump | grep -c "^label .*foreground=0$"'
