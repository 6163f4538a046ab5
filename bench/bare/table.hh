// bench/bare/table.hh: what a packet costs at least: parse, header checksum, one look into a flat hash table, one step of TCP's states.
//
//     bare::Table table(100000);                           // room for so many flows at 62.5 % full
//     bare::Parsed packets[32];
//     for (i...) if (bare::parse(frame, length, &packets[i])) table.prefetch(packets[i].hash);
//     for (i...) passed += bare::step(table, packets[i], tick);
//
// No expiry, no capacity, no commit, nothing that is kept over a crash: a yardstick, not a firewall. Linear probing over entries of one
// cache line each; removing shifts back what follows, so that a table is after any churn what it would be afresh. C++11, one thread.
#ifndef CUP_BENCH_BARE_TABLE_HH
#define CUP_BENCH_BARE_TABLE_HH

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "trace.hh"

namespace bare {

// Two words hold addresses, ports, protocol, and a mark that makes the second differ from an empty entry's. The same for both directions.
struct Key {
    uint64_t first, second;
    bool operator==(const Key &other) const { return first == other.first && second == other.second; }
};

struct Parsed {
    Key key;
    uint64_t hash;
    uint32_t backward; // which of the two directions
    uint32_t length;
    uint8_t flags;
};

enum Phase : uint8_t { NEW = 0, OPENING, ANSWERED, OPEN, CLOSING };

// 64 bytes: one line.
struct alignas(64) Entry {
    Key key;              //  0
    uint64_t bytes[2];    // 16
    uint32_t packets[2];  // 32
    uint32_t last;        // 40
    Phase phase;          // 44
    uint8_t opener;       // 45
    uint8_t unused[18];   // 46
};
static_assert(sizeof(Entry) == 64, "entry");

inline uint64_t load64(const uint8_t *from) { uint64_t word; memcpy(&word, from, 8); return word; }
inline uint32_t load32(const uint8_t *from) { uint32_t word; memcpy(&word, from, 4); return word; }
inline uint16_t load16(const uint8_t *from) { uint16_t word; memcpy(&word, from, 2); return word; }

inline uint64_t hash_of(const Key &key) {
    __extension__ typedef unsigned __int128 Product;
    Product product = (Product)(key.first ^ UINT64_C(0xA0761D6478BD642F)) * (key.second ^ UINT64_C(0xE7037ED1A0B428DB));
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

// Ethernet, IPv4 with a right header checksum, TCP.
inline bool parse(const uint8_t *frame, uint32_t length, Parsed *parsed) {
    const uint8_t *ip = frame + 14, *tcp = ip + 20;
    if (length < 54 || load16(frame + 12) != 0x0008 || ip[0] != 0x45 || ip[9] != 6) return false;
    uint64_t sum = (uint64_t)load32(ip) + load32(ip + 4) + load32(ip + 8) + load32(ip + 12) + load32(ip + 16);
    sum = (sum & 0xFFFFFFFF) + (sum >> 32);
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    if (((sum & 0xFFFF) + (sum >> 16)) != 0xFFFF) return false;
    uint64_t source = (uint64_t)load32(ip + 12) << 16 | load16(tcp);
    uint64_t destination = (uint64_t)load32(ip + 16) << 16 | load16(tcp + 2);
    bool backward = source > destination;
    uint64_t low = backward ? destination : source, high = backward ? source : destination;
    parsed->key.first = low >> 16 | high >> 16 << 32;
    parsed->key.second = (low & 0xFFFF) | (high & 0xFFFF) << 16 | UINT64_C(6) << 32 | UINT64_C(1) << 40;
    parsed->backward = backward;
    parsed->length = length - 14;
    parsed->flags = tcp[13];
    parsed->hash = hash_of(parsed->key);
    return true;
}

// How the memory of a table is had: pages of 4 KiB shared with a file in memory, as an arena has them, or of 2 MiB where the system will.
enum Pages { SHARED, HUGE };

class Table {
public:
    explicit Table(uint64_t flows, Pages pages = SHARED): slots_(flows * 8 / 5 + 1), count_(0) {
        const size_t huge = 2 << 20;
        size_ = (slots_ * sizeof(Entry) + huge) / huge * huge + huge;
        int kind = pages == SHARED ? MAP_SHARED : MAP_PRIVATE;
        memory_ = mmap(NULL, size_, PROT_READ | PROT_WRITE, kind | MAP_ANONYMOUS, -1, 0);
        if (memory_ == MAP_FAILED) {
            perror("memory");
            exit(1);
        }
        entries_ = (Entry *)(((uintptr_t)memory_ + huge - 1) / huge * huge);
        if (pages == HUGE) madvise(memory_, size_, MADV_HUGEPAGE);
        memset((void *)entries_, 0, slots_ * sizeof(Entry));
    }
    ~Table() { munmap(memory_, size_); }

    uint64_t count() const { return count_; }
    void prefetch(uint64_t hash) const { __builtin_prefetch(&entries_[home(hash)], 1, 3); }

    // The entry of the key, or the empty one where it would be.
    Entry *find(const Key &key, uint64_t hash) const {
        uint64_t at = home(hash);
        while (entries_[at].key.second != 0 && !(entries_[at].key == key)) at = next(at);
        return &entries_[at];
    }

    void add(Entry *empty, const Key &key) {
        empty->key = key;
        count_++;
    }

    void remove(Entry *entry) {
        uint64_t hole = (uint64_t)(entry - entries_);
        for (uint64_t at = next(hole); entries_[at].key.second != 0; at = next(at)) {
            uint64_t its_home = home(hash_of(entries_[at].key));
            // May it live as early as the hole? Yes, unless its home lies behind the hole (around the end).
            bool stays = hole < at ? its_home > hole && its_home <= at : its_home > hole || its_home <= at;
            if (stays) continue;
            entries_[hole] = entries_[at];
            hole = at;
        }
        memset((void *)&entries_[hole], 0, sizeof(Entry));
        count_--;
    }

private:
    uint64_t home(uint64_t hash) const { return (hash >> 32) * slots_ >> 32; }
    uint64_t next(uint64_t at) const { return at + 1 == slots_ ? 0 : at + 1; }
    Table(const Table &);
    Table &operator=(const Table &);

    uint64_t slots_, count_;
    size_t size_;
    void *memory_;
    Entry *entries_;
};

// A packet's step: makes, follows and removes its flow; false when it belongs to none.
inline bool step(Table &table, const Parsed &packet, uint32_t tick) {
    Entry *entry = table.find(packet.key, packet.hash);
    uint8_t flags = packet.flags & (FIN | SYN | RST | ACK);
    if (__builtin_expect(entry->key.second == 0, 0)) {
        if (flags != SYN) return false;
        table.add(entry, packet.key);
        entry->phase = OPENING;
        entry->opener = (uint8_t)packet.backward;
    } else if (__builtin_expect(entry->phase != OPEN || (flags & (FIN | SYN | RST)) != 0, 0)) {
        bool answer = packet.backward != entry->opener;
        if (flags & RST) {
            table.remove(entry);
            return true;
        }
        if (flags & FIN) entry->phase = CLOSING;
        else if (entry->phase == OPENING && answer && (flags & SYN)) entry->phase = ANSWERED;
        else if (entry->phase == ANSWERED && !answer && (flags & ACK)) entry->phase = OPEN;
    }
    entry->packets[packet.backward]++;
    entry->bytes[packet.backward] += packet.length;
    entry->last = tick;
    return true;
}

} // namespace bare

#endif
