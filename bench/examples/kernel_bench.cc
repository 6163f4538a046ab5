// bench/examples/kernel_bench.cc: the kernel of an example in memory, beside the bare loop on the same packets: ns per packet.
//
//     g++ -O2 -DKERNEL='"kernel/rate_limiter.hh"' -DNAMESPACE=rate_limiter_v1 -DDEVICE=DEVICE_INSIDE -DBY_HOST ... kernel_bench.cc libcup.a
//     ./kernel_bench 100000 31                             // entries (the kernel's capacity), passes: JSON on standard output
//
// 64-byte TCP packets of one direction, each entry as likely. With BY_HOST every one comes from a host of its own; otherwise each belongs to
// a connection of its own to 192.0.2.80:443. The kernel's table is as full as it gets, expires by the real clock, which is read once a
// burst, commits every packet and appends it to the outputs. The bare loop is that of bench/firewall. Both rows are measured in turns, a
// pass each; between them the packets are made as they were, which is not measured.
#include "cup/value.h"
#include "rows.hh"
#include KERNEL

namespace {

void fail(const char *message) {
    fprintf(stderr, "kernel_bench: %s\n", message);
    exit(1);
}

struct Service {
    cup_arena arena;
    NAMESPACE::Params params;
    NAMESPACE::Config config;
    NAMESPACE::Kernel kernel;

    Service(): arena(), params(), config(), kernel() {
        const cup_service &service = NAMESPACE::SERVICE;
        if (cup_arena_create(&NAMESPACE::PLAN, NULL, &arena) != CUP_ARENA_OK) fail(arena.message);
        set(service.params, service.param_count, &params);
        set(service.configs, service.config_count, &config);
        if (service.derive != NULL && !service.derive(&config)) fail("no memory");
        NAMESPACE::start(kernel, &arena, params, config);
    }
    ~Service() { cup_arena_close(&arena); }

    static void set(const cup_service_setting *settings, uint32_t count, void *image) {
        cup_value_problem problem;
        for (uint32_t i = 0; i < count; i++)
            if (!cup_value_parse(settings[i].type, settings[i].text, static_cast<uint8_t *>(image) + settings[i].offset, &problem)) fail(problem.message);
    }

    uint64_t run(bare::Packets &packets) {
        cup_packet burst[bare::BURST] = {};
        cup_output list[bare::BURST * 2];
        static uint8_t memory[bare::BURST][2 * CUP_HEADROOM + 2048];
        cup_packet blanks[bare::BURST] = {};
        for (unsigned i = 0; i < bare::BURST; i++) blanks[i].data = memory[i] + CUP_HEADROOM, blanks[i].room = 2048;
        cup_outputs outputs = cup_outputs();
        outputs.list = list;
        outputs.limit = bare::BURST * 2;
        outputs.blanks = blanks;
        outputs.blanks_limit = bare::BURST;
        uint64_t passed = 0;
        for (size_t first = 0; first < packets.count(); first += bare::BURST) {
            unsigned size = (unsigned)std::min<size_t>(bare::BURST, packets.count() - first);
            uint64_t now = bare::nanoseconds(CLOCK_REALTIME);
            for (unsigned i = 0; i < size; i++) {
                burst[i].data = packets.data(first + i);
                burst[i].length = burst[i].room = packets.length(first + i);
                burst[i].time_ns = now;
                burst[i].device = NAMESPACE::DEVICE;
            }
            outputs.count = 0;
            NAMESPACE::burst(kernel, burst, size, outputs);
            passed += outputs.count;
        }
        return passed;
    }
};

// Packets of the first entries in turn, or of any.
void put(bare::Trace &trace, bare::Packets &packets, uint32_t entry, unsigned flags) {
    bare::Flow flow = trace.flow(entry, 0);
#ifdef BY_HOST
    flow.client = 0x0A000000u + 1 + entry;
#else
    flow.server = 0xC0000250u;
    flow.server_port = 443;
#endif
    trace.put(packets, flow, false, flags);
}

} // namespace

int main(int count, char **words) {
    const uint32_t entries = count > 1 ? (uint32_t)atoi(words[1]) : 100000;
    const unsigned passes = count > 2 ? (unsigned)atoi(words[2]) : 21;
    bare::Trace trace(entries, 1);
    bare::Table table(entries);
    static Service service;
    bare::Packets opening, packets;
    for (uint32_t i = 0; i < entries; i++) put(trace, opening, i, bare::SYN);
    bare::loop(table, opening, 1);
    if (service.run(opening) != entries || table.count() != entries) fail("entries are missing");
    bare::Random random(2);
    for (size_t k = std::max<size_t>(65536, 2 * (size_t)entries); k != 0; k--) put(trace, packets, (uint32_t)((random() >> 32) * entries >> 32), bare::ACK);
    const bare::Packets as_they_were = packets;
    bare::Row bare_row = {"bare loop", {}}, kernel_row = {"kernel", {}};
    for (unsigned pass = 0; pass < passes; pass++) {
        bare::measure(bare_row, packets, [&] { return bare::loop(table, packets, 2 + pass); });
        bare::measure(kernel_row, packets, [&] { return service.run(packets); });
        packets = as_they_were;
    }
    printf("{\"entries\": %u, \"packets\": %zu, \"passes\": %u, \"rows\": [", entries, packets.count(), passes);
    printf("{\"name\": \"bare loop\", \"median_ns\": %.2f, \"least_ns\": %.2f}, ", bare_row.median(), bare_row.least());
    printf("{\"name\": \"kernel\", \"median_ns\": %.2f, \"least_ns\": %.2f}]}\n", kernel_row.median(), kernel_row.least());
    return 0;
}
