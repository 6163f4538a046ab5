// bench/click/nat_source.hh: an element that replays conversations through a NAT from memory, and says what a packet cost.
//
//     require(package "nat_source");
//     source :: NatSource(FLOWS 100000, PASSES 11);
//     source[0] -> ...                                     // packets of clients, to the NAT's inside
//     source[1] -> ...                                     // packets of servers, to its outside
//     ... -> [0]source                                     // what has left to the outside
//     ... -> [1]source                                     // what has come in
//
// Packets come back with their Ethernet header or without it. First the handshakes of all flows: a server answers the address and port
// that the client's packet has left with. Then one pass in which every packet that comes back is looked at, address by address, checksums
// too; then PASSES times the same packets of open flows, each flow as likely, both directions. A pass is measured in this thread's processor
// time, making and taking the packets included. Prints a line of JSON and stops the driver; where packets are lost or wrong it says so
// and prints none. LOOK false takes everything as right: for measuring the source alone.
#ifndef CUP_BENCH_NAT_SOURCE_HH
#define CUP_BENCH_NAT_SOURCE_HH

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
typedef BatchElement NatSourceBase;
#else
typedef Element NatSourceBase;
#endif

class NatSource : public NatSourceBase { public:

    NatSource() : _task(this), _trace(0), _next(0), _arrived(0), _idle(0), _started_ns(0), _stage(OPEN), _pass(0), _wrong(0) {
#if HAVE_BATCH
        in_batch_mode = BATCH_MODE_YES;
#endif
    }
    ~NatSource() { delete _trace; }

    const char *class_name() const { return "NatSource"; }
    const char *port_count() const { return "2/2"; }
    const char *processing() const { return "h/h"; }

    int configure(Vector<String> &words, ErrorHandler *errh);
    int initialize(ErrorHandler *errh);
    bool run_task(Task *task);
    void push(int port, Packet *packet);
#if HAVE_BATCH
    void push_batch(int port, PacketBatch *batch);
#endif

  private:

    enum Stage { OPEN, ANSWER, CONFIRM, RETURN, LOOK, MEASURE }; // the first four are a flow's first packets
    struct Public { uint32_t address; uint16_t port; };

    Task _task;
    bare::Trace *_trace;
    bare::Packets _packets;
    std::vector<uint32_t> _flow_of;     // of each packet in hand
    std::vector<Public> _public;        // of each flow
    uint32_t _flows, _first;            // the sequence number of the first packet in hand
    unsigned _passes, _burst;
    bool _looks;
    size_t _next, _arrived;
    unsigned _idle;                     // times that nothing has arrived in
    uint64_t _started_ns;
    Stage _stage;
    unsigned _pass;
    size_t _wrong;
    std::vector<double> _ns;

    void make();
    void put(uint32_t flow, bool back, unsigned flags);
    void send(size_t first, size_t count);
    bool go_on();
    void take(int port, const Packet *packet);
    bool is_right(int port, const uint8_t *ip, uint32_t number) const;
    void tell();
};

CLICK_ENDDECLS
#endif
