/* atom_element.hh: one atom as an element of its own, of a service that was built with `--no-fuse`.
 *
 *     firewall :: Firewall_v1(...);                         // state, devices, transactions
 *     track_atom :: Firewall_v1_Atom(firewall, "track");    // one step of a packet's way
 *     firewall[2] -> frame_atom; frame_atom[0] -> network_atom; ...
 *
 * What the service's element lets go by one of its further ports stands for a packet in the middle of its transaction, which ends when the
 * push returns; the packet itself stays with the service. What stands between atoms hands on at once what comes to it: of one that is held
 * back, the packet is dropped. It sees of the packet what had come in, and what atoms have written in place. All calls come from one thread. */
#ifndef CUP_ATOM_ELEMENT_HH
#define CUP_ATOM_ELEMENT_HH

#include "cup/click/service_element.hh"

CLICK_DECLS

namespace cup {

class AtomElement : public Element { public:

    explicit AtomElement(const Package &package);

    const char *port_count() const { return "1/-"; }
    const char *processing() const { return "h/h"; }
    const char *flow_code() const { return "x/x"; }

    int configure(Vector<String> &words, ErrorHandler *errh);
    void add_handlers();
    void push(int port, Packet *packet);

  private:

    const Package &_package;
    ServiceElement *_service;
    uint32_t _node;
    uint64_t _count;

    static String read_count(Element *element, void *nothing);
};

} // namespace cup

CLICK_ENDDECLS
#endif
