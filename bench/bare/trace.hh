// bench/bare/trace.hh: TCP conversations as packets in memory, the same in every run.
//
//     bare::Trace trace(100000, 1);                        // flows, seed
//     bare::Packets packets;
//     trace.warm(packets);                                 // every flow's handshake: SYN, SYN+ACK, ACK, ACK back
//     trace.steady(packets, 200000);                       // so many packets of open flows, both directions, each flow as likely
//     for (unsigned g = 0; g < 10; g++) trace.churn(packets, g); // closes every flow of generation g, opens its heir of g + 1
//     for (size_t i = 0; i < packets.count(); i++) use(packets.data(i), packets.length(i));
//
// Each call appends. Frames have 64 bytes: Ethernet, IPv4, TCP, 10 bytes of payload, all checksums right. Clients are in 10.0.0.0/8,
// servers in 192.168.0.0/20 on ports 80 and 443; a flow and its heir differ in the client's port. C++11, one thread.
#ifndef CUP_BENCH_BARE_TRACE_HH
#define CUP_BENCH_BARE_TRACE_HH

#include <stdint.h>
#include <string.h>

#include <utility>
#include <vector>

namespace bare {

enum { FRAME = 64, FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10 };

class Random {
public:
    explicit Random(uint64_t seed): state_(seed) {}
    uint64_t operator()() {
        uint64_t z = (state_ += UINT64_C(0x9E3779B97F4A7C15));
        z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
        return z ^ (z >> 31);
    }

private:
    uint64_t state_;
};

// Frames one after the other. `outward` tells which of two devices a frame would arrive at: a client's, or a server's.
class Packets {
public:
    size_t count() const { return outward_.size(); }
    const uint8_t *data(size_t i) const { return &bytes_[i * FRAME]; }
    uint8_t *data(size_t i) { return &bytes_[i * FRAME]; }
    uint32_t length(size_t) const { return FRAME; }
    bool outward(size_t i) const { return outward_[i] != 0; }
    void clear() { bytes_.clear(); outward_.clear(); }
    void reserve(size_t packets) { bytes_.reserve(packets * FRAME); outward_.reserve(packets); }
    void add(const uint8_t *frame, bool outward) {
        bytes_.insert(bytes_.end(), frame, frame + FRAME);
        outward_.push_back(outward);
    }

private:
    std::vector<uint8_t> bytes_;
    std::vector<uint8_t> outward_;
};

// A conversation, its client's side first. Numbers as the packet means them.
struct Flow {
    uint32_t client, server;
    uint16_t client_port, server_port;
};

class Trace {
public:
    Trace(uint32_t flows, uint64_t seed): flows_(flows), seed_(seed), order_(flows), sequence_(0) {
        Random random(seed);
        for (uint32_t i = 0; i < flows; i++) order_[i] = i;
        for (uint32_t i = flows; i > 1; i--) std::swap(order_[i - 1], order_[random() % i]);
    }

    uint32_t flows() const { return flows_; }

    // Ten /24 networks of clients; every 2,560 flows the same clients come again with other ports, and so do heirs: no two flows of
    // less than 24 generations are the same.
    Flow flow(uint32_t i, uint32_t generation) const {
        uint32_t round = i / 2560;
        uint32_t rounds = (flows_ - 1) / 2560 + 1;
        uint64_t mixed = Random(i * UINT64_C(0x2545F4914F6CDD1D) + seed_)();
        Flow flow;
        flow.client = 0x0A000000u | (i % 10) << 8 | (i / 10 % 256);
        flow.client_port = (uint16_t)(1024 + (round + (uint64_t)generation * rounds) % 64000);
        flow.server = 0xC0A80000u | (mixed & 0xFFF);
        flow.server_port = mixed >> 40 & 1 ? 443 : 80;
        return flow;
    }

    void warm(Packets &packets, uint32_t generation = 0) {
        packets.reserve(packets.count() + (size_t)flows_ * 4);
        for (uint32_t k = 0; k < flows_; k++) open(packets, flow(order_[k], generation));
    }

    void steady(Packets &packets, size_t count, uint32_t generation = 0) {
        Random random(seed_ + generation + 1);
        packets.reserve(packets.count() + count);
        for (size_t k = 0; k < count; k++) {
            uint64_t bits = random();
            uint32_t i = (uint32_t)((random() >> 32) * flows_ >> 32);
            put(packets, flow(i, generation), bits & 1, (bits & 6) == 6 ? PSH | ACK : ACK);
        }
    }

    // Closes flows of a generation by a reset and opens their heirs, in the order of the warm packets; all of them, or those from
    // `first` up to, not including, `end`, for whoever wants less memory at a time. Five packets for each flow.
    void churn(Packets &packets, uint32_t generation) { churn(packets, generation, 0, flows_); }
    void churn(Packets &packets, uint32_t generation, uint32_t first, uint32_t end) {
        packets.reserve(packets.count() + (size_t)(end - first) * 5);
        for (uint32_t k = first; k < end; k++) {
            put(packets, flow(order_[k], generation), false, RST | ACK);
            open(packets, flow(order_[k], generation + 1));
        }
    }

    void open(Packets &packets, const Flow &flow) {
        put(packets, flow, false, SYN);
        put(packets, flow, true, SYN | ACK);
        put(packets, flow, false, ACK);
        put(packets, flow, true, ACK);
    }

    // One packet of the flow, from the client, or back to it.
    void put(Packets &packets, const Flow &flow, bool back, unsigned flags) {
        uint8_t frame[FRAME] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, FRAME - 14, 0, 0, 0x40, 0, 64, 6};
        uint8_t *ip = frame + 14, *tcp = ip + 20;
        uint32_t number = sequence_++;
        store16(ip + 4, (uint16_t)number);
        store32(ip + 12, back ? flow.server : flow.client);
        store32(ip + 16, back ? flow.client : flow.server);
        store16(ip + 10, (uint16_t)~sum(ip, 20, 0));
        store16(tcp, back ? flow.server_port : flow.client_port);
        store16(tcp + 2, back ? flow.client_port : flow.server_port);
        store32(tcp + 4, number);
        tcp[12] = 0x50;
        tcp[13] = (uint8_t)flags;
        tcp[14] = 0x20;
        store16(tcp + 16, (uint16_t)~sum(tcp, FRAME - 34, sum(ip + 12, 8, 6 + FRAME - 34)));
        packets.add(frame, !back);
    }

private:
    static void store16(uint8_t *to, uint16_t word) {
        to[0] = (uint8_t)(word >> 8);
        to[1] = (uint8_t)word;
    }
    static void store32(uint8_t *to, uint32_t word) {
        store16(to, (uint16_t)(word >> 16));
        store16(to + 2, (uint16_t)word);
    }
    static uint32_t sum(const uint8_t *bytes, unsigned length, uint32_t start) {
        uint32_t total = start;
        for (unsigned i = 0; i + 1 < length; i += 2) total += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
        while (total >> 16) total = (total & 0xFFFF) + (total >> 16);
        return total;
    }

    uint32_t flows_;
    uint64_t seed_;
    std::vector<uint32_t> order_;
    uint32_t sequence_;
};

} // namespace bare

#endif
