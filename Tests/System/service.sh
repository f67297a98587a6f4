# The service at work: scans in, masks out, reloaded, stopped in the middle of training, killed. Sourced by run.
# shellcheck shell=bash disable=SC2154

echo "At work"
"$programs/popcorn" phantom --out "$scratch/cohort" --labeled 5 --unlabeled 3 --test 1 --seed 7 --difficulty easy \
    --spacing 3 >/dev/null
inside useradd --groups popcornd-drop,popcornd-label,popcornd-view --create-home radiographer
inside useradd --groups popcornd-label colleague
inside useradd --groups popcornd-label,popcornd-admin coordinator
inside useradd stranger
inside mkdir -p /etc/popcornd/popcornd.toml.d /home/radiographer/scans
cat >"$scratch/small.toml" <<'TOML'
[inbox]
settle = "500ms"
rescan = "10s"
[popcorn]
width = 8
patch_size = 32
reference_spacing = 2.0
reference_size = [91, 109, 91]
brain = "nonzero"
# Long enough to be stopped in the middle of, and seen to go on.
initial_epochs = 10
epochs_per_step = 1
select_per_step = 1
max_steps_per_cycle = 1
trigger_arrivals = 3
trigger_quiet = "2s"
trigger_quiet_expert = "2s"
checkpoint_interval = 5
regress_tolerance = 1.0
[state]
audit_head = "/var/log/popcornd/heads"
TOML
put_inside "$scratch/small.toml" /etc/popcornd/popcornd.toml.d/10-small.toml
inside install -d -o popcornd -g popcornd /var/log/popcornd
inside mkdir -p /etc/systemd/system/popcornd.service.d
printf '[Service]\nReadWritePaths=/var/log/popcornd\n' >"$scratch/heads.conf"
put_inside "$scratch/heads.conf" /etc/systemd/system/popcornd.service.d/heads.conf
# Whatever else this machine computes must not starve the worker.
inside mkdir -p /etc/systemd/system/popcornd-worker@.service.d
printf '[Service]\nNice=0\n' >"$scratch/awake.conf"
put_inside "$scratch/awake.conf" /etc/systemd/system/popcornd-worker@.service.d/awake.conf
inside systemctl daemon-reload
tar -C "$scratch/cohort" -cf - labeled unlabeled test | inside tar --no-same-owner -C /home/radiographer/scans -xf -
inside chown -R radiographer: /home/radiographer/scans

ctl() { inside popcornctl "$@"; }
drop() { inside runuser -u radiographer -- sh -c "cp /home/radiographer/scans/$1 /srv/popcornd/inbox/$2/"; }
property() { inside systemctl show popcornd.service -p "$1" --value; }
property_is() { [[ $(property "$1") == "$2" ]] || { echo "$1 is $(property "$1") instead of $2"; return 1; }; }
# The last journal record of the kind with this headline in the catalog, as JSON.
record() {
    local identifier
    identifier=$(grep -xF -B 1 "Subject: $1" "$repository/systemd/popcornd.catalog" | sed -n 's/^-- //p')
    inside journalctl "MESSAGE_ID=$identifier" -o json -n 1 2>/dev/null | grep .
}
record_has() { # HEADLINE TEXT...
    local json text headline=$1
    json=$(record "$headline") || { echo "no record: $headline"; return 1; }
    shift
    for text in "$@"; do
        [[ $json == *"$text"* ]] || { echo "no $text in $json"; return 1; }
    done
}
records() {
    local identifier
    identifier=$(grep -xF -B 1 "Subject: $1" "$repository/systemd/popcornd.catalog" | sed -n 's/^-- //p')
    inside journalctl "MESSAGE_ID=$identifier" -o cat 2>/dev/null | wc -l
}
records_over() { (($(records "$1") > $2)); }
generation() { ctl status --json 2>/dev/null | grep -oE '"generation" *: *[0-9]+' | head -n 1 | grep -oE '[0-9]+$' || echo 0; }
generation_over() { (($(generation) > $1)); }
# The optimizer's step in the cycle that runs, as the status has it; nothing where it has none.
step() { ctl status 2>/dev/null | sed -n 's/^cycle .* \([0-9]*\) of [0-9]*$/\1/p'; }
step_over() { local now; now=$(step); [[ -n $now ]] && ((now > $1)); }
answers() { ctl status >/dev/null; }
masks() { inside find /srv/popcornd/outbox -name '*_mask.nii.gz' | wc -l; }
masks_over() { (($(masks) > $1)); }
said() { inside journalctl -u popcornd.service -n 25 --no-pager -o cat; }

