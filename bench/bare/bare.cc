// The yardstick, and the runtime's flow table beside it: ns per packet in memory, fresh and after ten full churns.
//
//     bench/bare/run.sh 100000                             // builds and runs; PASSES=31
//     ./bare 100000 31                                     // flows, passes: JSON on standard output, a table on standard error
//
// Rows. `bare`: the whole bare loop (table.hh), in bursts of 32, all prefetched before the first is looked up. `lookup`: parse, find,
// stamp and count, nothing else, in the bare table and in the runtime's (which prefetches bucket, then entry). The rows of a group are
// measured in turns, a pass each, so that what disturbs one disturbs the other.
#include "cup/table.h"
#include "rows.hh"

namespace {

using bare::BURST;
const cup_shape SHAPE = {64, 8, 16, 1000000000};

uint64_t bare_lookup(bare::Table &table, const bare::Packets &packets, uint32_t tick) {
    bare::Parsed burst[BURST];
    uint64_t found = 0;
    for (size_t first = 0; first < packets.count(); first += BURST) {
        unsigned count = 0, size = (unsigned)std::min<size_t>(BURST, packets.count() - first);
        for (unsigned i = 0; i < size; i++) {
            if (!bare::parse(packets.data(first + i), packets.length(first + i), &burst[count])) continue;
            table.prefetch(burst[count++].hash);
        }
        for (unsigned i = 0; i < count; i++) {
            bare::Entry *entry = table.find(burst[i].key, burst[i].hash);
            if (entry->key.second == 0) continue;
            entry->last = tick;
            entry->packets[burst[i].backward]++;
            found++;
        }
    }
    return found;
}

uint64_t cup_lookup(cup_table &table, const bare::Packets &packets, uint32_t tick) {
    bare::Parsed burst[BURST];
    uint64_t found = 0;
    for (size_t first = 0; first < packets.count(); first += BURST) {
        unsigned count = 0, size = (unsigned)std::min<size_t>(BURST, packets.count() - first);
        for (unsigned i = 0; i < size; i++) {
            if (!bare::parse(packets.data(first + i), packets.length(first + i), &burst[count])) continue;
            burst[count].hash = cup_hash(&burst[count].key.first, 2, 0);
            cup_table_prefetch_bucket(&table, burst[count++].hash);
        }
        for (unsigned i = 0; i < count; i++) cup_table_prefetch_entry(&table, SHAPE, burst[i].hash);
        for (unsigned i = 0; i < count; i++) {
            uint8_t *entry = cup_table_find(&table, SHAPE, &burst[i].key, burst[i].hash);
            if (entry == NULL) continue;
            cup_table_touch(&table, SHAPE, entry, tick);
            uint32_t packets_so_far = cup_load32(entry + 24 + 4 * burst[i].backward);
            cup_store32(entry + 24 + 4 * burst[i].backward, packets_so_far + 1);
            found++;
        }
    }
    return found;
}

// Opens and closes the flows of the packets, as the bare loop does.
void cup_churn(cup_table &table, const bare::Packets &packets, uint32_t tick) {
    for (size_t i = 0; i < packets.count(); i++) {
        bare::Parsed parsed;
        if (!bare::parse(packets.data(i), packets.length(i), &parsed)) continue;
        uint64_t hash = cup_hash(&parsed.key.first, 2, 0);
        uint8_t *entry = cup_table_find(&table, SHAPE, &parsed.key, hash);
        if (parsed.flags & bare::RST) cup_table_remove(&table, SHAPE, entry, hash);
        else if (entry == NULL) cup_table_insert(&table, SHAPE, &parsed.key, hash, tick);
    }
}

struct Bench {
    bare::Trace trace;
    bare::Table shared, huge;
    cup_table cup;
    unsigned passes;
    std::vector<bare::Row> rows;

    Bench(uint32_t flows, unsigned passes_of): trace(flows, 1), shared(flows), huge(flows, bare::HUGE), cup(), passes(passes_of) {}

