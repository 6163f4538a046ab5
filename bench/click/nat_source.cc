// See nat_source.hh.
#include "nat_source.hh"

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

static uint16_t be16(const uint8_t *bytes) { return (uint16_t)(bytes[0] << 8 | bytes[1]); }
static uint32_t be32(const uint8_t *bytes) { return (uint32_t)be16(bytes) << 16 | be16(bytes + 2); }

static uint32_t sum(const uint8_t *bytes, unsigned length, uint32_t total) {
    for (unsigned i = 0; i + 1 < length; i += 2) total += be16(bytes + i);
    while (total >> 16) total = (total & 0xFFFF) + (total >> 16);
    return total;
}

int NatSource::configure(Vector<String> &words, ErrorHandler *errh) {
    _flows = 1000;
    _passes = 11;
    _burst = 32;
    _looks = true;
    return Args(words, this, errh).read("FLOWS", _flows).read("PASSES", _passes).read("BURST", _burst).read("LOOK", _looks).complete();
}

int NatSource::initialize(ErrorHandler *errh) {
    _trace = new bare::Trace(_flows, 1);
    _public.resize(_flows);
    _first = 0;
    make();
    ScheduleInfo::initialize_task(this, &_task, true, errh);
    return 0;
}

// The packets of this stage.
void NatSource::make() {
    _first += (uint32_t)_packets.count();
    _packets.clear();
    _flow_of.clear();
    if (_stage < LOOK) {
        const unsigned flags[] = {bare::SYN, bare::SYN | bare::ACK, bare::ACK, bare::ACK};
        for (uint32_t i = 0; i < _flows; i++) put(i, _stage == ANSWER || _stage == RETURN, flags[_stage]);
        return;
    }
    bare::Random random(2);
    for (size_t k = std::max<size_t>(65536, 2 * (size_t)_flows); k != 0; k--) {
        const uint64_t bits = random();
        put((uint32_t)((random() >> 32) * _flows >> 32), bits & 1, (bits & 6) == 6 ? bare::PSH | bare::ACK : bare::ACK);
    }
}

void NatSource::put(uint32_t number, bool back, unsigned flags) {
    bare::Flow flow = _trace->flow(number, 0);
    if (back) {
        flow.client = _public[number].address;
        flow.client_port = _public[number].port;
    }
    _trace->put(_packets, flow, back, flags);
    _flow_of.push_back(number);
}

void NatSource::send(size_t first, size_t count) {
#if HAVE_BATCH
    PacketBatch *batches[2] = {0, 0};
    for (size_t i = first; i < first + count; i++) {
        const int port = _packets.outward(i) ? 0 : 1;
        Packet *packet = Packet::make(Packet::default_headroom, _packets.data(i), _packets.length(i), 0);
        packet->set_next(0);
        if (batches[port]) batches[port]->append_packet(packet);
        else batches[port] = PacketBatch::make_from_packet(packet);
    }
    for (int port = 0; port < 2; port++)
        if (batches[port]) output_push_batch(port, batches[port]);
#else
    for (size_t i = first; i < first + count; i++)
        output(_packets.outward(i) ? 0 : 1).push(Packet::make(Packet::default_headroom, _packets.data(i), _packets.length(i), 0));
#endif
}

bool NatSource::run_task(Task *) {
    if (_stage == MEASURE && _next == 0) _started_ns = thread_ns();
    const size_t before = _arrived, count = std::min<size_t>(_burst, _packets.count() - _next);
    if (count != 0) send(_next, count);
    _next += count;
    _idle = _arrived == before && count == 0 ? _idle + 1 : 0;
    if (_stage == MEASURE && _next == _packets.count()) {
        _ns.push_back((double)(thread_ns() - _started_ns) / (double)_packets.count());
        _next = 0;
        if (++_pass == _passes) _idle = 1000; // those that are still held come no more
    }
    if (!go_on()) router()->please_stop_driver();
    _task.fast_reschedule();
    return true;
}

// To the next stage, once all packets of this one have come back. False where there is no more to do.
bool NatSource::go_on() {
    const bool lost = _idle >= 1000;
    if (_stage == MEASURE) {
        if (!lost) return true;
        tell();
        return false;
    }
    if (_arrived == _packets.count()) {
        _arrived = _next = 0;
        _stage = (Stage)(_stage + 1);
        make();
        return true;
    }
    if (lost) fprintf(stderr, "NatSource: stage %d: %zu of %zu packets came back\n", _stage, _arrived, _packets.count());
    return !lost;
}

void NatSource::push(int port, Packet *packet) {
    take(port, packet);
    packet->kill();
}

#if HAVE_BATCH
void NatSource::push_batch(int port, PacketBatch *batch) {
    FOR_EACH_PACKET(batch, packet) take(port, packet);
    batch->kill();
}
#endif

void NatSource::take(int port, const Packet *packet) {
    _arrived++;
    if (_stage == MEASURE) return;
    const uint8_t *ip = packet->data() + (packet->data()[0] == 0x45 ? 0 : 14);
    const uint32_t number = be32(ip + 24) - _first;
    if (number >= _packets.count()) {
        _wrong++;
        return;
    }
    if (_stage == OPEN) {
        _public[_flow_of[number]].address = be32(ip + 12);
        _public[_flow_of[number]].port = be16(ip + 20);
    }
    if (_looks && !is_right(port, ip, number)) _wrong++;
}

// Is it what packet `number` should have become, with right checksums?
bool NatSource::is_right(int port, const uint8_t *ip, uint32_t number) const {
    const uint32_t i = _flow_of[number];
    const bare::Flow flow = _trace->flow(i, 0);
    const bool outward = _packets.outward(number);
    if (port != (outward ? 0 : 1)) return false;
    const uint32_t source = outward ? _public[i].address : flow.server, destination = outward ? flow.server : flow.client;
    const uint16_t source_port = outward ? _public[i].port : flow.server_port, destination_port = outward ? flow.server_port : flow.client_port;
    if (be32(ip + 12) != source || be32(ip + 16) != destination || be16(ip + 20) != source_port || be16(ip + 22) != destination_port) return false;
    const unsigned length = be16(ip + 2);
    if (source == flow.client || sum(ip, 20, 0) != 0xFFFF) return false;
    return sum(ip + 20, length - 20, sum(ip + 12, 8, 6 + length - 20)) == 0xFFFF;
}

void NatSource::tell() {
    const size_t sent = _packets.count() * _passes;
    if (_wrong != 0 || _arrived + 2 * _burst < sent) {
        fprintf(stderr, "NatSource: %zu packets were wrong, %zu of %zu came back\n", _wrong, _arrived, sent);
        return;
    }
    std::sort(_ns.begin(), _ns.end());
    printf("{\"flows\": %u, \"packets\": %zu, \"median_ns\": %.2f, \"least_ns\": %.2f}\n", _flows, _packets.count(), _ns[_ns.size() / 2], _ns[0]);
    fflush(stdout);
}

extern "C" __attribute__((visibility("default"))) int init_module() {
    click_provide("nat_source");
    click_add_element_type("NatSource", [](uintptr_t) -> Element * { return new NatSource; }, 0);
    return 0;
}

extern "C" __attribute__((visibility("default"))) void cleanup_module() { click_unprovide("nat_source"); }

CLICK_ENDDECLS
ELEMENT_REQUIRES(userlevel)
EXPORT_ELEMENT(NatSource)
