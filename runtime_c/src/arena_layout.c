/* Where the parts of an arena lie. See arena_layout.h. */
#include "arena_layout.h"

#include "cup/table.h"

enum { HUGE_PAGE = 2 << 20, MAPS = 4 };

static uint64_t round_up(uint64_t size, uint64_t unit) { return (size + unit - 1) / unit * unit; }

static bool fits_name(const char *name) { return name != NULL && name[0] != 0 && strlen(name) < CUP_NAME; }

static const char *table_problem(const struct cup_store_plan *store) {
    bool stride_fits = store->stride == 16 || store->stride == 32 || (store->stride != 0 && store->stride % CUP_LINE == 0);
    if (!stride_fits || store->stride > 1 << 20) return "has a table whose stride is not 16, 32 or a multiple of 64";
    if (store->key_at < CUP_ENTRY_KEY_AT || store->key_size == 0) return "has a table without room for its key";
    if ((uint64_t)store->key_at + store->key_size > store->stride) return "has a table whose key does not fit its entry";
    if (store->capacity == 0) return "has a table of capacity 0";
    if (store->capacity > UINT64_C(1) << 33) return "has a table of more than 2^33 entries";
    if (store->tick_ns == 0) return "has a table whose tick is 0 ns";
    return NULL;
}

const char *cup_arena_plan_problem(const struct cup_arena_plan *plan) {
    if (!fits_name(plan->service)) return "has a name that is empty or longer than 63 bytes";
    for (uint32_t i = 0; i < plan->store_count; i++) {
        const struct cup_store_plan *store = &plan->stores[i];
        const char *problem = NULL;
        if (!fits_name(store->name)) return "has a state whose name is empty or longer than 63 bytes";
        if (store->kind == CUP_STORE_TABLE) problem = table_problem(store);
        else if (store->kind != CUP_STORE_CELLS) problem = "has a store of an unknown kind";
        else if (store->cells_size > UINT64_C(1) << 40) problem = "has cells of more than 2^40 bytes";
        if (problem != NULL) return problem;
    }
    return NULL;
}

/* Takes the next `size` bytes, beginning on a page, and moves the end of the file behind them. */
static uint64_t take(uint64_t *end, uint64_t size) {
    uint64_t at = round_up(*end, CUP_ARENA_PAGE);
    *end = at + size;
    return at;
}

/* Four bitmaps with a bit for each of `places`, each bitmap a whole number of lines. */
static uint64_t marks_size(uint64_t places) { return MAPS * round_up((places + 7) / 8, CUP_LINE); }

static void lay_out_store(const struct cup_store_plan *plan, struct cup_store *store, uint64_t *end) {
    memset(store, 0, sizeof *store);
    store->kind = plan->kind;
    memcpy(store->name, plan->name, strlen(plan->name));
    if (plan->kind == CUP_STORE_CELLS) {
        store->cells_size = plan->cells_size;
        store->cells_offset = take(end, store->cells_size);
        store->marks_size = marks_size((plan->cells_size + CUP_LINE - 1) / CUP_LINE);
        store->marks_offset = take(end, store->marks_size);
        return;
    }
    store->stride = plan->stride;
    store->key_at = plan->key_at;
    store->key_size = plan->key_size;
    store->capacity = plan->capacity;
    store->tick_ns = plan->tick_ns;
    store->bucket_count = cup_table_buckets(plan->capacity);
    store->slots = (uint64_t)store->bucket_count * CUP_BUCKET_SLOTS;
    store->buckets_offset = take(end, (uint64_t)store->bucket_count * CUP_BUCKET);
    store->bounds_size = cup_table_bounds_size(store->bucket_count);
    store->bounds_offset = take(end, store->bounds_size);
    store->marks_size = marks_size(store->slots);
    store->marks_offset = take(end, store->marks_size);
    store->entries_offset = take(end, store->slots * store->stride);
}

void cup_arena_lay_out(const struct cup_arena_plan *plan, struct cup_arena_header *header, struct cup_store *stores) {
    memset(header, 0, sizeof *header);
    header->format = CUP_ARENA_FORMAT;
    header->endianness = CUP_ARENA_ENDIANNESS;
    header->worker_count = 1;
    memcpy(header->layout_digest, plan->layout_digest, CUP_DIGEST);
    memcpy(header->shape_digest, plan->shape_digest, CUP_DIGEST);
    memcpy(header->full_digest, plan->full_digest, CUP_DIGEST);
    memcpy(header->service, plan->service, strlen(plan->service));
    header->version = plan->version;
    header->hash_seed = plan->hash_seed;
    header->store_count = plan->store_count;
    header->stores_offset = CUP_ARENA_PAGE;
    header->schema_offset = header->stores_offset + (uint64_t)plan->store_count * CUP_STORE_SIZE;
    header->schema_size = plan->schema_text == NULL ? 0 : strlen(plan->schema_text);
    header->layout_offset = header->schema_offset + header->schema_size;
    header->layout_size = plan->layout_text == NULL ? 0 : strlen(plan->layout_text);
    uint64_t end = header->layout_offset + header->layout_size;
    header->undo_lines = plan->undo_lines;
    header->undo_size = (uint64_t)plan->undo_lines * CUP_UNDO_RECORD;
    header->undo_offset = take(&end, header->undo_size);
    for (uint32_t i = 0; i < plan->store_count; i++) {
        struct cup_store scratch;
        lay_out_store(&plan->stores[i], stores != NULL ? &stores[i] : &scratch, &end);
    }
    /* Whole huge pages where there is more than one, so that the last of it is as quick as the first. */
    header->total_size = round_up(end, end > HUGE_PAGE ? HUGE_PAGE : CUP_ARENA_PAGE);
}

uint64_t cup_arena_size(const struct cup_arena_plan *plan) {
    struct cup_arena_header header;
    if (cup_arena_plan_problem(plan) != NULL) return 0;
    cup_arena_lay_out(plan, &header, NULL);
    return header.total_size;
}