check "the service starts and says that it is ready" inside timeout 120 systemctl start popcornd.service
check "it is active" inside systemctl is-active popcornd.service
check "it says how it goes" bash -c "[[ -n '$(property StatusText)' ]]"
check "its start is in the journal" record_has "The service has started" POPCORN_EVENT POPCORN_INSTANCE
check "popcornctl is answered" within 10 answers

# Who may ask what.
by() { inside runuser -u "$1" -- popcornctl "${@:2}"; }
refused_with() { # STATUS TEXT COMMAND...
    local output status
    output=$("${@:3}" 2>&1)
    status=$?
    [[ $status == "$1" && $output == *"$2"* ]] || { echo "status $status: $output"; return 1; }
}
audited() { ctl audit tail -n 50 | grep -qw "$1"; }
check "everybody may come to its socket" is /run/popcornd/control.sock 666 popcornd popcornd
check "an administrator sees how it goes" by coordinator status
check "and the queue" by coordinator queue
check "so does a viewer" by radiographer queue
check "who may change nothing" refused_with 77 popcornd-admin by radiographer train pause
check "a stranger is told what it takes" refused_with 77 popcornd-admin by stranger train now
check "to look as well" refused_with 77 popcornd-view by stranger queue
check "that is in the audit" within 10 audited command_refused
# Directories put a person into hundreds of groups.
in_many_groups() {
    inside setpriv --reuid=nobody --regid=nogroup --groups="$(seq -s, 70000 70300),$(inside getent group popcornd-view | cut -d: -f3)" \
        popcornctl "$@"
}
check "whoever is in three hundred groups is no stranger" in_many_groups status
check "and in the journal" within 10 record_has "A command was refused" POPCORN_ACTOR_UID '"PRIORITY":"4"'

drop 'labeled/*.nii.gz' labeled
check "scans are accepted" within 60 records_over "A scan was accepted" 4
check "their records say which, and where in the audit" \
    record_has "A scan was accepted" '"POPCORN_CASE"' '"POPCORN_AUDIT_SEQ"' '"PRIORITY":"6"' '"SYSLOG_IDENTIFIER":"popcornd"'
check "an expert mask promotes" within 60 records_over "An expert mask was taken" 4
check "no file name is in the journal" refused inside sh -c 'journalctl -u popcornd.service -o json | grep -q FLAIR'
check "what was dropped is put away with receipts" inside sh -c 'find /srv/popcornd/done -name "*FLAIR*" | grep -q .'
check "training begins" within 120 records_over "A training cycle began" 0
worker() { inside pgrep -u popcornd-worker -f "popcorn worker"; }
check "the worker is a user of its own" within 60 worker
check "it trains" within 120 step_over 10
check "an administrator may have it train" by coordinator train now

# Stopped while it trains.
before=$(step)
check "it stops in the middle of training" inside timeout 130 systemctl stop popcornd.service
check "and that was no failure" property_is Result success
check "exit status 0" property_is ExecMainStatus 0
check "its worker has left too" within 30 refused worker
check "a checkpoint is there" inside sh -c 'ls /var/lib/popcornd/train/cycle-0001/checkpoint/*'
check "it starts again" inside timeout 120 systemctl start popcornd.service
goes_on() { # STEP
    local first
    within 120 step_over 0 || return 1
    first=$(step)
    ((first >= $1)) || { echo "at step $first after the start, at $1 before the stop"; return 1; }
}
check "it goes on where it was" goes_on "$before"
check "and gets to a generation" within 400 generation_over 0
check "prepared scans are kept for the next cycle" inside sh -c 'ls /var/cache/popcornd/*.volume'
check "with one cycle, not two" bash -c "(($(records "A training cycle began") == 1))"