    void feed(const bare::Packets &packets) {
        bare::loop(shared, packets, 1);
        bare::loop(huge, packets, 1);
        cup_churn(cup, packets, 1);
    }

    void run(const std::string &when, uint32_t generation) {
        bare::Packets packets;
        trace.steady(packets, std::max<size_t>(65536, 2 * (size_t)trace.flows()), generation);
        bare::Row loop_shared = {"bare, 4 KiB pages, " + when, {}}, loop_huge = {"bare, huge pages, " + when, {}};
        bare::Row look_bare = {"lookup, bare table, " + when, {}}, look_cup = {"lookup, cup_table, " + when, {}};
        for (unsigned pass = 0; pass < passes; pass++) {
            uint32_t tick = 2 + pass;
            bare::measure(loop_shared, packets, [&] { return bare::loop(shared, packets, tick); });
            bare::measure(loop_huge, packets, [&] { return bare::loop(huge, packets, tick); });
        }
        for (unsigned pass = 0; pass < passes; pass++) {
            uint32_t tick = 2 + pass;
            bare::measure(look_bare, packets, [&] { return bare_lookup(shared, packets, tick); });
            bare::measure(look_cup, packets, [&] { return cup_lookup(cup, packets, tick); });
        }
        rows.push_back(loop_shared);
        rows.push_back(loop_huge);
        rows.push_back(look_bare);
        rows.push_back(look_cup);
    }
};

void print(Bench &bench) {
    printf("{\"flows\": %u, \"passes\": %u, \"rows\": [", bench.trace.flows(), bench.passes);
    fprintf(stderr, "%u flows, %u passes, ns per packet%27s %7s %7s\n", bench.trace.flows(), bench.passes, "median", "least", "");
    for (size_t i = 0; i < bench.rows.size(); i++) {
        bare::Row &row = bench.rows[i];
        printf("%s{\"name\": \"%s\", \"median_ns\": %.2f, \"least_ns\": %.2f}", i == 0 ? "" : ", ", row.name.c_str(), row.median(), row.least());
        fprintf(stderr, "  %-50s %7.2f %7.2f", row.name.c_str(), row.median(), row.least());
        if (row.name.find("cup_table") != std::string::npos) {
            bare::Row &yard = bench.rows[i - 1];
            fprintf(stderr, "  %.2fx median, %.2fx least", row.median() / yard.median(), row.least() / yard.least());
        }
        fputc('\n', stderr);
    }
    printf("]}\n");
}

} // namespace

int main(int count, char **words) {
    uint32_t flows = count > 1 ? (uint32_t)atoi(words[1]) : 100000;
    unsigned passes = count > 2 ? (unsigned)atoi(words[2]) : 21;
    cup_store_plan store = {"flows", CUP_STORE_TABLE, SHAPE.stride, SHAPE.key_at, SHAPE.key_size, flows, SHAPE.tick_ns, 0};
    cup_arena_plan plan = {"bench", 1, 4, 0, {1}, {2}, {3}, "", "", &store, 1};
    cup_arena arena;
    if (flows == 0 || cup_arena_create(&plan, NULL, &arena) != CUP_ARENA_OK) {
        fprintf(stderr, "bare: %s\n", flows == 0 ? "no flows" : arena.message);
        return 1;
    }
    Bench bench(flows, passes);
    cup_table_open(&bench.cup, &arena, 0, NULL);
    bare::Packets packets;
    bench.trace.warm(packets);
    bench.feed(packets);
    bench.run("fresh", 0);
    const uint32_t part = 1 << 16;
    for (uint32_t generation = 0; generation < 10; generation++) {
        for (uint32_t first = 0; first < flows; first += part) {
            packets.clear();
            bench.trace.churn(packets, generation, first, std::min(flows, first + part));
            bench.feed(packets);
        }
    }
    if (bench.shared.count() != flows || cup_table_count(&bench.cup) != flows) {
        fprintf(stderr, "bare: flows were lost in the churn\n");
        return 1;
    }
    bench.run("after ten churns", 10);
    print(bench);
    cup_arena_close(&arena);
    return 0;
}
