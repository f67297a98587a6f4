// Linux system calls that Swift cannot import: variadic, or without a C library wrapper.
#ifndef CLINUX_H
#define CLINUX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/// openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS: `path` cannot lead out of `directory`
/// nor through a link. Answers a descriptor, or -1 with errno.
/// Where openat2 is denied (ENOSYS), by linux_walk_beneath.
int linux_open_beneath(int directory, const char *path, int flags, mode_t mode);

/// The same, one component after the other; refuses every `..`, also one that would stay beneath. Not for O_PATH.
int linux_walk_beneath(int directory, const char *path, int flags, mode_t mode);

/// renameat2(2) with RENAME_NOREPLACE: EEXIST rather than overwriting.
/// Where the file system knows no such flag, by linux_rename_by_link.
int linux_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to);

/// The same for a file, by a link under the new name: EEXIST too. The old name goes only while it is this file's.
/// Leaves all as it was where there are no links (EPERM, EOPNOTSUPP, EMLINK) or the old name cannot go.
int linux_rename_by_link(int from_directory, const char *from, int to_directory, const char *to);

/// The second step of that: takes the name `from` from `file`, which is called `to` as well. It is put aside and looked at
/// first: whoever saved another file under that name meanwhile has it back, or finds it beside it with a number. Answers 0
/// where `file` is called `to` alone, or -1 with errno.
int linux_give_up_name(int directory, const char *from, int to_directory, const char *to, const struct stat *file);

/// The magic number of the file system that holds `descriptor` (statfs(2)), or -1.
int64_t linux_filesystem_magic(int descriptor);

/// Limits of this process from here on: address space and size of a written file in bytes, processor time in
/// seconds, descriptors below `descriptors`; no core dump, no child. Answers 0, or -1 with errno.
int linux_limit(uint64_t memory, uint64_t file_size, uint64_t seconds, uint64_t descriptors);

/// PR_SET_NO_NEW_PRIVS, and PR_SET_DUMPABLE off. Answers 0, or -1 with errno.
int linux_no_new_privileges(void);

/// Landlock, where the kernel has it: no path can be opened any more, no port bound or connected.
/// Answers the kernel's Landlock ABI, 0 where it has none, or -1 with errno. Needs no new privileges.
int linux_landlock_nothing(void);

/// Who is at the other end of a local socket.
struct linux_peer {
    uid_t user;
    gid_t group;
};

/// SO_PEERCRED of `socket`: 0, or -1 with errno.
int linux_peer_of(int socket, struct linux_peer *peer);

/// SO_PEERGROUPS of `socket`, the further groups of its peer: how many there are, or -1 with errno. Where that is more than
/// `capacity`, none is written.
int linux_peer_groups(int socket, gid_t *groups, int capacity);

/// accept4(2) with SOCK_CLOEXEC.
int linux_accept(int socket);

/// prlimit(2): processor seconds that `process` may use before it is ended, and no core file of it.
int linux_limit_time(pid_t process, uint64_t seconds);

/// pipe2(2) with O_CLOEXEC: the end to read from, then the one to write to. Answers 0, or -1 with errno.
int linux_pipe(int ends[2]);

/// posix_spawn(3) of `program` with `descriptors` (at most 8) as its 0, 1, 2 and so on. It has no other, whatever this
/// process has open, and begins in a session of its own with no signal blocked or ignored. Its environment is ours but
/// for `changes`: "NAME=VALUE" sets, "NAME" takes away. `words` and `changes` end in NULL.
/// Answers the process, or -1 with errno.
pid_t linux_spawn(const char *program, char *const *words, char *const *changes, const int *descriptors, int count);

#endif
