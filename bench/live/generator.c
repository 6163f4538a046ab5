/* bench/live/generator.c: packets of many TCP connections into two interfaces, which are the two sides of a firewall.
 *
 *     gcc -O2 -o generator generator.c
 *     ./generator NEAR FAR FLOWS open            SYN, SYN ACK, ACK of each connection, without haste
 *     ./generator NEAR FAR FLOWS load RATE SECS  60 bytes each, from both sides in turns, of connections drawn at random; RATE 0: all it can
 *
 * Prints {"sent": N, "seconds": S}. Checksums are right, and sequence numbers such that a connection tracker takes every packet. */
#define _GNU_SOURCE
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

enum { BURST = 64, SIZE = 60, SYN = 2, ACK = 16, OPENING_RATE = 100000 };

struct side {
    int socket;
    uint8_t frames[BURST][SIZE];
    struct iovec parts[BURST];
    struct mmsghdr messages[BURST];
};

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void open_side(struct side *side, const char *interface) {
    struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex(interface)};
    int one = 1, size = 8 << 20;
    side->socket = socket(AF_PACKET, SOCK_RAW, 0);
    if (side->socket < 0 || bind(side->socket, (struct sockaddr *)&address, sizeof address) != 0) fail(interface);
    setsockopt(side->socket, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
    setsockopt(side->socket, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size);
    for (int i = 0; i < BURST; i++) {
        side->parts[i] = (struct iovec){side->frames[i], SIZE};
        side->messages[i].msg_hdr = (struct msghdr){.msg_iov = &side->parts[i], .msg_iovlen = 1};
    }
}

static void put16(uint8_t *to, unsigned number) { to[0] = (uint8_t)(number >> 8), to[1] = (uint8_t)number; }
static void put32(uint8_t *to, uint32_t number) { put16(to, number >> 16), put16(to + 2, number & 0xffff); }

static uint16_t checksum(const uint8_t *bytes, unsigned length, uint32_t sum) {
    for (unsigned i = 0; i < length; i += 2) sum += (uint32_t)(bytes[i] << 8 | bytes[i + 1]);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}

/* Connection `flow` is 10.x.y.z:PORT to 198.51.100.80:80, from the near side. */
static void make(uint8_t *frame, uint32_t flow, int near, int flags, unsigned payload) {
    uint32_t client = 0x0a000000 + (flow >> 4) + 1, server = 0xc6336450;
    unsigned port = 1024 + (flow & 15);
    uint32_t ours = (flags & SYN) != 0 ? 1000 : 1001, theirs = (flags & ACK) != 0 ? 1001 : 0;
    uint8_t *ip = frame + 14, *tcp = ip + 20;
    memset(frame, 0, SIZE);
    memcpy(frame, "\x02\0\0\0\0\x02\x02\0\0\0\0\x01\x08\0", 14);
    ip[0] = 0x45, ip[6] = 0x40, ip[8] = 64, ip[9] = 6;
    put16(ip + 2, 40 + payload);
    put32(ip + 12, near ? client : server);
    put32(ip + 16, near ? server : client);
    put16(ip + 10, checksum(ip, 20, 0));
    put16(tcp, near ? port : 80);
    put16(tcp + 2, near ? 80 : port);
    put32(tcp + 4, ours), put32(tcp + 8, theirs);
    tcp[12] = 0x50, tcp[13] = (uint8_t)flags;
    put16(tcp + 14, 60000);
    uint32_t pseudo = 6 + 20 + payload;
    for (int i = 12; i < 20; i += 2) pseudo += (uint32_t)(ip[i] << 8 | ip[i + 1]);
    put16(tcp + 16, checksum(tcp, 20 + payload, pseudo));
}

static uint64_t send_all(struct side *side, unsigned count) {
    unsigned sent = 0;
    while (sent < count) {
        int taken = sendmmsg(side->socket, side->messages + sent, count - sent, 0);
        sent += taken > 0 ? (unsigned)taken : 1;
    }
    return count;
}

static void pace(double begin, uint64_t sent, double rate) {
    while (rate > 0 && (double)sent > (now() - begin) * rate) continue;
}

static uint64_t open_all(struct side *sides, uint32_t flows, double begin) {
    static const struct { int near, flags; } steps[] = {{1, SYN}, {0, SYN | ACK}, {1, ACK}};
    uint64_t sent = 0;
    for (uint32_t first = 0; first < flows; first += BURST) {
        unsigned count = flows - first < BURST ? flows - first : BURST;
        for (int step = 0; step < 3; step++) {
            struct side *side = &sides[!steps[step].near];
            for (unsigned i = 0; i < count; i++) make(side->frames[i], first + i, steps[step].near, steps[step].flags, 0);
            sent += send_all(side, count);
            struct timespec until_forwarded = {0, 1000000}; /* an answer is not to overtake what it answers */
            if (step < 2) nanosleep(&until_forwarded, NULL);
            pace(begin, sent, OPENING_RATE);
        }
    }
    return sent;
}

static uint64_t load(struct side *sides, uint32_t flows, double begin, double rate, double seconds) {
    uint64_t sent = 0, random = 88172645463325252u;
    for (int way = 0; now() - begin < seconds; way = !way) {
        struct side *side = &sides[way];
        for (unsigned i = 0; i < BURST; i++) {
            random ^= random << 13, random ^= random >> 7, random ^= random << 17;
            make(side->frames[i], (uint32_t)((random >> 32) * flows >> 32), way == 0, ACK, 6);
        }
        sent += send_all(side, BURST);
        pace(begin, sent, rate);
    }
    return sent;
}

int main(int count, char **words) {
    static struct side sides[2];
    if (count < 5) return 2;
    open_side(&sides[0], words[1]);
    open_side(&sides[1], words[2]);
    uint32_t flows = (uint32_t)atol(words[3]);
    double begin = now();
    uint64_t sent = count < 7 ? open_all(sides, flows, begin) : load(sides, flows, begin, atof(words[5]), atof(words[6]));
    printf("{\"sent\": %llu, \"seconds\": %.3f}\n", (unsigned long long)sent, now() - begin);
    return 0;
}
