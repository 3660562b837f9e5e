/*
 * A disk that can be watched and hurt: loaded into a server by LD_PRELOAD, it stands between SQLite and the system.
 *
 * Only two files are concerned: the one that AETHEL_DISK_FILE names, and the same with "-wal" at its end. Every
 * write, cut and sync of them is done and then appended to AETHEL_DISK_LOG, one after the other, as a header of
 * four little-endian 64-bit numbers (what, which file, offset, length) and, for a write, the bytes.
 *
 * When the file AETHEL_DISK_TROUBLE exists it says what goes wrong: "s 5" lets five more syncs succeed and fails
 * every later one with EIO; "f 5000" lets 5,000 more bytes be written and fails every later write with ENOSPC.
 * Removing the file ends the trouble.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE = 1, CUT = 2, SYNC = 3 };

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
static const char *file, *trouble;
static int record = -1;
static char kind;
static long left;

__attribute__((constructor)) static void prepare(void) {
    file = getenv("AETHEL_DISK_FILE");
    trouble = getenv("AETHEL_DISK_TROUBLE");
    const char *path = getenv("AETHEL_DISK_LOG");
    if (path) record = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

/* 1 for the database, 2 for its log, 0 for everything else. */
static int which(int fd) {
    char link[64], path[4096];
    if (!file) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    size_t base = strlen(file);
    if (strncmp(path, file, base)) return 0;
    if (!path[base]) return 1;
    return strcmp(path + base, "-wal") ? 0 : 2;
}

static void note(uint64_t what, uint64_t which_file, uint64_t offset, uint64_t length, const void *bytes) {
    uint64_t header[4] = {what, which_file, offset, length};
    if (record < 0) return;
    /* One record is one append, so that whoever reads the length of the log never sees half of one. */
    size_t size = sizeof header + (bytes ? length : 0);
    char *both = malloc(size);
    if (!both) abort();
    memcpy(both, header, sizeof header);
    if (bytes) memcpy(both + sizeof header, bytes, length);
    if (syscall(SYS_write, record, both, size) != (long)size) abort();
    free(both);
}

/* What goes wrong now: 's', 'f' or nothing. */
static char ailment(void) {
    if (!trouble) return 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, trouble, O_RDONLY | O_CLOEXEC, 0);
    if (fd < 0) return kind = 0;
    if (!kind) {
        char text[64] = {0};
        if (syscall(SYS_read, fd, text, sizeof text - 1) <= 0 || sscanf(text, "%c %ld", &kind, &left) != 2) kind = 0;
    }
    syscall(SYS_close, fd);
    return kind;
}

static ssize_t put(int which_file, int fd, const void *bytes, size_t length, off_t offset, int moves) {
    pthread_mutex_lock(&one_at_a_time);
    ssize_t done = -1;
    if (ailment() == 'f' && left < (long)length) length = left > 0 ? (size_t)left : 0;
    if (length == 0) {
        errno = ENOSPC;
    } else {
        done = moves ? syscall(SYS_write, fd, bytes, length) : syscall(SYS_pwrite64, fd, bytes, length, offset);
        if (done > 0) {
            if (kind == 'f') left -= done;
            note(WRITE, (uint64_t)which_file, (uint64_t)offset, (uint64_t)done, bytes);
        }
    }
    int error = errno;
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    int which_file = length ? which(fd) : 0;
    if (!which_file) return syscall(SYS_write, fd, bytes, length);
    return put(which_file, fd, bytes, length, lseek(fd, 0, SEEK_CUR), 1);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    int which_file = length ? which(fd) : 0;
    if (!which_file) return syscall(SYS_pwrite64, fd, bytes, length, offset);
    return put(which_file, fd, bytes, length, offset, 0);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

int ftruncate64(int fd, off64_t length) {
    int which_file = which(fd);
    if (!which_file) return (int)syscall(SYS_ftruncate, fd, length);
    pthread_mutex_lock(&one_at_a_time);
    int done = (int)syscall(SYS_ftruncate, fd, length);
    int error = errno;
    if (!done) note(CUT, (uint64_t)which_file, (uint64_t)length, 0, NULL);
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int flush(int fd, long call) {
    int which_file = which(fd);
    if (!which_file) return (int)syscall(call, fd);
    pthread_mutex_lock(&one_at_a_time);
    int done = -1;
    if (ailment() == 's' && left <= 0) {
        errno = EIO;
    } else {
        if (kind == 's') left -= 1;
        done = (int)syscall(call, fd);
        if (!done) note(SYNC, (uint64_t)which_file, 0, 0, NULL);
    }
    int error = errno;
    pthread_mutex_unlock(&one_at_a_time);
    errno = error;
    return done;
}

int fsync(int fd) { return flush(fd, SYS_fsync); }

int fdatasync(int fd) { return flush(fd, SYS_fdatasync); }
