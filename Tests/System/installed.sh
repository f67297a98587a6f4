# What `make install` puts there, on a booted machine. Sourced by run.
# shellcheck shell=bash disable=SC2154

echo "Installed"
check "users and groups are made" inside systemd-sysusers popcornd.conf
check "a second time changes nothing" inside sh -c 'cp /etc/group /tmp/group && systemd-sysusers popcornd.conf && cmp /tmp/group /etc/group'
in_group() { inside id -nG popcornd | tr ' ' '\n' | grep -qx "$1"; }
for group in popcornd-drop popcornd-label popcornd-view popcornd-worker; do
    check "popcornd is in $group" in_group "$group"
done
check "popcornd is no administrator of itself" refused in_group popcornd-admin
check "folders are made" inside systemd-tmpfiles --create popcornd.conf
is() { # PATH MODE OWNER GROUP
    local found
    found=$(inside stat -c '%a %U %G' "$1")
    [[ $found == "$2 $3 $4" ]] || { echo "$1: $found instead of $2 $3 $4"; return 1; }
}
check "state is closed" is /var/lib/popcornd 700 popcornd popcornd
check "store is for the worker to read" is /var/lib/popcornd/store 2750 popcornd popcornd-worker
check "work is for the worker to write" is /var/lib/popcornd/work 2770 popcornd popcornd-worker
check "train is for the worker to write" is /var/lib/popcornd/train 2770 popcornd popcornd-worker
check "unlabeled/ is for droppers" is /srv/popcornd/inbox/unlabeled 2770 popcornd popcornd-drop
check "labeled/ is for labelers" is /srv/popcornd/inbox/labeled 2770 popcornd popcornd-label
check "release/ is for labelers" is /srv/popcornd/inbox/release 2770 popcornd popcornd-label
check "outbox is for viewers" is /srv/popcornd/outbox 2750 popcornd popcornd-view
inside chmod 2777 /srv/popcornd/inbox/unlabeled
inside systemd-tmpfiles --create popcornd.conf
check "a mode that an administrator changed stays" is /srv/popcornd/inbox/unlabeled 2777 popcornd popcornd-drop
inside chmod 2770 /srv/popcornd/inbox/unlabeled

# Full Foundation, by whatever package, brings 45 MB of them into a static program.
check "no program carries ICU's tables" refused grep -l icudt "${programs:-$scratch/bin}"/*

inside systemctl daemon-reload
check "systemd has nothing to say against the units" inside sh -c '
    out=$(systemd-analyze verify --man=no popcornd.service popcornd@study.service popcornd-worker.socket \
        popcornd-worker@1.service popcornd-audit.service popcornd-audit.timer popcornd-audit@study.service \
        popcornd-audit@study.timer 2>&1); echo "$out"; [ -z "$out" ]'
check "the catalog is read" inside journalctl --update-catalog
catalog_has_all() {
    local identifier
    for identifier in $(sed -n 's/^-- //p' "$repository/systemd/popcornd.catalog"); do
        inside journalctl --dump-catalog "$identifier" | grep -q "Defined-By: popcornd" || { echo "$identifier"; return 1; }
    done
}
check "every message is explained" catalog_has_all

check "the worker's socket listens" inside systemctl start popcornd-worker.socket
check "the socket is popcornd's alone" is /run/popcornd/worker.sock 600 popcornd popcornd
inside touch /var/lib/popcornd/ledger.sqlite
# What the worker says first, to a client that runs as $1.
ask_worker() {
    inside setpriv --reuid="$1" --regid="$1" --init-groups perl -MIO::Socket::UNIX -e '
        my $line = IO::Socket::UNIX->new(Peer => "/run/popcornd/worker.sock") or exit 3;
        print $line "hello\n"; $line->flush; alarm 20; print scalar <$line>;'
}
answer_is() {
    local answer
    answer=$(ask_worker popcornd)
    echo "$answer"
    # shellcheck disable=SC2053
    [[ $answer == $1 ]]
}
in_worker_journal() { inside journalctl -t popcorn-worker -o cat | grep -qx "$1"; }
if [[ -z $programs ]]; then
    check "the worker answers as its own user, sees the store, not the ledger" \
        answer_is '{"line":"hello","user":"popcornd-worker","store":"seen","ledger":""}'
    check "what it says on standard error is in the journal" within 10 in_worker_journal "stand-in has answered"
else
    check "the worker says who it is" answer_is '*ready*'
fi
check "nobody else reaches the worker" refused ask_worker nobody
check "prepared scans are the worker's alone" is /var/cache/popcornd 700 popcornd-worker popcornd-worker
inside rm -f /var/lib/popcornd/ledger.sqlite
check "the audit timer waits" inside systemctl start popcornd-audit.timer
