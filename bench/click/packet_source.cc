// See packet_source.hh.
#include "packet_source.hh"

#include <click/args.hh>
#include <click/package.hh>
#include <click/router.hh>
#include <click/standard/scheduleinfo.hh>

#include <stdio.h>
#include <time.h>

#include <algorithm>

CLICK_DECLS

static uint64_t thread_ns() {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

int PacketSource::configure(Vector<String> &words, ErrorHandler *errh) {
    _flows = 1000;
    _passes = 11;
    _burst = 32;
    return Args(words, this, errh).read("FLOWS", _flows).read("PASSES", _passes).read("BURST", _burst).complete();
}

int PacketSource::initialize(ErrorHandler *errh) {
    _trace = new bare::Trace(_flows, 1);
    _trace->warm(_warm);
    _trace->steady(_steady, std::max<size_t>(65536, 2 * (size_t)_flows));
    ScheduleInfo::initialize_task(this, &_task, true, errh);
    return 0;
}

void PacketSource::send(const bare::Packets &packets, size_t first, size_t count) {
#if HAVE_BATCH
    PacketBatch *batches[2] = {0, 0};
    for (size_t i = first; i < first + count; i++) {
        const int port = noutputs() == 1 || packets.outward(i) ? 0 : 1;
        Packet *packet = Packet::make(Packet::default_headroom, packets.data(i), packets.length(i), 0);
        packet->set_next(0);
        if (batches[port]) batches[port]->append_packet(packet);
        else batches[port] = PacketBatch::make_from_packet(packet);
    }
    for (int port = 0; port < noutputs(); port++)
        if (batches[port]) output_push_batch(port, batches[port]);
#else
    for (size_t i = first; i < first + count; i++) {
        const int port = noutputs() == 1 || packets.outward(i) ? 0 : 1;
        output(port).push(Packet::make(Packet::default_headroom, packets.data(i), packets.length(i), 0));
    }
#endif
}

bool PacketSource::run_task(Task *) {
    const bare::Packets &packets = _pass == 0 ? _warm : _steady;
    if (_next == 0) _started_ns = thread_ns();
    const size_t count = std::min<size_t>(_burst, packets.count() - _next);
    send(packets, _next, count);
    _next += count;
    if (_next == packets.count()) {
        if (_pass != 0) _ns.push_back((double)(thread_ns() - _started_ns) / (double)packets.count());
        _next = 0;
        if (_pass++ == _passes) {
            tell(packets.count());
            router()->please_stop_driver();
            return true;
        }
    }
    _task.fast_reschedule();
    return true;
}

void PacketSource::tell(size_t packets) {
    std::sort(_ns.begin(), _ns.end());
    printf("{\"flows\": %u, \"sent\": %zu, \"median_ns\": %.2f, \"least_ns\": %.2f}\n", _flows, _warm.count() + packets * _passes, _ns[_ns.size() / 2], _ns[0]);
    fflush(stdout);
}

extern "C" __attribute__((visibility("default"))) int init_module() {
    click_provide("packet_source");
    click_add_element_type("PacketSource", [](uintptr_t) -> Element * { return new PacketSource; }, 0);
    return 0;
}

extern "C" __attribute__((visibility("default"))) void cleanup_module() { click_unprovide("packet_source"); }

CLICK_ENDDECLS
ELEMENT_REQUIRES(userlevel)
EXPORT_ELEMENT(PacketSource)
