/* Frames of offloads, sound and broken, each in a heap block of its exact size: nothing beyond them is read, and what comes out of sound
 * ones has the right lengths, checksums and bytes. (tests/native compares it with what the kernel itself makes.) */
#define _GNU_SOURCE
#include "native_link.h"

#include "check.h"
#include "cup/checksum.h"

enum { ROUNDS = 200000, TCP = 1, UDP = 5 };

static uint64_t state = 7;

static uint32_t below(uint32_t end) { return (uint32_t)(test_random(&state) % end); }

/* A TCP or UDP packet over IPv4 whose checksum covers the pseudo header alone. */
static uint32_t make_sound(uint8_t *bytes, bool udp, uint32_t payload, struct virtio_net_hdr *offload) {
    uint32_t header = udp ? 8 : 20, length = 34 + header + payload, field = udp ? 6 : 16;
    uint8_t *ip = bytes + 14, *transport = ip + 20;
    for (uint32_t i = 0; i < length; i++) bytes[i] = (uint8_t)test_random(&state);
    cup_store_be16(bytes + 12, 0x0800);
    ip[0] = 0x45;
    ip[9] = udp ? 17 : 6;
    if (!udp) transport[12] = 0x50;
    cup_store_be16(transport + field, cup_checksum_fold(cup_sum(ip + 12, 8, 0) + ip[9] + header + payload));
    memset(offload, 0, sizeof *offload);
    offload->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    offload->gso_type = udp ? UDP : TCP;
    offload->gso_size = (uint16_t)(1 + below(2000));
    offload->csum_start = 34;
    offload->csum_offset = (uint16_t)field;
    return length;
}

static void check_segment(const uint8_t *packet, uint32_t length, bool udp) {
    const uint8_t *ip = packet + 14;
    uint32_t size = length - 34;
    CHECK(cup_load_be16(ip + 2) == length - 14);
    CHECK(cup_checksum_fold(cup_sum(ip, 20, 0)) == 0xffff);
    CHECK(!udp || cup_load_be16(ip + 24) == size);
    CHECK(cup_checksum_fold(cup_sum(ip + 20, size, 0) + cup_sum(ip + 12, 8, 0) + ip[9] + size) == 0xffff);
}

static void sound_frames(void) {
    static uint8_t made[70000], out[NATIVE_LARGEST];
    for (int round = 0; round < 300; round++) {
        struct native_frame frame;
        bool udp = below(2) != 0;
        memset(&frame, 0, sizeof frame);
        frame.length = make_sound(made, udp, 1 + below(60000), &frame.offload);
        uint8_t *exact = malloc(frame.length);
        CHECK(exact != NULL);
        memcpy(exact, made, frame.length);
        frame.bytes = exact;
        CHECK(native_frame_begin(&frame));
        uint32_t headers = frame.payload, at = headers;
        while (frame.left) {
            uint32_t length = native_frame_next(&frame, out);
            check_segment(out, length, udp);
            CHECK(memcmp(out + headers, made + at, length - headers) == 0);
            CHECK(length - headers == frame.offload.gso_size || !frame.left);
            at += length - headers;
        }
        CHECK(at == frame.length);
        free(exact);
    }
}

static void broken_frames(void) {
    static uint8_t made[3000];
    for (int round = 0; round < ROUNDS; round++) {
        struct native_frame frame;
        memset(&frame, 0, sizeof frame);
        uint32_t whole = make_sound(made, below(2) != 0, below(200), &frame.offload);
        for (uint32_t changes = below(6); changes > 0; changes--) made[below(3) == 0 ? below(whole) : 12 + below(40)] = (uint8_t)(test_random(&state) & test_random(&state));
        uint8_t *header = (uint8_t *)&frame.offload;
        for (uint32_t changes = below(3); changes > 0; changes--) header[below(sizeof frame.offload)] = (uint8_t)(below(2) != 0 ? below(256) : below(7));
        if (below(4) == 0) frame.tag_protocol = 0x8100;
        frame.length = below(3) == 0 ? below(whole + 1) : whole;
        uint8_t *exact = malloc(frame.length + 1), *out = malloc((size_t)frame.length + 5);
        CHECK(exact != NULL && out != NULL);
        memcpy(exact + 1, made, frame.length);
        frame.bytes = exact + 1;
        if (native_frame_begin(&frame)) {
            for (uint32_t count = 0; frame.left; count++) {
                CHECK(count <= whole);
                CHECK(native_frame_next(&frame, out) <= frame.length + 4);
            }
        }
        free(exact);
        free(out);
    }
}

int main(void) {
    sound_frames();
    broken_frames();
    return 0;
}
