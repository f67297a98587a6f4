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

#endif
