#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int linux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

enum { MOST_DESCRIPTORS = 8 };

// First copied out of the way: what is given may lie where another is to go.
static int give(posix_spawn_file_actions_t *actions, const int *descriptors, int count, int *copies) {
    for (int place = 0; place < count; place++) {
        copies[place] = fcntl(descriptors[place], F_DUPFD_CLOEXEC, count);
        if (copies[place] < 0) return errno;
        int answer = posix_spawn_file_actions_adddup2(actions, copies[place], place);
        if (answer != 0) return answer;
    }
    return posix_spawn_file_actions_addclosefrom_np(actions, count);
}

static int begin_afresh(posix_spawnattr_t *attributes) {
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setsigmask(attributes, &none);
    return posix_spawnattr_setflags(
        attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

pid_t linux_spawn(const char *program, char *const *words, const int *descriptors, int count) {
    if (count > MOST_DESCRIPTORS) return errno = EINVAL, -1;
    int copies[MOST_DESCRIPTORS];
    for (int place = 0; place < count; place++) copies[place] = -1;
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    pid_t process = -1;
    int answer = give(&actions, descriptors, count, copies);
    if (answer == 0) answer = begin_afresh(&attributes);
    if (answer == 0) answer = posix_spawn(&process, program, &actions, &attributes, words, environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (int place = 0; place < count; place++)
        if (copies[place] >= 0) close(copies[place]);
    return answer == 0 ? process : (errno = answer, -1);
}
