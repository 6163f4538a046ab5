/* A service written by hand, as a backend would write it, to drive the native program with.
 *
 * What enters at `inside` leaves at `outside` if its IPv4 source is in `allowed`, and is counted in `refused` otherwise; what enters at
 * `outside` leaves at `inside`. `hosts` remembers the last four allowed sources for 16 s. With `twice` a copy follows each packet that
 * leaves at `outside`, its last byte one larger. `mark`, when it is not 0, becomes the time to live of what leaves at `outside`. */
#include "cup/native.h"
#include "cup/prefix_set.h"
#include "cup/table.h"

#include <stdio.h>

enum { INSIDE, OUTSIDE };
enum { SOURCE_AT = 26, TTL_AT = 22 };
#define SECOND UINT64_C(1000000000)

struct params {
    uint8_t mark;
};

struct config {
    struct cup_prefix_set allowed;
    uint8_t twice;
};

struct kernel {
    struct cup_arena *arena;
    const struct params *params;
    const struct config *config;
    struct cup_table hosts;
    uint64_t *refused;
    uint64_t edges[3];
};

static const struct cup_shape HOSTS = {16, 8, 4, SECOND};

static const struct cup_store_plan stores[] = {
    {"hosts", CUP_STORE_TABLE, 16, 8, 4, 4, SECOND, 0},
    {"refused", CUP_STORE_CELLS, 0, 0, 0, 0, 0, 8},
};
static const struct cup_arena_plan plan = {"mirror", 1, 4, 7, {1}, {2}, {3}, "a schema", "a layout", stores, 2};

static uint64_t idle(const uint8_t *entry) {
    (void)entry;
    return 16 * SECOND;
}

static int start(void *place, struct cup_arena *arena, const void *params, const void *config) {
    struct kernel *kernel = (struct kernel *)place;
    const struct cup_policy policy = {idle, NULL, NULL};
    kernel->arena = arena;
    kernel->params = (const struct params *)params;
    kernel->config = (const struct config *)config;
    if (kernel->params->mark == 13) {
        (void)snprintf(arena->message, sizeof arena->message, "13 brings bad luck");
        return 1;
    }
    cup_table_open(&kernel->hosts, arena, 0, &policy);
    kernel->refused = (uint64_t *)(void *)cup_arena_cells(arena, 1);
    return 0;
}

static void configure(void *place, const void *config) { ((struct kernel *)place)->config = (const struct config *)config; }

static uint64_t later(const struct kernel *kernel, uint64_t now) {
    uint64_t last = kernel->arena->header->last_now;
    return now > last ? now : last;
}

static void leave(struct cup_outputs *outputs, struct cup_packet *packet, uint16_t device) {
    struct cup_output *output = &outputs->list[outputs->count++];
    output->packet = packet;
    output->device = device;
}

static void remember(struct kernel *kernel, const uint8_t *source, uint64_t now) {
    uint64_t hash = cup_hash_image(source, 4, kernel->hosts.seed);
    uint8_t *entry = cup_table_find(&kernel->hosts, HOSTS, source, hash);
    if (entry != NULL && cup_table_expired(&kernel->hosts, HOSTS, entry, now, idle(entry))) {
        cup_table_remove(&kernel->hosts, HOSTS, entry, hash);
        entry = NULL;
    }
    if (entry != NULL) {
        cup_table_touch(&kernel->hosts, HOSTS, entry, now / SECOND);
        return;
    }
    if (cup_table_full(&kernel->hosts)) cup_table_expire(&kernel->hosts, now);
    if (cup_table_full(&kernel->hosts)) cup_table_evict_oldest(&kernel->hosts, NULL, 0);
    entry = cup_table_insert(&kernel->hosts, HOSTS, source, hash, now / SECOND);
    cup_table_deadline_lowered(&kernel->hosts, hash, cup_deadline(HOSTS, now / SECOND, idle(entry)));
}

static void one(struct kernel *kernel, struct cup_packet *packet, struct cup_outputs *outputs) {
    uint64_t now = later(kernel, packet->time_ns);
    bool leaves = packet->device == OUTSIDE;
    if (!leaves && packet->length >= SOURCE_AT + 4) {
        leaves = cup_prefix_set_has4(&kernel->config->allowed, cup_load_be32(packet->data + SOURCE_AT));
        if (leaves) remember(kernel, packet->data + SOURCE_AT, now);
    }
    if (!leaves) ++*kernel->refused;
    if (leaves && packet->device == INSIDE && kernel->params->mark != 0) packet->data[TTL_AT] = kernel->params->mark;
    kernel->edges[!leaves ? 2 : packet->device]++;
    struct cup_packet *copy = leaves && packet->device == INSIDE && kernel->config->twice ? cup_outputs_copy(outputs, packet) : NULL;
    if (copy != NULL) copy->data[copy->length - 1]++;
    cup_arena_commit(kernel->arena->header, packet->device, now);
    if (leaves) leave(outputs, packet, packet->device == INSIDE ? OUTSIDE : INSIDE);
    if (copy != NULL) leave(outputs, copy, OUTSIDE);
}

static void burst(void *place, struct cup_packet *packets, unsigned count, struct cup_outputs *outputs) {
    for (unsigned i = 0; i < count; i++) one((struct kernel *)place, &packets[i], outputs);
}

static void expire(void *place, uint64_t now) {
    struct kernel *kernel = (struct kernel *)place;
    kernel->arena->header->last_now = later(kernel, now);
    cup_table_expire(&kernel->hosts, kernel->arena->header->last_now);
}

static void maintain(void *place, uint64_t now) { cup_table_maintain(&((struct kernel *)place)->hosts, now, 1); }

static void edge_counts(void *place, uint64_t *counts) { memcpy(counts, ((struct kernel *)place)->edges, 3 * sizeof *counts); }

static void state_counts(void *place, uint64_t *counts) {
    struct kernel *kernel = (struct kernel *)place;
    counts[0] = cup_table_count(&kernel->hosts);
    counts[1] = *kernel->refused;
}

static const struct cup_service_device devices[] = {{"inside", "eth0"}, {"outside", "tap:tap0"}};
static const struct cup_service_input inputs[] = {{INSIDE}, {OUTSIDE}};
static const struct cup_service_setting params[] = {{"mark", "u8", "0", offsetof(struct params, mark)}};
static const struct cup_service_setting configs[] = {
    {"allowed", "set<ipv4_prefix>", "[10.0.0.0/8]", offsetof(struct config, allowed)},
    {"twice", "bool", "false", offsetof(struct config, twice)},
};
static const struct cup_service_edge edges[] = {{"inside", "pass", "outside", false}, {"outside", "pass", "inside", false}, {"inside", "deny", "drop", true}};
static const struct cup_service_state states[] = {{"hosts", "size"}, {"refused", "counter"}};

static const struct cup_service service = {
    "mirror", 1, &plan, devices, 2, inputs, 2, params, 1, configs, 2, edges, 3, states, 2, NULL, 0,
    sizeof(struct kernel), sizeof(struct params), sizeof(struct config), 2, 1,
    start, configure, burst, expire, maintain, edge_counts, state_counts, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
};

int main(int count, char **words) { return cup_native_main(&service, count, words); }
