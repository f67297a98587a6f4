#define _GNU_SOURCE
#include "CLinux.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static int limit(int resource, uint64_t value) {
    struct rlimit limit;
    if (getrlimit((__rlimit_resource_t)resource, &limit) != 0) return -1;
    if (limit.rlim_max != RLIM_INFINITY && value > limit.rlim_max) value = limit.rlim_max;
    limit.rlim_cur = limit.rlim_max = value;
    return setrlimit((__rlimit_resource_t)resource, &limit);
}

int linux_limit(uint64_t memory, uint64_t file_size, uint64_t seconds, uint64_t descriptors) {
    if (limit(RLIMIT_AS, memory) != 0) return -1;
    if (limit(RLIMIT_FSIZE, file_size) != 0) return -1;
    if (limit(RLIMIT_CPU, seconds) != 0) return -1;
    if (limit(RLIMIT_NOFILE, descriptors) != 0) return -1;
    if (limit(RLIMIT_CORE, 0) != 0) return -1;
    return limit(RLIMIT_NPROC, 0);
}

int linux_no_new_privileges(void) {
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

// landlock(7). Written out because Debian 12's headers know two of the kernel's versions.
enum { LANDLOCK_CREATE = 444, LANDLOCK_RESTRICT = 446, LANDLOCK_VERSION = 1 };

struct landlock_rights {
    uint64_t files;
    uint64_t ports;
    uint64_t scopes;
};

int linux_landlock_nothing(void) {
    long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);
    if (version <= 0) return 0;
    int rights_of_files = version >= 5 ? 16 : version >= 3 ? 15 : version >= 2 ? 14 : 13;
    struct landlock_rights rights = {
        .files = (1ULL << rights_of_files) - 1,
        .ports = version >= 4 ? 3 : 0,
        .scopes = version >= 6 ? 3 : 0,
    };
    size_t size = version >= 6 ? 24 : version >= 4 ? 16 : 8;
    int ruleset = (int)syscall(LANDLOCK_CREATE, &rights, size, 0);
    if (ruleset < 0) return -1;
    long answer = syscall(LANDLOCK_RESTRICT, ruleset, 0);
    close(ruleset);
    return answer == 0 ? (int)version : -1;
}
