// A compiled service under address and undefined-behaviour sanitizers, fed with mutated packets.
//
//     packet_fuzz SEEDS COUNT SEED      SEEDS: a file of packets, each a little-endian u32 length and its bytes
//
// Every packet lies in a heap block of exactly its size: an overrun inside a larger buffer would be invisible to the sanitizer. Half
// of the mutated IPv4 packets get their header checksum mended, so that what lies behind that check is reached. A service that puts headers
// before packets is compiled with HEAD: bytes that lie free before each.
#define main service_main
#include SERVICE_SOURCE
#undef main

#include <stdio.h>
#include <stdlib.h>

#include <vector>

extern "C" {
#include "../../../runtime_c/src/native_run.h"
}

namespace {

typedef std::vector<uint8_t> Bytes;

struct Random {
    uint64_t state;
    uint64_t next() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return state * 0x2545F4914F6CDD1DULL >> 16;
    }
    uint32_t below(size_t bound) { return bound == 0 ? 0 : (uint32_t)(next() % bound); }
};

std::vector<Bytes> read_seeds(const char *path) {
    std::vector<Bytes> seeds;
    FILE *file = fopen(path, "rb");
    uint8_t size[4];
    while (file != NULL && fread(size, 1, 4, file) == 4) {
        Bytes packet(size[0] | size[1] << 8 | size[2] << 16 | (size_t)size[3] << 24);
        if (!packet.empty() && fread(packet.data(), 1, packet.size(), file) != packet.size()) break;
        seeds.push_back(packet);
    }
    if (file != NULL) fclose(file);
    return seeds;
}

const uint8_t TELLING[] = {0, 1, 4, 5, 6, 8, 0x0f, 17, 0x1f, 0x3f, 0x40, 0x45, 0x46, 0x4f, 0x50, 0x60, 0x7f, 0x80, 0x86, 0xdd, 0xf0, 0xfe, 0xff};

void mutate(Bytes &packet, const std::vector<Bytes> &seeds, Random &random) {
    for (uint32_t times = random.below(5); times > 0; times--) {
        size_t at = random.below(packet.size());
        switch (random.below(7)) {
        case 0:
            if (!packet.empty()) packet[at] = (uint8_t)(packet[at] ^ 1u << random.below(8));
            break;
        case 1:
            if (!packet.empty()) packet[at] = (uint8_t)random.next();
            break;
        case 2: // headers are where the parsers look
            if (!packet.empty()) packet[at % 60 % packet.size()] = TELLING[random.below(sizeof TELLING)];
            break;
        case 3: packet.resize(at); break;
        case 4: packet.resize(packet.size() + random.below(64), (uint8_t)random.next()); break;
        case 5: {
            const Bytes &other = seeds[random.below(seeds.size())];
            for (size_t i = at; i < packet.size() && i < other.size(); i++) packet[i] = other[i];
            break;
        }
        default: // a length field that says too much or too little
            if (packet.size() > 18) packet[16 + random.below(2)] = (uint8_t)random.next();
        }
    }
    size_t header = packet.size() > 14 ? (size_t)(packet[14] & 15) * 4 : 0;
    if (random.below(2) == 0 && header >= 20 && packet.size() >= 14 + header && packet[14] >> 4 == 4) {
        packet[24] = packet[25] = 0;
        uint32_t sum = 0;
        for (size_t i = 0; i < header; i += 2) sum += (uint32_t)packet[14 + i] << 8 | packet[15 + i];
        sum = (sum & 0xffff) + (sum >> 16);
        sum = ~((sum & 0xffff) + (sum >> 16));
        packet[24] = (uint8_t)(sum >> 8);
        packet[25] = (uint8_t)sum;
    }
}

} // namespace

#ifndef HEAD
#define HEAD 0
#endif

int main(int count, char **words) {
    if (count != 4) return fprintf(stderr, "packet_fuzz SEEDS COUNT SEED\n"), 2;
    std::vector<Bytes> seeds = read_seeds(words[1]);
    if (seeds.empty()) return fprintf(stderr, "%s: no packets\n", words[1]), 2;
    uint64_t wanted = strtoull(words[2], NULL, 10), done = 0, left = 0;
    Random random = {strtoull(words[3], NULL, 10) * 2 + 1};
    struct native_run run;
    memset(&run, 0, sizeof run);
    run.service = &FUZZED;
    char program[] = "packet_fuzz", script[] = "--script", standard[] = "-";
    char *options[] = {program, script, standard, NULL};
    if (native_options(&run, 3, options) != 0 || native_start(&run) != 0) return 1;
    uint64_t now = 1700000000ull * 1000000000ull;
    struct cup_outputs *outputs = &run.burst.outputs;
    while (done < wanted) {
        struct cup_packet packets[CUP_BURST];
        uint8_t *blocks[CUP_BURST];
        uint32_t burst = 1 + random.below(CUP_BURST);
        for (uint32_t i = 0; i < burst; i++) {
            Bytes bytes = seeds[random.below(seeds.size())];
            mutate(bytes, seeds, random);
            now += random.below(1000) == 0 ? 40000000000ull : random.below(2000000);
            memset(&packets[i], 0, sizeof packets[i]);
            blocks[i] = (uint8_t *)malloc(HEAD + bytes.size());
            packets[i].data = blocks[i] + HEAD;
            packets[i].head = HEAD;
            if (!bytes.empty()) memcpy(packets[i].data, bytes.data(), bytes.size());
            packets[i].length = packets[i].room = (uint32_t)bytes.size();
            packets[i].time_ns = now;
            packets[i].device = FUZZED.inputs[random.below(FUZZED.input_count)].device;
        }
        outputs->count = outputs->blanks_used = 0;
        FUZZED.burst(run.kernel, packets, burst, outputs);
        for (uint32_t i = 0; i < outputs->count; i++) {
            volatile uint8_t last = outputs->list[i].packet->length > 0 ? outputs->list[i].packet->data[outputs->list[i].packet->length - 1] : 0;
            (void)last;
        }
        left += outputs->count;
        done += burst;
        for (uint32_t i = 0; i < burst; i++) free(blocks[i]);
        if (FUZZED.maintain != NULL) FUZZED.maintain(run.kernel, now);
    }
    native_stop(&run);
    printf("%llu packets in, %llu out, no report\n", (unsigned long long)done, (unsigned long long)left);
    return left > 0 ? 0 : 1;
}
