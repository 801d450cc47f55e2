// Probe of the demonstration: it answers calls, and writes down every execution before the handler returns. What it
// answers follows from what it was asked, so that an answer to another call shows.
//
// Arguments: port, file of the stable memory, file of the executions, how many times faster than real time runs.
#define _POSIX_C_SOURCE 200809L

#include "soil_probe_posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static soil_probe_posix driver;
static int runs_file;
static unsigned runs; // since this start

// One write to a file opened for appending: the line is there whole, and stays when this process is killed.
static void append(const char *line)
{
    size_t n = strlen(line);
    if (write(runs_file, line, n) != (ssize_t)n) {
        perror("probe: write");
        exit(1);
    }
}

static void executed(const char *name, unsigned first, unsigned second, const char *note)
{
    char line[128];
    struct timespec t = {0, 0};
    (void)clock_gettime(CLOCK_REALTIME, &t);
    (void)snprintf(line, sizeof line, "run %s %u %u %s %lld%09ld\n", name, first, second, note, (long long)t.tv_sec, t.tv_nsec);
    append(line);
}

void soil_probe_on_sample(soil_probe *c, uint8_t plot)
{
    soil_reading r;
    char note[sizeof r.note.bytes + 1];
    memset(&r, 0, sizeof r);
    // Every execution says something else: the start it happened in, and its number since then.
    (void)snprintf(note, sizeof note, "%u.%u", (unsigned)c->boot, ++runs);
    executed("sample", plot, 0, note);
    r.plot = plot;
    r.moisture = (uint16_t)(plot * 3u);
    r.battery = plot % 101u;
    r.note.size = (uint8_t)strlen(note);
    memcpy(r.note.bytes, note, r.note.size);
    (void)soil_probe_return_sample(c, &r, soil_probe_posix_now(&driver));
}

void soil_probe_on_schedule(soil_probe *c, uint16_t every)
{
    executed("schedule", every, 0, "-");
    (void)soil_probe_return_schedule(c, soil_probe_posix_now(&driver));
}

void soil_probe_on_water(soil_probe *c, uint8_t plot, uint8_t litres)
{
    executed("water", plot, litres, "-");
    (void)soil_probe_return_water(c, (soil_outcome)((plot + litres) % 3u), soil_probe_posix_now(&driver));
}

int main(int argc, char **argv)
{
    pid_t parent = getppid();
    if (argc != 5) {
        fputs("probe: PORT STORE RUNS SPEED\n", stderr);
        return 2;
    }
    runs_file = open(argv[3], O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (runs_file < 0) {
        perror("probe: open");
        return 1;
    }
    if (soil_probe_posix_open(&driver, "127.0.0.1", argv[1], NULL, NULL, argv[2], (uint32_t)strtoul(argv[4], NULL, 10)) != 0) {
        perror("probe: start");
        return 1;
    }
    append("boot\n");
    while (soil_probe_posix_step(&driver, 1000) == 0) {
        if (getppid() != parent) {
            return 0; // whoever started this is gone
        }
        if (soil_probe_halted(&driver.core)) {
            fputs("probe: halted\n", stderr);
            return 1;
        }
    }
    perror("probe: step");
    return 1;
}
