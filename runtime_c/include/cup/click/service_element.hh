/* service_element.hh: what every generated Click element is made of: all but its name, its ports and its kernel.
 *
 *     class Firewall_v1 : public cup::ServiceElement { public:
 *         Firewall_v1() : cup::ServiceElement(package) {}
 *         const char *class_name() const { return "Firewall_v1"; }
 *         const char *port_count() const { return "2/2"; }
 *         ...
 *     };
 *
 * Input ports are the service's inputs, output ports the devices that it sends by; behind them come ports for native elements: what is
 * sent to one is done with, and what comes back is a packet like any other. Packets are held until there are BURST of them or the
 * element's task comes round, then go through the kernel together, and leave in order. All calls come from one thread.
 *
 * Compiled once for each installed Click, with hidden names: a package shares nothing with other packages but what `Handover` says. */
#ifndef CUP_SERVICE_ELEMENT_HH
#define CUP_SERVICE_ELEMENT_HH

#include "cup/click/base.hh"

#include <click/task.hh>
#include <click/timer.hh>

#include "cup/events.h"
#include "cup/service.h"
#include "cup/settings.h"

CLICK_DECLS

namespace cup {

/* An atom that is an element of its own, and how many ports it has: none where packets leave. */
struct Atom {
    const char *name;
    int ports;
};

/* What a package says of its service. `output_ports` has one port for each of `ends`, which are the devices and then those of native
 * elements; -1 where the service sends nothing by it. */
struct Package {
    const cup_service *service;
    const char *name;  // of the package, with version and digest
    const char *build; // the digest
    const int *output_ports;
    unsigned ends;
    bool writes;           // the kernel changes packets' bytes
    bool resizes;          // it puts bytes before packets, or takes them off
    uint32_t front;        // bytes that it may put before a packet
    const Atom *atoms;     // by the number of a node; none where the service is one element
    uint32_t atom_count;
    int entry_port;        // the first of those by which packets go to atoms
};

struct Traffic {
    uint64_t packets;
    uint64_t bytes;
};

/* What an element gives its successor when a configuration is swapped for another. Packages of other builds read it: a change is a new
 * number in `NAME`. */
struct Handover {
    static const char NAME[];
    cup_arena *arena;             // open while the element runs; its taker leaves it blank
    const char *folder;           // where it lies, "" for memory
    const char *build;            // of the package
    const cup_settings *configs;
    const uint64_t *edges;        // what has been counted: over edges, ...
    const Traffic *in;            // ... by input port, ...
    const Traffic *out;           // ... and by what they leave by
    cup_events *events;           // what nobody has taken; packages of one build take the ring over
    Packet **held;                // packets that have not been through the kernel; its taker sends them through its own
    const int *held_ports;
    unsigned *held_count;
};

/* A packet on its way out. */
struct Leaving {
    Packet *packet;
    int port;
};

class ServiceElement : public Base { public:

    explicit ServiceElement(const Package &package);
    ~ServiceElement();

    void *cast(const char *name);
    int configure(Vector<String> &words, ErrorHandler *errh);
    int initialize(ErrorHandler *errh);
    void take_state(Element *before, ErrorHandler *errh);
    void cleanup(CleanupStage stage);
    void add_handlers();

    void push(int port, Packet *packet);
#if HAVE_BATCH
    void push_batch(int port, PacketBatch *batch);
#endif
    bool run_task(Task *task);
    void run_timer(Timer *timer);

    /* For atoms that are elements of their own (atom_element.hh): whether that stands for the packet in the middle of its way; one step of it, as
     * cup_service::step; by which device it leaves. */
    bool leads(const Packet *packet) const { return packet == _walking; }
    uint32_t step(uint32_t node) { return _service.step(_kernel, node); }
    void leave(uint16_t device) { _leaves_by = device; }

  private:

    const Package &_package;
    const cup_service &_service;
    void *_kernel;
    cup_arena _arena;
    cup_settings _params;
    cup_settings _configs;
    String _folder;
    bool *_fixed; // by config: the configuration sets it
    bool _real_clock;
    bool _seeded; // with _seed, and not by chance
    uint64_t _seed;
    bool _takes_over; // the arena comes with take_state
    bool _started;
    unsigned _burst;

    unsigned _sending; // how often `send` has been entered, since what native elements give back may come at once
    unsigned _held_count;
    Packet *_held[CUP_BURST];
    int _held_ports[CUP_BURST];
    cup_outputs _outputs;
    uint8_t *_blank_memory;
    Task _task;
    Timer _timer;

    const Packet *_walking; // among atoms, in a call of `walk`
    uint16_t _leaves_by;

    bool _leaves_whole; // no more than the packets of a burst leave, each once and with the size that it came with
    Traffic *_in;  // by input port
    Traffic *_out; // by what packets leave by: devices, then native elements
    uint64_t _cut;
    uint64_t _time_ns; // of the last packet
    uint64_t _started_ns;
    uint64_t *_edges_before; // counted by predecessors of the same build
    uint64_t *_counts;       // room for edges or states
    cup_events _events;
    Handover _handover;

    // service_element.cc
    bool make_room();
    int open_arena(ErrorHandler *errh);
    int check_predecessor(const Handover &before, ErrorHandler *errh);
    void load_configs(ErrorHandler *errh);
    void take_configs(const cup_settings &before, ErrorHandler *errh);
    void start_service();
    const Handover *hand_over();

    // service_burst.cc
    unsigned hold(int port, Packet *packet) {
        const unsigned held = _held_count;
        _held[held] = packet;
        _held_ports[held] = port;
        return _held_count = held + 1;
    }
    void flush();
    static uint16_t walk(void *element, const cup_packet *packet, uint32_t entry);
    Packet *with_room(Packet *packet);
    unsigned take_held(cup_packet *packets);
    unsigned take_leaving(Leaving *leaving, bool all);
    Packet *packet_of(cup_packet &made);
    void send(const Leaving *leaving, unsigned count);
    void renew_blanks();

    // service_handlers.cc
    int change(cup_settings &settings, const String &lines, bool kept, ErrorHandler *errh);
    String text_of(int what);
    String take_events();
    String report(bool final);
    bool is_return(int port) const { return _service.inputs[port].device >= _service.device_count; }
    Traffic in_of(uint32_t device) const;
    int64_t outstanding() const;
    void count_edges();
    void count_states();
    static String read_text(Element *element, void *what);
    static String read_state(Element *element, void *state);
    static String read_config(Element *element, void *config);
    static int write_config(const String &text, Element *element, void *config, ErrorHandler *errh);
    static int write_flush(const String &text, Element *element, void *nothing, ErrorHandler *errh);
    static int ask(int operation, String &text, Element *element, const Handler *handler, ErrorHandler *errh);
};

} // namespace cup

CLICK_ENDDECLS
#endif