before=$(masks)
drop 'unlabeled/*.nii.gz' unlabeled
check "masks come back" within 240 masks_over "$((before + 2))"
check "their records have figures" record_has "A draft mask was written" POPCORN_VOLUME_ML POPCORN_GENERATION POPCORN_CASE
check "who dropped the scans may read them" inside runuser -u radiographer -- sh -c \
    'find /srv/popcornd/outbox -name "*_mask.nii.gz" -print0 | xargs -0 gzip -t'
check "journalctl -x explains" inside sh -c 'journalctl -x -u popcornd.service | grep -q "Defined-By: popcornd"'

# Killed, while the second cycle trains.
another() { # PID COMMAND...
    local old=$1 found
    shift
    found=$("$@" | head -n 1) && [[ -n $found && $found != "$old" ]]
}
watcher() { inside pgrep -f "^[^ ]*/popcorn-watch "; }
restarted() { (($(property NRestarts) > $1)) && answers; }
check "new scans begin a cycle" within 60 records_over "A training cycle began" 1
check "it trains again" within 120 step_over 0
inside systemctl kill --signal=KILL --kill-who=main popcornd.service
check "killed, it is started again" within 60 restarted 0
check "its ledger is whole" inside runuser -u popcornd -- popcornctl audit verify
check "it has a watcher" within 20 another 0 watcher
old=$(watcher)
inside kill -KILL "$old"
check "a killed watcher is started again" within 60 another "$old" watcher
before=$(masks)
drop 'test/*_FLAIR.nii.gz' unlabeled
check "and scans are still seen" within 60 records_over "A scan was accepted" 8
check "it has a worker" within 60 another 0 worker
old=$(worker | head -n 1)
inside kill -KILL "$old"
check "a killed worker is started again" within 60 another "$old" worker
check "all the while the supervisor answered" answers
check "its mask comes all the same" within 240 masks_over "$before"
# Whether two epochs are enough for a better network is for the gate to say, and hangs on the processor's rounding.
judged() { (($(records "A new generation was published") + $(records "A generation was refused") >= 2)); }
check "so does the gate's verdict" within 400 judged
check "of the same cycle" bash -c "(($(records "A training cycle began") == 2))"
check "nothing is held for it" bash -c "(($(records "A file needs a person") == 0))"

# The configuration changes.
printf '[inbox]\nrescan = "7s"\n[resources]\nthreads = 1\n' >"$scratch/good.toml"
printf '[popcorn]\ntrigger_arivals = 3\n' >"$scratch/bad.toml"
put_inside "$scratch/good.toml" /etc/popcornd/popcornd.toml.d/20-good.toml
check "a good configuration is taken" inside systemctl reload popcornd.service
check "and said" within 10 records_over "The configuration was read again" 0
put_inside "$scratch/bad.toml" /etc/popcornd/popcornd.toml.d/30-bad.toml
inside systemctl reload popcornd.service
check "a bad one is not, with file, line and nearest key" \
    within 10 record_has "The configuration could not be read again" 30-bad.toml:2 trigger_arivals trigger_arrivals
check "the service goes on without it" within 10 answers
inside systemctl stop popcornd.service
inside timeout 60 systemctl start popcornd.service >/dev/null 2>&1
check "it does not start with it" property_is ExecMainStatus 78
check "nor does it try again" property_is NRestarts 0
inside rm /etc/popcornd/popcornd.toml.d/30-bad.toml
inside systemctl reset-failed popcornd.service
check "it starts when that is mended" inside timeout 120 systemctl start popcornd.service
check "its worker has as many threads as configured" within 60 record_has "The worker is ready" ", 1 threads"

