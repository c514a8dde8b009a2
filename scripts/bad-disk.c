// SPDX-License-Identifier: Apache-2.0
//
// A disk that goes bad under a program: writes to regular files that it opened itself, and their syncs, fail or are cut
// short.
//
//   DISK_FAULT      eio, full: the error; short: half of each write is written, and no error
//   DISK_FAULT_AT   the first call that is hit, from 1
//   DISK_FAULT_FOR  how many calls are hit; all that follow when it is not set
//
// cc -shared -fPIC -o bad-disk.so scripts/bad-disk.c; LD_PRELOAD=$PWD/bad-disk.so DISK_FAULT=eio DISK_FAULT_AT=3 cp a b
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long calls;

// Whether the call now made on `file` is hit.
static int is_hit(int file) {
    struct stat entry;
    const char *first = getenv("DISK_FAULT_AT"), *count = getenv("DISK_FAULT_FOR");
    if (!first || file <= 2 || fstat(file, &entry) || !S_ISREG(entry.st_mode)) return 0;
    long call = atomic_fetch_add(&calls, 1) + 1;
    return call >= atol(first) && (!count || call < atol(first) + atol(count));
}

static int is(const char *fault) {
    const char *requested = getenv("DISK_FAULT");
    return requested && !strcmp(requested, fault);
}

// -1 with its error, or how many of `size` bytes are to be written.
static ssize_t allowed(int file, size_t size) {
    if (!is_hit(file)) return (ssize_t)size;
    if (is("short")) return size > 1 ? (ssize_t)(size / 2) : (ssize_t)size;
    errno = is("full") ? ENOSPC : EIO;
    return -1;
}

ssize_t write(int file, const void *bytes, size_t size) {
    ssize_t count = allowed(file, size);
    return count < 0 ? -1 : syscall(SYS_write, file, bytes, count);
}

ssize_t pwrite(int file, const void *bytes, size_t size, off_t offset) {
    ssize_t count = allowed(file, size);
    return count < 0 ? -1 : syscall(SYS_pwrite64, file, bytes, count, offset);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off_t offset) { return pwrite(file, bytes, size, offset); }

static int sync_of(long number, int file) {
    if (!is("short") && is_hit(file)) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(number, file);
}

int fsync(int file) { return sync_of(SYS_fsync, file); }

int fdatasync(int file) { return sync_of(SYS_fdatasync, file); }
