// bench/click/packet_source.hh: an element that replays conversations from memory, and says what a packet cost.
//
//     require(package "packet_source");
//     source :: PacketSource(FLOWS 100000, PASSES 11);
//     source[0] -> ...                                     // packets of clients
//     source[1] -> ...                                     // packets of servers; with one output all of them leave by it
//
// First the handshakes of all flows, then PASSES times the same packets of open flows, each flow as likely, both directions. A pass is
// measured in this thread's processor time, the making of packets included. Prints a line of JSON and stops the driver.
#ifndef CUP_BENCH_PACKET_SOURCE_HH
#define CUP_BENCH_PACKET_SOURCE_HH

#include <click/config.h>
#include <click/element.hh>
#include <click/task.hh>
#if HAVE_BATCH
# include <click/batchelement.hh>
#endif

#include <vector>

#include "trace.hh"

CLICK_DECLS

#if HAVE_BATCH
typedef BatchElement PacketSourceBase;
#else
typedef Element PacketSourceBase;
#endif

class PacketSource : public PacketSourceBase { public:

    PacketSource() : _task(this), _trace(0), _next(0), _pass(0), _started_ns(0) {
#if HAVE_BATCH
        in_batch_mode = BATCH_MODE_YES;
#endif
    }
    ~PacketSource() { delete _trace; }

    const char *class_name() const { return "PacketSource"; }
    const char *port_count() const { return "0/1-2"; }
    const char *processing() const { return "h/h"; }

    int configure(Vector<String> &words, ErrorHandler *errh);
    int initialize(ErrorHandler *errh);
    bool run_task(Task *task);

  private:

    Task _task;
    bare::Trace *_trace;
    bare::Packets _warm, _steady;
    uint32_t _flows;
    unsigned _passes, _burst;
    size_t _next;
    unsigned _pass; // 0 is that of the handshakes
    uint64_t _started_ns;
    std::vector<double> _ns;

    void send(const bare::Packets &packets, size_t first, size_t count);
    void tell(size_t packets);
};

CLICK_ENDDECLS
#endif
