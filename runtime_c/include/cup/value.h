/* cup/value.h: what an operator types, as the bytes that a kernel reads; and back.
 *
 *     struct cup_prefix_set allowed;
 *     struct cup_value_problem problem;
 *     if (!cup_value_parse("set<ip_prefix>", "[10.0.0.0/8, 2001:db8::/32]", &allowed, &problem))
 *         fprintf(stderr, "%s at %u\n", problem.message, problem.position);
 *     cup_value_print("set<ip_prefix>", &allowed, text, sizeof text);
 *     cup_value_free("set<ip_prefix>", &allowed);
 *
 * Off the packet path; any thread. Types and their images, integers in the machine's order:
 *     bool u8 | u1..u64, i8..i64 the next of 1, 2, 4, 8 bytes | ipv4_address u32, a number | ipv6_address 16 bytes, network order
 *     mac_address 6 bytes | ip_address struct cup_ip_address | ipv4_prefix, ipv6_prefix, ip_prefix struct cup_ip_prefix
 *     time, duration u64 ns | size u64 bytes | bitrate u64 bit/s | packetrate u64 /s | enum{a=0,b=1} or enum:u16{a=0} u8 or as said
 *     bytes[N]: N bytes; bytes max N: N bytes, and how many of them count, a u16; zeros behind those; "text" or hex"90 90"
 *     (a:T,b:T=1,...): a record, the images of its fields one behind the other, in this order; `=` gives a default, of bytes as hex;
 *     one of an IP address and then a u16 is also read as an end point: 10.0.0.1:443, [2001:db8::1]:443
 *     map<K,V>: struct cup_config_map; lpm<P,V>: struct cup_lpm, whose keys are prefixes of one of the three types; both to be freed
 *     set<T>: struct cup_prefix_set where T is a prefix, struct cup_value_set elsewhere; with memory of its own, so to be freed */
#ifndef CUP_VALUE_H
#define CUP_VALUE_H

#include "cup/config_map.h"
#include "cup/prefix_set.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CUP_PROBLEM = 160 };

/* What is wrong with a text, and the byte of it (from 0) where. */
struct cup_value_problem {
    uint32_t position;
    char message[CUP_PROBLEM];
};

/* Bytes of an image of `type`; 0 when there is no such type. */
size_t cup_value_size(const char *type);

/* Writes the image of `text`, which blanks may surround. False, and nothing written, when the text is none of that type. */
bool cup_value_parse(const char *type, const char *text, void *image, struct cup_value_problem *problem);

/* Writes the text of an image, cut to `room` bytes with a zero at the end; gives the length that the whole has. */
size_t cup_value_print(const char *type, const void *image, char *text, size_t room);

/* The same as JSON, of a value that is no set and no map: records are objects, addresses, prefixes and enumerators texts, bytes texts of
 * hexadecimal digits, everything else is a number (of ns, bytes, bit/s, packets/s) or a bool. */
size_t cup_value_print_json(const char *type, const void *image, char *text, size_t room);

/* Gives back the memory that an image holds besides itself. */
void cup_value_free(const char *type, void *image);

#ifdef __cplusplus
}
#endif

#endif
