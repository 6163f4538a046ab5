// bench/firewall/kernel_bench.cc: a generated firewall kernel in memory, beside the bare loop: ns per packet after ten full churns.
//
//     g++ -O2 -DKERNEL='"kernel/firewall.hh"' -DNAMESPACE=firewall_v1 -Ibuild -Iruntime_c/include -Ibench/bare kernel_bench.cc libcup.a
//     ./kernel_bench 100000 31                             // flows (the kernel's capacity), passes: JSON on standard output
//
// The kernel's table is as full as it gets (62 % of its slots), lies in an arena, expires by the real clock, which is read once a burst,
// commits every packet and appends it to the outputs. A churn closes all flows, lets their time run out, and opens as many others. Both
// rows are measured in turns, a pass each, so that what disturbs one disturbs the other.
#include "cup/value.h"
#include "rows.hh"
#include KERNEL

namespace {

const uint64_t SECOND = 1000000000;

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
        cup_packet burst[bare::BURST];
        cup_output list[bare::BURST];
        cup_outputs outputs = cup_outputs();
        outputs.list = list;
        outputs.limit = bare::BURST;
        uint64_t passed = 0;
        for (size_t first = 0; first < packets.count(); first += bare::BURST) {
            unsigned size = (unsigned)std::min<size_t>(bare::BURST, packets.count() - first);
            uint64_t now = clock != 0 ? clock : bare::nanoseconds(CLOCK_REALTIME);
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
    uint64_t clock = bare::nanoseconds(CLOCK_REALTIME) - 12 * SECOND * (churns + 2);
    for (uint32_t generation = 0; generation <= churns; generation++) {
        each_part(trace, OPEN, generation, [&](bare::Packets &p) { bare::loop(table, p, 1), service.run(p, clock); });
        if (generation == churns) break;
        each_part(trace, CLOSE, generation, [&](bare::Packets &p) { bare::loop(table, p, 1), service.run(p, clock); });
        clock += 11 * SECOND;
    }
    if (table.count() != flows || service.sessions() != flows) Service::fail("flows were lost in the churn");
    bare::Packets packets;
    trace.steady(packets, std::max<size_t>(65536, 2 * (size_t)flows), churns);
    bare::Row bare_row = {"bare loop", {}}, kernel_row = {"kernel", {}};
    for (unsigned pass = 0; pass < passes; pass++) {
        bare::measure(bare_row, packets, [&] { return bare::loop(table, packets, 2 + pass); });
        bare::measure(kernel_row, packets, [&] { return service.run(packets, 0); });
    }
    printf("{\"flows\": %u, \"packets\": %zu, \"passes\": %u, \"rows\": [", flows, packets.count(), passes);
    printf("{\"name\": \"%s\", \"median_ns\": %.2f, \"least_ns\": %.2f}, ", bare_row.name.c_str(), bare_row.median(), bare_row.least());
    printf("{\"name\": \"%s\", \"median_ns\": %.2f, \"least_ns\": %.2f}]}\n", kernel_row.name.c_str(), kernel_row.median(), kernel_row.least());
    return 0;
}
