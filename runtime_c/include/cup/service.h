/* cup/service.h: how a generated service describes itself to the program around it.
 *
 *     static const struct cup_service service = {"firewall", 1, &plan, devices, 2, inputs, 2, ...,
 *         sizeof(struct kernel), sizeof(struct params), sizeof(struct config), 2, 0,
 *         kernel_start, kernel_configure, kernel_burst, kernel_expire, kernel_maintain, kernel_edges, kernel_states};
 *     int main(int count, char **words) { return cup_native_main(&service, count, words); }
 *
 * The program makes arena, params and config, calls `start` once and then the others, all from one thread and between bursts. A kernel
 * is `kernel_size` zero bytes (aligned to 64) of the caller's. It allocates nothing and never fails after `start`. */
#ifndef CUP_SERVICE_H
#define CUP_SERVICE_H

#include "cup/arena.h"
#include "cup/packet.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A `param` of type `device`. Its index is the `device` of packets and outputs. */
struct cup_service_device {
    const char *param;
    const char *spec; /* default, such as `eth0` */
};

/* A `FromDevice`: packets of this device are taken in. Its index is that of the receive cursor in the arena. */
struct cup_service_input {
    uint16_t device;
};

/* A `param` or `config` with a value: how to read its text, and where the image goes in the struct of all. */
struct cup_service_setting {
    const char *name;
    const char *type; /* as cup/value.h has it */
    const char *text; /* default */
    uint32_t offset;
};

/* An edge of the graph, for counts and drawings. */
struct cup_service_edge {
    const char *from;
    const char *port;
    const char *to;
    bool drops; /* what goes along it leaves by no device any more, which was not so before */
};

/* A number that a state shows: the size of a table, or what a counter holds. */
struct cup_service_state {
    const char *name;
    const char *kind; /* `size` or `counter` */
};

/* What packets may report. */
struct cup_service_event {
    const char *name;
    const char *type; /* a record of the fields, as cup/value.h has it */
};

struct cup_events; /* cup/events.h */

/* Leads a packet from node to node, where each is an element of its own: from the one that is entry `entry` on, by the ports that `step`
 * gives. Gives the device by which it leaves, or CUP_NO_DEVICE. */
typedef uint16_t (*cup_walk)(void *walker, const struct cup_packet *packet, uint32_t entry);

struct cup_service {
    const char *name;
    uint32_t version;
    const struct cup_arena_plan *plan;
    const struct cup_service_device *devices;
    uint32_t device_count;
    const struct cup_service_input *inputs;
    uint32_t input_count; /* at most CUP_ARENA_INPUTS */
    const struct cup_service_setting *params;
    uint32_t param_count;
    const struct cup_service_setting *configs;
    uint32_t config_count;
    const struct cup_service_edge *edges;
    uint32_t edge_count;
    const struct cup_service_state *states;
    uint32_t state_count;
    const struct cup_service_event *events;
    uint32_t event_count;

    size_t kernel_size;
    size_t params_size;
    size_t config_size;
    uint32_t outputs_per_packet; /* the most packets that leave for one that arrives */
    uint32_t copies_per_packet;  /* the most of them that are copies or new */

    /* Opens the tables in the arena and takes params and config, both of which stay where they are. Writes initial values where
     * arena->fresh. 0, or else the service does not start and has said why in arena->message. */
    int (*start)(void *kernel, struct cup_arena *arena, const void *params, const void *config);

    /* Takes a new config as a whole; the one before is gone after the call. */
    void (*configure)(void *kernel, const void *config);

    /* Takes up to CUP_BURST packets in the order of their arrival, from any devices, and gives those that leave in order. A packet is
     * committed (last now and its input's cursor are in the arena) before any of its outputs is added. */
    void (*burst)(void *kernel, struct cup_packet *packets, unsigned count, struct cup_outputs *outputs);

    /* Carries out the expiry of all tables at the larger of `now` and the last `now`, which it becomes. */
    void (*expire)(void *kernel, uint64_t now);

    /* Idle work between bursts (cup_table_maintain). */
    void (*maintain)(void *kernel, uint64_t now);

    /* Packets over each edge since `start`, and the number of each state. */
    void (*edge_counts)(void *kernel, uint64_t *counts);
    void (*state_counts)(void *kernel, uint64_t *counts);

    /* Makes what is derived from a config whose settings have been read, before the kernel gets it; false when there is no memory. And
     * gives it back. Off the packet path, any thread; both NULL where nothing is derived. */
    bool (*derive)(void *config);
    void (*forget)(void *config);

    /* What numbers are drawn by chance from here on; 0 until it is called. NULL where none are drawn. */
    void (*seed)(void *kernel, uint64_t seed);

    /* Where what is reported goes from here on: to that ring, or nowhere (NULL, as at the start). NULL where nothing is reported. */
    void (*listen)(void *kernel, struct cup_events *events);

    /* Whether the service can run with these params at all; says why not. Before anything else; NULL where any will do. */
    bool (*admits)(const void *params, char *message, size_t room);

    /* Who leads packets from node to node; before the first burst. And one node, by its number, of the packet that is being led: the port
     * by which it goes on, or the device by which it leaves. Both NULL where the whole graph is one function. */
    void (*divide)(void *kernel, cup_walk walk, void *walker);
    uint32_t (*step)(void *kernel, uint32_t node);
};

#ifdef __cplusplus
}
#endif

#endif
