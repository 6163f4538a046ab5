// bench/firewall/kernel_bench.cc: a generated firewall kernel in memory, beside the bare loop: ns per packet after ten full churns.
//
//     g++ -O2 -DKERNEL='"kernel/firewall.hh"' -DNAMESPACE=firewall_v1 -Ibuild -Iruntime_c/include -Ibench/bare kernel_bench.cc libcup.a
//     ./kernel_bench 100000 31                             // flows (the kernel's capacity), passes: JSON on standard output
//
// The kernel's table is as full as it gets (62 % of its slots), lies in an arena, expires by the real clock, which is read once a burst,
// commits every packet and appends it to the outputs. A churn closes all flows, lets their time run out, and opens as many others. Both
// rows are measured in turns, a pass each, so that what disturbs one disturbs the other.
#include <time.h>

#include <algorithm>

#include "cup/value.h"
#include "table.hh"
#include KERNEL

namespace {

enum { BURST = CUP_BURST };
const uint64_t SECOND = 1000000000;

uint64_t nanoseconds(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

// The whole bare loop; gives how many packets passed.
uint64_t bare_loop(bare::Table &table, const bare::Packets &packets, uint32_t tick) {
    bare::Parsed burst[BURST];
    uint64_t passed = 0;
    for (size_t first = 0; first < packets.count(); first += BURST) {
        unsigned count = 0, size = (unsigned)std::min<size_t>(BURST, packets.count() - first);
        for (unsigned i = 0; i < size; i++) {
            if (!bare::parse(packets.data(first + i), packets.length(first + i), &burst[count])) continue;
            table.prefetch(burst[count++].hash);
        }
        for (unsigned i = 0; i < count; i++) passed += bare::step(table, burst[i], tick);
    }
    return passed;
}

// The kernel with all that it needs around it. `clock` is 0 for the real one.
struct Service {
    cup_arena arena;
    NAMESPACE::Params params;
    NAMESPACE::Config config;
    NAMESPACE::Kernel kernel;

    Service(): arena(), params(), config(), kernel() {
        cup_value_problem problem;
        if (cup_arena_create(&NAMESPACE::PLAN, NULL, &arena) != CUP_ARENA_OK) fail(arena.message);
        const cup_service &service = NAMESPACE::SERVICE;
        for (uint32_t i = 0; i < service.config_count; i++) {
            const cup_service_setting &setting = service.configs[i];
            uint8_t *image = reinterpret_cast<uint8_t *>(&config) + setting.offset;
            if (!cup_value_parse(setting.type, setting.text, image, &problem)) fail(problem.message);
        }
        NAMESPACE::start(kernel, &arena, params, config);
    }
    ~Service() { cup_arena_close(&arena); }

    static void fail(const char *message) {
        fprintf(stderr, "kernel_bench: %s\n", message);
        exit(1);
    }

    uint64_t run(bare::Packets &packets, uint64_t clock) {
        cup_packet burst[BURST];
        cup_output list[BURST];
        cup_outputs outputs = cup_outputs();
        outputs.list = list;
        outputs.limit = BURST;
        uint64_t passed = 0;
        for (size_t first = 0; first < packets.count(); first += BURST) {
            unsigned size = (unsigned)std::min<size_t>(BURST, packets.count() - first);
            uint64_t now = clock != 0 ? clock : nanoseconds(CLOCK_REALTIME);
            for (unsigned i = 0; i < size; i++) {
                burst[i].data = packets.data(first + i);
                burst[i].length = packets.length(first + i);
                burst[i].time_ns = now;
                burst[i].device = packets.outward(first + i) ? NAMESPACE::DEVICE_INSIDE : NAMESPACE::DEVICE_OUTSIDE;
            }
            outputs.count = 0;
            NAMESPACE::burst(kernel, burst, size, outputs);
            passed += outputs.count;
        }
        return passed;
    }

    uint64_t sessions() {
        uint64_t counts[16] = {0};
        NAMESPACE::state_counts(kernel, counts);
        return std::max(counts[0], counts[1]);
    }
};

struct Row {
    const char *name;
    std::vector<double> passes;
    double median() {
        std::sort(passes.begin(), passes.end());
        return passes[passes.size() / 2];
    }
    double least() { return *std::min_element(passes.begin(), passes.end()); }
};

template <class Loop> void measure(Row &row, const bare::Packets &packets, Loop loop) {
    uint64_t start = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    uint64_t got = loop();
    row.passes.push_back((double)(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start) / (double)packets.count());
    if (got == packets.count()) return;
    fprintf(stderr, "kernel_bench: %s passed %llu of %zu packets\n", row.name, (unsigned long long)got, packets.count());
    exit(1);
}

enum Part { CLOSE, OPEN };

// Packets of all flows of a generation, some at a time.
template <class Use> void each_part(bare::Trace &trace, Part part, uint32_t generation, Use use) {
    bare::Packets packets;
    for (uint32_t i = 0; i < trace.flows(); i++) {
        if (part == OPEN) trace.open(packets, trace.flow(i, generation));
        else trace.put(packets, trace.flow(i, generation), false, bare::RST | bare::ACK);
        if (packets.count() < 65536 && i + 1 < trace.flows()) continue;
        use(packets);
        packets.clear();
    }
}

} // namespace

int main(int count, char **words) {
    const uint32_t flows = count > 1 ? (uint32_t)atoi(words[1]) : 100000;
    const unsigned passes = count > 2 ? (unsigned)atoi(words[2]) : 21;
    const uint32_t churns = 10;
    bare::Trace trace(flows, 1);
    bare::Table table(flows);
    static Service service;
    uint64_t clock = nanoseconds(CLOCK_REALTIME) - 12 * SECOND * (churns + 2);
    for (uint32_t generation = 0; generation <= churns; generation++) {
        each_part(trace, OPEN, generation, [&](bare::Packets &p) { bare_loop(table, p, 1), service.run(p, clock); });
        if (generation == churns) break;
        each_part(trace, CLOSE, generation, [&](bare::Packets &p) { bare_loop(table, p, 1), service.run(p, clock); });
        clock += 11 * SECOND;
    }
    if (table.count() != flows || service.sessions() != flows) Service::fail("flows were lost in the churn");
    bare::Packets packets;
    trace.steady(packets, std::max<size_t>(65536, 2 * (size_t)flows), churns);
    Row bare_row = {"bare loop", {}}, kernel_row = {"kernel", {}};
    for (unsigned pass = 0; pass < passes; pass++) {
        measure(bare_row, packets, [&] { return bare_loop(table, packets, 2 + pass); });
        measure(kernel_row, packets, [&] { return service.run(packets, 0); });
    }
    printf("{\"flows\": %u, \"packets\": %zu, \"passes\": %u, \"rows\": [", flows, packets.count(), passes);
    printf("{\"name\": \"%s\", \"median_ns\": %.2f, \"least_ns\": %.2f}, ", bare_row.name, bare_row.median(), bare_row.least());
    printf("{\"name\": \"%s\", \"median_ns\": %.2f, \"least_ns\": %.2f}]}\n", kernel_row.name, kernel_row.median(), kernel_row.least());
    return 0;
}
