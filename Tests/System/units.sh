# What can be said of the units without starting them. Sourced by run.
# shellcheck shell=bash disable=SC2154

# Exposure in tenths, at most: 0.4 for what reads no voxel but must see owners, 0.2 for the rest.
exposed() { systemd-analyze security --offline=true --no-pager --threshold="$2" "$repository/systemd/$1" | tail -n 1; return "${PIPESTATUS[0]}"; }
for unit in popcornd.service:4 popcornd@.service:4 popcornd-worker@.service:2 popcornd-audit.service:2 \
    popcornd-audit@.service:2; do
    check "${unit%:*} is exposed to at most 0.${unit#*:}" exposed "${unit%:*}" "${unit#*:}"
done

has() { grep -qxF -- "$2" "$repository/systemd/$1"; }
check "a wrong configuration does not restart for ever" has popcornd.service "RestartPreventExitStatus=78 77"
check "owners are seen" has popcornd.service "PrivateUsers=no"
check "oneDNN may write its kernels" bash -c "! grep -q ^MemoryDenyWriteExecute '$repository/systemd/popcornd-worker@.service'"
check "a refused call is an error, not death" has popcornd-worker@.service "SystemCallErrorNumber=EPERM"
check "no .path unit" bash -c "! ls '$repository'/systemd/*.path 2>/dev/null"
# What both service units say of the kernel and the file system must not drift apart.
hardening() { sed -n '/^# What it may touch/,/^SystemCallErrorNumber/p' "$repository/systemd/$1"; }
check "a further study is confined as the default one" diff <(hardening popcornd.service) <(hardening popcornd@.service)
check "so is the check of its audit" diff <(hardening popcornd-audit.service) <(hardening popcornd-audit@.service)

reinstalled() {
    local target=$scratch/target
    "$repository/tools/install.sh" "${programs:-$scratch/bin}" "$target" /opt/popcorn &&
        "$repository/tools/install.sh" "${programs:-$scratch/bin}" "$target" /opt/popcorn || return 1
    [[ ! -e $target/etc/popcornd/popcornd.toml.new ]] || { echo "an equal configuration was put beside"; return 1; }
    echo "# ours" >>"$target/etc/popcornd/popcornd.toml"
    "$repository/tools/install.sh" "${programs:-$scratch/bin}" "$target" /opt/popcorn || return 1
    tail -n 1 "$target/etc/popcornd/popcornd.toml" | grep -qx "# ours" && [[ -e $target/etc/popcornd/popcornd.toml.new ]] &&
        grep -q "^ExecStart=/opt/popcorn/bin/popcornd " "$target/opt/popcorn/lib/systemd/system/popcornd.service" &&
        grep -q "^Documentation=file:/opt/popcorn/share/doc/" "$target/opt/popcorn/lib/systemd/system/popcornd.service" &&
        ! grep -rE "^Exec(Start|Paths)=[^ ]*/usr/bin/popcorn" "$target/opt/popcorn/lib/systemd/system"
}
check "installed again, an administrator's configuration stays; another prefix is meant" reinstalled
