// SPDX-License-Identifier: MIT
//
// popcorn-watch DIR...: what happens in directories, as NUL-terminated records on standard output.
//
//   R                    all watches are in place
//   E root mask path     an event; mask as in inotify(7), hexadecimal; 0: lay there when its directory became watched
//   O                    the kernel dropped events; all watches were made anew, as after R
//   L root path          no watch left for this directory (fs.inotify.max_user_watches)
//   X root errno path    this directory cannot be watched, or not all that lies in it
//   G root               the root is gone or was renamed; it is watched no more
//
// root counts the arguments from 0; path is relative to the root, any bytes to the end, empty for the root itself.
// Ends when the parent dies or standard output closes. Nothing wakes it at idle.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inotifytools/inotifytools.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    interesting = IN_CREATE | IN_CLOSE_WRITE | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE | IN_DELETE_SELF |
                  IN_MOVE_SELF | IN_ONLYDIR | IN_EXCL_UNLINK,
    longest_path = 4095,
    stale_watches = 50000,
};

static const char again[] = "POPCORN_WATCH_AGAIN";

typedef struct {
    int root;
    char *path;  // relative to the root; NULL: not watched
} Place;

static char **roots;
static int root_count;
static Place *places;  // by watch descriptor
static size_t place_count;
static char **command_line;
static unsigned watches_made;
static unsigned watches_stale;
static FILE *complaints;

static void *need(void *memory) {
    if (memory != NULL) return memory;
    fputs("popcorn-watch: out of memory\n", complaints);
    _exit(71);  // EX_OSERR
}

// ---- records

static void put(const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, bytes, count);
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) _exit(0);  // nobody listens any more
        bytes += written;
        count -= (size_t)written;
    }
}

static void record(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void record(const char *format, ...) {
    char text[longest_path + 512];
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    // One write a record and its NUL: at most PIPE_BUF long ones come in pieces, the reader joins them.
    if (count >= 0 && (size_t)count < sizeof text) put(text, (size_t)count + 1);
}

// ---- the tree

static char *join(const char *directory, const char *name) {
    char *path;
    if (asprintf(&path, "%s%s%s", directory, *directory != 0 && *name != 0 ? "/" : "", name) < 0) need(NULL);
    return path;
}

static char *absolute(int root, const char *path) { return join(roots[root], path); }

// The library finds watches by the spelling of their path and never forgets that of a deleted directory, which may be
// made again. So each watch has a spelling of its own: a number in binary, "./" for 1 and "/" for 0, before the path.
static char *spelled_uniquely(int root, const char *path) {
    char number[2 * 32 + 1] = "";
    char *end = number;
    for (unsigned rest = ++watches_made; rest > 0; rest >>= 1) end = stpcpy(end, rest & 1 ? "./" : "/");
    char *spelled;
    if (asprintf(&spelled, "%s/%s%s", roots[root], number, path) < 0) need(NULL);
    return spelled;
}

// Directories that other programs keep in shares; what is dropped there is never looked at either.
static bool is_foreign(const char *name) {
    static const char *const names[] = {"@eaDir", "#recycle", "lost+found"};
    if (name[0] == '.' || name[0] == '~') return true;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcasecmp(name, names[i]) == 0) return true;
    return false;
}

static void remember(int watch, int root, const char *path) {
    size_t index = (size_t)watch;
    if (index >= place_count) {
        size_t count = index * 2 + 64;
        places = need(realloc(places, count * sizeof *places));
        memset(places + place_count, 0, (count - place_count) * sizeof *places);
        place_count = count;
    }
    free(places[index].path);
    places[index] = (Place){.root = root, .path = need(strdup(path))};
}

static Place *place_of(int watch) {
    if (watch < 0 || (size_t)watch >= place_count || places[watch].path == NULL) return NULL;
    return &places[watch];
}

static void forget(int watch) {
    free(places[watch].path);
    places[watch].path = NULL;
}

static bool is_beneath(const char *path, const char *directory) {
    size_t length = strlen(directory);
    return strncmp(path, directory, length) == 0 && (path[length] == 0 || path[length] == '/' || length == 0);
}

// A directory was moved away: its watches would tell of it under the old name.
static void drop_beneath(int root, const char *directory) {
    for (size_t watch = 0; watch < place_count; watch++) {
        if (places[watch].path == NULL || places[watch].root != root) continue;
        if (!is_beneath(places[watch].path, directory)) continue;
        inotifytools_remove_watch_by_wd((int)watch);
        forget((int)watch);
    }
}

static void watch_directory(int root, const char *path) {
    char *full = spelled_uniquely(root, path);
    // The root may be a link that the operator made; beneath it none is followed.
    uint32_t events = interesting | (*path == 0 ? 0 : IN_DONT_FOLLOW);
    if (strlen(full) >= longest_path) {
        record("X %d %d %s", root, ENAMETOOLONG, path);
    } else if (inotifytools_watch_file(full, (int)events) == 0) {
        int reason = inotifytools_error();
        if (reason == ENOSPC)
            record("L %d %s", root, path);
        else if (*path == 0)
            record("G %d", root);
        else if (reason != ENOENT && reason != ENOTDIR && reason != ELOOP)
            record("X %d %d %s", root, reason, path);
    } else {
        int watch = inotifytools_wd_from_filename(full);  // with "./" at its end: a root
        if (watch < 0) {                                   // the library puts a slash behind a directory
            full = need(realloc(full, strlen(full) + 2));
            watch = inotifytools_wd_from_filename(strcat(full, "/"));
        }
        if (watch >= 0) remember(watch, root, path);
    }
    free(full);
}

