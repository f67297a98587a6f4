// Linux system calls that Swift cannot import: variadic, or without a C library wrapper.
#ifndef CLINUX_H
#define CLINUX_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// openat2(2) with RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS: `path` cannot lead out of `directory`
/// nor through a link. Answers a descriptor, or -1 with errno.
int linux_open_beneath(int directory, const char *path, int flags, mode_t mode);

/// renameat2(2) with RENAME_NOREPLACE: EEXIST rather than overwriting.
int linux_rename_noreplace(int from_directory, const char *from, int to_directory, const char *to);

/// The magic number of the file system that holds `descriptor` (statfs(2)), or -1.
int64_t linux_filesystem_magic(int descriptor);

/// PR_SET_PDEATHSIG: this process gets `signal` when its parent dies.
int linux_die_with_parent(int signal);

/// Limits of this process from here on: address space and size of a written file in bytes, processor time in
/// seconds, descriptors below `descriptors`; no core dump, no child. Answers 0, or -1 with errno.
int linux_limit(uint64_t memory, uint64_t file_size, uint64_t seconds, uint64_t descriptors);

/// PR_SET_NO_NEW_PRIVS, and PR_SET_DUMPABLE off. Answers 0, or -1 with errno.
int linux_no_new_privileges(void);

/// Landlock, where the kernel has it: no path can be opened any more, no port bound or connected.
/// Answers the kernel's Landlock ABI, 0 where it has none, or -1 with errno. Needs no new privileges.
int linux_landlock_nothing(void);

#endif
