/* cup/keyed_pool.h: pools of numbers for keys that come and go: an entry of a table for each key that has leases.
 *
 *     uint8_t *ports = cup_keyed_pool(&table, PORTS, key.words, key.hash);        // NULL: as many keys as there is room for have leases
 *     uint64_t found = ports ? cup_pool_take(ports, 64512, true, key.hash, now) : CUP_POOL_EMPTY;
 *     uint32_t slot = cup_keyed_pool_slot(&table, PORTS, ports);                 // what an entry that holds the lease remembers
 *     ports = cup_keyed_pool_in(&table, PORTS, slot);
 *     cup_keyed_pool_give_back(&table, PORTS, ports, found);                     // with the last one the key goes
 *
 * An entry is: head, key, and at the next word the pool as cup/pool.h has it. A slot without an entry has no bit set in its pool, so that
 * a new key's pool needs no clearing. The key of a pool stays while anything is leased from it, and so does its slot. One thread. */
#ifndef CUP_KEYED_POOL_H
#define CUP_KEYED_POOL_H

#include "cup/pool.h"
#include "cup/table.h"

/* Where in an entry the pool begins. */
CUP_INLINE uint32_t cup_keyed_pool_at(struct cup_shape shape) { return (shape.key_at + shape.key_size + 7) / 8 * 8; }

/* The pool of a key, made where it has none; then something is to be taken from it. */
CUP_INLINE uint8_t *cup_keyed_pool(struct cup_table *table, struct cup_shape shape, const void *key, uint64_t hash) {
    uint32_t at = cup_keyed_pool_at(shape);
    uint8_t *entry = cup_table_find(table, shape, key, hash);
    if (entry == NULL) {
        if (cup_table_full(table)) return NULL;
        entry = cup_table_place(table, shape, key, hash, 0, at);
    }
    return entry + at;
}

/* The number of the slot where a pool lies, and the pool of a slot. */
CUP_INLINE uint32_t cup_keyed_pool_slot(const struct cup_table *table, struct cup_shape shape, const uint8_t *pool) {
    return (uint32_t)((uint64_t)(pool - table->entries) / shape.stride);
}

CUP_INLINE uint8_t *cup_keyed_pool_in(const struct cup_table *table, struct cup_shape shape, uint64_t slot) {
    return table->entries + slot * shape.stride + cup_keyed_pool_at(shape);
}

CUP_INLINE void cup_keyed_pool_give_back(struct cup_table *table, struct cup_shape shape, uint8_t *pool, uint64_t number) {
    cup_pool_give_back(pool, number);
    if (cup_load64(pool) != 0) return;
    uint8_t *entry = pool - cup_keyed_pool_at(shape);
    cup_table_remove(table, shape, entry, cup_hash_image(entry + shape.key_at, shape.key_size, table->seed));
}

/* What no entry holds when a packet is done goes back, to a pool of a key that may go (`keys`) or of one that is there always. */
CUP_INLINE void cup_pending_give_back(const struct cup_pending *pending) {
    if (pending->keys != NULL) cup_keyed_pool_give_back(pending->keys, pending->keys->shape, pending->pool, pending->number);
    else cup_pool_give_back(pending->pool, pending->number);
}

#endif
