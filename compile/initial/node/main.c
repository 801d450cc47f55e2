// The node answers on a UDP port of this machine. On a device, a driver of the device's own takes the place of the
// POSIX one, and the rest stays.
#include <stdio.h>

#include "sensor_node_posix.h"

static uint32_t count;

static uint32_t now(sensor_node *c)
{
    return sensor_node_posix_now((const sensor_node_posix *)c);
}

void sensor_node_on_read(sensor_node *c)
{
    count++;
    sensor_reading r = {(int16_t)(180 + count % 7), count};
    if (sensor_node_return_read(c, &r, now(c)) == SENSOR_NODE_BAD_ARGUMENT) {
        fprintf(stderr, "node: a reading that is out of its range is not sent\n");
    }
}

void sensor_node_on_heat(sensor_node *c, uint8_t minutes)
{
    printf("node: heating for %d minutes\n", minutes);
    fflush(stdout);
    sensor_node_return_heat(c, true, now(c));
}

int main(int argc, char **argv)
{
    static sensor_node_posix node;
    if (argc != 2) {
        fprintf(stderr, "usage: node PORT\n");
        return 2;
    }
#ifdef SENSOR_NODE_STABLE // where the program gives the node stable memory, it is a file here
    int opened = sensor_node_posix_open(&node, "127.0.0.1", argv[1], NULL, NULL, "node.store", 1);
#else
    int opened = sensor_node_posix_open(&node, "127.0.0.1", argv[1], NULL, NULL, 1);
#endif
    if (opened != 0) {
        perror("node");
        return 1;
    }
    while (sensor_node_posix_step(&node, -1) == 0) {
    }
    perror("node");
    return 1;
}
