#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int linux_open_beneath(int directory, const char *path, int flags, mode_t mode) {
    struct open_how how = {
        .flags = (uint64_t)flags,
        // O_TMPFILE holds O_DIRECTORY's bit; openat2 refuses a mode where nothing is made.
        .mode = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? mode : 0,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    int answer = (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
    // systemd's RestrictSUIDSGID= cannot look into the structure and denies the call with this.
    return answer < 0 && errno == ENOSYS ? linux_walk_beneath(directory, path, flags, mode) : answer;
}

static bool is_link(int directory, const char *name) {
    struct stat status;
    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
}

int linux_walk_beneath(int directory, const char *path, int flags, mode_t mode) {
    if (path[0] == '/') return errno = EXDEV, -1;
    for (int here = directory;;) {
        char name[NAME_MAX + 1] = "";
        size_t length = strcspn(path, "/");
        memcpy(name, path, length <= NAME_MAX ? length : 0);
        path += length + strspn(path + length, "/");
        bool is_last = *path == 0;
        int next = -1, reason = length > NAME_MAX ? ENAMETOOLONG : EXDEV;
        if (length <= NAME_MAX && strcmp(name, "..") != 0) {
            next = openat(here, name, O_NOFOLLOW | (is_last ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC), mode);
            // A link is not a directory: openat2 says what it is.
            reason = next < 0 && errno == ENOTDIR && is_link(here, name) ? ELOOP : errno;
        }
        if (here != directory) close(here);
        if (next < 0) errno = reason;
        if (next < 0 || is_last) return next;
        here = next;
    }
}

static bool is_named(int directory, const char *name, const struct stat *file) {
    struct stat status;
    return fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && status.st_dev == file->st_dev &&
           status.st_ino == file->st_ino;
}

// Gives a file that was put aside its name back. Where another has that by now, or a link is refused, it lies beside it
// under one that nobody can have taken: a rename alone could replace.
static int bring_back(int directory, const char *aside, const char *name, unsigned long long number) {
    if (linkat(directory, aside, directory, name, 0) == 0) return unlinkat(directory, aside, 0);
    char beside[PATH_MAX];
    const char *last = strrchr(name, '/') ? strrchr(name, '/') + 1 : name;
    int stem = (int)(last - name + strcspn(last, "."));
    int length = snprintf(beside, sizeof beside, "%.*s.%llu%s", stem, name, number, name + stem);
    if (length >= (int)sizeof beside) return errno = ENAMETOOLONG, -1;
    return renameat(directory, aside, directory, beside);
}

int linux_give_up_name(int directory, const char *from, int to_directory, const char *to, const struct stat *file) {
    uint64_t random = 0;
    if (getrandom(&random, sizeof random, 0) != sizeof random) return -1;
    unsigned long long number = random;
    // Not a temporary name of ours, which is removed wherever it is found: it may be a user's only copy.
    char aside[64];
    snprintf(aside, sizeof aside, ".popcornd-aside-%d-%llu", (int)getpid(), number);
    if (renameat(directory, from, directory, aside) != 0) return errno == ENOENT ? 0 : -1;
    bool is_it = is_named(directory, aside, file);
    if (is_it && is_named(to_directory, to, file)) return unlinkat(directory, aside, 0);
    if (bring_back(directory, aside, from, number) != 0) return -1;
    return is_it ? (errno = EEXIST, -1) : 0;
}

int linux_rename_by_link(int from_directory, const char *from, int to_directory, const char *to) {
    struct stat file;
    if (fstatat(from_directory, from, &file, AT_SYMLINK_NOFOLLOW) != 0) return -1;
    bool is_linked = linkat(from_directory, from, to_directory, to, 0) == 0;
    if (!is_linked) {
        int reason = errno;
        // An end between the two steps left it under both names.
        bool has_both = reason == EEXIST && file.st_nlink > 1 && is_named(to_directory, to, &file);
        if (!has_both) return errno = reason, -1;
    }
    if (linux_give_up_name(from_directory, from, to_directory, to, &file) == 0) return 0;
    int reason = errno;
    if (is_linked && is_named(from_directory, from, &file)) unlinkat(to_directory, to, 0);
    return errno = reason, -1;
}

int linux_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to) {
    int answer = renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
    // EINVAL: NFS, 9p, Ceph, AFS and older ZFS know no flag. EEXIST: it may be the file itself, linked before an end.
    bool may_be_linked = answer < 0 && (errno == EINVAL || errno == ENOSYS || errno == EEXIST);
    return may_be_linked ? linux_rename_by_link(from_directory, from, to_directory, to) : answer;
}

int64_t linux_filesystem_magic(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) != 0) return -1;
    return (int64_t)status.f_type;
}


int linux_peer_of(int socket, struct linux_peer *peer) {
    struct ucred credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    peer->user = credentials.uid;
    peer->group = credentials.gid;
    return 0;
}

int linux_peer_groups(int socket, gid_t *groups, int capacity) {
    socklen_t length = (socklen_t)capacity * sizeof *groups;
    // The kernel says how much room it wants.
    if (getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups, &length) != 0 && errno != ERANGE) return -1;
    return (int)(length / sizeof *groups);
}

int linux_accept(int socket) { return accept4(socket, NULL, NULL, SOCK_CLOEXEC); }

int linux_limit_time(pid_t process, uint64_t seconds) {
    struct rlimit time = {seconds, seconds + 5}, core = {0, 0};
    int answer = prlimit(process, RLIMIT_CPU, &time, NULL);
    return prlimit(process, RLIMIT_CORE, &core, NULL) == 0 ? answer : -1;
}
