/* base.hh: what elements are derived from, on Click and on FastClick.
 *
 *     class CaptureMerge : public cup::Base { ...
 *         cup::PacketRun leaving(*this);
 *         leaving.push(port, packet);                      // at once on Click
 *     };                                                   // the last ones leave when `leaving` ends
 *
 * In FastClick's batch mode packets that leave by one port one after the other become a batch, so that the order of all stays. */
#ifndef CUP_CLICK_BASE_HH
#define CUP_CLICK_BASE_HH

#include <click/config.h>
#include <click/element.hh>
#if HAVE_BATCH
# include <click/batchelement.hh>
#endif

CLICK_DECLS

namespace cup {

#if HAVE_BATCH

class Base : public BatchElement { public:
    bool in_batches() const { return in_batch_mode == BATCH_MODE_YES; }
};

class PacketRun { public:

    explicit PacketRun(Base &element) : _element(element), _batch(0), _port(-1) {}
    ~PacketRun() { send(); }

    /* All that was pushed is on its way, or has come to its end, after the call. */
    void send() {
        PacketBatch *batch = _batch;
        _batch = 0;
        if (batch) _element.output_push_batch(_port, batch);
    }

    void push(int port, Packet *packet) {
        if (!_element.in_batches()) {
            _element.output(port).push(packet);
            return;
        }
        if (port != _port) send();
        _port = port;
        if (!_batch) {
            _batch = PacketBatch::make_from_packet(packet);
            return;
        }
        packet->set_next(0); // it may be from the middle of another batch
        _batch->append_packet(packet);
    }

  private:

    Base &_element;
    PacketBatch *_batch;
    int _port;
};

#else

typedef Element Base;

class PacketRun { public:

    explicit PacketRun(Base &element) : _element(element) {}
    void push(int port, Packet *packet) { _element.output(port).push(packet); }
    void send() {}

  private:

    Base &_element;
};

#endif

} // namespace cup

CLICK_ENDDECLS
#endif
