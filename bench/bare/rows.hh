// bench/bare/rows.hh: the bare loop over packets, and what a row of a table is measured by.
//
//     bare::Row row = {"bare loop", {}};
//     bare::measure(row, packets, [&] { return bare::loop(table, packets, 2); });
//     row.median();                                        // ns a packet
//
// Times are this thread's processor time: what others do on the machine counts only as far as they empty the caches.
#ifndef BARE_ROWS_HH
#define BARE_ROWS_HH

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

#include "table.hh"

namespace bare {

enum { BURST = 32 };

inline uint64_t nanoseconds(clockid_t clock) {
    timespec time;
    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

// The whole bare loop; gives how many packets passed.
inline uint64_t loop(Table &table, const Packets &packets, uint32_t tick) {
    Parsed burst[BURST];
    uint64_t passed = 0;
    for (size_t first = 0; first < packets.count(); first += BURST) {
        unsigned count = 0, size = (unsigned)std::min<size_t>(BURST, packets.count() - first);
        for (unsigned i = 0; i < size; i++) {
            if (!parse(packets.data(first + i), packets.length(first + i), &burst[count])) continue;
            table.prefetch(burst[count++].hash);
        }
        for (unsigned i = 0; i < count; i++) passed += step(table, burst[i], tick);
    }
    return passed;
}

struct Row {
    std::string name;
    std::vector<double> passes;
    double median() {
        std::sort(passes.begin(), passes.end());
        return passes[passes.size() / 2];
    }
    double least() { return *std::min_element(passes.begin(), passes.end()); }
};

// One pass of `pass`, which gives how many packets passed: all of them, or the program ends.
template <class Pass> void measure(Row &row, const Packets &packets, Pass pass) {
    uint64_t start = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
    uint64_t got = pass();
    row.passes.push_back((double)(nanoseconds(CLOCK_THREAD_CPUTIME_ID) - start) / (double)packets.count());
    if (got == packets.count()) return;
    fprintf(stderr, "%s passed %llu of %zu packets\n", row.name.c_str(), (unsigned long long)got, packets.count());
    exit(1);
}

} // namespace bare

#endif
