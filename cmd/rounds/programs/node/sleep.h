// When the node sleeps: awake for 200 to 600 ms of its time, then as long again and half of that with its radio off.
#ifndef SLEEP_H
#define SLEEP_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

// Sleeps where it is time, after which whatever came meanwhile is gone. Otherwise gives how long the node is awake still, in ms
// of real time, at least 1.
static inline int sleep_or_stay(int socket, uint32_t now, uint32_t speed)
{
    static uint32_t until, draws = 2463534242u;
    uint8_t unheard[64];
    if ((int32_t)(until - now) > 0) {
        return (int)((until - now) / speed) + 1;
    }
    draws ^= draws << 13;
    draws ^= draws >> 17;
    draws ^= draws << 5;
    if (until != 0u) {
        uint32_t asleep = (300u + draws % 601u) * 1000u / speed; // in us
        struct timespec t = {(time_t)(asleep / 1000000u), (long)(asleep % 1000000u) * 1000};
        (void)nanosleep(&t, NULL);
        while (recv(socket, unheard, sizeof unheard, MSG_DONTWAIT) >= 0) {
        }
        now += asleep * speed / 1000u;
    }
    until = now + 200u + (draws >> 8) % 401u;
    return (int)((until - now) / speed) + 1;
}

#endif
