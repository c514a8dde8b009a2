// SPDX-License-Identifier: Apache-2.0
//
// Shifts the wall clock of a program by CLOCK_SHIFT seconds, and nothing else: as when somebody sets the clock, timers
// run on. (faketime moves timers and the environment too, and programs in Swift hang or lose their arguments under it.)
//
// cc -shared -fPIC -o shift-clock.so scripts/shift-clock.c; LD_PRELOAD=$PWD/shift-clock.so CLOCK_SHIFT=-7200 date
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long shift(void) {
    const char *text = getenv("CLOCK_SHIFT");
    return text ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
    int status = (int)syscall(SYS_clock_gettime, clock, time);
    if (!status && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) time->tv_sec += shift();
    return status;
}

int gettimeofday(struct timeval *time, void *zone) {
    (void)zone;
    struct timespec now;
    int status = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return status;
}

time_t time(time_t *result) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (result) *result = now.tv_sec;
    return now.tv_sec;
}