static bool is_directory(const char *full, const struct dirent *entry) {
    if (entry->d_type != DT_UNKNOWN) return entry->d_type == DT_DIR;
    struct stat status;
    return lstat(full, &status) == 0 && S_ISDIR(status.st_mode);
}

// First the watch, then the list: what comes between is told twice, never not at all.
// A queue of directories rather than recursion: a deep tree costs neither stack nor descriptors.
static void watch_tree(int root, const char *top, bool lists) {
    char **queue = need(malloc(sizeof *queue));
    size_t count = 1, room = 1;
    queue[0] = need(strdup(top));
    while (count > 0) {
        char *path = queue[--count];
        watch_directory(root, path);
        char *full = absolute(root, path);
        DIR *directory = opendir(full);
        free(full);
        while (directory != NULL) {
            errno = 0;  // alone tells the end from a fault
            struct dirent *entry = readdir(directory);
            if (entry == NULL) break;
            if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
            char *child = join(path, entry->d_name);
            char *full_child = absolute(root, child);
            bool descends = is_directory(full_child, entry);
            free(full_child);
            if (descends && !is_foreign(entry->d_name)) {
                if (count == room) {
                    room *= 2;
                    queue = need(realloc(queue, room * sizeof *queue));
                }
                queue[count++] = child;
                continue;
            }
            if (lists && !descends) record("E %d 0 %s", root, child);
            free(child);
        }
        if (directory != NULL && errno != 0) record("X %d %d %s", root, errno, path);
        if (directory != NULL) closedir(directory);
        free(path);
    }
    free(queue);
}

static void start_watching(void) {
    if (!inotifytools_initialize()) {
        fprintf(complaints, "popcorn-watch: no inotify: %s (fs.inotify.max_user_instances?)\n",
                strerror(inotifytools_error()));
        _exit(71);
    }
    for (int root = 0; root < root_count; root++) watch_tree(root, "", false);
}

// Names may be stale, and the library keeps events and watches that nobody can take from it: a fresh image of
// ourselves.
static void start_again(void) {
    dup2(fileno(complaints), STDERR_FILENO);
    if (setenv(again, "1", 1) == 0) execv("/proc/self/exe", command_line);
    record("O");
    _exit(75);  // EX_TEMPFAIL: whoever started us does it again
}

// ---- events

static void handle(const struct inotify_event *event) {
    if (event->mask & IN_Q_OVERFLOW) return start_again();
    const Place *place = place_of(event->wd);
    if (place == NULL) return;
    int root = place->root;
    bool is_root = *place->path == 0;
    if (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) {
        // Beneath a root the parent has told of it.
        bool is_lost = (event->mask & IN_MOVE_SELF) == 0;
        if (is_root) {
            record("G %d", root);
            drop_beneath(root, "");
        } else if (is_lost) {
            forget(event->wd);
        }
        if (is_lost && ++watches_stale > stale_watches) start_again();
        return;
    }
    char *path = join(place->path, event->len > 0 ? event->name : "");
    const char *name = event->len > 0 ? event->name : "";
    bool is_foreign_directory = (event->mask & IN_ISDIR) != 0 && is_foreign(name);
    if (!is_foreign_directory) record("E %d %x %s", root, event->mask, path);
    if ((event->mask & IN_ISDIR) != 0 && *name != 0 && !is_foreign_directory) {
        if (event->mask & IN_MOVED_FROM) drop_beneath(root, path);
        if (event->mask & (IN_CREATE | IN_MOVED_TO)) watch_tree(root, path, true);
    }
    free(path);
}

// Waits for the reader's end to close, or the parent to die: both are told of without asking. PR_SET_PDEATHSIG would
// not do: it watches the thread that started us, and a pool of threads lets its threads go.
static void *end_with_listener(void *nothing) {
    int parent = (int)syscall(SYS_pidfd_open, getppid(), 0);  // -1, without it: poll passes it over
    struct pollfd ends[] = {{.fd = STDOUT_FILENO, .events = 0}, {.fd = parent, .events = POLLIN}};
    while (poll(ends, 2, -1) < 0 && errno == EINTR) continue;
    _exit(0);
    return nothing;
}

int main(int argument_count, char **arguments) {
    complaints = stderr;
    int first = argument_count > 1 && strcmp(arguments[1], "--") == 0 ? 2 : 1;
    command_line = arguments;
    roots = arguments + first;
    root_count = argument_count - first;
    bool asks_for_help = root_count == 1 && first == 1 && strcmp(roots[0], "--help") == 0;
    if (root_count < 1 || (first == 1 && roots[0][0] == '-')) {
        fputs("usage: popcorn-watch [--] DIR...\n", asks_for_help ? stdout : complaints);
        return asks_for_help ? 0 : 2;
    }
    signal(SIGPIPE, SIG_IGN);
    // The library's select(2) cannot hold a descriptor of 1024 or more; nothing but the standard three is ours.
    close_range(3, ~0U, 0);
    // The library writes names of files on standard error; they are nobody's business.
    FILE *ours = fdopen(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), "w");
    if (ours != NULL && freopen("/dev/null", "w", stderr) != NULL) {
        complaints = ours;
        setlinebuf(complaints);
    }
    pthread_t guard;
    if (pthread_create(&guard, NULL, end_with_listener, NULL) != 0) {
        fputs("popcorn-watch: cannot start a thread\n", complaints);
        return 71;
    }
    start_watching();
    record(getenv(again) == NULL ? "R" : "O");
    for (;;) {
        const struct inotify_event *event = inotifytools_next_event(0);  // 0: waits for ever
        if (event != NULL) {
            handle(event);
        } else if (inotifytools_error() != EINTR && inotifytools_error() != 0) {
            fprintf(complaints, "popcorn-watch: %s\n", strerror(inotifytools_error()));
            return 74;  // EX_IOERR
        }
    }
}
