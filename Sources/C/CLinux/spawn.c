#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
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

static bool is_changed(const char *variable, char *const *changes) {
    size_t name = strcspn(variable, "=");
    for (; *changes != NULL; changes++)
        if (strcspn(*changes, "=") == name && strncmp(variable, *changes, name) == 0) return true;
    return false;
}

// The strings belong to others. NULL without memory.
static char **environment_with(char *const *changes) {
    size_t ours = 0, more = 0, count = 0;
    while (environ[ours] != NULL) ours++;
    while (changes[more] != NULL) more++;
    char **environment = calloc(ours + more + 1, sizeof *environment);
    if (environment == NULL) return NULL;
    for (size_t i = 0; i < ours; i++)
        if (!is_changed(environ[i], changes)) environment[count++] = environ[i];
    for (size_t i = 0; i < more; i++)
        if (strchr(changes[i], '=') != NULL) environment[count++] = changes[i];
    return environment;
}

pid_t linux_spawn(const char *program, char *const *words, char *const *changes, const int *descriptors, int count) {
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
    char **environment = answer == 0 ? environment_with(changes) : NULL;
    if (answer == 0 && environment == NULL) answer = ENOMEM;
    if (answer == 0) answer = posix_spawn(&process, program, &actions, &attributes, words, environment);
    free(environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (int place = 0; place < count; place++)
        if (copies[place] >= 0) close(copies[place]);
    return answer == 0 ? process : (errno = answer, -1);
}