# Whose an expert mask is.
revise() { # USER PLACE: with the voxel at that place of the file the other way round
    local mask=$scratch/revision.nii
    gzip -dc "$scratch/cohort/labeled/ph-0001_mask.nii.gz" >"$mask"
    printf "\\$((1 - $(od -An -tu1 -j "$2" -N 1 "$mask")))" | dd of="$mask" bs=1 seek="$2" conv=notrunc status=none
    gzip -f "$mask"
    put_inside "$mask.gz" /tmp/revision.nii.gz
    inside runuser -u "$1" -- cp /tmp/revision.nii.gz /srv/popcornd/inbox/labeled/ph-0001_mask.nii.gz
}
# In the middle of 61x73x61 voxels, behind the header.
middle=$((352 + 30 + 61 * (36 + 73 * 30)))
revise colleague "$middle"
check "another's revision of a mask is held" within 60 records_over "A file needs a person" 0
check "for want of a right" record_has "A file needs a person" NO_PERMISSION
inside sh -c 'rm -f /srv/popcornd/inbox/labeled/ph-0001_mask.nii.gz*'
revise coordinator "$((middle + 1))"
check "an administrator's is taken" within 60 records_over "An expert mask was revised" 0

# The audit, against what was noted elsewhere.
check "heads of the audit chain are noted" inside grep -cE ' [0-9]+ [0-9a-f]{64}$' /var/log/popcornd/heads
check "the weekly check finds nothing" inside systemctl start popcornd-audit.service
compared() { inside journalctl -t popcornd-audit -o cat | grep -q "remembered heads are in it"; }
check "and has compared them" within 10 compared

# A further study beside it, as docs/administration.md has it.
inside sh -c ': >/etc/popcornd/second.toml
    sed -n "s|/srv/popcornd|&/second|p" /usr/lib/tmpfiles.d/popcornd.conf >/etc/tmpfiles.d/popcornd-second.conf
    systemd-tmpfiles --create popcornd-second.conf'
check "a further study starts beside it" inside timeout 120 systemctl start popcornd@second.service
check "and is another" bash -c '[[ $1 == second:* ]]' _ "$(ctl status --instance second)"
check "whose administrators reach it too" by coordinator status --instance second
check "droppers may drop there" inside runuser -u radiographer -- test -w /srv/popcornd/second/inbox/unlabeled
check "and read what it writes" inside runuser -u radiographer -- test -r /srv/popcornd/second/status/STATUS.txt
check "others may not" refused inside runuser -u stranger -- test -r /srv/popcornd/second/status/STATUS.txt
check "its audit is checked weekly" inside systemctl is-active popcornd-audit@second.timer
check "and is whole" inside systemctl start popcornd-audit@second.service
check "and stops" inside timeout 130 systemctl stop popcornd@second.service
check "the sandbox denies nothing that the journal hears of" refused inside sh -c \
    'journalctl -t popcornd -t popcorn-worker -o cat | grep -E "not permitted|not implemented|thread priority"'
# Whoever had taken the service over could lay a link where its folders are made before it starts.
inside sh -c 'install -d -m 755 /opt/theirs; cd /var/lib/popcornd; mv studies studies.aside; ln -s /opt/theirs studies'
inside timeout 20 systemctl start popcornd@second.service 2>/dev/null || true
inside timeout 130 systemctl stop popcornd@second.service
check "no link in its folders gives a folder of root's away" \
    bash -c '[[ $1 == "root root 755 0" ]]' _ "$(inside sh -c 'echo $(stat -c "%U %G %a" /opt/theirs) $(ls /opt/theirs | wc -l)')"
inside sh -c 'rm /var/lib/popcornd/studies && mv /var/lib/popcornd/studies.aside /var/lib/popcornd/studies'
check "it stops at last" inside timeout 130 systemctl stop popcornd.service
check "and that was no failure either" property_is Result success
((failed == 0)) || said | sed 's/^/          /'
