#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool is_changed(const char *variable, const char *const *changes) {
    size_t name = strcspn(variable, "=");
    for (; *changes != NULL; changes++)
        if (strcspn(*changes, "=") == name && strncmp(variable, *changes, name) == 0) return true;
    return false;
}

/// Our environment with the changes; the strings belong to others. NULL without memory.
static char **environment_with(const char *const *changes) {
    size_t ours = 0, more = 0, count = 0;
    while (environ[ours] != NULL) ours++;
    while (changes[more] != NULL) more++;
    char **environment = calloc(ours + more + 1, sizeof *environment);
    if (environment == NULL) return NULL;
    for (size_t i = 0; i < ours; i++)
        if (!is_changed(environ[i], changes)) environment[count++] = environ[i];
    for (size_t i = 0; i < more; i++)
        if (strchr(changes[i], '=') != NULL) environment[count++] = (char *)changes[i];
    return environment;
}

pid_t linux_spawn(const char *const *words, const char *const *changes, int input, int output) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    int reason = posix_spawn_file_actions_init(&files);
    if (reason != 0) return -reason;
    reason = posix_spawnattr_init(&attributes);
    if (reason != 0) {
        posix_spawn_file_actions_destroy(&files);
        return -reason;
    }
    reason = input < 0 ? posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
                       : posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
    if (reason == 0) reason = posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
    if (reason == 0) reason = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    // A signal that we ignore or block is the child's to take.
    if (reason == 0) reason = posix_spawnattr_setsigdefault(&attributes, &all);
    if (reason == 0) reason = posix_spawnattr_setsigmask(&attributes, &none);
    if (reason == 0) reason = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    char **environment = reason == 0 ? environment_with(changes) : NULL;
    if (reason == 0 && environment == NULL) reason = ENOMEM;
    pid_t process = -1;
    if (reason == 0)
        reason = posix_spawn(&process, words[0], &files, &attributes, (char *const *)words, environment);
    free(environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return reason == 0 ? process : -reason;
}
